/*
 * data URIs
 *
 * How UCWA puts text into links (RFC 2397): data:text/plain;charset=utf-8,Hi%20Brendan
 */
#pragma once

#include "proto/text/text.h"

#include <stdbool.h>

/** Append text as a data URI of this media type ("text/plain", without parameters). A space becomes
 *  %20 and a plus sign %2B, which mean the same to readers of RFC 2397 and to readers that take "+" for a
 *  space, as UCWA itself writes it. */
void data_uri_encode(struct text *out, const char *type, const char *text);

struct data_uri {
	char *type; /* lower case, without parameters; "text/plain" if none was given */
	char *text; /* UTF-8, without NULs */
};

void data_uri_deinit(struct data_uri *u);

/** Whether it begins as one. */
bool data_uri_is(const char *uri);

/** Decode. "+" is a space, unless the data is in base64. A charset other than UTF-8 and US-ASCII is an error. Spaces and line
 *  ends around what stands before the data, and in base64, mean nothing: the samples of UCWA's reference have
 *  "data : text/plain;base64," and the data on a line of its own. Returns 0, or -EINVAL with a static sentence in
 *  *ret_why. */
int data_uri_decode(const char *uri, struct data_uri *ret, const char **ret_why);
