/*
 * Actor: a phone's screen, its network and its power
 */
#include "mcxd/sim/phone/phone.h"
#include "mcxd/sim/sim.h"
#include "proto/text/json_out.h"
#include "proto/text/mem.h"
#include "proto/text/text.h"
#include "web/lab/actor/actor.h"
#include "web/lab/actor/phone.h"

static const char *const screen_names[N_PHONE_SCREENS] = {
	[PHONE_LOCK] = "lock",
	[PHONE_HOME] = "home",
	[PHONE_APP] = "app",
};

enum phone_screen actor_screen_of(const char *name)
{
	enum phone_screen screen = PHONE_LOCK;

	while (screen < N_PHONE_SCREENS && strcmp(screen_names[screen], name) != 0)
		screen++;
	return screen;
}

const char *actor_screen_name(enum phone_screen screen)
{
	return screen_names[screen];
}

void actor_toast_set(struct actor_toast *t, const char *from, const char *text, const char *push)
{
	mem_set_string(&t->from, from);
	mem_set_string(&t->text, text);
	mem_set_string(&t->push, push);
}

static void hide_toast(struct actor_phone *p)
{
	actor_toast_set(&p->toast, NULL, NULL, NULL);
}

/* Of one that comes back to where it was, what arrives meanwhile is for the screen that it will have there. */
static struct actor_toast *toast_of(struct actor_phone *p)
{
	return p->is_coming_back ? &p->past_toast : &p->toast;
}

void actor_screen_open(struct actor_phone *p)
{
	if (!sim_phone_to_foreground(p->sim))
		p->screen = PHONE_APP;
}

void actor_screen_reset(struct actor_phone *p)
{
	hide_toast(p);
	p->screen = PHONE_HOME;
}

/* Over an app that is open no toast is shown: it has the invitation itself. */
static void show_toast(struct actor_phone *p, const struct sim_event *event)
{
	const char *from = actor_field(event, "from"), *text = actor_field(event, "text");

	if (p->screen == PHONE_APP && !p->is_coming_back)
		return;
	actor_toast_set(toast_of(p), from ? from : "", text ? text : "",
			actor_field(event, "messageId"));
}

/* Another toast may have come since. */
static void take_off(struct actor_phone *p, const struct sim_event *event)
{
	const char *push = actor_field(event, "push");
	struct actor_toast *t = toast_of(p);

	if (push && t->push && !strcasecmp(push, t->push))
		actor_toast_set(t, NULL, NULL, NULL);
}

void actor_screen_on_event(struct actor_phone *p, const struct sim_event *event)
{
	const char *count;

	switch ((int)event->kind) {
	case SIM_EVENT_SIGNED_IN:
	case SIM_EVENT_FOREGROUND:
		/* The app reads what was missed, and shows on its tile what is left: nothing. */
		hide_toast(p);
		p->tile = 0;
		p->screen = PHONE_APP;
		break;
	case SIM_EVENT_BACKGROUND: p->screen = PHONE_HOME; break;
	case SIM_EVENT_TOAST: show_toast(p, event); break;
	case SIM_EVENT_WITHDRAWN: take_off(p, event); break;
	case SIM_EVENT_TILE:
		count = actor_field(event, "count");
		text_to_int(count ? count : "0", 0, INT64_MAX,
			    p->is_coming_back ? &p->past_tile : &p->tile);
		break;
	default: break;
	}
}

struct json_object *actor_toast_json(const struct actor_toast *t)
{
	struct json_object *o;

	if (!t->from)
		return NULL;
	o = json_object_new_object();
	json_out_string(o, "from", t->from);
	json_out_string(o, "text", t->text);
	return o;
}

void actor_screen_show(const struct actor_phone *p, struct json_object *o)
{
	json_out_string(o, "screen", p->actor.is_on ? screen_names[p->screen] : "off");
	json_object_object_add(o, "toast", p->actor.is_on ? actor_toast_json(&p->toast) : NULL);
	json_out_int(o, "tile", p->tile);
	json_out_bool(o, "online", p->is_online && p->actor.is_on);
}

/* ---- orders ---- */

int phone_open(struct actor *a, const struct actor_order *order, struct text *why)
{
	struct actor_phone *p = actor_phone_of(a);

	(void)order;
	if (p->screen == PHONE_APP)
		return actor_refuse(a, why, "has the app open already");
	actor_screen_open(p);
	return 0;
}

/* Without a channel nothing could wake the app. */
static int close_app(struct actor_phone *p, struct text *why)
{
	if (sim_phone_phase(p->sim) != SIM_PHONE_FOREGROUND || sim_phone_to_background(p->sim))
		return 0;
	return actor_refuse(&p->actor, why,
			    "cannot close the app: there is no push channel to wake it");
}

int phone_background(struct actor *a, const struct actor_order *order, struct text *why)
{
	struct actor_phone *p = actor_phone_of(a);

	(void)order;
	if (p->screen != PHONE_APP)
		return actor_refuse(a, why, "does not have the app open");
	return close_app(p, why);
}

int phone_lock(struct actor *a, const struct actor_order *order, struct text *why)
{
	struct actor_phone *p = actor_phone_of(a);
	int status;

	(void)order;
	if (p->screen == PHONE_LOCK)
		return actor_refuse(a, why, "is locked already");
	status = p->screen == PHONE_APP && p->sim ? close_app(p, why) : 0;
	if (!status)
		p->screen = PHONE_LOCK;
	return status;
}

int phone_unlock(struct actor *a, const struct actor_order *order, struct text *why)
{
	struct actor_phone *p = actor_phone_of(a);

	(void)order;
	if (p->screen != PHONE_LOCK)
		return actor_refuse(a, why, "is not locked");
	p->screen = PHONE_HOME;
	return 0;
}

int phone_dismiss(struct actor *a, const struct actor_order *order, struct text *why)
{
	struct actor_phone *p = actor_phone_of(a);

	(void)order;
	if (!p->toast.from)
		return actor_refuse(a, why, "shows no toast");
	hide_toast(p);
	return 0;
}

int phone_ignore(struct actor *a, const struct actor_order *order, struct text *why)
{
	return actor_phone_of(a)->toast.from ? phone_dismiss(a, order, why)
					     : actor_ignore(a, order, why);
}

static void connect(struct actor_phone *p)
{
	if (p->sim)
		sim_phone_set_online(p->sim, p->is_online && p->actor.is_on);
}

int phone_lose_network(struct actor *a, const struct actor_order *order, struct text *why)
{
	struct actor_phone *p = actor_phone_of(a);

	(void)order;
	if (!p->is_online)
		return actor_refuse(a, why, "has no network already");
	p->is_online = false;
	connect(p);
	return 0;
}

int phone_network_back(struct actor *a, const struct actor_order *order, struct text *why)
{
	struct actor_phone *p = actor_phone_of(a);

	(void)order;
	if (p->is_online)
		return actor_refuse(a, why, "has its network");
	p->is_online = true;
	connect(p);
	return 0;
}

/* Nobody is told: the server and the push service find out by themselves. */
int phone_switch_off(struct actor *a, const struct actor_order *order, struct text *why)
{
	struct actor_phone *p = actor_phone_of(a);

	(void)order;
	(void)why;
	if (p->sim)
		sim_phone_to_background(p->sim);
	hide_toast(p);
	p->screen = PHONE_LOCK;
	a->is_on = false;
	connect(p);
	return 0;
}

/* It is still signed in, and the push service delivers what it has kept. */
int phone_switch_on(struct actor *a, const struct actor_order *order, struct text *why)
{
	(void)order;
	(void)why;
	a->is_on = true;
	connect(actor_phone_of(a));
	return 0;
}
