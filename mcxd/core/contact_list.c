/*
 * Contact list
 */
#include "mcxd/core/contact_list.h"

#include "mcxd/base/idtab.h"
#include "mcxd/base/loop.h"
#include "mcxd/core/core.h"
#include "mcxd/core/delivery.h"
#include "mcxd/core/event.h"
#include "mcxd/core/phone.h"
#include "mcxd/core/ports.h"
#include "mcxd/core/user.h"
#include "proto/text/mem.h"

static int64_t left_ms(const struct phone *p)
{
	const struct loop *l = p->user->core->loop;

	return p->list_until_wall_us ? (p->list_until_wall_us - loop_wall_us(l)) / 1000 : 0;
}

bool contact_list_is_subscribed(const struct phone *p)
{
	return left_ms(p) > 0;
}

static void tell(struct phone *p, enum event_kind kind, const char *aor)
{
	struct event *e = event_add(&p->events, kind, true);

	e->peer = mem_strdup(aor);
	delivery_gather(p);
}

static void start_timer(struct phone *p);

static void on_timer(void *magic)
{
	struct phone *p = magic;

	if (!contact_list_is_subscribed(p)) {
		contact_list_unsubscribe(p);
		return;
	}
	p->list_warned = true;
	tell(p, EVENT_LIST_UPDATED, NULL);
	start_timer(p);
}

/* Two alarms: shortly before the end, so that the phone can extend it, and at the end. */
static void start_timer(struct phone *p)
{
	const struct core *c = p->user->core;
	int64_t left = left_ms(p) - (p->list_warned ? 0 : c->config->watch_warning_ms);

	loop_timer_set(c->loop, &p->list_timer, left > 0 ? left : 0, on_timer, p);
}

void contact_list_subscribe(struct phone *p, int64_t duration_ms)
{
	const struct loop *l = p->user->core->loop;

	if (contact_list_is_subscribed(p)) {
		duration_ms += left_ms(p);
		if (duration_ms > CONTACT_LIST_EXTENDED_MS)
			duration_ms = CONTACT_LIST_EXTENDED_MS;
	}
	p->list_until_wall_us = loop_wall_us(l) + duration_ms * 1000;
	p->list_warned = false;
	phone_store(p, NULL, NULL);
	start_timer(p);
}

void contact_list_unsubscribe(struct phone *p)
{
	contact_list_drop(p);
	phone_store(p, NULL, NULL);
}

void contact_list_begin(struct phone *p)
{
	if (contact_list_is_subscribed(p))
		start_timer(p);
}

void contact_list_drop(struct phone *p)
{
	loop_timer_stop(&p->list_timer);
	p->list_until_wall_us = 0;
	p->list_warned = false;
}

void contact_list_tell(const struct user *u, bool joined)
{
	enum event_kind kind = joined ? EVENT_LIST_JOINED : EVENT_LIST_LEFT;
	const struct ports *ports = &u->core->ports;
	uint64_t cursor = 0;
	struct phone *p;

	while ((p = idtab_next(&u->core->phones, &cursor)))
		if (p->user != u && contact_list_is_subscribed(p))
			tell(p, kind, u->aor);
	if (!ports->presence)
		return;
	ports->presence->changed(ports->presence_adapter, u->aor);
	ports->presence->users_changed(ports->presence_adapter);
}
