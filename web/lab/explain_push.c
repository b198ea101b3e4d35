/*
 * Lab API: why a phone stays quiet: what became of the last push
 */
#include "mcxd/base/list.h"
#include "mcxd/core/core.h"
#include "mcxd/core/note.h"
#include "mcxd/core/phone.h"
#include "mcxd/core/push.h"
#include "mcxd/core/user.h"
#include "proto/record.h"
#include "proto/text/json_in.h"
#include "proto/text/mem.h"
#include "web/lab/cause.h"
#include "web/lab/explanation.h"
#include "web/lab/private.h"
#include "web/lab/timeline.h"

#include <string.h>

static const char *or_empty(const char *s)
{
	return s ? s : "";
}

/* One that was not sent says nothing of the way. Without a phone: to one that has gone. */
static bool is_about(const struct explanation *e, const struct push *push)
{
	if (!push->user || push->withdraws || !strcmp(push->state, "dropped") ||
	    strcasecmp(push->user, e->user->aor) != 0)
		return false;
	return e->phone ? push->phone == e->phone->id : !phone_get(e->lab->core, push->phone);
}

static const struct push *last_push(const struct explanation *e)
{
	for (struct list *node = e->lab->core->push_log.prev; node != &e->lab->core->push_log;
	     node = node->prev)
		if (is_about(e, LIST_ENTRY(node, struct push, of_log)))
			return LIST_ENTRY(node, struct push, of_log);
	return NULL;
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
		explain_say(e, NOTE, "Hop", "%s to %s: %s%s%s%s.", member(hop, "from"),
			    member(hop, "to"), member(hop, "label"),
			    is_lost ? " (nobody of this process has got it)" : "",
			    *member(hop, "fault") ? ", struck by " : "", member(hop, "fault"));
	}
	json_object_put(hops);
	return is_ours;
}

/* Whether its toast has come to the phone after it. */
static bool has_arrived(const struct explanation *e, const struct push *push)
{
	const struct phone *p = phone_get(e->lab->core, push->phone);
	const struct record *toast = p ? explain_newest_toast(e, p) : NULL;

	return !p || (toast && toast->wall_us >= push->sent_wall_us);
}

static void explain_accepted(struct explanation *e, const struct push *push, bool is_ours)
{
	if (!is_ours || has_arrived(e, push)) {
		explain_say(
			e, FINE, "Outcome",
			"That says that the push service took it, not that it reached the phone.");
		return;
	}
	explain_say(e, OBSTACLE, "Channel",
		    "The last push was accepted, and its toast has not come to the phone.");
	explain_blame(e, CAUSE_PHONE_AWAY);
}

/* Whether its phone has a subscription again. */
static bool is_pushed_again(const struct explanation *e, const struct push *push)
{
	const struct phone *p = phone_get(e->lab->core, push->phone);

	return p && p->subscription.platform;
}

static void explain_sent(struct explanation *e, const struct push *push)
{
	CLEANUP(mem_free_string) char *time = explain_moment(push->sent_wall_us);
	enum cause cause = cause_of_push(push);
	bool is_ours;

	explain_say(e, cause ? OBSTACLE : NOTE, "Last push", "Push %llu, at %s, \"%s\": %s%s%s.",
		    (unsigned long long)push->id, time, or_empty(push->text), push->state,
		    push->reason ? ", " : "", or_empty(push->reason));
	is_ours = explain_hops(e, push);
	if (strcmp(push->state, "accepted") == 0)
		explain_accepted(e, push, is_ours);
	/* A dead channel is an obstacle only until there is another one. */
	else if (cause && (cause != CAUSE_DEAD_CHANNEL || !is_pushed_again(e, push)))
		explain_blame(e, cause);
}

/* The newest push that would have been due after this one; json_object_put() it. */
static struct json_object *not_sent_since(const struct explanation *e, const struct push *push)
{
	struct json_object *list =
		lab_not_sent(e->lab->journal, e->user->aor, e->phone ? e->phone->app_id : NULL, 1);
	struct json_object *newest =
		json_object_array_length(list) ? json_object_array_get_idx(list, 0) : NULL;
	CLEANUP(mem_free_string)
	char *sent = push ? explain_moment(push->sent_wall_us) : mem_strdup("");

	newest =
		newest && strcmp(member(newest, "time"), sent) > 0 ? json_object_get(newest) : NULL;
	json_object_put(list);
	return newest;
}

void explain_last_push(struct explanation *e)
{
	const struct push *push = last_push(e);
	struct json_object *missing = not_sent_since(e, push);

	if (missing)
		explain_say(e, NOTE, "No push",
			    "At %s a push would have been due and was not sent: %s.",
			    member(missing, "time"), member(missing, "reason"));
	if (push)
		explain_sent(e, push);
	else if (!missing)
		explain_say(e, NOTE, "Last push", "None has been sent.");
	json_object_put(missing);
}
