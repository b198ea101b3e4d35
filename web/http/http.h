/*
 * HTTP server
 *
 * libmicrohttpd on the loop: plain, TLS or UNIX socket listeners, a table of routes, limits, and
 * requests that are answered later. With its .c files the only place that names libmicrohttpd.
 */
#pragma once

#include <json-c/json.h>
#include <stdbool.h>
#include <stddef.h>
#include <stdint.h>

struct http;
struct http_request;
struct json_object;
struct loop;
struct metrics;
struct text;

/** Retry-After where nothing better is known. */
#define HTTP_RETRY_AFTER_S "5"

/** Handle a request: answer it, park it or start a stream. magic is that of http_args. */
typedef void http_h(void *magic, struct http_request *r);

/** One row of a table of routes. In a path, "{name}" matches one segment; a last segment "{name*}"
 *  matches the rest. The order of rows does not matter: a literal segment wins over a parameter. Literal
 *  segments match in any case, and what a parameter matches keeps its spelling. */
struct http_route {
	const char *method;
	const char *path;
	http_h *handler;
	const char *help;  /* one sentence, for documents that are made from the table */
	const void *extra; /* what else the room knows of this route; see http_route() */
};

struct http_config {
	/** "127.0.0.1:443", port 0 picks one; or an absolute path: a UNIX socket. */
	const char *listen;
	const char *cert_file, *key_file; /* both: TLS */
	int64_t max_connections;          /* more are refused; 0: 1000 */
	int64_t max_body_bytes;           /* unpacked; more is refused with 413; 0: 64 KiB */
	/** How long a connection may have no request, how long a request may take to be complete from
	 *  its first line on, and how long a reader may take nothing. 0: 30 s. */
	int64_t idle_timeout_ms;
	int64_t memory_bytes;     /* of a connection: head of the request and buffers; 0: 10240 */
	int64_t max_stream_bytes; /* queued for a slow reader of a stream; 0: 1 MiB */
	int64_t max_rate; /* requests a second from one address, none of this machine's; more are refused with 429.
			     0: any */
	int64_t linger_ms; /* how long input is read and dropped after a refusal; 0: 1 s */
	int parked_per_shard; /* parked requests that one daemon of libmicrohttpd may have before the next one is
				 started; 0: 32 */
	/** Addresses and networks of reverse proxies, whose word on the client is taken: X-Forwarded-* and
	 *  Forwarded. NULL or empty: none. */
	const char *trusted_proxies;
	bool proxy_protocol; /* their connections begin with a header of the PROXY protocol */
};

struct http_args {
	struct loop *loop;
	struct metrics *metrics; /* may be NULL */
	const char *name;        /* in log and metrics: "https", "lab" */
	const struct http_config *config;
	/** A server whose ids of parked requests and streams go on here, so that either finds those of both; it
	 *  must be freed later. NULL: ids of its own. */
	struct http *ids_of;
	const struct http_route *routes;
	size_t n_routes;
	/** Called for every request that is well-formed, whether it has a route or not; false: it has answered.
	 *  May be NULL. */
	bool (*admit)(void *magic, struct http_request *r);
	/** Answers OPTIONS for a path that is there; false: it has not, and then the answer is 204. The Allow header is
	 *  set already. May be NULL. */
	bool (*on_options)(void *magic, struct http_request *r);
	/** Called before every handler; false: it has answered. May be NULL. */
	bool (*before)(void *magic, struct http_request *r, const struct http_route *route);
	/** Called when an answer is given (for a stream: when it ends), for the journal. With status 0 a fault has taken the
	 *  request, and there is no answer. May be NULL. */
	void (*after)(void *magic, const struct http_request *r, int status);
	/** Answers requests that no route matches (404) or only with another method (405), and what the
	 *  server refuses itself (400, 408, 413, 415, 429, 431, 501, 503). why is a sentence. The Allow header is
	 *  set already. NULL: the answer is that sentence as text. */
	void (*on_error)(void *magic, struct http_request *r, int status, const char *why);
	/** A peer sent what is not HTTP: libmicrohttpd has answered it by itself, with a page of HTML, or
	 *  closed the connection. May be NULL. */
	void (*on_fault)(void *magic, const char *peer, const char *what);
	void *magic;
};

/** Start a server. The routes must outlive it, everything else is copied. Every answer gets
 *  "Cache-Control: no-store" unless its handler sets another. HEAD is answered by the GET route, and
 *  OPTIONS with 204 and Allow unless there is a route for it, "OPTIONS *" with all methods. Bodies are packed with gzip for clients
 *  that take it, and those of requests unpacked. Returns 0 or a negative errno: -EINVAL
 *  for an address, certificate or key that is invalid, -EADDRINUSE, … */
int http_new(const struct http_args *args, struct http **ret_http);

/** Stop it. Parked requests are answered with 503 and streams are ended; on_gone is called for each.
 *  Not from within a handler. NULL is fine. */
struct http *http_free(struct http *h);

/** Where it listens: "127.0.0.1:8443" with the actual port, or the path of the socket. */
const char *http_listen(const struct http *h);

/** Load the certificate and key files again, for new connections; a plain server has none. Returns 0,
 *  or -EINVAL, having logged why, and keeps those that it has. */
int http_reload(struct http *h);

/* ---- the request; valid until it is answered ---- */

const char *http_method(const struct http_request *r);
const char *http_path(const struct http_request *r); /* without the query */

/** Value of {name} in the route's path, decoded; NULL: the route has no such parameter. */
const char *http_param(const struct http_request *r, const char *name);
/** First value of a query parameter, decoded; NULL: absent. The case of names does not matter. */
const char *http_query(const struct http_request *r, const char *name);
/** Whether there is any. */
bool http_has_query(const struct http_request *r);
/** The name of a query parameter that is not among these words, of which each may have a type behind it ("from:int");
 *  NULL: there is none. known NULL: none is known. */
const char *http_query_unknown(const struct http_request *r, const char *known);
/** The name of one that occurs twice; NULL: there is none. */
const char *http_query_repeated(const struct http_request *r);
/** The same as a number. Returns 0; 1 and leaves *ret as it is if the parameter is absent; or -EINVAL if it is not
 *  a number from min to max. */
int http_query_int(const struct http_request *r, const char *name, int64_t min, int64_t max,
		   int64_t *ret);
/** Value of a header; NULL: absent. */
const char *http_header(const struct http_request *r, const char *name);
/** TOKEN of "Authorization: Bearer TOKEN"; NULL: absent. */
const char *http_bearer(const struct http_request *r);
/** The body, followed by a NUL, never NULL. ret_n may be NULL. */
const void *http_body(const struct http_request *r, size_t *ret_n);
/** The row of the table that matched; NULL: none did, or the request was refused before that. */
const struct http_route *http_route(const struct http_request *r);
/** The row that a request for the same path with this method would have, or NULL. */
const struct http_route *http_route_of(const struct http_request *r, const char *method);
/** The methods of the path, as in an Allow header; NULL: no row has it. free() it. */
char *http_allow(const struct http_request *r);
/** The client, also behind a trusted proxy: "127.0.0.1:51324", "203.0.113.9" if its port was not told, "unix". */
const char *http_peer(const struct http_request *r);
/** Its address alone: "127.0.0.1", "2001:db8::1", "unix". */
const char *http_peer_host(const struct http_request *r);
/** Host and maybe port that the client asked for; NULL: it did not say, or nothing that can be one. */
const char *http_host(const struct http_request *r);
/** Whether the client uses TLS, up to the server or to a trusted proxy. */
bool http_is_tls(const struct http_request *r);
/** Whether that is what a trusted proxy says. */
bool http_is_proxied(const struct http_request *r);

/** How long it has been here, by the lab's clock. */
int64_t http_took_us(const struct http_request *r);

/** Append the request and its answer, as HTTP/1.1 without TLS, chunks and compression, and with lengths that fit. From
 *  args.after only; of a stream and of a request inside another there is nothing. */
void http_capture(const struct http_request *r, struct text *request, struct text *answer);

/** Attach what the room knows of this request. free_fn, which may be NULL, is called with it when the
 *  request ends. */
void http_set_context(struct http_request *r, void *context, void (*free_fn)(void *));
void *http_context(const struct http_request *r);

/** Set a header of the answer, before http_answer(); name is a constant. It replaces one of the same
 *  name, but WWW-Authenticate, Link and Set-Cookie are added to those before. A name that is not a
 *  token, or a value that is empty or has a control character, is left out and logged. */
void http_set_header(struct http_request *r, const char *name, const char *value);

/** The same for a value that is a constant, too. */
void http_set_constant(struct http_request *r, const char *name, const char *value);

/** Take back a header of the answer. */
void http_drop_header(struct http_request *r, const char *name);

/** Answer: exactly once for each request. The bytes are copied. type may be NULL if there is no body. */
void http_answer(struct http_request *r, int status, const char *type, const void *body, size_t n);

/** The same with a text, which is taken over and empty afterwards. */
void http_answer_text(struct http_request *r, int status, const char *type, struct text *body);

/** Answer with JSON, and drop the caller's reference. type NULL: JSON_CONTENT_TYPE. */
void http_answer_json(struct http_request *r, int status, const char *type,
		      struct json_object *body);

/** "Not Found", the phrase of a status. */
const char *http_phrase(int status);

/* ---- parking: a request that is answered later ---- */

/** Called when the client has hung up; the request is gone and must not be answered. */
typedef void http_gone_h(void *magic, uint64_t id);

/** Park the request, from its handler, which then returns without an answer. Returns its id, which is
 *  valid until it is answered or on_gone is called. One that is parked already keeps its id and gets the new on_gone. */
uint64_t http_park(struct http_request *r, http_gone_h *on_gone, void *magic);

/** The parked request of this id, to be answered as any other; NULL: it has gone. */
struct http_request *http_parked(struct http *h, uint64_t id);

/* ---- a stream: an answer that goes on ---- */

/** Start an answer of unknown length, from the handler or for a parked request, whose on_gone this one
 *  replaces. Returns its id, which is valid until on_gone is called or http_stream_end(). */
uint64_t http_stream(struct http_request *r, int status, const char *type, http_gone_h *on_gone,
		     void *magic);

/** Queue bytes: any number at an empty queue, at most max_stream_bytes in all at one that is not. Returns 0, -EPIPE if
 *  the stream has gone, or -ENOBUFS if the reader is too slow: the stream is then ended, and on_gone is not called. */
int http_stream_write(struct http *h, uint64_t id, const void *p, size_t n);
void http_stream_end(struct http *h, uint64_t id);

/** Let the reader set the pace: on_room is called with the magic of http_stream() whenever all that was queued has
 *  been taken. It queues more, or nothing: then it is called again after http_stream_wake(). It must neither end
 *  the stream nor start the server's end. */
typedef void http_room_h(void *magic);
void http_stream_on_room(struct http *h, uint64_t id, http_room_h *on_room);
/** There is more to queue. */
void http_stream_wake(struct http *h, uint64_t id);
