/*
 * HTTPS API: metrics
 */
#pragma once

#include "mcxd/base/metric.h"

#define UCWA_METRICS(X)                                                                            \
	X(requests_total, METRIC_COUNTER, "Requests answered")                                     \
	X(errors_total, METRIC_COUNTER, "Requests answered with a status of 400 or above")         \
	X(bad_requests_total, METRIC_COUNTER, "Requests that were malformed or too large")         \
	X(origins_refused_total, METRIC_COUNTER, "Requests of pages whose origin is not allowed")  \
	X(unauthorized_total, METRIC_COUNTER, "Requests without a valid token")                    \
	X(grants_refused_total, METRIC_COUNTER, "Token requests refused")                          \
	X(not_stored_total, METRIC_COUNTER,                                                        \
	  "Requests answered 503 because the disk cannot take what they change")                   \
	X(batches_limited_total, METRIC_COUNTER,                                                   \
	  "Batches, or requests of one, refused because a limit was reached")                      \
	X(polls_replaced_total, METRIC_COUNTER, "Event requests replaced by a newer one")          \
	X(polls_refused_total, METRIC_COUNTER,                                                     \
	  "Event requests refused because too many were held open")                                \
	X(resyncs_total, METRIC_COUNTER, "Event requests with a wrong ack")                        \
	X(packets_total, METRIC_COUNTER, "Event packets sent")                                     \
	X(events_total, METRIC_COUNTER, "Events sent, including repeated ones")                    \
	X(polls, METRIC_GAUGE, "Event requests held open")

METRICS_STRUCT(ucwa_metrics, UCWA_METRICS);
