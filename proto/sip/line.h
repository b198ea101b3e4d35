/*
 * Header lines
 *
 * Where the headers of a message begin and end, in its bytes as they are on the wire.
 */
#pragma once

#include <stdbool.h>
#include <stddef.h>

/** One header, including its continuation lines (RFC 3261 7.3.1). */
struct sip_line {
	const char *p;
	size_t n; /* including the final CRLF */
	size_t n_name;
	const char *value;
	size_t n_value; /* without the final CRLF */
};

/** The first CRLF from p on; NULL: there is none before end. */
const char *sip_line_end(const char *p, const char *end);

/** What may be between the parts of a value: blanks, and the line end of a fold. */
bool sip_line_is_space(char c);

/** Read the header at p. Returns false at the empty line that ends the head, and if there is no complete header. */
bool sip_line_read(const char *p, const char *end, struct sip_line *ret);

/** Whether it has this name, or this compact form of it, which may be NULL. */
bool sip_line_is(const struct sip_line *l, const char *name, const char *compact);

/** Find the first header of that name in a message of n bytes. */
bool sip_line_find(const char *p, size_t n, const char *name, const char *compact,
		   struct sip_line *ret);
