/*
 * Session
 */
#include "mcxd/core/session.h"

#include "mcxd/base/fsm.h"
#include "mcxd/base/list.h"
#include "mcxd/base/loop.h"
#include "mcxd/base/metric.h"
#include "mcxd/core/contact_list.h"
#include "mcxd/core/core.h"
#include "mcxd/core/delivery.h"
#include "mcxd/core/event.h"
#include "mcxd/core/metrics.h"
#include "mcxd/core/missed.h"
#include "mcxd/core/note.h"
#include "mcxd/core/phone.h"
#include "mcxd/core/phone_leg.h"
#include "mcxd/core/ports.h"
#include "mcxd/core/presence.h"
#include "mcxd/core/push.h"
#include "mcxd/core/push/policy.h"
#include "mcxd/core/store_row.h"
#include "mcxd/core/subscription.h"
#include "mcxd/core/user.h"
#include "mcxd/core/watch.h"
#include "proto/text/mem.h"

/* A sign-in that waits for the store, or only for the loop. */
struct sign_in {
	struct list of_core;
	struct core *core;
	uint64_t post;     /* the posted call that ends it if there is nothing to store */
	uint64_t phone_id; /* 0: refused, see result */
	bool is_new;
	enum phone_result result;
	session_done_h *done;
	void *magic;
};

/* ---- how long it lasts ---- */

void session_expire(struct phone *p)
{
	note_add(p->user->core,
		 &(struct note){ .kind = "user",
				 .users = { p->user->aor },
				 .phone = p->app_id,
				 .fields = { { "action", "expired" } } },
		 "the session of %s's phone has expired", p->user->aor);
	session_sign_out(p);
}

int64_t session_left_ms(const struct phone *p)
{
	return p->touched_ms + phone_session_ms(p) - loop_now_ms(p->user->core->loop);
}

/* Touching only stores a timestamp; the timer re-arms itself when it fires early. */
static void on_timer(void *magic)
{
	struct phone *p = magic;
	struct core *c = p->user->core;
	int64_t left = session_left_ms(p);

	if (left > 0)
		loop_timer_set(c->loop, &p->expiry, left, on_timer, p);
	else
		session_expire(p);
}

/* A client that asks for events again after such a time has thrown away what it knew of its conversations and presence
 * subscriptions, or should: UCWA tells it so with a link. */
static void end_channel(struct phone *p)
{
	struct phone_leg *l = NULL;

	while ((l = phone_leg_next(p, l))) {
		if (phone_leg_get_state(l) != PHONE_LEG_CONNECTED)
			continue;
		phone_leg_terminate(p, l->conversation);
		l = NULL;
	}
	watch_drop_all(p);
	contact_list_drop(p);
	p->events.reset = true;
	note_add(p->user->core,
		 &(struct note){ .kind = "user",
				 .users = { p->user->aor },
				 .phone = p->app_id,
				 .key = p->fsm.key,
				 .fields = { { "action", "channel-expired" } } },
		 "%s's phone has not asked for events for too long; its conversations are ended",
		 p->user->aor);
}

static void on_silence(void *magic)
{
	struct phone *p = magic;
	struct core *c = p->user->core;
	int64_t length = c->config->channel_expiry_ms;
	int64_t left = p->poll_id ? length : p->asked_ms + length - loop_now_ms(c->loop);

	if (left <= 0 && !p->events.reset)
		end_channel(p);
	if (length > 0)
		loop_timer_set(c->loop, &p->silence, left > 0 ? left : length, on_silence, p);
}

static void start_timer(struct phone *p)
{
	phone_touch(p);
	loop_timer_set(p->user->core->loop, &p->expiry, phone_session_ms(p), on_timer, p);
}

static void session_begin(struct phone *p)
{
	delivery_begin(p);
	watch_begin(p);
	contact_list_begin(p);
	start_timer(p);
	p->asked_ms = loop_now_ms(p->user->core->loop);
	if (p->user->core->config->channel_expiry_ms > 0)
		on_silence(p);
}

/* What was stored may lie behind; what was exported says how long the session really is. */
static void shorten(struct phone *p, int64_t expires_wall_us)
{
	struct loop *l = p->user->core->loop;
	int64_t left_ms = (expires_wall_us - loop_wall_us(l) + 999) / 1000;

	if (left_ms >= phone_session_ms(p))
		return;
	p->touched_ms = loop_now_ms(l) + left_ms - phone_session_ms(p);
	loop_timer_set(l, &p->expiry, left_ms, on_timer, p);
}

static void tell_joined(const struct phone *p)
{
	const struct ports *ports = &p->user->core->ports;

	if (ports->phone)
		ports->phone->joined(ports->phone_adapter, p);
}

static void tell_left(const struct phone *p)
{
	const struct ports *ports = &p->user->core->ports;

	if (ports->phone && !p->user->core->freeing)
		ports->phone->left(ports->phone_adapter, p);
}

bool session_restore(struct core *c, const struct store_row *row)
{
	struct phone *p = phone_restore(c, row);

	if (!p)
		return false;
	session_begin(p);
	if (c->is_imported)
		shorten(p, row->phone.expires_wall_us);
	presence_restore(p->user);
	tell_joined(p);
	return true;
}

/* The held request is answered last: it finds the phone gone. */
void session_sign_out(struct phone *p)
{
	struct core *c = p->user->core;
	struct user *u = p->user;
	uint64_t poll_id = p->poll_id;

	phone_leg_drop_all(p);
	push_drop_waiting(p, "The phone has signed out");
	missed_clear(p);
	watch_drop_all(p);
	contact_list_drop(p);
	loop_timer_stop(&p->expiry);
	loop_timer_stop(&p->silence);
	delivery_end(p);
	tell_left(p);
	phone_free(p);
	presence_refresh(u);
	delivery_release(c, poll_id);
}

/* ---- signing in ---- */

static void sign_in_free(struct sign_in *s)
{
	list_remove(&s->of_core);
	loop_unpost(s->core->loop, s->post);
	free(s);
}

void session_drop_sign_ins(struct core *c)
{
	list_for_each_safe (node, &c->sign_ins)
		sign_in_free(LIST_ENTRY(node, struct sign_in, of_core));
}

static void sign_in_end(void *magic)
{
	struct sign_in *s = magic;

	if (s->result == PHONE_OK && !phone_get(s->core, s->phone_id))
		s->result = PHONE_NOT_FOUND; /* signed out in the meantime */
	s->post = 0;
	s->done(s->magic, s->result, s->phone_id, s->is_new);
	sign_in_free(s);
}

/* Everybody who waits for this phone learns why there is none. */
static void refuse_all(struct core *c, uint64_t phone_id)
{
	list_for_each (node, &c->sign_ins) {
		struct sign_in *s = LIST_ENTRY(node, struct sign_in, of_core);

		if (s->phone_id == phone_id)
			s->result = PHONE_NOT_STORED;
	}
}

static void on_stored(void *magic, int err)
{
	struct sign_in *s = magic;
	struct phone *p = phone_get(s->core, s->phone_id);

	if (err)
		refuse_all(s->core, s->phone_id);
	if (err && p)
		session_sign_out(p);
	sign_in_end(s);
}

/* The phone was there already, but its row, which another request has saved, may not have been written yet. */
static void on_synced(void *magic, int err)
{
	struct sign_in *s = magic;

	if (err)
		s->result = PHONE_NOT_STORED;
	sign_in_end(s);
}

static struct phone *sign_in_new(struct user *u, const struct phone_spec *spec)
{
	struct phone *p = phone_new(u, spec);

	if (!p)
		return NULL;
	session_begin(p);
	tell_joined(p);
	metric_inc(&u->core->metrics.sign_ins_total);
	note_add(u->core,
		 &(struct note){
			 .kind = "user",
			 .users = { u->aor },
			 .phone = p->app_id,
			 .key = p->fsm.key,
			 .fields = { { "action", "signed-in" }, { "agent", p->user_agent } } },
		 "%s signs in with %s", u->aor, p->user_agent ? p->user_agent : "a phone");
	return p;
}

void session_sign_in(struct user *u, const struct phone_spec *spec, session_done_h *done,
		     void *magic)
{
	struct core *c = u->core;
	struct sign_in *s = MEM_NEW(struct sign_in);
	struct phone *p = phone_find_same(u, spec);

	*s = (struct sign_in){ .core = c, .result = PHONE_OK, .done = done, .magic = magic };
	list_append(&c->sign_ins, &s->of_core);
	if (!u->policy.enable_mobility) {
		s->result = PHONE_FORBIDDEN;
	} else if (p) {
		phone_touch(p);
		s->phone_id = p->id;
		core_sync(c, on_synced, s);
		return;
	} else if ((p = sign_in_new(u, spec))) {
		s->phone_id = p->id;
		s->is_new = true;
		phone_store(p, on_stored, s);
		return;
	} else {
		s->result = PHONE_FULL;
	}
	s->post = loop_post(c->loop, sign_in_end, s);
}

void session_make_available(struct phone *p, const struct phone_media *media)
{
	phone_make_available(p);
	phone_set_media(p, media);
	presence_join(p);
}

void session_set_media(struct phone *p, const struct phone_media *media)
{
	phone_set_media(p, media);
	presence_tell_media(p);
}

/* ---- push subscription ---- */

enum phone_result session_subscribe(struct phone *p, const struct subscription *s)
{
	if (push_refusal(p->user, s)) {
		phone_set_refused(p, s);
		return PHONE_PUSH_OFF;
	}
	phone_set_refused(p, NULL);
	p->renewed = p->renewed || p->subscription.ended_wall_us;
	phone_set_subscription(p, s);
	start_timer(p);
	phone_store(p, NULL, NULL);
	note_add(p->user->core,
		 &(struct note){
			 .kind = "user",
			 .users = { p->user->aor },
			 .phone = p->app_id,
			 .key = p->fsm.key,
			 .fields = { { "action", "subscribed" }, { "platform", s->platform } } },
		 "%s's phone subscribes to push (%s)", p->user->aor, s->platform);
	if (delivery_is_away(p))
		delivery_on_away(p);
	return PHONE_OK;
}

enum phone_result session_unsubscribe(struct phone *p)
{
	if (!p->subscription.platform)
		return PHONE_NOT_FOUND;
	phone_set_refused(p, NULL);
	subscription_end(p, "unsubscribed", "ends its push subscription");
	start_timer(p);
	return PHONE_OK;
}

bool session_expire_subscription(struct phone *p)
{
	if (!p->subscription.platform)
		return false;
	subscription_end(p, "subscription-expired",
			 "has no push subscription any more: it has expired");
	return true;
}
