/*
 * mcxctl: explain
 *
 * "The test succeeds, but there is no notification on the phone": everything between an invitation and the toast, in the
 * order in which the server decides, each as a sentence. The first that stands in the way says what to do.
 */
#include "mcxd/tools/mcxctl/call.h"
#include "mcxd/tools/mcxctl/json.h"
#include "mcxd/tools/mcxctl/mcxctl.h"
#include "mcxd/tools/mcxctl/options.h"
#include "mcxd/tools/mcxctl/output.h"
#include "proto/record.h"
#include "proto/text/json_in.h"
#include "proto/text/mem.h"
#include "proto/text/percent.h"
#include "proto/text/text.h"

#include <stdarg.h>
#include <strings.h>

enum { TOPIC_COLUMN = 16 };

struct explanation {
	struct ctl *ctl;
	const char *user;
	struct json_object *findings;
	const char *advice; /* about the first obstacle; NULL: there is none */
};

static void say(struct explanation *e, const char *topic, const char *fmt, ...) PRINTF_LIKE(3, 4);

static void say(struct explanation *e, const char *topic, const char *fmt, ...)
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
	json_object_object_add(o, "topic", json_object_new_string(topic));
	json_object_object_add(o, "text", json_object_new_string(text_str(&sentence)));
	json_object_array_add(e->findings, o);
}

static void advise(struct explanation *e, const char *advice)
{
	if (!e->advice)
		e->advice = advice;
}

static int get(const struct explanation *e, const char *path, struct json_object **ret)
{
	CLEANUP(text_deinit) struct text all = TEXT_INIT;

	text_add_all(&all, path, "?user=");
	percent_add(&all, e->user, strlen(e->user), "@");
	return ctl_call(e->ctl, "GET", text_str(&all), NULL, ret);
}

static bool is_true(struct json_object *o, const char *name)
{
	return json_object_get_boolean(json_in_path(o, name));
}

/* ---- user and phones ---- */

static void explain_policy(struct explanation *e, struct json_object *user)
{
	if (!is_true(user, "enableMobility")) {
		say(e, "Policy", "Mobility is not allowed for %s: no phone can sign in.", e->user);
		advise(e, "Allow it: enable_mobility = yes in the users file.");
	} else if (!is_true(user, "enablePush")) {
		say(e, "Policy", "Push notifications are not allowed for %s.", e->user);
		advise(e, "Allow them: enable_push = yes in the users file.");
	} else {
		say(e, "Policy", "Mobility and push notifications are allowed.");
	}
}

static void explain_subscription(struct explanation *e, struct json_object *phone)
{
	const char *uri = ctl_get(phone, "subscription.notificationUri");
	const char *obstacle = ctl_get(phone, "pushObstacle");

	if (json_in_path(phone, "subscription.platform"))
		say(e, "Subscription", "Pushes go by %s to %s.",
		    ctl_get(phone, "subscription.platform"),
		    *uri ? uri : "the device token that the app has given");
	else
		say(e, "Subscription", "There is none: the app has not said where to push.");
	if (!*obstacle)
		return;
	say(e, "Obstacle", "%s.", obstacle);
	advise(e,
	       "Let the app PUT its pushSubscription before it goes to the background, or change "
	       "the setting that is named above.");
}

static void explain_foreground(struct explanation *e, struct json_object *phone)
{
	if (!is_true(phone, "foreground")) {
		say(e, "Foreground", "The app is in the background: an invitation needs a push.");
		return;
	}
	say(e, "Foreground",
	    "The app asks for events, or has just done so: an invitation comes in the "
	    "answer, and no push is sent.");
	advise(e, "Send the app to the background, and wait until its last event request is over "
		  "and core.phone_linger has passed.");
}

static void explain_channel(struct explanation *e, struct json_object *phone)
{
	struct json_object *toasts = json_in_path(phone, "toasts");
	struct json_object *newest =
		ctl_get_length(phone, "toasts") ? json_object_array_get_idx(toasts, 0) : NULL;

	if (newest)
		say(e, "Channel", "The last toast came to the phone at %s: %s: %s.",
		    ctl_get(newest, "time"), ctl_get(newest, "title"), ctl_get(newest, "text"));
	else
		say(e, "Channel", "No toast has come to the phone by a push service of this lab.");
}

static void explain_phone(struct explanation *e, struct json_object *phone)
{
	say(e, "Phone", "%s, application %s, is signed in for %s s more.",
	    ctl_get(phone, "userAgent"), ctl_get(phone, "appId"), ctl_get(phone, "expiresS"));
	explain_subscription(e, phone);
	explain_foreground(e, phone);
	explain_channel(e, phone);
}

static void explain_phones(struct explanation *e, struct json_object *answer)
{
	struct json_object *phones = json_in_path(answer, "phones");
	size_t n = ctl_get_length(answer, "phones");

	if (!n) {
		say(e, "Phone", "No phone of %s is signed in: there is nothing to push to.",
		    e->user);
		advise(e, "Sign in with the app. A test push addresses no phone, so that it can "
			  "succeed all the same.");
	}
	for (size_t i = 0; i < n; i++)
		explain_phone(e, json_object_array_get_idx(phones, i));
}

/* ---- the last push ---- */

static int explain_hops(struct explanation *e, struct json_object *push)
{
	CLEANUP(mem_free_string) char *path = text_format("pushes/%s", ctl_get(push, "id"));
	struct json_object *story, *hops;
	int code = ctl_call(e->ctl, "GET", path, NULL, &story);

	if (code != CTL_YES)
		return code;
	hops = json_in_path(story, "hops");
	for (size_t i = 0; i < ctl_get_length(story, "hops"); i++) {
		struct json_object *hop = json_object_array_get_idx(hops, i);
		/* What comes to a phone is recorded when it does. */
		bool is_lost = !*ctl_get(hop, "received") &&
			       strncmp(ctl_get(hop, "to"), RECORD_PHONE_PREFIX,
				       strlen(RECORD_PHONE_PREFIX)) != 0;

		say(e, "", "%s to %s: %s%s.", ctl_get(hop, "from"), ctl_get(hop, "to"),
		    ctl_get(hop, "label"), is_lost ? " (nobody of this process has got it)" : "");
	}
	json_object_put(story);
	return CTL_YES;
}

static int explain_sent(struct explanation *e, struct json_object *push)
{
	const char *state = ctl_get(push, "state");

	say(e, "Last push", "%s at %s, \"%s\": %s%s%s.", ctl_get(push, "id"), ctl_get(push, "sent"),
	    ctl_get(push, "text"), state, *ctl_get(push, "reason") ? ", " : "",
	    ctl_get(push, "reason"));
	if (strcmp(state, "accepted") == 0)
		say(e, "",
		    "That says that the push service took it, not that it reached the phone.");
	else if (strcmp(state, "refused") == 0)
		advise(e, "The last hop below says who refused the push, and why.");
	else if (strcmp(state, "unanswered") == 0)
		advise(e, "Nobody answered the push: see whether the next hop runs (mcxctl "
			  "test-push).");
	return explain_hops(e, push);
}

static struct json_object *newest(struct json_object *answer, const char *name)
{
	size_t n = ctl_get_length(answer, name);

	return n ? json_object_array_get_idx(json_in_path(answer, name), n - 1) : NULL;
}

static int explain_pushes(struct explanation *e, struct json_object *answer)
{
	struct json_object *push = newest(answer, "pushes"), *missing = newest(answer, "notSent");
	bool is_later =
		missing && strcmp(ctl_get(missing, "time"), push ? ctl_get(push, "sent") : "") > 0;

	if (is_later)
		say(e, "No push", "At %s a push would have been due and was not sent: %s.",
		    ctl_get(missing, "time"), ctl_get(missing, "reason"));
	if (push)
		return explain_sent(e, push);
	if (!is_later)
		say(e, "Last push", "None has been sent.");
	return CTL_YES;
}

/* A push was accepted after the last toast that the phone had. */
static void compare(struct explanation *e, struct json_object *pushes, struct json_object *phones)
{
	struct json_object *push = newest(pushes, "pushes"), *all = json_in_path(phones, "phones");
	const char *sent = push ? ctl_get(push, "sent") : "";

	if (!push || strcmp(ctl_get(push, "state"), "accepted") != 0)
		return;
	for (size_t i = 0; i < ctl_get_length(phones, "phones"); i++) {
		struct json_object *phone = json_object_array_get_idx(all, i);
		struct json_object *toasts = json_in_path(phone, "toasts");

		if (json_object_get_int64(json_in_path(phone, "id")) != ctl_get_int(push, "phone"))
			continue;
		if (ctl_get_length(phone, "toasts") &&
		    strcmp(ctl_get(json_object_array_get_idx(toasts, 0), "time"), sent) >= 0)
			return;
		say(e, "Channel",
		    "The last push was accepted, and its toast has not come to the phone.");
		advise(e,
		       "The phone holds no connection to its channel: it is off, without network, "
		       "or "
		       "has another channel than the one that it subscribed with. The push service "
		       "delivers the toast when it connects again.");
	}
}

/* ---- the command ---- */

static struct json_object *find_user(const struct explanation *e, struct json_object *answer)
{
	struct json_object *users = json_in_path(answer, "users");

	for (size_t i = 0; i < ctl_get_length(answer, "users"); i++) {
		struct json_object *user = json_object_array_get_idx(users, i);

		if (strcasecmp(ctl_get(user, "aor"), e->user) == 0)
			return user;
	}
	return NULL;
}

static int explain_user(struct explanation *e)
{
	struct json_object *answer, *user;
	int code = ctl_call(e->ctl, "GET", "users", NULL, &answer);

	if (code != CTL_YES)
		return code;
	user = find_user(e, answer);
	if (user) {
		explain_policy(e, user);
	} else {
		ctl_complain("%s is not a user of this server; mcxctl users lists them", e->user);
		code = CTL_NO;
	}
	json_object_put(answer);
	return code;
}

static int explain_rest(struct explanation *e)
{
	struct json_object *phones = NULL, *pushes = NULL;
	int code = get(e, "phones", &phones);

	if (code == CTL_YES)
		code = get(e, "pushes", &pushes);
	if (code == CTL_YES) {
		explain_phones(e, phones);
		code = explain_pushes(e, pushes);
	}
	if (code == CTL_YES)
		compare(e, pushes, phones);
	json_object_put(phones);
	json_object_put(pushes);
	return code;
}

static void print(const struct explanation *e)
{
	CLEANUP(text_deinit) struct text out = TEXT_INIT;

	for (size_t i = 0; i < json_object_array_length(e->findings); i++) {
		struct json_object *o = json_object_array_get_idx(e->findings, i);

		text_add_help(&out, ctl_get(o, "topic"), TOPIC_COLUMN, ctl_get(o, "text"));
	}
	text_add_help(&out, "What to do", TOPIC_COLUMN,
		      e->advice ? e->advice : "Nothing: the next invitation is pushed.");
	ctl_write(&out);
}

static void print_json(const struct explanation *e)
{
	struct json_object *o = json_object_new_object();

	json_object_object_add(o, "user", json_object_new_string(e->user));
	json_object_object_add(o, "findings", json_object_get(e->findings));
	json_object_object_add(o, "advice", e->advice ? json_object_new_string(e->advice) : NULL);
	ctl_print_json(o);
	json_object_put(o);
}

int ctl_explain(struct ctl *c, int n_args, char *const *args)
{
	struct explanation e = { .ctl = c, .user = args[0], .findings = json_object_new_array() };
	int code = explain_user(&e);

	(void)n_args;
	if (code == CTL_YES)
		code = explain_rest(&e);
	if (code == CTL_YES) {
		if (c->options.json)
			print_json(&e);
		else
			print(&e);
		code = e.advice ? CTL_NO : CTL_YES;
	}
	json_object_put(e.findings);
	return code;
}
