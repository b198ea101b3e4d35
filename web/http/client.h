/*
 * HTTP client
 *
 * libcurl's multi interface on the loop.
 */
#pragma once

#include "mcxd/base/loop.h"

#include <stdbool.h>
#include <stddef.h>
#include <stdint.h>

struct http_client;

struct http_client_config {
	const char *ca_file;        /* what to trust for https; NULL: the system's */
	const char *unix_socket;    /* connect there whatever the URL says; may be NULL */
	bool insecure;              /* do not check certificates */
	int64_t max_body_bytes;     /* of an answer that is collected; 0: 16 MiB */
	int64_t max_header_bytes;   /* of an answer; 0: 64 KiB */
	int64_t connect_timeout_ms; /* 0: 30 s */
};

struct http_exchange {
	const char *method;
	const char *url;
	const char *const *headers; /* "Name: value", NULL-terminated; may be NULL */
	const void *body;
	size_t n_body;
	int64_t timeout_ms; /* whole exchange; 0: none */
};

struct http_result {
	int status;        /* 0: no answer, or not the whole of it */
	const char *error; /* why there is none */
	const void *body;  /* NUL behind it */
	size_t n_body;
	/** Value of a header of the answer (the first of that name), or NULL. Valid in the
	 * callback. */
	const char *(*header)(const struct http_result *r, const char *name);
	/** The same for one of several of that name, from 0. */
	const char *(*header_at)(const struct http_result *r, const char *name, unsigned index);
	void *private_data;
};

typedef void http_result_h(void *magic, const struct http_result *result);
/** Bytes of an answer as they come, whatever its status; with it, http_result has no body. */
typedef void http_data_h(void *magic, const void *p, size_t n);

/** All that is in config is copied. Redirects are not followed, proxies of the environment not
 * used. */
struct http_client *http_client_new(struct loop *l, const struct http_client_config *config);
/** Running exchanges end without a call. Also from within on_data or on_result. NULL is fine. */
struct http_client *http_client_free(struct http_client *c);

/** Start an exchange; everything is copied. on_data may be NULL. Returns an id. on_result is called
 *  from the loop, never from within, and once, whatever happens. */
uint64_t http_client_send(struct http_client *c, const struct http_exchange *wish,
			  http_data_h *on_data, http_result_h *on_result, void *magic);

/** Drop it: the connection is closed, on_result is not called. An id that has ended is fine. */
void http_client_cancel(struct http_client *c, uint64_t id);
