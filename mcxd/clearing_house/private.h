/*
 * Clearing house: the struct that its files share
 */
#pragma once

#include "mcxd/base/idtab.h"
#include "mcxd/base/limit.h"
#include "mcxd/base/metric.h"
#include "mcxd/clearing_house/clearing_house.h"
#include "mcxd/clearing_house/provider_token.h"
#include "proto/auth/webhook.h"
#include "proto/sip/uri.h"

struct agent;
struct dead;
struct http_client;
struct journal;
struct loop;
struct outbox;
struct prefixes;

#define CLEARING_HOUSE_METRICS(X)                                                                  \
	X(accepted_total, METRIC_COUNTER, "Notifications that a push service took")                \
	X(synthetic_total, METRIC_COUNTER, "Synthetic transactions that succeeded")                \
	X(refused_total, METRIC_COUNTER, "Requests that were well formed and refused")             \
	X(bad_total, METRIC_COUNTER, "Requests that were refused as malformed")                    \
	X(stranger_total, METRIC_COUNTER, "Requests from peers or domains that are not allowed")   \
	X(failed_total, METRIC_COUNTER, "Notifications that a push service did not take")          \
	X(limited_total, METRIC_COUNTER, "Notifications refused because the limit was reached")    \
	X(host_full_total, METRIC_COUNTER,                                                         \
	  "Notifications refused because too many waited for their push service")                  \
	X(channel_full_total, METRIC_COUNTER,                                                      \
	  "Notifications refused because too many waited for their phone")                         \
	X(retries_total, METRIC_COUNTER, "Requests to a push service that were put off")           \
	X(given_up_total, METRIC_COUNTER,                                                          \
	  "Requests to a push service that were not repeated any more")                            \
	X(late_total, METRIC_COUNTER,                                                              \
	  "Notifications that were not done when their sender had to be answered")                 \
	X(dead_total, METRIC_COUNTER, "Channels that a push service said are gone")                \
	X(pending, METRIC_GAUGE, "Notifications on their way to a push service")

METRICS_STRUCT(clearing_house_metrics, CLEARING_HOUSE_METRICS);

struct clearing_house {
	struct loop *loop;
	struct journal *journal;
	const struct clearing_house_config *config;
	struct clearing_house_own own;
	struct agent *agent;
	struct http_client *http; /* MPNS and webhooks */
	struct http_client *apns;
	struct provider_token provider_token;
	struct webhook_secret webhook_secret;
	struct prefixes *peers;      /* that may send pushes without a certificate; NULL: none */
	struct uri address;          /* decoded from the config */
	struct idtab *notifications; /* struct notification by id */
	struct outbox *outbox;
	struct dead *dead;
	struct budget pending; /* of notifications */
	struct clearing_house_metrics metrics;
};
