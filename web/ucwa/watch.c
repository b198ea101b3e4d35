/*
 * HTTPS API: presence subscriptions and their memberships
 */
#include "web/ucwa/watch.h"

#include "mcxd/base/idtab.h"
#include "mcxd/base/list.h"
#include "mcxd/core/core.h"
#include "mcxd/core/event.h"
#include "mcxd/core/phone.h"
#include "mcxd/core/user.h"
#include "mcxd/core/watch.h"
#include "proto/diag.h"
#include "proto/text/mem.h"
#include "proto/text/text.h"
#include "proto/ucwa/body.h"
#include "proto/ucwa/hal.h"
#include "proto/ucwa/people.h"
#include "proto/ucwa/watch_body.h"
#include "web/http/http.h"
#include "web/ucwa/answer.h"
#include "web/ucwa/app.h"
#include "web/ucwa/private.h"
#include "web/ucwa/request.h"

#define MINUTE_MS 60000

static void answer_watch(struct ucwa_request *q, int status, const struct watch *w)
{
	ucwa_json(q, status, ucwa_presence_subscription(hal_new(), q->app->path, w->id));
}

/* NULL: there is none, and that has been answered. */
static struct watch *get_watch(struct ucwa_request *q, const char *id)
{
	struct watch *w = id ? watch_find(q->phone, id) : NULL;

	if (!w)
		ucwa_fail(q, DIAG_NOT_FOUND,
			  "There is no presence subscription with this id; it may have expired.");
	return w;
}

/* ---- what is to be watched ---- */

struct wish {
	struct ucwa_watch_body body;
	struct user **users;
	size_t n;
};

static void wish_deinit(struct wish *wish)
{
	ucwa_watch_body_deinit(&wish->body);
	free(wish->users);
}

static bool name_user(struct ucwa_request *q, struct wish *wish, const char *uri)
{
	struct user *u = user_meet(q->u->core, uri, false);

	if (!u)
		ucwa_fail_parameter(q, "uris", "has %.100s, which is not a user of this server.",
				    uri);
	else
		wish->users[wish->n++] = u;
	return u;
}

static bool name_users(struct ucwa_request *q, struct wish *wish)
{
	if (!wish->body.n_uris) {
		ucwa_fail_parameter(q, "uris", "is missing or empty.");
		return false;
	}
	wish->users = mem_zalloc(wish->body.n_uris * sizeof(struct user *));
	for (size_t i = 0; i < wish->body.n_uris; i++)
		if (!name_user(q, wish, wish->body.uris[i]))
			return false;
	return true;
}

/* Everybody but the user. */
static bool name_group(struct ucwa_request *q, struct wish *wish, const char *group)
{
	void *cursor = NULL;
	struct user *u;

	if (strcmp(group, UCWA_DEFAULT_GROUP) != 0) {
		ucwa_fail(q, DIAG_NOT_FOUND, "There is no group with this id.");
		return false;
	}
	wish->users = mem_zalloc(strtab_count(&q->u->core->users) * sizeof(struct user *));
	while ((u = user_next(q->u->core, &cursor)))
		if (u != q->user && u->origin != USER_OPEN)
			wish->users[wish->n++] = u;
	return true;
}

static bool get_body(struct ucwa_request *q, struct wish *wish)
{
	struct ucwa_problem problem;

	if (ucwa_watch_body_decode(q->body, q->n_body, &wish->body, &problem) == 0)
		return true;
	ucwa_fail_body(q, &problem);
	return false;
}

static bool get_duration(struct ucwa_request *q, const struct wish *wish, int64_t *ret_ms)
{
	*ret_ms = wish->body.duration_min * MINUTE_MS;
	if (*ret_ms >= WATCH_MIN_MS && *ret_ms <= WATCH_MAX_MS)
		return true;
	ucwa_fail_parameter(q, "duration", "must be a number of minutes from %d to %d.",
			    (int)(WATCH_MIN_MS / MINUTE_MS), (int)(WATCH_MAX_MS / MINUTE_MS));
	return false;
}

static void fail_full(struct ucwa_request *q)
{
	if (event_queue_has_room(&q->phone->events, 1))
		ucwa_fail(q, DIAG_WATCH_LIMIT, NULL);
	else
		ucwa_fail(q, DIAG_LIMIT,
			  "Too many events are waiting for this application; fetch them first.");
}

/* ---- subscriptions ---- */

void ucwa_get_watches(struct ucwa_request *q)
{
	struct hal *o = hal_new();

	hal_link(o, "self", q->app->path, "/people/presenceSubscriptions");
	list_for_each (node, &q->phone->watches) {
		const struct watch *w = LIST_ENTRY(node, struct watch, of_phone);

		hal_embed_append(o, "presenceSubscription");
		ucwa_presence_subscription(o, q->app->path, w->id);
		hal_close(o);
	}
	if (list_empty(&q->phone->watches))
		hal_embed_none(o, "presenceSubscription");
	ucwa_json(q, 200, hal_end(o, "presenceSubscriptions"));
}

void ucwa_post_watch(struct ucwa_request *q)
{
	CLEANUP(wish_deinit) struct wish wish = { 0 };
	CLEANUP(mem_free_string) char *path = NULL;
	struct watch *w;
	int64_t duration_ms;

	if (!get_body(q, &wish) || !get_duration(q, &wish, &duration_ms) ||
	    !(wish.body.group ? name_group(q, &wish, wish.body.group) : name_users(q, &wish)))
		return;
	w = watch_new(q->phone, duration_ms, wish.users, wish.n);
	if (!w) {
		fail_full(q);
		return;
	}
	path = text_concat(q->app->path, "/people/presenceSubscriptions/", w->id);
	http_set_header(q->r, "Location", path);
	answer_watch(q, 201, w);
}

void ucwa_get_watch(struct ucwa_request *q)
{
	const struct watch *w = get_watch(q, http_param(q->r, "watch"));

	if (w)
		answer_watch(q, 200, w);
}

void ucwa_extend_watch(struct ucwa_request *q)
{
	struct watch *w = get_watch(q, http_param(q->r, "watch"));
	CLEANUP(wish_deinit) struct wish wish = { 0 };
	int64_t duration_ms;

	if (!w || !get_body(q, &wish) || !get_duration(q, &wish, &duration_ms))
		return;
	watch_extend(w, duration_ms);
	answer_watch(q, 200, w);
}

void ucwa_delete_watch(struct ucwa_request *q)
{
	struct watch *w = get_watch(q, http_param(q->r, "watch"));

	if (!w)
		return;
	watch_end(w);
	ucwa_no_content(q);
}

/* ---- memberships ---- */

static size_t add_members(struct hal *o, const struct ucwa_request *q, const struct watch *w)
{
	size_t n = 0;

	list_for_each (node, &w->members) {
		const struct watch_member *m = LIST_ENTRY(node, struct watch_member, of_watch);

		hal_embed_append(o, "presenceSubscriptionMembership");
		ucwa_membership(o, q->app->path, w->id, m->user->aor);
		hal_close(o);
		n++;
	}
	return n;
}

/* Of one subscription, or of all (NULL). */
static void answer_members(struct ucwa_request *q, int status, const struct watch *only)
{
	struct hal *o = hal_new();
	size_t n = 0;

	if (only)
		hal_link(o, "self", q->app->path,
			 "/people/presenceSubscriptionMemberships?presenceSubscriptionId=",
			 only->id);
	else
		hal_link(o, "self", q->app->path, "/people/presenceSubscriptionMemberships");
	list_for_each (node, &q->phone->watches) {
		const struct watch *w = LIST_ENTRY(node, struct watch, of_phone);

		if (!only || w == only)
			n += add_members(o, q, w);
	}
	if (!n)
		hal_embed_none(o, "presenceSubscriptionMembership");
	ucwa_json(q, status, hal_end(o, "presenceSubscriptionMemberships"));
}

void ucwa_get_memberships(struct ucwa_request *q)
{
	const char *id = http_query(q->r, "presenceSubscriptionId");
	const struct watch *w = id ? get_watch(q, id) : NULL;

	if (!id || w)
		answer_members(q, 200, w);
}

void ucwa_post_memberships(struct ucwa_request *q)
{
	struct watch *w = get_watch(q, http_query(q->r, "presenceSubscriptionId"));
	CLEANUP(wish_deinit) struct wish wish = { 0 };

	if (!w || !get_body(q, &wish) || !name_users(q, &wish))
		return;
	if (watch_add(w, wish.users, wish.n))
		answer_members(q, 201, w);
	else
		fail_full(q);
}

/* The last segment of the path, "97b6bd66,sarad@contoso.com". */
static struct watch_member *get_member(struct ucwa_request *q)
{
	CLEANUP(mem_free_string) char *id = mem_strdup(http_param(q->r, "membership"));
	char *comma = strchr(id, ',');
	const struct user *u = comma ? user_find(q->u->core, comma + 1) : NULL;
	struct watch_member *m;
	struct watch *w;

	if (comma)
		*comma = '\0';
	w = watch_find(q->phone, id);
	m = w && u ? watch_find_member(w, u) : NULL;
	if (!m)
		ucwa_fail(q, DIAG_NOT_FOUND, "There is no membership with this id.");
	return m;
}

void ucwa_get_membership(struct ucwa_request *q)
{
	const struct watch_member *m = get_member(q);

	if (m)
		ucwa_json(q, 200,
			  ucwa_membership(hal_new(), q->app->path, m->watch->id, m->user->aor));
}

void ucwa_delete_membership(struct ucwa_request *q)
{
	struct watch_member *m = get_member(q);

	if (!m)
		return;
	watch_remove(m);
	ucwa_no_content(q);
}
