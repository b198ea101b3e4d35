/*
 * Lab API: what keeps a push from a phone
 */
#include "web/lab/cause.h"

#include "mcxd/core/push.h"
#include "proto/diag.h"
#include "proto/text/mem.h"

#include <string.h>

const char *const cause_names[N_CAUSES] = {
#define X(constant, word, advice) [CAUSE_##constant] = (word),
	CAUSES(X)
#undef X
};

const char *const cause_advice[N_CAUSES] = {
#define X(constant, word, advice) [CAUSE_##constant] = (advice),
	CAUSES(X)
#undef X
};

/* What the diagnostics say, by whoever has refused it. */
static const struct {
	enum diag_code code;
	enum cause cause;
} rows[] = {
	{ DIAG_NOT_FEDERATED, CAUSE_EDGE_DOMAIN },
	{ DIAG_NO_ROUTE, CAUSE_EDGE_DOMAIN },
	{ DIAG_DNS_SRV, CAUSE_EDGE_DOMAIN },
	{ DIAG_DNS_NO_MATCH, CAUSE_EDGE_DOMAIN },
	{ DIAG_DNS_A, CAUSE_UNREACHABLE },
	{ DIAG_TEMPORARILY_NO_ROUTE, CAUSE_UNREACHABLE },
	{ DIAG_HOP_TIMEOUT, CAUSE_UNREACHABLE },
	{ DIAG_UNREACHABLE, CAUSE_UNREACHABLE },
	{ DIAG_TRUST, CAUSE_CERTIFICATE },
	{ DIAG_PUSH_REJECTED, CAUSE_HOST_NOT_ALLOWED },
	{ DIAG_PUSH_NOT_CONFIGURED, CAUSE_NOT_CONFIGURED },
	{ DIAG_PUSH_NO_CHANNEL, CAUSE_DEAD_CHANNEL },
	{ DIAG_PUSH_THROTTLED, CAUSE_THROTTLED },
	{ DIAG_PUSH_QUEUE_FULL, CAUSE_THROTTLED },
	{ DIAG_PUSH_BUSY, CAUSE_THROTTLED },
	{ DIAG_PUSH_UNAVAILABLE, CAUSE_PLATFORM_DOWN },
	{ DIAG_PUSH_UNREACHABLE, CAUSE_PLATFORM_DOWN },
	{ DIAG_PUSH_INACTIVE, CAUSE_PHONE_AWAY },
	{ DIAG_PUSH_SUPPRESSED, CAUSE_SUPPRESSED },
};

enum cause cause_of_push(const struct push *p)
{
	if (strcmp(p->state, "refused") != 0 && strcmp(p->state, "unanswered") != 0)
		return CAUSE_NONE;
	for (size_t i = 0; p->diag_id && i < ARRAY_SIZE(rows); i++)
		if (diag_row(rows[i].code)->id == p->diag_id)
			return rows[i].cause;
	return p->sip_status ? CAUSE_REFUSED : CAUSE_UNREACHABLE;
}
