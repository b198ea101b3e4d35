/*
 * HTTPS API: pushSubscription
 *
 * An extension of ours, since UCWA has no push. In MCX's own protocol a phone subscribes when it signs
 * in; here the subscription is a resource of the application.
 */
#include "web/ucwa/push.h"

#include "mcxd/core/phone.h"
#include "mcxd/core/push/policy.h"
#include "mcxd/core/session.h"
#include "proto/diag.h"
#include "proto/ucwa/body.h"
#include "proto/ucwa/hal.h"
#include "web/ucwa/answer.h"
#include "web/ucwa/app.h"
#include "web/ucwa/request.h"

#include <json-c/json.h>

static struct hal *subscription(const struct ucwa_request *q)
{
	const struct subscription *s = &q->phone->subscription;
	struct hal *o = hal_new();

	hal_string(o, "platform", s->platform);
	hal_string(o, "notificationUri", s->notification_uri);
	hal_string(o, "deviceToken", s->device_token);
	hal_string(o, "deviceName", s->phone_name);
	hal_string(o, "userAgent", s->user_agent);
	hal_link(o, "self", q->app->path, "/pushSubscription");
	return hal_end(o, "pushSubscription");
}

void ucwa_get_subscription(struct ucwa_request *q)
{
	if (q->phone->subscription.platform)
		ucwa_json(q, 200, subscription(q));
	else
		ucwa_fail(q, DIAG_NOT_FOUND, "The application has no push subscription.");
}

static void put(struct ucwa_request *q, const struct subscription *s)
{
	bool is_new = !q->phone->subscription.platform;
	enum phone_result result = session_subscribe(q->phone, s);

	if (result == PHONE_OK)
		ucwa_json(q, is_new ? 201 : 200, subscription(q));
	else if (result == PHONE_PUSH_OFF)
		ucwa_failf(q, DIAG_PUSH_OFF, "%s.", push_refusal(q->user, s));
	else
		ucwa_finish(q, result);
}

void ucwa_put_subscription(struct ucwa_request *q)
{
	struct ucwa_subscription s;
	struct ucwa_problem problem;

	if (ucwa_subscription_decode(q->body, q->n_body, &s, &problem) < 0) {
		ucwa_fail_body(q, &problem);
		return;
	}
	put(q, &(struct subscription){ .platform = s.platform,
				       .notification_uri = s.notification_uri,
				       .device_token = s.device_token,
				       .phone_name = s.phone_name,
				       .user_agent = s.user_agent });
	ucwa_subscription_deinit(&s);
}

void ucwa_delete_subscription(struct ucwa_request *q)
{
	if (session_unsubscribe(q->phone) == PHONE_OK)
		ucwa_no_content(q);
	else
		ucwa_fail(q, DIAG_NOT_FOUND, "The application has no push subscription.");
}
