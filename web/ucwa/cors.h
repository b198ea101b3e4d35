/*
 * HTTPS API: pages of other origins
 *
 * A browser says in Origin which page makes a request. Pages of this server's own origin may do all, those of
 * https.allowed_origins, too, and no others (Fetch Standard, 3.2; "Cross-domain IFRAME").
 */
#pragma once

#include <stdbool.h>

struct http_request;
struct text;
struct ucwa;

struct cors;

/** allowed: origins, with spaces or commas between them. */
struct cors *cors_new(const char *allowed);
struct cors *cors_free(struct cors *c); /* NULL is fine */

/** The allowed origins in the form that browsers send, with spaces between them. */
const char *cors_origins(const struct cors *c);

/** Set the headers of the answer that a browser looks for, so that an allowed page can read it. */
void cors_mark(const struct ucwa *u, struct http_request *r);

/** The same, and refuse pages that are not allowed. False: it has been answered, for that reason or because it was a
 *  preflight. */
bool cors_admit(struct ucwa *u, struct http_request *r);

/** Append to why what is wrong with a list of origins, if anything. */
void cors_check(const char *allowed, struct text *why);
