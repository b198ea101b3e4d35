/*
 * Front end, private part
 *
 * The adapter's own struct, which its files share.
 */
#pragma once

#include "mcxd/base/fsm.h"
#include "mcxd/base/idtab.h"
#include "mcxd/base/list.h"
#include "mcxd/base/log.h"
#include "mcxd/base/metric.h"
#include "mcxd/front_end/front_end.h"
#include "mcxd/front_end/presence/publication.h"
#include "mcxd/front_end/presence/subscription.h"
#include "mcxd/front_end/upstream/upstream.h"
#include "proto/sip/uri.h"

struct agent;
struct core;
struct front_end_auth;
struct loop;
struct strtab;

/** The methods that clients may use, for Allow. */
#define FRONT_END_ALLOW                                                                            \
	"INVITE,ACK,CANCEL,BYE,MESSAGE,INFO,UPDATE,OPTIONS,REGISTER,SUBSCRIBE,PUBLISH"

/** The same between two clients, to whom we pass on what we do not understand. */
#define FRONT_END_PASSES FRONT_END_ALLOW ",REFER,NOTIFY"

/** What is refused for a moment only. */
#define FRONT_END_RETRY_AFTER "Retry-After: 5\r\n"

#define FRONT_END_METRICS(X)                                                                       \
	X(requests_refused_total, METRIC_COUNTER,                                                  \
	  "SIP requests refused by the front end itself, before core")                             \
	X(dialogs, METRIC_GAUGE, "SIP dialogs, early ones included")                               \
	X(subscriptions, METRIC_GAUGE, "Subscriptions of SIP clients")                             \
	X(pager_messages_total, METRIC_COUNTER, "SIP messages outside a dialog, received")         \
	X(upstream_registered, METRIC_GAUGE,                                                       \
	  "Phones that are registered at the upstream registrar")                                  \
	X(upstream_failures_total, METRIC_COUNTER,                                                 \
	  "Attempts to register a phone at the upstream registrar that failed")                    \
	X(acks_lost_total, METRIC_COUNTER, "Answers to invitations that were never acknowledged")  \
	X(peers_lost_total, METRIC_COUNTER,                                                        \
	  "Ends of dialogs that neither refreshed the session nor answered")                       \
	X(pushes_unanswered_total, METRIC_COUNTER,                                                 \
	  "Push messages that the next hop did not answer")                                        \
	X(names_unknown_total, METRIC_COUNTER,                                                     \
	  "Requests that failed because a client's address is a name that is not in [hosts]")      \
	X(dialog_events_unexpected_total, METRIC_COUNTER,                                          \
	  "Events that the state of a dialog does not allow")

METRICS_STRUCT(front_end_metrics, FRONT_END_METRICS);

struct front_end {
	struct loop *loop;
	struct journal *journal;
	struct core *core;
	const struct front_end_config *config;
	struct agent *agent;
	struct front_end_auth *auth;
	struct fsm_env fsm_env;
	char push_aor[URI_MAX_AOR + 1];
	struct list legs;           /* struct sip_leg.of_front_end */
	struct strtab invites;      /* struct sip_leg, by what makes their INVITEs the same */
	struct list registrations;  /* under way */
	struct list pushes;         /* under way */
	struct list answers;        /* that wait for the store */
	struct list byes;           /* that can still be sent another way */
	struct idtab endpoints;     /* front_end/endpoint: the legs of a binding, by its id */
	struct list pager_requests; /* messages outside a dialog that are not answered yet */
	struct list pager_legs;
	struct strtab *pagers; /* the newest struct pager_leg by its two ends */
	uint64_t last_leg;     /* number of the newest, for log lines */
	struct log_throttle unknown_names;
	unsigned push_cseq; /* counts all pushes, as MCX's does */
	struct subscriptions subscriptions;
	struct publications publications;
	struct upstream upstream;
	struct front_end_metrics metrics;
};
