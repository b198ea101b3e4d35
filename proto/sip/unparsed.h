/*
 * Unparsed requests
 *
 * The answer to a request that has no first line, or no Via, that could be parsed, made from its text: RFC 3261 8.2.6.2 says what
 * is taken over. A parser that knows requests by their first line has nothing to answer from, and a client over UDP would repeat
 * its request for 32 s.
 */
#pragma once

#include <stdbool.h>
#include <stddef.h>

struct text;

/** What the answer says besides. */
struct unparsed_answer {
	const char *why;    /* a sentence for ms-diagnostics */
	const char *server; /* the Server header */
	const char *tag;    /* for To if that has none */
	const char *
		host; /* whom the request came from: for received (RFC 3261 18.2.1) and rport (RFC 3581 4) */
	const char *port;
};

/** Append a 400 with ms-diagnostics to the request at p, which is complete up to the end of its head. What else it lacks is
 *  lacking in the answer, too. Returns false, and appends nothing, if it has no Via, is an ACK, or does not end its first line
 *  with a version of SIP. */
bool unparsed_refuse(struct text *out, const char *p, size_t n, const struct unparsed_answer *a);
