/*
 * Watch
 */
#include "mcxd/core/watch.h"

#include "mcxd/base/list.h"
#include "mcxd/base/loop.h"
#include "mcxd/base/metric.h"
#include "mcxd/base/random.h"
#include "mcxd/core/core.h"
#include "mcxd/core/delivery.h"
#include "mcxd/core/event.h"
#include "mcxd/core/metrics.h"
#include "mcxd/core/phone.h"
#include "mcxd/core/ports.h"
#include "mcxd/core/presence.h"
#include "mcxd/core/store_row.h"
#include "mcxd/core/user.h"
#include "proto/text/mem.h"
#include "proto/text/text.h"

#include <stdio.h>

/* ---- news ---- */

static const struct {
	enum watch_news news;
	enum event_kind of_contact, of_self;
} kinds[] = {
	{ NEWS_PRESENCE, EVENT_CONTACT_PRESENCE, EVENT_MY_PRESENCE },
	{ NEWS_NOTE, EVENT_CONTACT_NOTE, EVENT_MY_NOTE },
	{ NEWS_LOCATION, EVENT_CONTACT_LOCATION, EVENT_MY_LOCATION },
	{ NEWS_MODALITIES, EVENT_CONTACT_MODALITIES, N_EVENT_KINDS },
};

static struct event *add(struct phone *p, enum event_kind kind, const char *aor, bool force)
{
	struct event *e = event_add(&p->events, kind, force);

	if (e)
		e->peer = mem_strdup(aor);
	return e;
}

/* Queue one kind of news; false: there is no room. aor NULL: of the phone's own user. */
static bool queue_one(struct phone *p, enum event_kind kind, const char *aor)
{
	return kind == N_EVENT_KINDS || event_queue_has(&p->events, kind, aor) ||
	       add(p, kind, aor, false);
}

/* Queue what is marked in *news, and leave what there was no room for. */
static void queue_news(struct phone *p, unsigned *news, const char *aor)
{
	for (size_t i = 0; i < ARRAY_SIZE(kinds); i++) {
		enum event_kind kind = aor ? kinds[i].of_contact : kinds[i].of_self;

		if (*news & kinds[i].news && queue_one(p, kind, aor))
			*news &= ~(unsigned)kinds[i].news;
	}
	p->owes_news |= *news != 0;
	delivery_gather(p);
}

void watch_tell(struct user *u, unsigned news)
{
	const struct ports *ports = &u->core->ports;

	list_for_each (node, &u->presence.watchers) {
		struct watch_member *m = LIST_ENTRY(node, struct watch_member, of_user);

		m->news |= news;
		queue_news(m->watch->phone, &m->news, u->aor);
	}
	if (ports->presence)
		ports->presence->changed(ports->presence_adapter, u->aor);
}

void watch_tell_self(struct user *u, unsigned news)
{
	list_for_each (node, &u->phones) {
		struct phone *p = LIST_ENTRY(node, struct phone, of_user);

		if (!p->available)
			continue;
		p->news |= news;
		queue_news(p, &p->news, NULL);
	}
}

static void catch_up(struct watch *w)
{
	list_for_each (node, &w->members) {
		struct watch_member *m = LIST_ENTRY(node, struct watch_member, of_watch);

		if (m->news)
			queue_news(w->phone, &m->news, m->user->aor);
	}
}

static void on_room(void *magic)
{
	struct phone *p = magic;

	if (!p->owes_news)
		return;
	p->owes_news = false;
	if (p->news)
		queue_news(p, &p->news, NULL);
	list_for_each (node, &p->watches)
		catch_up(LIST_ENTRY(node, struct watch, of_phone));
}

void watch_begin(struct phone *p)
{
	p->events.on_room = on_room;
	p->events.magic = p;
}

/* ---- finding ---- */

struct watch *watch_find(const struct phone *p, const char *id)
{
	list_for_each (node, &p->watches) {
		struct watch *w = LIST_ENTRY(node, struct watch, of_phone);

		if (!strcmp(w->id, id))
			return w;
	}
	return NULL;
}

struct watch_member *watch_find_member(const struct watch *w, const struct user *u)
{
	list_for_each (node, &w->members) {
		struct watch_member *m = LIST_ENTRY(node, struct watch_member, of_watch);

		if (m->user == u)
			return m;
	}
	return NULL;
}

bool watch_has(const struct phone *p, const struct user *u)
{
	list_for_each (node, &p->watches)
		if (watch_find_member(LIST_ENTRY(node, struct watch, of_phone), u))
			return true;
	return false;
}

/* ---- the store ---- */

void watch_save(const struct watch *object)
{
	struct core *c = object->phone->user->core;
	CLEANUP(text_deinit) struct text users = TEXT_INIT;

	list_for_each (node, &object->members)
		text_add_all(&users, users.n ? " " : "",
			     LIST_ENTRY(node, struct watch_member, of_watch)->user->aor);
	core_save(c,
		  &(struct store_row){ .kind = STORE_WATCH,
				       .id = object->row,
				       .watch = { .phone = object->phone->id,
						  .expires_wall_us = (object->expires_ms +
								      loop_calendar_ms(c->loop)) *
								     1000,
						  .name = object->id,
						  .users = text_str(&users),
						  STORE_WATCH_COLUMNS(STORE_SAVE, STORE_SKIP) } },
		  NULL, NULL);
}

/* ---- members ---- */

/* At once, and whether the queue has room was looked at before; the end of something is told in any case. */
static void tell(struct phone *p, enum event_kind kind, const char *aor, const char *id)
{
	struct event *e = add(p, kind, aor, true);

	e->text = mem_strdup(id);
	delivery_gather(p);
}

static struct watch_member *member_new(struct watch *w, struct user *u)
{
	struct watch_member *m = MEM_NEW(struct watch_member);

	m->watch = w;
	m->user = u;
	list_append(&w->members, &m->of_watch);
	list_append(&u->presence.watchers, &m->of_user);
	w->phone->n_watched++;
	return m;
}

static void add_member(struct watch *w, struct user *u)
{
	struct watch_member *m;

	if (watch_find_member(w, u))
		return;
	if (!watch_has(w->phone, u))
		tell(w->phone, EVENT_CONTACT_ADDED, u->aor, NULL);
	m = member_new(w, u);
	m->news = NEWS_PRESENCE | (u->presence.note ? NEWS_NOTE : 0) |
		  (u->presence.location ? NEWS_LOCATION : 0);
}

static void free_member(struct watch_member *m)
{
	m->watch->phone->n_watched--;
	list_remove(&m->of_watch);
	list_remove(&m->of_user);
	user_rest(m->user);
	free(m);
}

static void remove_member(struct watch_member *m)
{
	struct phone *p = m->watch->phone;
	struct user *u = m->user;

	free_member(m);
	if (!watch_has(p, u))
		tell(p, EVENT_CONTACT_DELETED, u->aor, NULL);
}

void watch_remove(struct watch_member *m)
{
	struct watch *w = m->watch;

	remove_member(m);
	watch_save(w);
}

/* Each user costs two events that are not merged, contact added and presence updated, and the watch one. */
static bool has_room(const struct phone *p, size_t n)
{
	struct core *c = p->user->core;

	if (p->n_watched + (int64_t)n <= c->config->max_watched &&
	    event_queue_has_room(&p->events, 2 * (int64_t)n + 1))
		return true;
	metric_inc(&c->metrics.limits_total);
	return false;
}

bool watch_add(struct watch *w, struct user *const *users, size_t n)
{
	if (!has_room(w->phone, n))
		return false;
	for (size_t i = 0; i < n; i++)
		add_member(w, users[i]);
	watch_save(w);
	catch_up(w);
	return true;
}

/* ---- its life ---- */

static void watch_free(struct watch *w)
{
	loop_timer_stop(&w->timer);
	list_for_each_safe (node, &w->members)
		free_member(LIST_ENTRY(node, struct watch_member, of_watch));
	core_remove(w->phone->user->core, STORE_WATCH, w->row, NULL, NULL);
	list_remove(&w->of_phone);
	w->phone->n_watches--;
	free(w);
}

void watch_end(struct watch *w)
{
	struct phone *p = w->phone;

	list_for_each_safe (node, &w->members)
		remove_member(LIST_ENTRY(node, struct watch_member, of_watch));
	tell(p, EVENT_WATCH_DELETED, NULL, w->id);
	watch_free(w);
}

static void start_timer(struct watch *w);

static void on_timer(void *magic)
{
	struct watch *w = magic;

	if (w->warned) {
		watch_end(w);
		return;
	}
	w->warned = true;
	watch_save(w);
	tell(w->phone, EVENT_WATCH_UPDATED, NULL, w->id);
	start_timer(w);
}

/* Two alarms: shortly before the end, so that the phone can extend it, and at the end. */
static void start_timer(struct watch *w)
{
	const struct core *c = w->phone->user->core;
	int64_t left = w->expires_ms - loop_now_ms(c->loop);

	if (!w->warned)
		left -= c->config->watch_warning_ms;
	loop_timer_set(c->loop, &w->timer, left > 0 ? left : 0, on_timer, w);
}

void watch_extend(struct watch *w, int64_t duration_ms)
{
	int64_t now = loop_now_ms(w->phone->user->core->loop);

	w->expires_ms += duration_ms;
	if (w->expires_ms > now + WATCH_MAX_MS)
		w->expires_ms = now + WATCH_MAX_MS;
	w->warned = false;
	watch_save(w);
	start_timer(w);
}

static struct watch *make(struct phone *p, uint64_t row, int64_t left_ms)
{
	struct watch *w = MEM_NEW(struct watch);

	w->phone = p;
	w->row = row;
	list_init(&w->members);
	list_append(&p->watches, &w->of_phone);
	p->n_watches++;
	w->expires_ms = loop_now_ms(p->user->core->loop) + left_ms;
	return w;
}

struct watch *watch_new(struct phone *p, int64_t duration_ms, struct user *const *users, size_t n)
{
	struct core *c = p->user->core;
	struct watch *w;

	if (p->n_watches >= c->config->max_watches) {
		metric_inc(&c->metrics.limits_total);
		return NULL;
	}
	if (!has_room(p, n))
		return NULL;
	w = make(p, ++c->last_watch, duration_ms);
	do
		random_hex((WATCH_ID_SIZE - 1) / 2, w->id);
	while (watch_find(p, w->id) != w);
	start_timer(w);
	for (size_t i = 0; i < n; i++)
		add_member(w, users[i]);
	watch_save(w);
	tell(p, EVENT_WATCH_ADDED, NULL, w->id);
	catch_up(w);
	return w;
}

/* Presences may have changed while nobody looked. */
static void restore_members(struct watch *w, const char *users)
{
	CLEANUP(mem_free_string) char *copy = mem_strdup(users);
	char *rest = copy;

	for (char *aor; (aor = strsep(&rest, " "));) {
		struct user *u = user_meet(w->phone->user->core, aor, true);

		if (u && !watch_find_member(w, u))
			member_new(w, u)->news = NEWS_PRESENCE;
	}
	catch_up(w);
}

static void fill(struct watch *object, const struct watch_row *row)
{
	STORE_WATCH_COLUMNS(STORE_RESTORE, STORE_SKIP)
}

bool watch_restore(struct core *c, const struct store_row *row)
{
	int64_t left_ms = (row->watch.expires_wall_us - loop_wall_us(c->loop) + 999) / 1000;
	struct phone *p = phone_get(c, row->watch.phone);
	struct watch *w;

	if (!p || left_ms <= 0 || !row->watch.name || !row->watch.users)
		return false;
	w = make(p, row->id, left_ms);
	fill(w, &row->watch);
	snprintf(w->id, sizeof(w->id), "%s", row->watch.name);
	if (row->id > c->last_watch)
		c->last_watch = row->id;
	restore_members(w, row->watch.users);
	start_timer(w);
	return true;
}

void watch_drop_all(struct phone *p)
{
	list_for_each_safe (node, &p->watches)
		watch_free(LIST_ENTRY(node, struct watch, of_phone));
}

void watch_drop_user(struct user *u)
{
	list_for_each_safe (node, &u->presence.watchers)
		watch_remove(LIST_ENTRY(node, struct watch_member, of_user));
}
