/*
 * Lab API: why a phone stays quiet
 *
 * "The test succeeds, but there is no notification on the phone": everything between an invitation and the toast, in the
 * order in which the server decides, each as a sentence. The first that stands in the way says what to do. mcxctl and the page
 * both show these sentences.
 */
#include "mcxd/base/fault.h"
#include "mcxd/base/list.h"
#include "mcxd/core/core.h"
#include "mcxd/core/delivery.h"
#include "mcxd/core/phone.h"
#include "mcxd/core/push/policy.h"
#include "mcxd/core/session.h"
#include "mcxd/core/user.h"
#include "proto/record.h"
#include "proto/text/json_out.h"
#include "proto/text/mem.h"
#include "proto/text/text.h"
#include "web/http/http.h"
#include "web/lab/cause.h"
#include "web/lab/explanation.h"
#include "web/lab/private.h"

#include <stdarg.h>

static const char *or_empty(const char *s)
{
	return s ? s : "";
}

/* ---- user and endpoints ---- */

static void explain_policy(struct explanation *e)
{
	const struct core_config *config = e->lab->core->config;
	CLEANUP(mem_free_string)
	char *advice = text_concat("Allow it: mcxctl user set ", e->user->aor,
				   e->user->policy.enable_mobility ? " push=yes, or enable_push"
								   : " mobility=yes, or "
								     "enable_mobility",
				   " = yes in the users file.");

	if (!e->user->policy.enable_mobility) {
		explain_say(e, OBSTACLE, "Policy",
			    "Mobility is not allowed for %s: no phone can sign in.", e->name);
		explain_blame_with(e, CAUSE_MOBILITY_OFF, advice);
	} else if (!e->user->policy.enable_push) {
		explain_say(e, OBSTACLE, "Policy", "Push notifications are not allowed for %s.",
			    e->name);
		explain_blame_with(e, CAUSE_USER_POLICY, advice);
	} else {
		explain_say(e, FINE, "Policy", "Mobility and push notifications are allowed.");
	}
	if (!config->enable_microsoft_push)
		explain_say(e, NOTE, "Policy",
			    "Nobody may have pushes to a Windows Phone (push.microsoft).");
	if (!config->enable_apple_push)
		explain_say(e, NOTE, "Policy", "Nobody may have pushes to an iPhone (push.apple).");
}

static void explain_contacts(const struct explanation *e)
{
	size_t n = list_length(&e->user->bindings);

	if (n)
		explain_say(
			e, NOTE, "Desktop",
			"%s is also signed in with %zu SIP client%s: who answers first takes the "
			"invitation.",
			e->name, n, n == 1 ? "" : "s");
}

static const enum cause causes_of_rules[] = {
	[PUSH_RULE_NONE] = CAUSE_NO_URI,
	[PUSH_RULE_USER] = CAUSE_USER_POLICY,
	[PUSH_RULE_SITE] = CAUSE_SITE_POLICY,
	[PUSH_RULE_APPLE_NOT_CONFIGURED] = CAUSE_NOT_CONFIGURED,
	[PUSH_RULE_HOST] = CAUSE_HOST_NOT_ALLOWED,
};

/* The app has said where to push, and was told that it may not. */
static void explain_refused(struct explanation *e, const struct phone *p)
{
	const struct subscription wanted = { .platform = p->refused.platform,
					     .notification_uri = p->refused.notification_uri };
	CLEANUP(mem_free_string) char *time = explain_moment(p->refused.wall_us);
	const char *refusal = push_refusal(p->user, &wanted);

	explain_say(e, NOTE, "Subscription",
		    "There is none: at %s the app asked for pushes by %s%s%s, and was refused.",
		    time, wanted.platform, wanted.notification_uri ? " to " : "",
		    or_empty(wanted.notification_uri));
	if (refusal) {
		explain_say(e, OBSTACLE, "Obstacle", "%s.", refusal);
		explain_blame(e, causes_of_rules[push_rule_against(p->user, &wanted)]);
		return;
	}
	explain_say(e, OBSTACLE, "Obstacle",
		    "What ruled it out does not any more, but the app has not asked again.");
	explain_blame(e, CAUSE_NO_URI);
}

static void explain_no_subscription(struct explanation *e, const struct phone *p)
{
	CLEANUP(mem_free_string) char *ended = explain_moment(p->subscription.ended_wall_us);

	if (p->refused.platform) {
		explain_refused(e, p);
		return;
	}
	if (p->subscription.ended_wall_us)
		explain_say(e, NOTE, "Subscription",
			    "There is none: at %s the push service said that its channel is dead.",
			    ended);
	else
		explain_say(e, NOTE, "Subscription",
			    "There is none: the app has not said where to push.");
	explain_say(e, OBSTACLE, "Obstacle", "%s.", or_empty(push_obstacle(p)));
	explain_blame(e, p->subscription.ended_wall_us ? CAUSE_DEAD_CHANNEL : CAUSE_NO_URI);
}

static void explain_subscription(struct explanation *e, const struct phone *p)
{
	const struct subscription *s = &p->subscription;
	const char *obstacle = push_obstacle(p);

	if (!s->platform) {
		explain_no_subscription(e, p);
		return;
	}
	explain_say(e, obstacle ? NOTE : FINE, "Subscription", "Pushes go by %s to %s.",
		    s->platform,
		    s->notification_uri ? s->notification_uri
					: "the device token that the app has given");
	if (!obstacle)
		return;
	explain_say(e, OBSTACLE, "Obstacle", "%s.", obstacle);
	explain_blame(e, causes_of_rules[push_rule_against(p->user, s)]);
}

static void explain_foreground(struct explanation *e, const struct phone *p)
{
	if (delivery_is_away(p)) {
		explain_say(e, FINE, "Foreground",
			    "The app is in the background: an invitation needs a push.");
	} else if (p->poll_id) {
		explain_say(e, OBSTACLE, "Foreground",
			    "The app is in the foreground: it asks for events, so an invitation "
			    "comes in "
			    "the answer, and no push is sent.");
		explain_blame(e, CAUSE_FOREGROUND);
	} else {
		explain_say(e, OBSTACLE, "Foreground",
			    "The app has asked for events a moment ago, and may do so again: until "
			    "core.phone_linger has passed no push is sent.");
		explain_blame(e, CAUSE_FOREGROUND);
	}
}

static void explain_channel(const struct explanation *e, const struct phone *p)
{
	const struct record *toast = explain_newest_toast(e, p);
	CLEANUP(mem_free_string) char *time = toast ? explain_moment(toast->wall_us) : NULL;

	if (toast)
		explain_say(e, NOTE, "Channel", "The last toast came to the phone at %s: %s: %s.",
			    time, or_empty(record_value(toast, "text1")),
			    or_empty(record_value(toast, "text2")));
	else
		explain_say(e, NOTE, "Channel",
			    "No toast has come to the phone by a push service of this lab.");
}

static void explain_phone(struct explanation *e, const struct phone *p)
{
	const char *name = p->subscription.phone_name;

	e->phone = p;
	explain_say(e, FINE, "Phone", "%s%s%s, application %s, is signed in for %lld s more.",
		    or_empty(name), name ? ", " : "", or_empty(p->user_agent), p->app_id,
		    (long long)(session_left_ms(p) / 1000));
	explain_subscription(e, p);
	explain_foreground(e, p);
	explain_channel(e, p);
	explain_last_push(e);
}

static void explain_phones(struct explanation *e)
{
	if (list_empty(&e->user->phones)) {
		explain_say(e, OBSTACLE, "Phone",
			    "No phone of %s is signed in: there is nothing to push to.", e->name);
		explain_blame(e, CAUSE_NO_PHONE);
	}
	list_for_each (node, &e->user->phones)
		explain_phone(e, LIST_ENTRY(node, struct phone, of_user));
	e->phone = NULL;
}

/* ---- faults ---- */

/* What it does, where and to whom: "drop at front-end→edge, for everybody". */
static void describe_fault(const struct fault_rule *r, struct text *out)
{
	text_add(out, fault_what_names[r->what]);
	if (r->status)
		text_addf(out, " %d", r->status);
	if (r->ms)
		text_addf(out, " %lld ms", (long long)r->ms);
	text_add_all(out, " at ", fault_joints[r->where].name, ", for ",
		     r->user ? r->user : "everybody");
	if (r->probability)
		text_addf(out, ", one in %lld", (long long)r->probability);
}

/* What a fault has silenced stays so until the fault is mended, even if it cannot strike again. */
static void explain_fault(struct explanation *e, const struct fault_rule *r)
{
	CLEANUP(text_deinit) struct text what = TEXT_INIT;
	bool is_over = !fault_can_strike(r) && !(r->what == FAULT_SILENCE && r->struck);

	describe_fault(r, &what);
	explain_say(e, is_over ? NOTE : OBSTACLE, "Fault",
		    "The lab is broken on purpose: %s. It has struck %lld time%s%s.",
		    text_str(&what), (long long)r->struck, r->struck == 1 ? "" : "s",
		    is_over ? ", and does not strike again" : "");
	if (is_over)
		return;
	text_reset(&what);
	text_add_all(&what, "Mend ", fault_joints[r->where].name,
		     ": mcxctl faults clear (DELETE /lab/v1/faults) mends all that is broken.");
	explain_blame_with(e, CAUSE_FAULT, text_str(&what));
}

/* Whichever joint it is: an invitation comes over that of SIP peers, and the phone answers over its own. */
static void explain_faults(struct explanation *e)
{
	size_t n = 0;
	const struct fault_rule *rules = e->lab->faults ? faults_rules(e->lab->faults, &n) : NULL;

	for (size_t i = 0; i < n; i++)
		if (!rules[i].user || !strcasecmp(rules[i].user, e->user->aor))
			explain_fault(e, &rules[i]);
}

/* ---- the resource ---- */

struct json_object *lab_explain(const struct lab *l, const struct user *u)
{
	struct explanation e = { .lab = l, .user = u };
	struct json_object *o;

	e.name = u->display_name;
	e.findings = json_object_new_array();
	explain_policy(&e);
	explain_phones(&e);
	explain_contacts(&e);
	explain_faults(&e);
	if (list_empty(&u->phones))
		explain_last_push(&e);
	if (!e.advice)
		explain_say(&e, ADVICE, "What to do", "Nothing: the next invitation is pushed.");
	o = json_object_new_object();
	json_out_string(o, "user", u->aor);
	json_out_string(o, "cause", cause_names[e.cause]);
	json_object_object_add(o, "advice", e.advice);
	json_object_object_add(o, "findings", e.findings);
	return o;
}

void lab_get_explanation(void *magic, struct http_request *r)
{
	const struct lab *l = magic;
	const struct user *u = lab_path_user(l, r);

	if (u)
		http_answer_json(r, 200, NULL, lab_explain(l, u));
}
