/*
 * Lab API: why a phone stays quiet
 *
 * "The test succeeds, but there is no notification on the phone": everything between an invitation and the toast, in the
 * order in which the server decides, each as a sentence. The first that stands in the way says what to do. mcxctl and the page
 * both show these sentences.
 */
#include "mcxd/base/fault.h"
#include "mcxd/base/journal.h"
#include "mcxd/base/list.h"
#include "mcxd/core/core.h"
#include "mcxd/core/delivery.h"
#include "mcxd/core/note.h"
#include "mcxd/core/phone.h"
#include "mcxd/core/push.h"
#include "mcxd/core/session.h"
#include "mcxd/core/user.h"
#include "proto/record.h"
#include "proto/text/json_in.h"
#include "proto/text/json_out.h"
#include "proto/text/mem.h"
#include "proto/text/text.h"
#include "proto/text/timestamp.h"
#include "web/http/http.h"
#include "web/lab/cause.h"
#include "web/lab/private.h"
#include "web/lab/timeline.h"

#include <stdarg.h>

enum finding { FINE, OBSTACLE, ADVICE, NOTE };

static const char *const kind_names[] = {
	[FINE] = "fine", [OBSTACLE] = "obstacle", [ADVICE] = "advice", [NOTE] = "note"
};

struct explanation {
	const struct lab *lab;
	const struct user *user;
	const char *name; /* what the user is called */
	struct json_object *findings;
	struct json_object *advice; /* about the first obstacle; NULL: there is none */
	enum cause cause;           /* the first, but a fault only if nothing else is in the way */
};

static struct json_object *say(const struct explanation *e, enum finding kind, const char *topic,
			       const char *fmt, ...) PRINTF_LIKE(4, 5);

static struct json_object *say(const struct explanation *e, enum finding kind, const char *topic,
			       const char *fmt, ...)
{
	CLEANUP(text_deinit) struct text sentence = TEXT_INIT;
	struct json_object *o = json_object_new_object();
	va_list args;

	va_start(args, fmt);
	text_vaddf(&sentence, fmt, args);
	va_end(args);
	/* What a peer wrote begins no line of its own. */
	for (size_t i = 0; i < sentence.n; i++)
		if (sentence.data[i] == '\n' || sentence.data[i] == '\r')
			sentence.data[i] = ' ';
	json_out_string(o, "kind", kind_names[kind]);
	json_out_string(o, "topic", topic);
	json_out_string(o, "text", text_str(&sentence));
	json_object_array_add(e->findings, o);
	return o;
}

/* What somebody broke on purpose is a cause only as long as its consequences are not seen. */
static void blame_with(struct explanation *e, enum cause cause, const char *advice)
{
	struct json_object *o = say(e, ADVICE, "What to do", "%s", advice);

	json_out_string(o, "cause", cause_names[cause]);
	if (e->cause == CAUSE_NONE || e->cause == CAUSE_FAULT) {
		json_object_put(e->advice);
		e->advice = json_object_get(json_object_object_get(o, "text"));
		e->cause = cause;
	}
}

static void blame(struct explanation *e, enum cause cause)
{
	blame_with(e, cause, cause_advice[cause]);
}

static char *moment(int64_t wall_us)
{
	CLEANUP(text_deinit) struct text out = TEXT_INIT;

	timestamp_add(&out, wall_us, TIMESTAMP_MS);
	return text_take(&out);
}

static const char *or_empty(const char *s)
{
	return s ? s : "";
}

/* ---- user and endpoints ---- */

static void explain_policy(struct explanation *e)
{
	CLEANUP(mem_free_string)
	char *advice = text_concat("Allow it: mcxctl user set ", e->user->aor,
				   e->user->policy.enable_mobility ? " push=yes, or enable_push"
								   : " mobility=yes, or "
								     "enable_mobility",
				   " = yes in the users file.");

	if (!e->user->policy.enable_mobility) {
		say(e, OBSTACLE, "Policy", "Mobility is not allowed for %s: no phone can sign in.",
		    e->name);
		blame_with(e, CAUSE_MOBILITY_OFF, advice);
	} else if (!e->user->policy.enable_push) {
		say(e, OBSTACLE, "Policy", "Push notifications are not allowed for %s.", e->name);
		blame_with(e, CAUSE_USER_POLICY, advice);
	} else {
		say(e, FINE, "Policy", "Mobility and push notifications are allowed.");
	}
}

static void explain_contacts(const struct explanation *e)
{
	size_t n = list_length(&e->user->bindings);

	if (n)
		say(e, NOTE, "Desktop",
		    "%s is also signed in with %zu SIP client%s: who answers first takes the "
		    "invitation.",
		    e->name, n, n == 1 ? "" : "s");
}

/* Of what stands in the way of a subscription: the platform, not the address. */
static bool is_site_policy(const struct phone *p)
{
	struct subscription without = p->subscription;

	without.notification_uri = NULL;
	return push_refusal(p->user, &without);
}

static void explain_subscription(struct explanation *e, const struct phone *p)
{
	const struct subscription *s = &p->subscription;
	const char *obstacle = push_obstacle(p);
	CLEANUP(mem_free_string) char *ended = moment(s->ended_wall_us);

	if (!s->platform && s->ended_wall_us)
		say(e, NOTE, "Subscription",
		    "There is none: at %s the push service said that its channel is dead.", ended);
	else if (!s->platform)
		say(e, NOTE, "Subscription", "There is none: the app has not said where to push.");
	else
		say(e, obstacle ? NOTE : FINE, "Subscription", "Pushes go by %s to %s.",
		    s->platform,
		    s->notification_uri ? s->notification_uri
					: "the device token that the app has given");
	if (!obstacle)
		return;
	say(e, OBSTACLE, "Obstacle", "%s.", obstacle);
	if (!s->platform)
		blame(e, s->ended_wall_us ? CAUSE_DEAD_CHANNEL : CAUSE_NO_URI);
	else if (!p->user->policy.enable_push)
		blame(e, CAUSE_USER_POLICY);
	else
		blame(e, is_site_policy(p) ? CAUSE_SITE_POLICY : CAUSE_HOST_NOT_ALLOWED);
}

static void explain_foreground(struct explanation *e, const struct phone *p)
{
	if (delivery_is_away(p)) {
		say(e, FINE, "Foreground",
		    "The app is in the background: an invitation needs a push.");
	} else if (p->poll_id) {
		say(e, OBSTACLE, "Foreground",
		    "The app is in the foreground: it asks for events, so an invitation comes in "
		    "the answer, and no push is sent.");
		blame(e, CAUSE_FOREGROUND);
	} else {
		say(e, OBSTACLE, "Foreground",
		    "The app has asked for events a moment ago, and may do so again: until "
		    "core.phone_linger has passed no push is sent.");
		blame(e, CAUSE_FOREGROUND);
	}
}

static const struct record *newest_toast(const struct explanation *e, const struct phone *p)
{
	const struct journal *j = e->lab->journal;

	for (uint64_t seq = journal_last(j); seq && seq >= journal_first(j); seq--) {
		const struct record *r = journal_get(j, seq);

		if (r && r->phone && record_kind_of(r->kind) == RECORD_TOAST &&
		    strcmp(r->phone, p->app_id) == 0)
			return r;
	}
	return NULL;
}

static void explain_channel(const struct explanation *e, const struct phone *p)
{
	const struct record *toast = newest_toast(e, p);
	CLEANUP(mem_free_string) char *time = toast ? moment(toast->wall_us) : NULL;

	if (toast)
		say(e, NOTE, "Channel", "The last toast came to the phone at %s: %s: %s.", time,
		    or_empty(record_value(toast, "text1")), or_empty(record_value(toast, "text2")));
	else
		say(e, NOTE, "Channel",
		    "No toast has come to the phone by a push service of this lab.");
}

static void explain_phones(struct explanation *e)
{
	if (list_empty(&e->user->phones)) {
		say(e, OBSTACLE, "Phone",
		    "No phone of %s is signed in: there is nothing to push to.", e->name);
		blame(e, CAUSE_NO_PHONE);
	}
	list_for_each (node, &e->user->phones) {
		const struct phone *p = LIST_ENTRY(node, struct phone, of_user);

		say(e, FINE, "Phone", "%s, application %s, is signed in for %lld s more.",
		    or_empty(p->user_agent), p->app_id, (long long)(session_left_ms(p) / 1000));
		explain_subscription(e, p);
		explain_foreground(e, p);
		explain_channel(e, p);
	}
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
	say(e, is_over ? NOTE : OBSTACLE, "Fault",
	    "The lab is broken on purpose: %s. It has struck %lld time%s%s.", text_str(&what),
	    (long long)r->struck, r->struck == 1 ? "" : "s",
	    is_over ? ", and does not strike again" : "");
	if (is_over)
		return;
	text_reset(&what);
	text_add_all(&what, "Mend ", fault_joints[r->where].name,
		     ": mcxctl faults clear (DELETE /lab/v1/faults) mends all that is broken.");
	blame_with(e, CAUSE_FAULT, text_str(&what));
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

/* ---- the last push ---- */

static const struct push *last_push(const struct explanation *e)
{
	const struct push *last = NULL;

	list_for_each (node, &e->lab->core->push_log) {
		const struct push *p = LIST_ENTRY(node, struct push, of_log);

		if (p->user && !p->withdraws && strcasecmp(p->user, e->user->aor) == 0)
			last = p;
	}
	return last;
}

static const char *member(struct json_object *o, const char *name)
{
	return or_empty(json_in_string(o, name));
}

/* Returns whether a push service of this process has got it. */
static bool explain_hops(const struct explanation *e, const struct push *push)
{
	char key[NOTE_KEY_SIZE];
	struct json_object *hops;
	bool is_ours = false;

	push_key(key, push->id);
	hops = lab_push_hops(e->lab->journal, key);
	for (size_t i = 0; i < json_object_array_length(hops); i++) {
		struct json_object *hop = json_object_array_get_idx(hops, i);
		/* What comes to a phone is recorded when it does. */
		bool is_received = json_in_find(hop, "received");
		bool is_lost = !is_received && strncmp(member(hop, "to"), RECORD_PHONE_PREFIX,
						       strlen(RECORD_PHONE_PREFIX)) != 0;

		is_ours = is_ours ||
			  (is_received && !strcmp(member(hop, "to"), RECORD_HOP_PUSH_SERVICE));
		say(e, NOTE, "Hop", "%s to %s: %s%s%s%s.", member(hop, "from"), member(hop, "to"),
		    member(hop, "label"), is_lost ? " (nobody of this process has got it)" : "",
		    *member(hop, "fault") ? ", struck by " : "", member(hop, "fault"));
	}
	json_object_put(hops);
	return is_ours;
}

/* Whether its toast has come to the phone after it. */
static bool has_arrived(const struct explanation *e, const struct push *push)
{
	const struct phone *p = phone_get(e->lab->core, push->phone);
	const struct record *toast = p ? newest_toast(e, p) : NULL;

	return !p || (toast && toast->wall_us >= push->sent_wall_us);
}

static void explain_accepted(struct explanation *e, const struct push *push, bool is_ours)
{
	if (!is_ours || has_arrived(e, push)) {
		say(e, FINE, "Outcome",
		    "That says that the push service took it, not that it reached the phone.");
		return;
	}
	say(e, OBSTACLE, "Channel",
	    "The last push was accepted, and its toast has not come to the phone.");
	blame(e, CAUSE_PHONE_AWAY);
}

/* Whether its phone has a subscription again. */
static bool is_pushed_again(const struct explanation *e, const struct push *push)
{
	const struct phone *p = phone_get(e->lab->core, push->phone);

	return p && p->subscription.platform;
}

static void explain_sent(struct explanation *e, const struct push *push)
{
	CLEANUP(mem_free_string) char *time = moment(push->sent_wall_us);
	enum cause cause = cause_of_push(push);
	bool is_ours;

	say(e, cause ? OBSTACLE : NOTE, "Last push", "Push %llu, at %s, \"%s\": %s%s%s.",
	    (unsigned long long)push->id, time, or_empty(push->text), push->state,
	    push->reason ? ", " : "", or_empty(push->reason));
	is_ours = explain_hops(e, push);
	if (strcmp(push->state, "accepted") == 0)
		explain_accepted(e, push, is_ours);
	/* A dead channel is an obstacle only until there is another one. */
	else if (cause && (cause != CAUSE_DEAD_CHANNEL || !is_pushed_again(e, push)))
		blame(e, cause);
}

/* The newest push that would have been due after this one; json_object_put() it. */
static struct json_object *not_sent_since(const struct explanation *e, const struct push *push)
{
	struct json_object *list = lab_not_sent(e->lab->journal, e->user->aor, 1);
	struct json_object *newest =
		json_object_array_length(list) ? json_object_array_get_idx(list, 0) : NULL;
	CLEANUP(mem_free_string) char *sent = push ? moment(push->sent_wall_us) : mem_strdup("");

	newest =
		newest && strcmp(member(newest, "time"), sent) > 0 ? json_object_get(newest) : NULL;
	json_object_put(list);
	return newest;
}

static void explain_pushes(struct explanation *e)
{
	const struct push *push = last_push(e);
	struct json_object *missing = not_sent_since(e, push);

	if (missing)
		say(e, NOTE, "No push", "At %s a push would have been due and was not sent: %s.",
		    member(missing, "time"), member(missing, "reason"));
	if (push)
		explain_sent(e, push);
	else if (!missing)
		say(e, NOTE, "Last push", "None has been sent.");
	json_object_put(missing);
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
	explain_pushes(&e);
	if (!e.advice)
		say(&e, ADVICE, "What to do", "Nothing: the next invitation is pushed.");
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
