/*
 * Clearing house: the struct that its files share
 */
#pragma once

#include "mcxd/base/idtab.h"
#include "mcxd/base/limit.h"
#include "mcxd/base/metric.h"
#include "mcxd/clearing_house/clearing_house.h"
#include "proto/sip/uri.h"

struct agent;
struct http_client;
struct journal;
struct loop;

#define CLEARING_HOUSE_METRICS(X)                                                                  \
	X(accepted_total, METRIC_COUNTER, "Notifications that a push service took")                \
	X(synthetic_total, METRIC_COUNTER, "Synthetic transactions that succeeded")                \
	X(refused_total, METRIC_COUNTER, "Requests that were well formed and refused")             \
	X(bad_total, METRIC_COUNTER, "Requests that were refused as malformed")                    \
	X(failed_total, METRIC_COUNTER, "Notifications that a push service did not take")          \
	X(limited_total, METRIC_COUNTER, "Notifications refused because the limit was reached")    \
	X(pending, METRIC_GAUGE, "Notifications on their way to a push service")

METRICS_STRUCT(clearing_house_metrics, CLEARING_HOUSE_METRICS);

struct clearing_house {
	struct loop *loop;
	struct journal *journal;
	const struct clearing_house_config *config;
	struct agent *agent;
	struct http_client *http;
	struct uri address;          /* decoded from the config */
	struct idtab *notifications; /* struct notification by id */
	struct budget pending;       /* of notifications */
	struct clearing_house_metrics metrics;
};
