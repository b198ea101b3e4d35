/*
 * HTTP server: requests, inside
 */
#pragma once

#include "mcxd/base/list.h"
#include "proto/text/text.h"
#include "web/http/http.h"
#include "web/http/target.h"

#include <microhttpd.h>

struct http_conn;
struct http_pattern;

struct http_field {
	const char *name;
	const char *value;
	char *memory; /* of the value; NULL: it is a constant */
};

/** The client, as a trusted proxy tells it. */
struct http_origin {
	char *peer; /* "203.0.113.9", with its port if that was told; NULL: as the connection says */
	char *peer_host; /* without its port */
	char *host;      /* "lab.test:8443"; NULL: as the Host header says */
	bool is_told;    /* the scheme by which the client asked: */
	bool is_tls;
};

/** What is different for a request that is inside another (web/http/inner.h). */
struct http_inner;
struct http_inner_ops {
	const char *(*header)(const struct http_request *r, const char *name);
	void (*answered)(struct http_request *r, const void *body, size_t n);
};

/** The fault that strikes it (web/http/struck.h). */
struct http_struck;

enum http_state {
	HTTP_NEW,     /* the request line has been received */
	HTTP_READING, /* the head has been received */
	HTTP_RUNNING, /* its handler runs */
	HTTP_PARKED,
	HTTP_ANSWERED,
	HTTP_STREAMING,
	HTTP_SLOW, /* answered, and the answer goes out in pieces; it is parked as well */
	HTTP_GONE  /* the client hung up, or read its stream too slowly */
};

struct http_request {
	struct http *http;
	struct http_conn *conn;
	char *method; /* NULL before the head has been received */
	struct http_target target;
	int64_t began_us; /* when it was complete, by the lab's clock; 0: it is inside another */
	size_t n_target;  /* length of the target as it was sent */
	const struct http_pattern *pattern; /* NULL: no route matches */
	char *rest;                         /* what {name*} of the pattern matches */

	char *body;
	size_t n_body;
	size_t size_body;

	struct http_field *headers; /* of the answer */
	size_t n_headers;
	struct MHD_Response *response; /* an answer that libmicrohttpd does not have yet */

	uint64_t id; /* in http.waiting; 0: neither parked nor a stream */
	http_gone_h *on_gone;
	void *gone_magic;
	struct list
		of_list; /* of http_shard.incoming until it is complete, then of http.suspended.resumes */

	const void *answer; /* its body before it is packed, while it is given */
	size_t n_answer;

	struct text queue;    /* of a stream */
	size_t n_taken;       /* how much of its front libmicrohttpd has taken */
	http_room_h *on_room; /* NULL: what is written is queued whether it is read or not */

	void *context;
	void (*free_context)(void *);

	enum http_state state;
	int status; /* of the answer, 0: none yet */
	bool target_is_bad;
	bool is_packed; /* its body is gzip */
	struct http_origin origin;
	struct http_inner *inner; /* NULL: it came over the connection */
	const struct http_inner_ops *inner_ops;
	struct http_struck *struck; /* NULL: nothing */
	bool raw; /* libmicrohttpd cannot answer in this state: write to the socket directly */
	bool suspended;
	bool ended; /* its stream has ended; what is queued still goes out */
};

/** A request whose line has been received. It belongs to the connection. */
struct http_request *http_request_new(struct http_conn *c, const char *target);
/** Neither parked nor a stream. */
void http_request_free(struct http_request *r);

/** Whether the request can be given an answer. If not, that is an error of the caller and is logged;
 *  what: what the caller did ("answered"). */
bool http_request_is_open(const struct http_request *r, const char *what);
