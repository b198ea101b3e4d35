/*
 * Phone
 */
#include "mcxd/core/phone_private.h"

#include "mcxd/core/delivery.h"
#include "mcxd/core/metrics.h"
#include "mcxd/core/missed.h"
#include "mcxd/core/note.h"

/* The strings of a store row. */
enum {
	ROW_APP_ID,
	ROW_ENDPOINT_ID,
	ROW_USER_AGENT,
	ROW_CULTURE,
	ROW_EPID,
	ROW_PUSH_IDENTITY,
	ROW_GRUU_TOKEN,
	ROW_PLATFORM,
	ROW_NOTIFICATION_URI,
	ROW_DEVICE_TOKEN,
	ROW_DEVICE_NAME,
	ROW_DEVICE_AGENT
};

/* ---- session ---- */

/* Windows Phone and iPhone leave the app without signing out, and are reached by push for days;
 * other clients are gone when they are silent (Set-CsMcxConfiguration). */
static int64_t session_ms(const struct phone *p)
{
	const struct core_config *config = p->user->core->config;
	bool outlives = p->user_agent &&
			(strstr(p->user_agent, "WPLync") || strstr(p->user_agent, "iPhoneLync"));

	return outlives || p->subscription.platform ? config->session_expiry_ms
						    : config->session_short_expiry_ms;
}

/* A touch is a store into memory; the timer finds out when it fires. */
static void on_session_timer(void *magic)
{
	struct phone *p = magic;
	struct core *c = p->user->core;
	int64_t left = p->touched_ms + session_ms(p) - loop_now_ms(c->loop);

	if (left > 0) {
		loop_timer_set(c->loop, &p->expiry, left, on_session_timer, p);
		return;
	}
	note_add(c,
		 &(struct note){ .kind = "user",
				 .user = p->user->aor,
				 .fields = { { "action", "expired" }, { "phone", p->app_id } } },
		 "the session of %s's phone has expired", p->user->aor);
	phone_sign_out(p);
}

void phone_touch(struct phone *p)
{
	p->touched_ms = loop_now_ms(p->user->core->loop);
}

void phone_start_session(struct phone *p)
{
	phone_touch(p);
	loop_timer_set(p->user->core->loop, &p->expiry, session_ms(p), on_session_timer, p);
}

/* ---- machine ---- */

enum { AWAY, HELD, LINGERING };
enum { ON_POLL, ON_PACKET, ON_DROPPED, ON_POLL_TIMEOUT, ON_LINGERED };

static void act_away(void *object, void *data)
{
	(void)data;
	delivery_on_away(object);
}

static void act_poll_timeout(void *object, void *data)
{
	struct phone *p = object;
	struct core *c = p->user->core;

	(void)data;
	c->ports.poll->wake(c->ports.poll_adapter, p->poll_id);
}

static int64_t held_ms(const void *object)
{
	return ((const struct phone *)object)->poll_timeout_ms;
}

static int64_t linger_ms(const void *object)
{
	return ((const struct phone *)object)->user->core->config->phone_linger_ms;
}

static bool invariant(const void *object)
{
	const struct phone *p = object;

	return (p->fsm.state == HELD) == (p->poll_id != 0);
}

static const struct fsm_state states[] = {
	[AWAY] = { .name = "AWAY", .timeout_event = -1 },
	[HELD] = { .name = "HELD", .timeout_event = ON_POLL_TIMEOUT, .timeout_ms = held_ms },
	[LINGERING] = { .name = "LINGERING",
			.timeout_event = ON_LINGERED,
			.timeout_ms = linger_ms },
};

static const char *const events[] = {
	[ON_POLL] = "poll",         [ON_PACKET] = "packet",
	[ON_DROPPED] = "dropped",   [ON_POLL_TIMEOUT] = "poll-timeout",
	[ON_LINGERED] = "lingered",
};

static const struct fsm_row rows[] = {
	{ AWAY, ON_POLL, HELD, NULL },
	{ HELD, ON_POLL, HELD, NULL },
	{ HELD, ON_PACKET, LINGERING, NULL },
	{ HELD, ON_DROPPED, AWAY, act_away },
	{ HELD, ON_POLL_TIMEOUT, HELD, act_poll_timeout },
	{ LINGERING, ON_POLL, HELD, NULL },
	{ LINGERING, ON_LINGERED, AWAY, act_away },
};

const struct fsm_table phone_fsm = FSM_TABLE("phone", invariant);

bool phone_is_away(const struct phone *p)
{
	return p->fsm.state == AWAY;
}

/* ---- making one ---- */

struct phone *phone_new(struct user *u, uint64_t id, const char *app_id)
{
	struct core *c = u->core;
	struct phone *p;
	char key[40];

	if (!budget_take(&u->endpoints, 1))
		return NULL;
	p = MEM_NEW(struct phone);
	p->user = u;
	if (id)
		idtab_add_as(c->phones, id, p);
	else
		id = idtab_add(c->phones, p);
	p->id = id;
	p->app_id = mem_strdup(app_id);
	strtab_add(c->phones_by_app, app_id, p);
	list_append(&u->phones, &p->of_user);
	list_init(&p->missed);
	list_init(&p->legs);
	event_queue_init(&p->events, c->config->max_events, &c->metrics->limits_total);
	snprintf(key, sizeof(key), "app:%s", app_id);
	fsm_init(&p->fsm, &phone_fsm, &c->fsm_env, p, id, key);
	metric_inc(&c->metrics->phones);
	return p;
}

void phone_store(const struct phone *p, store_done_h *done, void *magic)
{
	struct core *c = p->user->core;
	const struct subscription *s = &p->subscription;

	core_save(c,
		  &(struct store_row){
			  .kind = STORE_PHONE,
			  .id = p->id,
			  .number = p->available,
			  .user = p->user->aor,
			  .expires_wall_us = loop_wall_us(c->loop) + session_ms(p) * 1000,
			  .strings = { p->app_id, p->endpoint_id, p->user_agent, p->culture,
				       p->epid, p->push_identity, p->gruu_token, s->platform,
				       s->notification_uri, s->device_token, s->device_name,
				       s->user_agent },
		  },
		  done, magic);
}

static void free_subscription(struct subscription *s)
{
	free(s->platform);
	free(s->notification_uri);
	free(s->device_token);
	free(s->device_name);
	free(s->user_agent);
	*s = (struct subscription){ 0 };
}

void phone_sign_out(struct phone *p)
{
	struct core *c = p->user->core;
	uint64_t poll_id = p->poll_id;

	phone_legs_drop(p);
	missed_clear(p);
	core_remove(c, STORE_PHONE, p->id, NULL, NULL);
	loop_unpost(c->loop, p->wake_post);
	loop_timer_stop(&p->gathering);
	loop_timer_stop(&p->expiry);
	fsm_deinit(&p->fsm);
	event_queue_deinit(&p->events);
	idtab_remove(c->phones, p->id);
	strtab_remove(c->phones_by_app, p->app_id);
	list_remove(&p->of_user);
	budget_give(&p->user->endpoints, 1);
	metric_add(&c->metrics->phones, -1);
	free_subscription(&p->subscription);
	free(p->app_id);
	free(p->endpoint_id);
	free(p->user_agent);
	free(p->culture);
	free(p->epid);
	free(p->push_identity);
	free(p->gruu_token);
	free(p);
	if (poll_id)
		c->ports.poll->wake(c->ports.poll_adapter, poll_id);
}

struct phone *phone_find(const struct core *c, const char *app_id)
{
	return strtab_get(c->phones_by_app, app_id);
}

struct phone *phone_get(const struct core *c, uint64_t id)
{
	return id ? idtab_get(c->phones, id) : NULL;
}

struct phone *phone_next(const struct core *c, uint64_t *cursor)
{
	return idtab_next(c->phones, cursor);
}

void phone_make_available(struct phone *p)
{
	if (p->available)
		return;
	p->available = true;
	phone_store(p, NULL, NULL);
}

/* ---- subscription ---- */

enum phone_result phone_subscribe(struct phone *p, const struct subscription *s, bool *ret_new)
{
	*ret_new = !p->subscription.platform;
	if (!p->user->policy.enable_push)
		return PHONE_PUSH_OFF;
	mem_set_string(&p->subscription.platform, s->platform);
	mem_set_string(&p->subscription.notification_uri, s->notification_uri);
	mem_set_string(&p->subscription.device_token, s->device_token);
	mem_set_string(&p->subscription.device_name, s->device_name);
	mem_set_string(&p->subscription.user_agent, s->user_agent);
	phone_start_session(p);
	phone_store(p, NULL, NULL);
	note_add(p->user->core,
		 &(struct note){ .kind = "user",
				 .user = p->user->aor,
				 .key = p->fsm.key,
				 .fields = { { "action", "subscribed" },
					     { "phone", p->app_id },
					     { "platform", s->platform } } },
		 "%s's phone subscribes to push (%s)", p->user->aor, s->platform);
	if (phone_is_away(p))
		delivery_on_away(p);
	return PHONE_OK;
}

enum phone_result phone_unsubscribe(struct phone *p)
{
	if (!p->subscription.platform)
		return PHONE_NOT_FOUND;
	free_subscription(&p->subscription);
	phone_start_session(p);
	phone_store(p, NULL, NULL);
	note_add(p->user->core,
		 &(struct note){
			 .kind = "user",
			 .user = p->user->aor,
			 .key = p->fsm.key,
			 .fields = { { "action", "unsubscribed" }, { "phone", p->app_id } } },
		 "%s's phone ends its push subscription", p->user->aor);
	return PHONE_OK;
}

/* ---- event requests ---- */

static void on_gathered(void *magic)
{
	struct phone *p = magic;
	struct core *c = p->user->core;

	if (p->poll_id && !event_queue_idle(&p->events))
		c->ports.poll->wake(c->ports.poll_adapter, p->poll_id);
}

static void on_wake_posted(void *magic)
{
	struct phone *p = magic;

	p->wake_post = 0;
	on_gathered(p);
}

/* Posted, so that everything that happens at once goes out in one packet. */
void phone_wake(struct phone *p)
{
	loop_timer_stop(&p->gathering);
	if (p->poll_id && !p->wake_post)
		p->wake_post = loop_post(p->user->core->loop, on_wake_posted, p);
}

void phone_gather(struct phone *p)
{
	struct core *c = p->user->core;

	if (c->config->event_delay_ms == 0)
		phone_wake(p);
	else if (!p->wake_post && !loop_timer_is_set(&p->gathering))
		loop_timer_set(c->loop, &p->gathering, c->config->event_delay_ms, on_gathered, p);
}

enum poll_result phone_poll(struct phone *p, uint64_t ack, uint64_t poll_id, int64_t timeout_ms)
{
	struct core *c = p->user->core;
	uint64_t replaced = p->poll_id;

	phone_touch(p);
	if (event_queue_ack(&p->events, ack) == EVENT_ACK_WRONG)
		return POLL_WRONG_ACK;
	p->poll_id = poll_id;
	p->poll_timeout_ms = timeout_ms > 0 ? timeout_ms : c->config->poll_timeout_ms;
	fsm_feed(&p->fsm, ON_POLL, NULL);
	if (replaced)
		c->ports.poll->wake(c->ports.poll_adapter, replaced);
	return event_queue_idle(&p->events) || loop_timer_is_set(&p->gathering) ? POLL_HELD
										: POLL_READY;
}

enum poll_end phone_poll_take(struct core *c, uint64_t phone_id, uint64_t poll_id,
			      uint64_t *ret_packet)
{
	struct phone *p = phone_get(c, phone_id);

	if (!p)
		return POLL_GONE;
	if (p->poll_id != poll_id)
		return POLL_REPLACED;
	p->poll_id = 0;
	fsm_feed(&p->fsm, ON_PACKET, NULL);
	*ret_packet = event_queue_pack(&p->events);
	return POLL_PACKET;
}

void phone_poll_drop(struct core *c, uint64_t phone_id, uint64_t poll_id)
{
	struct phone *p = phone_get(c, phone_id);

	if (!p || p->poll_id != poll_id)
		return;
	p->poll_id = 0;
	fsm_feed(&p->fsm, ON_DROPPED, NULL);
}

/* ---- store ---- */

static void restore_strings(struct phone *p, const char *const *s)
{
	p->endpoint_id = mem_strdup(s[ROW_ENDPOINT_ID]);
	p->user_agent = mem_strdup(s[ROW_USER_AGENT]);
	p->culture = mem_strdup(s[ROW_CULTURE]);
	p->epid = mem_strdup(s[ROW_EPID]);
	p->push_identity = mem_strdup(s[ROW_PUSH_IDENTITY]);
	p->gruu_token = mem_strdup(s[ROW_GRUU_TOKEN]);
	p->subscription = (struct subscription){
		.platform = mem_strdup(s[ROW_PLATFORM]),
		.notification_uri = mem_strdup(s[ROW_NOTIFICATION_URI]),
		.device_token = mem_strdup(s[ROW_DEVICE_TOKEN]),
		.device_name = mem_strdup(s[ROW_DEVICE_NAME]),
		.user_agent = mem_strdup(s[ROW_DEVICE_AGENT]),
	};
}

void phone_restore(struct core *c, const struct store_row *row)
{
	struct user *u = user_find(c, row->user);
	struct phone *p;

	if (!u || row->expires_wall_us <= loop_wall_us(c->loop))
		return;
	p = phone_new(u, row->id, row->strings[ROW_APP_ID]);
	if (!p)
		return;
	p->available = row->number;
	restore_strings(p, row->strings);
	phone_start_session(p);
}
