/*
 * Presence
 */
#include "mcxd/core/presence.h"

#include "mcxd/base/list.h"
#include "mcxd/base/loop.h"
#include "mcxd/core/core.h"
#include "mcxd/core/delivery.h"
#include "mcxd/core/event.h"
#include "mcxd/core/note.h"
#include "mcxd/core/phone.h"
#include "mcxd/core/ports.h"
#include "mcxd/core/store_row.h"
#include "mcxd/core/user.h"
#include "mcxd/core/watch.h"
#include "proto/text/mem.h"

#include <strings.h>

/* ---- words ---- */

/* Availability_ref, PreferredAvailability_ref, and the activities that contactPresence_ref calls well known. */
static const struct {
	const char *word;
	const char *activity;
} words[N_AVAILABILITIES] = {
	[AVAILABILITY_OFFLINE] = { "Offline" },
	[AVAILABILITY_ONLINE] = { "Online" },
	[AVAILABILITY_BUSY] = { "Busy" },
	[AVAILABILITY_DO_NOT_DISTURB] = { "DoNotDisturb", "urgent-interruptions-only" },
	[AVAILABILITY_BE_RIGHT_BACK] = { "BeRightBack" },
	[AVAILABILITY_AWAY] = { "Away" },
	[AVAILABILITY_OFF_WORK] = { "Offwork", "off-work" },
	[AVAILABILITY_IDLE_ONLINE] = { "IdleOnline" },
	[AVAILABILITY_IDLE_BUSY] = { "IdleBusy" },
};

const char *presence_word(enum availability a)
{
	return words[a].word;
}

int presence_of_word(const char *word)
{
	for (int a = 0; a < N_AVAILABILITIES; a++)
		if (!strcasecmp(words[a].word, word))
			return a;
	return -1;
}

/* ---- what it is ---- */

/* After which time without activity the user counts as inactive: what the phones asked for, the longest. 0: never. */
static int64_t timeout_of(const struct user *u)
{
	int64_t timeout = 0;

	list_for_each (node, &u->phones) {
		const struct phone *p = LIST_ENTRY(node, struct phone, of_user);
		int64_t own = p->media.inactive_timeout_ms;

		if (!own)
			own = u->core->config->inactive_timeout_ms;
		if (p->available && own > timeout)
			timeout = own;
	}
	return timeout;
}

/* How many times that time has passed. Nothing tells whether anybody sits in front of a SIP client. */
static int64_t timeouts_passed(const struct user *u)
{
	int64_t timeout = timeout_of(u);

	if (!timeout || !list_empty(&u->bindings))
		return 0;
	return (loop_now_ms(u->core->loop) - u->presence.active_ms) / timeout;
}

static bool is_reachable(const struct user *u)
{
	if (!list_empty(&u->bindings))
		return true;
	list_for_each (node, &u->phones)
		if (LIST_ENTRY(node, struct phone, of_user)->available)
			return true;
	return false;
}

static enum availability availability_of(const struct user *u)
{
	int64_t passed;

	if (!is_reachable(u))
		return AVAILABILITY_OFFLINE;
	if (u->presence.is_set && u->presence.set != AVAILABILITY_ONLINE &&
	    u->presence.set != AVAILABILITY_BUSY)
		return u->presence.set;
	passed = timeouts_passed(u);
	if (u->presence.is_set && u->presence.set == AVAILABILITY_BUSY)
		return passed ? AVAILABILITY_IDLE_BUSY : AVAILABILITY_BUSY;
	if (!passed)
		return AVAILABILITY_ONLINE;
	return passed == 1 ? AVAILABILITY_IDLE_ONLINE : AVAILABILITY_AWAY;
}

static bool takes_messages(const struct user *u)
{
	if (!list_empty(&u->bindings))
		return true;
	list_for_each (node, &u->phones)
		if (phone_takes_messages(LIST_ENTRY(node, struct phone, of_user)))
			return true;
	return false;
}

static enum presence_device device_of(const struct user *u)
{
	enum presence_device device = list_empty(&u->bindings) ? DEVICE_UNKNOWN : DEVICE_PC;

	list_for_each (node, &u->phones) {
		const struct phone *p = LIST_ENTRY(node, struct phone, of_user);

		if (p->available && device != DEVICE_PC)
			device = phone_is_mobile(p) ? DEVICE_PHONE : DEVICE_WEB;
	}
	return device;
}

void presence_view(const struct user *u, struct presence_view *ret)
{
	enum availability a = availability_of(u);

	*ret = (struct presence_view){
		.availability = a == AVAILABILITY_OFF_WORK ? AVAILABILITY_AWAY : a,
		.activity = words[a].activity,
		.device = device_of(u),
		.active_wall_us = u->presence.active_wall_us,
		.messaging = takes_messages(u),
	};
}

/* ---- telling ---- */

static void on_idle(void *magic)
{
	presence_refresh(magic);
}

/* Activity only stores a time; the timer looks at it when it expires, and starts again. */
static void start_timer(struct user *u)
{
	struct presence *p = &u->presence;
	int64_t timeout = timeout_of(u);
	int64_t passed = loop_now_ms(u->core->loop) - p->active_ms;

	if (!timeout || p->told == AVAILABILITY_OFFLINE)
		loop_timer_stop(&p->idle);
	else if (!loop_timer_is_set(&p->idle))
		loop_timer_set(u->core->loop, &p->idle, timeout - passed % timeout, on_idle, u);
}

void presence_save(struct user *object)
{
	struct presence *p = &object->presence;
	struct core *c = object->core;

	if (!p->is_set && !p->note && !p->location) {
		if (p->row)
			core_remove(c, STORE_PRESENCE, p->row, NULL, NULL);
		p->row = 0;
		return;
	}
	if (!p->row)
		p->row = ++c->last_presence;
	core_save(c,
		  &(struct store_row){
			  .kind = STORE_PRESENCE,
			  .id = p->row,
			  .presence = { .user = object->aor,
					STORE_PRESENCE_COLUMNS(STORE_SAVE, STORE_SKIP) } },
		  NULL, NULL);
}

/* What is set is said of an endpoint; the next one begins anew. Note and location are said of the person. */
static void forget_set(struct user *u)
{
	if (!u->presence.is_set)
		return;
	u->presence.is_set = false;
	presence_save(u);
}

void presence_refresh(struct user *u)
{
	struct presence *p = &u->presence;
	enum availability a = availability_of(u);
	bool messaging = takes_messages(u);
	unsigned news = 0;

	if (a != p->told)
		news |= NEWS_PRESENCE;
	if (messaging != p->told_messaging)
		news |= NEWS_MODALITIES;
	p->told = a;
	p->told_messaging = messaging;
	if (a == AVAILABILITY_OFFLINE)
		forget_set(u);
	start_timer(u);
	if (!news)
		return;
	note_add(u->core,
		 &(struct note){ .kind = "user",
				 .users = { u->aor },
				 .fields = { { "action", "presence" },
					     { "availability", words[a].word } } },
		 "%s is %s", u->aor, words[a].word);
	watch_tell(u, news);
	watch_tell_self(u, news & NEWS_PRESENCE);
}

/* ---- what the user does ---- */

void presence_touch(struct user *u)
{
	struct presence *p = &u->presence;

	p->active_ms = loop_now_ms(u->core->loop);
	p->active_wall_us = loop_wall_us(u->core->loop);
	if (p->told == AVAILABILITY_IDLE_ONLINE || p->told == AVAILABILITY_IDLE_BUSY ||
	    p->told == AVAILABILITY_AWAY)
		presence_refresh(u);
}

void presence_set(struct user *u, int availability)
{
	u->presence.is_set = availability >= 0;
	if (u->presence.is_set)
		u->presence.set = (enum availability)availability;
	presence_save(u);
	presence_touch(u);
	presence_refresh(u);
}

static void set_text(struct user *u, char **member, const char *text, unsigned news)
{
	if (text && !*text)
		text = NULL;
	presence_touch(u);
	if (text && *member ? !strcmp(*member, text) : !text && !*member)
		return;
	mem_set_string(member, text);
	presence_save(u);
	watch_tell(u, news);
	watch_tell_self(u, news);
}

void presence_set_note(struct user *u, const char *note)
{
	set_text(u, &u->presence.note, note, NEWS_NOTE);
}

void presence_set_location(struct user *u, const char *location)
{
	set_text(u, &u->presence.location, location, NEWS_LOCATION);
}

/* ---- life ---- */

void presence_restore(struct user *u)
{
	u->presence.active_ms = loop_now_ms(u->core->loop);
	u->presence.told = availability_of(u);
	u->presence.told_messaging = takes_messages(u);
	start_timer(u);
}

static void fill(struct user *object, const struct presence_row *row)
{
	STORE_PRESENCE_COLUMNS(STORE_RESTORE, STORE_SKIP)
}

bool presence_restore_row(struct core *c, const struct store_row *row)
{
	struct user *u = user_meet(c, row->presence.user, true);

	if (!u || row->presence.availability >= N_AVAILABILITIES)
		return false;
	fill(u, &row->presence);
	u->presence.row = row->id;
	if (row->id > c->last_presence)
		c->last_presence = row->id;
	if (!is_reachable(u))
		forget_set(u);
	presence_restore(u);
	return true;
}

/* What ReceiveAnIM shows in the first packet. It stands for what changes until it is sent. */
static void introduce(struct phone *p)
{
	static const enum event_kind kinds[] = { EVENT_ME, EVENT_MY_PRESENCE, EVENT_MY_NOTE,
						 EVENT_MY_LOCATION, EVENT_COMMUNICATION };

	for (size_t i = 0; i < ARRAY_SIZE(kinds); i++) {
		struct event *e = event_add(&p->events, kinds[i], false);

		if (e && kinds[i] != EVENT_ME && kinds[i] != EVENT_COMMUNICATION)
			e->state = mem_strdup("added");
	}
	delivery_gather(p);
}

void presence_join(struct phone *p)
{
	introduce(p);
	presence_touch(p->user);
	presence_refresh(p->user);
}

void presence_tell_media(struct phone *p)
{
	if (!event_queue_has(&p->events, EVENT_COMMUNICATION, NULL))
		event_add(&p->events, EVENT_COMMUNICATION, false);
	delivery_gather(p);
	presence_refresh(p->user);
}

void presence_take_back(struct user *u)
{
	forget_set(u);
	presence_refresh(u);
}

void presence_clear(struct user *u)
{
	const struct ports *ports = &u->core->ports;
	struct presence *p = &u->presence;

	if (ports->presence)
		ports->presence->forgotten(ports->presence_adapter, u->aor, false);
	presence_set_note(u, NULL);
	presence_set_location(u, NULL);
	forget_set(u);
	p->active_ms = p->active_wall_us = 0;
	if (p->row)
		core_remove(u->core, STORE_PRESENCE, p->row, NULL, NULL);
	p->row = 0;
}

void presence_free(struct user *u)
{
	loop_timer_stop(&u->presence.idle);
	if (u->presence.row)
		core_remove(u->core, STORE_PRESENCE, u->presence.row, NULL, NULL);
	watch_drop_user(u);
	mem_set_string(&u->presence.note, NULL);
	mem_set_string(&u->presence.location, NULL);
}
