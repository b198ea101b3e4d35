/*
 * Lab API: the door
 */
#pragma once

#include "mcxd/base/metric.h"

#include <stdbool.h>

struct http_request;
struct lab;

#define LAB_DOOR_METRICS(X)                                                                        \
	X(pushes_refused_total, METRIC_COUNTER, "Requests refused because they are pushes")        \
	X(hosts_refused_total, METRIC_COUNTER, "Requests refused because of their Host")           \
	X(origins_refused_total, METRIC_COUNTER,                                                   \
	  "Requests refused because another page made them")                                       \
	X(types_refused_total, METRIC_COUNTER, "Requests refused because of their Content-Type")   \
	X(tokens_refused_total, METRIC_COUNTER,                                                    \
	  "Requests refused because they did not show the token")                                  \
	X(limits_refused_total, METRIC_COUNTER, "Requests refused because a limit was reached")

METRICS_STRUCT(lab_door_metrics, LAB_DOOR_METRICS);

/** Whether a request that came by TCP may come in; if not, it has been answered. */
bool lab_door_admit(struct lab *l, struct http_request *r);
