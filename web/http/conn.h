/*
 * HTTP server: connections
 */
#pragma once

#include "web/http/arrival.h"
#include "web/http/deadline.h"

#include <microhttpd.h>
#include <stdbool.h>
#include <sys/socket.h>

struct http;
struct http_request;
struct http_shard;
struct http_tls;

struct http_conn {
	struct http *http;
	struct http_shard *shard;
	struct MHD_Connection *mhd;
	int fd;
	char peer[64];      /* "127.0.0.1:51324" */
	char peer_host[48]; /* "127.0.0.1" */
	bool is_trusted;    /* it comes from a trusted proxy */
	struct http_told told;
	struct http_tls *tls; /* a reference: its session uses these credentials */
	struct http_request *request;
	struct http_deadline deadline;
	bool last;        /* we close it after this answer */
	bool timed_out;   /* we shut it down */
	bool linger;      /* unread input is to be expected when it is closed */
	uint64_t watched; /* its id in http.suspended.watched, 0: not yet */
	bool hung_up;     /* the watch has reported its end */
};

/** The connection that libmicrohttpd means. */
struct http_conn *http_conn_of(struct MHD_Connection *mhd);

struct http_conn *http_conn_new(struct http_shard *s, struct MHD_Connection *mhd);
void http_conn_free(struct http_conn *c);

/** It carried what is not HTTP, and libmicrohttpd ends it. */
void http_conn_fault(struct http_conn *c);

/** Start the deadline for the next request to be complete. */
void http_conn_arm(struct http_conn *c);
void http_conn_disarm(struct http_conn *c);

/** Write to the socket directly, without libmicrohttpd, as much as the socket takes at once. Returns how much, or a negative errno:
 *  with -EAGAIN the same bytes are to be offered again. */
ssize_t http_conn_write(struct http_conn *c, const char *p, size_t n);
/** Close it at once. libmicrohttpd notices and cleans up. */
void http_conn_shut_down(struct http_conn *c);
