/*
 * Header lines
 *
 * The head of a SIP message as it is on the wire, header by header: for what passes messages on, or looks for one header, without
 * parsing them.
 */
#pragma once

#include "proto/text/text.h"

#include <stdbool.h>
#include <stddef.h>

/** A header with the lines that it goes on in (RFC 3261 7.3.1). */
struct sip_line {
	const char *p;
	size_t n;          /* including the final CRLF */
	size_t n_name;     /* 0: it has no name that is a token and a colon */
	const char *value; /* without the white space before it; NULL: there is no colon */
	size_t n_value;    /* without the final CRLF; the line ends of folds are in it */
};

/** Read the header at *p, which moves behind it. False at the empty line that ends the head, and if there is no complete header. */
bool sip_line_read(const char **p, const char *end, struct sip_line *ret);

/** Whether that is its name, or its compact form, which is 0 if there is none. */
bool sip_line_is(const struct sip_line *l, const char *name, char compact);

/** The first header of this name in a message, which begins with its first line. */
bool sip_line_find(const char *message, size_t n, const char *name, struct sip_line *ret);

/** Add its value, without the line ends of folds, and with blanks for tabs. */
void sip_line_add_value(struct text *out, const struct sip_line *l);
