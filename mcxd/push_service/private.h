/*
 * Push service: the struct that its files share
 */
#pragma once

#include "mcxd/base/idtab.h"
#include "mcxd/base/limit.h"
#include "mcxd/base/metric.h"
#include "mcxd/push_service/push_service.h"

#include <stddef.h>

struct apns;
struct ended;
struct faults;
struct http;
struct http_route;
struct journal;
struct loop;

#define PUSH_SERVICE_METRICS(X)                                                                    \
	X(channels, METRIC_GAUGE, "Notification channels that exist")                              \
	X(channels_expired_total, METRIC_COUNTER, "Channels whose phone did not come back")        \
	X(channels_refused_total, METRIC_COUNTER, "Channels refused at the limit")                 \
	X(notices_total, METRIC_COUNTER, "Notifications that were accepted")                       \
	X(notices_dropped_total, METRIC_COUNTER,                                                   \
	  "Well-formed notifications that were not accepted")                                      \
	X(notices_replaced_total, METRIC_COUNTER,                                                  \
	  "Notifications that a newer one took the place of before they were acknowledged")        \
	X(notices_expired_total, METRIC_COUNTER,                                                   \
	  "Notifications that expired before they were acknowledged")                              \
	X(notices_bad_total, METRIC_COUNTER, "Malformed notifications")                            \
	X(providers_refused_total, METRIC_COUNTER,                                                 \
	  "Notifications to iPhones whose sender may not send any")                                \
	X(provider_tokens_verified_total, METRIC_COUNTER,                                          \
	  "Signatures of provider tokens that were checked, once for each token")                  \
	X(deliveries_total, METRIC_COUNTER, "Notifications written to a carrier request")

METRICS_STRUCT(push_service_metrics, PUSH_SERVICE_METRICS);

struct push_service {
	struct loop *loop;
	struct journal *journal;
	struct faults *faults;
	const struct push_service_config *config;
	const struct http_route *routes;
	size_t n_routes;
	struct http *http;
	struct apns *apns; /* NULL: none */
	char *url;
	struct strtab *channels; /* struct channel by id */
	struct strtab *by_token; /* the same by token */
	struct ended *ended;     /* device tokens that have been */
	struct budget budget;    /* of channels */
	struct push_service_metrics metrics;
};
