/*
 * HTTP/2 server: one request
 */
#pragma once

#include <stdbool.h>
#include <stddef.h>
#include <stdint.h>

struct faults;
struct h2_request;

/** For h2_server_find(). */
uint64_t h2_request_id(const struct h2_request *r);

const char *h2_method(const struct h2_request *r);
const char *h2_path(const struct h2_request *r); /* with the query */
/** Value of a header, which is named in lower case; NULL: absent. Of one that came twice the first. */
const char *h2_header(const struct h2_request *r, const char *name);
/** Whether it came more than once. */
bool h2_header_is_repeated(const struct h2_request *r, const char *name);
/** The body, followed by a NUL. */
const void *h2_body(const struct h2_request *r, size_t *ret_n);
/** Whether it is longer than the limit: then it was cut, and the request may still be coming. */
bool h2_body_is_cut(const struct h2_request *r);
/** "127.0.0.1:51324" */
const char *h2_peer(const struct h2_request *r);
/** Whether the client has shown a certificate that an authority of ours signed, and whether that is for this name. */
bool h2_client_is_verified(const struct h2_request *r);
bool h2_client_has(const struct h2_request *r, const char *name);

/** What the service knows of the request's connection: NULL at first, and given to free() at its end. */
void **h2_connection_context(const struct h2_request *r);

/** The same of the request itself. */
void **h2_request_context(struct h2_request *r);

struct h2_field {
	const char *name, *value; /* value NULL: left out */
};

/** Answer, exactly once; the request is gone then. Everything is copied. */
void h2_answer(struct h2_request *r, int status, const struct h2_field *fields, size_t n_fields,
	       const char *body);

/* ---- instead of an answer ---- */

/** Take the connection down, with FIN or RST, after the bytes of `last` if there are any. */
void h2_end_connection(struct h2_request *r, bool with_reset, const void *last, size_t n_last);
