/*
 * HTTPS API: telephones and call forwarding
 */
#include "web/ucwa/calls.h"

#include "proto/diag.h"
#include "proto/text/mem.h"
#include "proto/ucwa/hal.h"
#include "web/http/http.h"
#include "web/ucwa/answer.h"
#include "web/ucwa/app.h"
#include "web/ucwa/request.h"

#include <strings.h>

void ucwa_get_phones(struct ucwa_request *q)
{
	struct hal *o = hal_new();

	hal_link(o, "self", q->app->path, "/me/phones");
	hal_embed_none(o, "phone");
	ucwa_json(q, 200, hal_end(o, "phones"));
}

/* The three kinds of rules; none has a target. */
static const struct {
	const char *rel;
	bool delays; /* it can ring for a while first */
} parts[] = {
	{ "immediateForwardSettings", false },
	{ "simultaneousRingSettings", true },
	{ "unansweredCallSettings", true },
};

static struct hal *add_part(struct hal *o, const struct ucwa_request *q, size_t i)
{
	if (parts[i].delays)
		hal_int(o, "ringDelay", 0);
	hal_string(o, "target", "None");
	hal_link(o, "self", q->app->path, "/me/callForwardingSettings/", parts[i].rel);
	return hal_end(o, parts[i].rel);
}

void ucwa_get_forwarding(struct ucwa_request *q)
{
	struct hal *o = hal_new();

	hal_string(o, "activePeriod", "Always");
	hal_string(o, "activeSetting", "None");
	hal_string(o, "unansweredCallHandling", "Disabled");
	hal_link(o, "self", q->app->path, "/me/callForwardingSettings");
	for (size_t i = 0; i < ARRAY_SIZE(parts); i++) {
		hal_embed(o, parts[i].rel);
		add_part(o, q, i);
		hal_close(o);
	}
	ucwa_json(q, 200, hal_end(o, "callForwardingSettings"));
}

void ucwa_get_forwarding_part(struct ucwa_request *q)
{
	for (size_t i = 0; i < ARRAY_SIZE(parts); i++)
		if (!strcasecmp(parts[i].rel, http_param(q->r, "part"))) {
			ucwa_json(q, 200, add_part(hal_new(), q, i));
			return;
		}
	ucwa_fail(q, DIAG_NOT_FOUND, "There is no such setting.");
}

/* callForwardingSettings_ref: what a user without enterprise voice gets. */
void ucwa_put_forwarding(struct ucwa_request *q)
{
	ucwa_fail(q, DIAG_FORBIDDEN, "The user is not enabled for enterprise voice.");
}
