/*
 * HTTP/2 server
 *
 * nghttp2 on mcxd/net: TLS with ALPN ("h2"), or without TLS for clients that know in advance (RFC 9113, 3.3). With its .c
 * files the only place that names nghttp2.
 *
 * nghttp2 checks frames, header fields and flow control. What it lets pass is limited here: the size of a list of header
 * fields, a body beyond its limit, frames without end that carry no request, and peers that begin a request and do not finish
 * it, do not read their answers, or have nothing to ask.
 */
#pragma once

#include "mcxd/base/metric.h"

#include <stdbool.h>
#include <stddef.h>
#include <stdint.h>

struct h2_metrics;
struct h2_request;
struct h2_server;
struct loop;
struct metrics;
struct tls_context;

struct h2_config {
	const char *listen;      /* "127.0.0.1:2197", port 0 picks one */
	struct tls_context *tls; /* NULL: without */
	int64_t max_connections; /* more are closed at once */
	int64_t max_streams; /* requests under way on a connection; more are refused (REFUSED_STREAM) */
	int64_t max_header_bytes; /* of a request: names, values and 32 for each field (RFC 9113, 6.5.2) */
	int64_t max_body_bytes;    /* the handler is told of a longer one */
	int64_t max_resets;        /* requests that a client may take back at once, and … */
	int64_t resets_per_s;      /* … how many more a second */
	int64_t max_dropped_bytes; /* of the rest of such a body; then the request is answered */
	int64_t max_settings;      /* entries of a SETTINGS frame */
	int64_t max_unsent_acks;   /* answers to PING and SETTINGS that wait to be sent */
	int64_t max_continuations; /* CONTINUATION frames of a request */
	int64_t max_idle_frames; /* that belong to no request or carry nothing, between two requests */
	int64_t handshake_timeout_ms; /* until TLS is there, and then until the first settings */
	int64_t request_timeout_ms;   /* for a request to be complete */
	int64_t unread_timeout_ms;    /* without the client reading any of what waits for it */
	int64_t idle_timeout_ms;      /* without a request */
};

/** Handle a request: answer it now, or keep its id and answer it later. */
typedef void h2_request_h(void *magic, struct h2_request *r);

struct h2_args {
	struct loop *loop;
	struct metrics *metrics;        /* may be NULL */
	const char *name;               /* in log and metrics */
	const struct h2_config *config; /* copied */
	h2_request_h *on_request;
	void *magic;
	const char *goaway_idle, *goaway_shutdown; /* what GOAWAY says then (its debug data) */
};

/** Returns 0, or a negative errno after logging what failed. */
int h2_server_new(const struct h2_args *args, struct h2_server **ret);

/** Say goodbye to every client and close. Requests that were not answered are forgotten. NULL is fine. */
struct h2_server *h2_server_free(struct h2_server *s);

/** Where it listens: "127.0.0.1:2197". */
const char *h2_server_listen(const struct h2_server *s);

/** A request that was not answered yet; NULL: its client has taken it back or is gone. */
struct h2_request *h2_server_find(struct h2_server *s, uint64_t id);

#define H2_METRICS(X)                                                                              \
	X(connections, METRIC_GAUGE, "Connections that are open")                                  \
	X(refused_connections_total, METRIC_COUNTER, "Connections closed at the limit")            \
	X(failed_handshakes_total, METRIC_COUNTER, "Connections whose TLS handshake failed")       \
	X(requests_total, METRIC_COUNTER, "Requests handed to the service")                        \
	X(refused_streams_total, METRIC_COUNTER, "Requests refused at the limit of a connection")  \
	X(large_headers_total, METRIC_COUNTER, "Requests with more header fields than allowed")    \
	X(large_bodies_total, METRIC_COUNTER, "Requests with a body longer than allowed")          \
	X(bad_requests_total, METRIC_COUNTER, "Malformed requests")                                \
	X(resets_total, METRIC_COUNTER, "Requests that clients took back")                         \
	X(unknown_frames_total, METRIC_COUNTER, "Frames of types that HTTP/2 does not define")     \
	X(floods_total, METRIC_COUNTER, "Connections ended for too many frames or resets")         \
	X(malformed_total, METRIC_COUNTER, "Connections ended for bytes that are not HTTP/2")      \
	X(late_requests_total, METRIC_COUNTER, "Requests that were not complete in time")          \
	X(unread_total, METRIC_COUNTER, "Connections ended because answers were not read")         \
	X(idle_total, METRIC_COUNTER, "Connections ended because nothing was asked")               \
	X(accept_pauses_total, METRIC_COUNTER, "Pauses in accepting for lack of descriptors")

METRICS_STRUCT(h2_metrics, H2_METRICS);

/** Its counters. */
const struct h2_metrics *h2_server_metrics(const struct h2_server *s);
