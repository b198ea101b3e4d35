/*
 * Core metrics
 *
 * What core counts. Each noun counts where it decides; only refusals by a limit and unexpected events are
 * counted by base/limit and base/fsm.
 */
#pragma once

#include "mcxd/base/metric.h"

#define CORE_METRICS(X)                                                                            \
	X(invitations_total, METRIC_COUNTER, "Invitations received from callers")                  \
	X(answered_total, METRIC_COUNTER, "Invitations answered")                                  \
	X(refused_total, METRIC_COUNTER, "Invitations refused")                                    \
	X(timeouts_total, METRIC_COUNTER, "Invitations that nobody answered in time (408)")        \
	X(cancelled_total, METRIC_COUNTER, "Invitations cancelled by the caller")                  \
	X(messages_total, METRIC_COUNTER, "Instant messages passed from leg to leg")               \
	X(repeats_total, METRIC_COUNTER, "First lines repeated as a MESSAGE")                      \
	X(pushes_total, METRIC_COUNTER, "Pushes sent")                                             \
	X(pushes_accepted_total, METRIC_COUNTER, "Pushes accepted by the clearing house")          \
	X(pushes_withdrawn_total, METRIC_COUNTER, "Pushes that take another one back")             \
	X(pushes_failed_total, METRIC_COUNTER, "Pushes refused or not answered")                   \
	X(pushes_dropped_total, METRIC_COUNTER, "Pushes not sent because too many waited")         \
	X(missed_total, METRIC_COUNTER, "Conversations missed by a phone")                         \
	X(registers_total, METRIC_COUNTER, "REGISTER requests applied")                            \
	X(registers_refused_total, METRIC_COUNTER, "REGISTER requests refused")                    \
	X(sign_ins_total, METRIC_COUNTER, "Phones that signed in")                                 \
	X(sign_ins_refused_total, METRIC_COUNTER,                                                  \
	  "Phones refused because their user has too many")                                        \
	X(limits_total, METRIC_COUNTER, "Requests refused because a limit was reached")            \
	X(unexpected_events_total, METRIC_COUNTER, "Events that a state machine did not allow")    \
	X(conversations, METRIC_GAUGE, "Conversations under way")                                  \
	X(phones, METRIC_GAUGE, "Phones that are signed in")                                       \
	X(bindings, METRIC_GAUGE, "SIP contacts that are registered")                              \
	X(added_users, METRIC_GAUGE, "Users that the lab API has added")

METRICS_STRUCT(core_metrics, CORE_METRICS);
