/*
 * HTTP server: metrics
 */
#pragma once

#include "mcxd/base/metric.h"

#define HTTP_METRICS(X)                                                                            \
	X(requests_total, METRIC_COUNTER, "Complete requests received")                            \
	X(connections, METRIC_GAUGE, "Open connections")                                           \
	X(refused_connections_total, METRIC_COUNTER,                                               \
	  "Connections closed on arrival because the limit was reached")                           \
	X(accepts_paused_total, METRIC_COUNTER,                                                    \
	  "Pauses of accepting because descriptors or memory ran out")                             \
	X(bad_requests_total, METRIC_COUNTER, "Malformed requests, failed handshakes and junk")    \
	X(oversized_bodies_total, METRIC_COUNTER, "Requests with a body above the limit")          \
	X(rate_limited_total, METRIC_COUNTER,                                                      \
	  "Requests refused because their address had sent too many")                              \
	X(timeouts_total, METRIC_COUNTER, "Connections closed because they were idle or too slow") \
	X(parked, METRIC_GAUGE, "Parked requests")                                                 \
	X(streams, METRIC_GAUGE, "Open streams")                                                   \
	X(slow_readers_total, METRIC_COUNTER, "Streams ended because their reader was too slow")   \
	X(hangups_total, METRIC_COUNTER,                                                           \
	  "Clients that hung up while their request was parked or their stream open")              \
	X(body_bytes_total, METRIC_COUNTER, "Bytes of request bodies")                             \
	X(answer_bytes_total, METRIC_COUNTER, "Bytes of answer bodies")

METRICS_STRUCT(http_metrics, HTTP_METRICS);
