/*
 * Core metrics
 */
#pragma once

#include "mcxd/base/metric.h"

#define CORE_METRICS(X)                                                                            \
	X(invitations_total, METRIC_COUNTER, "Invitations that callers brought")                   \
	X(answered_total, METRIC_COUNTER, "Invitations that were answered")                        \
	X(refused_total, METRIC_COUNTER, "Invitations that ended with a refusal")                  \
	X(timeouts_total, METRIC_COUNTER, "Invitations that nobody came back for (408)")           \
	X(cancelled_total, METRIC_COUNTER, "Invitations that the caller took back")                \
	X(messages_total, METRIC_COUNTER, "Instant messages carried from leg to leg")              \
	X(repeats_total, METRIC_COUNTER, "First lines that came again as a MESSAGE")               \
	X(pushes_total, METRIC_COUNTER, "Push notices sent")                                       \
	X(pushes_accepted_total, METRIC_COUNTER, "Push notices that the clearing house took")      \
	X(pushes_failed_total, METRIC_COUNTER, "Push notices refused, or never answered")          \
	X(missed_total, METRIC_COUNTER, "Conversations that a phone missed")                       \
	X(registers_total, METRIC_COUNTER, "REGISTER requests applied")                            \
	X(registers_refused_total, METRIC_COUNTER, "REGISTER requests refused")                    \
	X(sign_ins_total, METRIC_COUNTER, "Phones that signed in")                                 \
	X(limits_total, METRIC_COUNTER, "Requests refused because a limit was reached")            \
	X(unexpected_events_total, METRIC_COUNTER, "Events that a state machine did not allow")    \
	X(conversations, METRIC_GAUGE, "Conversations under way")                                  \
	X(phones, METRIC_GAUGE, "Phones that are signed in")                                       \
	X(bindings, METRIC_GAUGE, "SIP contacts that are registered")

METRICS_STRUCT(core_metrics, CORE_METRICS);
