/*
 * HTTP server
 *
 * libmicrohttpd on the loop: plain, TLS or UNIX socket listeners, a table of routes, limits, and
 * requests that are parked and resumed. The only place, with its .c files, that names
 * libmicrohttpd.
 */
#pragma once

#include "mcxd/base/journal.h"
#include "mcxd/base/loop.h"
#include "mcxd/base/metric.h"

#include <stdbool.h>
#include <stddef.h>
#include <stdint.h>

struct http;
struct http_request;
struct json_object;

typedef void http_h(void *magic, struct http_request *r);

/** One row of a table of routes. In a path, "{name}" matches one segment; a last segment "{name*}"
 *  matches the rest. Table order does not matter; a literal segment wins over a parameter. */
struct http_route {
	const char *method;
	const char *path;
	http_h *handler;
	unsigned flags;   /* for `before`, meaning up to the room (NEEDS_TOKEN, …) */
	const char *help; /* one sentence, for documents made from the table */
};

struct http_config {
	/** "127.0.0.1:443", port 0 picks one; or an absolute path: a UNIX socket. */
	const char *listen;
	const char *cert_file, *key_file; /* both: TLS */
	int64_t max_connections;          /* refused above it; 0: 1000 */
	int64_t max_body_bytes;           /* 413 above it; 0: 64 KiB */
	/** Of a connection without a request. Also the time in which a request must be complete,
	 *  counted from its first line, and in which a reader must take something. 0: 30 s. */
	int64_t idle_timeout_ms;
	int64_t memory_bytes;     /* of a connection: head of the request and buffers; 0: 8192 */
	int64_t max_stream_bytes; /* queued for a slow reader of a stream; 0: 1 MiB */
	int64_t linger_ms;        /* how long input is thrown away after a refusal; 0: 1 s */
	int shards;               /* daemons that share the connections; 0: one */
};

struct http_args {
	struct loop *loop;
	struct metrics *metrics;
	const char *name; /* in log and metrics: "https", "lab"; snake_case */
	const struct http_config *config;
	const struct http_route *routes;
	size_t n_routes;
	/** Called before every handler; false: it has answered. May be NULL. */
	bool (*before)(void *magic, struct http_request *r, const struct http_route *route);
	/** Called when an answer is given (a stream: when it ends), for the journal. May be NULL.
	 */
	void (*after)(void *magic, const struct http_request *r, int status);
	/** Answers what no route matches (404) or matches with another method (405), and what the
	 * server refuses itself (400, 408, 413, 414, 431, 501, 503, 505), then perhaps without a
	 * method and with "/" as its path. why is a sentence. NULL: a line of
	 * text. The Allow header is set already. */
	void (*on_error)(void *magic, struct http_request *r, int status, const char *why);
	void *magic;
};

/** Listen. The routes must outlive the server; all else is copied. Every answer gets
 * "Cache-Control: no-store" unless its handler sets another. HEAD is answered by the GET route,
 * OPTIONS with 204 and Allow unless there is a route. Returns 0 or a negative errno: -EINVAL
 * address, certificate or key, -EADDRINUSE, … */
int http_new(const struct http_args *args, struct http **ret_http);

/** Stop. Parked requests are answered 503 and streams are ended; on_gone is called for each. Not
 * from within a handler. NULL is fine. */
struct http *http_free(struct http *h);

/** "127.0.0.1:8443" as it is, or the path of the socket. */
const char *http_listen(const struct http *h);
/** Load the certificate and key files again (for new connections). Returns 0, or -EINVAL and all
 * stays as it was. Nothing to do for a plain server. */
int http_reload(struct http *h);

/* ---- the request; valid until it is answered ---- */

const char *http_method(const struct http_request *r);
const char *http_path(const struct http_request *r);                    /* without the query */
const char *http_param(const struct http_request *r, const char *name); /* {name} of the route */
const char *http_query(const struct http_request *r,
		       const char *name); /* decoded; NULL: not there */
const char *http_header(const struct http_request *r, const char *name);
const void *http_body(const struct http_request *r, size_t *ret_n); /* NUL behind it */
const struct http_route *http_route(const struct http_request *r);  /* NULL in on_error */
const char *http_peer(const struct http_request *r);                /* "127.0.0.1:51324", "unix" */
bool http_is_tls(const struct http_request *r);

/** A pointer for the room that handles it (whose request this is), freed by free_fn at the end. */
void http_set_context(struct http_request *r, void *context, void (*free_fn)(void *));
void *http_context(const struct http_request *r);

/** A header of the answer, before http_answer(); name is a constant. One that was set before is replaced, except
 *  WWW-Authenticate, Link and Set-Cookie, which add up. A name that is no token, or a value with a
 *  control character, is logged and left out. */
void http_set_header(struct http_request *r, const char *name, const char *value);

/** Answer. The bytes are copied. Exactly one answer a request. type may be NULL with no body. */
void http_answer(struct http_request *r, int status, const char *type, const void *body, size_t n);

/** Answer with JSON; takes over the reference. type NULL: application/json. */
void http_answer_json(struct http_request *r, int status, const char *type,
		      struct json_object *body);

/* ---- parking: a request that is answered later ---- */

/** Park it. Its id lives as long as it is parked; on_gone is called when the client hangs up (the
 *  request is then gone, and must not be answered). To be called from the handler, which returns
 *  without an answer. */
typedef void http_gone_h(void *magic, uint64_t id);
uint64_t http_park(struct http_request *r, http_gone_h *on_gone, void *magic);

/** The parked request, to be answered as any other; NULL when it has gone. */
struct http_request *http_parked(struct http *h, uint64_t id);

/* ---- a stream: an answer that goes on ---- */

/** Start an answer of unknown length from the handler or for a parked request, whose on_gone is
 * then this one. The id is good for http_stream_write() until on_gone or http_stream_end(). */
uint64_t http_stream(struct http_request *r, int status, const char *type, http_gone_h *on_gone,
		     void *magic);
/** Queue bytes; returns 0, -EPIPE when it has gone, -ENOBUFS (and it is ended, without on_gone)
 * when the reader is too slow. */
int http_stream_write(struct http *h, uint64_t id, const void *p, size_t n);
void http_stream_end(struct http *h, uint64_t id);
