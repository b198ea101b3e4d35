/*
 * Actor: a desktop
 */
#include "mcxd/base/list.h"
#include "mcxd/core/user.h"
#include "mcxd/sim/desktop.h"
#include "mcxd/sim/desktop_config.h"
#include "mcxd/sim/dialog.h"
#include "mcxd/sim/sim.h"
#include "proto/text/json_out.h"
#include "proto/text/mem.h"
#include "proto/text/text.h"
#include "web/lab/actor/actor.h"
#include "web/lab/private.h"

struct desktop {
	struct actor actor;
	struct sim_desktop *sim; /* NULL: signed out */
	char *server;            /* "127.0.0.1:5060" */
	char *display_name, *password;
	bool udp;
	struct sim_dialog past; /* to go on with when it signs in; call_id is NULL: none */
	char *window;           /* what it says under the conversation; NULL: nothing */
};

static struct desktop *desktop_of(struct actor *a)
{
	return LIST_ENTRY(a, struct desktop, actor);
}

static struct actor *make(const struct lab *l, struct text *why)
{
	char *tcp = actor_listener(l, "sip.tcp");
	char *udp = tcp ? NULL : actor_listener(l, "sip.udp");
	struct desktop *d;

	if (!l->stack || (!tcp && !udp)) {
		text_add(why, "A desktop needs the front end's SIP listener (sip.tcp or sip.udp), "
			      "which this daemon does not have.");
		free(tcp);
		free(udp);
		return NULL;
	}
	d = MEM_NEW(struct desktop);
	d->udp = udp;
	d->server = tcp ? tcp : udp;
	return &d->actor;
}

static void drop(struct desktop *d)
{
	d->sim = sim_desktop_free(d->sim);
	mem_set_string(&d->window, NULL);
}

static void desktop_free(struct actor *a)
{
	struct desktop *d = desktop_of(a);

	drop(d);
	actor_deinit(a);
	sim_dialog_deinit(&d->past);
	free(d->server);
	free(d->display_name);
	free(d->password);
	free(d);
}

static void leave(struct actor *a)
{
	sim_desktop_end(desktop_of(a)->sim, SIM_DONE);
}

/* The sentence of a failed invitation comes after its end. */
static void on_event(struct actor *a, const struct sim_event *event)
{
	struct desktop *d = desktop_of(a);

	switch ((int)event->kind) {
	case SIM_EVENT_REGISTERED: a->state = ACTOR_SIGNED_IN; break;
	case SIM_EVENT_WINDOW: mem_set_string(&d->window, event->summary); break;
	case SIM_EVENT_INVITE:
	case SIM_EVENT_INVITED:
	case SIM_EVENT_CONNECTED:
	case SIM_EVENT_FAILED:
	case SIM_EVENT_ENDED: mem_set_string(&d->window, NULL); break;
	default: break;
	}
}

static void show(struct actor *a, struct json_object *o)
{
	json_out_string(o, "window", desktop_of(a)->window);
}

static const char *contact(struct actor *a)
{
	const struct desktop *d = desktop_of(a);

	return d->sim ? sim_desktop_contact(d->sim) : NULL;
}

const struct actor_kind actor_desktop = {
	.name = "desktop",
	.hop_prefix = "",
	.make = make,
	.free = desktop_free,
	.leave = leave,
	.on_event = on_event,
	.show = show,
	.contact = contact,
};

static void on_end(void *magic, enum sim_outcome outcome)
{
	struct desktop *d = magic;

	(void)outcome;
	drop(d);
	actor_on_end(&d->actor);
}

static const struct sim_ops ops = {
	.on_event = actor_on_event,
	.on_problem = actor_on_problem,
	.on_end = on_end,
};

/* ---- what is left after a power cut ---- */

bool desktop_save(struct actor *a, struct sim_dialog *ret)
{
	const struct desktop *d = desktop_of(a);

	return d->sim && sim_desktop_save(d->sim, ret);
}

void desktop_restore(struct actor *a, const struct sim_dialog *dialog)
{
	sim_dialog_copy(&desktop_of(a)->past, dialog);
}

/* ---- orders ---- */

int desktop_sign_in(struct actor *a, const struct actor_order *order, struct text *why)
{
	struct desktop *d = desktop_of(a);
	int status = actor_begin(a, why);
	const struct user *u;

	(void)order;
	if (status)
		return status;
	u = user_meet(a->lab->core, a->user, true);
	mem_set_string(&d->display_name, u->display_name);
	mem_set_string(&d->password, user_password(u));
	d->sim = sim_desktop_new(
		a->lab->stack,
		&(struct sim_desktop_config){ .server = d->server,
					      .user = a->user,
					      .name = d->display_name,
					      .password = d->password,
					      .transport = d->udp ? "udp" : "tcp",
					      .on_invite = SIM_IGNORE,
					      .dialog = d->past.call_id ? &d->past : NULL },
		&ops, d);
	sim_desktop_start(d->sim);
	sim_dialog_deinit(&d->past);
	return 0;
}

static int invite(struct actor *a, const struct actor_order *order, struct text *why)
{
	CLEANUP(mem_free_string) char *address = actor_address(a, order->to);

	if (!address) {
		text_add(why, "\"to\" must be an address such as bob@lab.test.");
		return 400;
	}
	if (sim_desktop_state(desktop_of(a)->sim) != SIM_CALL_IDLE)
		return actor_refuse(a, why,
				    "has a conversation already, and can have one at a time");
	actor_wrote(a, NULL, address, order->text);
	sim_desktop_invite(desktop_of(a)->sim, address, order->text);
	return 0;
}

int desktop_send(struct actor *a, const struct actor_order *order, struct text *why)
{
	const struct actor_talk *t = actor_talk_open(a);

	if (order->to)
		return invite(a, order, why);
	if (!t || sim_desktop_state(desktop_of(a)->sim) == SIM_CALL_ENDING)
		return actor_refuse(a, why, "has no conversation; say whom to write to, as \"to\"");
	if (!sim_desktop_has_room(desktop_of(a)->sim))
		return actor_refuse(
			a, why, "has too many messages that wait for an answer to the invitation");
	/* Before it is sent, which is told at once. */
	actor_wrote(a, t, NULL, order->text);
	sim_desktop_say(desktop_of(a)->sim, order->text);
	return 0;
}

int desktop_type(struct actor *a, const struct actor_order *order, struct text *why)
{
	(void)order;
	return sim_desktop_type(desktop_of(a)->sim)
		       ? 0
		       : actor_refuse(a, why, "has no conversation that is connected");
}

int desktop_accept(struct actor *a, const struct actor_order *order, struct text *why)
{
	(void)order;
	return actor_talk_in(a, ACTOR_INVITED) && sim_desktop_accept(desktop_of(a)->sim)
		       ? 0
		       : actor_refuse(a, why, "has no invitation to answer");
}

int desktop_decline(struct actor *a, const struct actor_order *order, struct text *why)
{
	(void)order;
	return actor_talk_in(a, ACTOR_INVITED) && sim_desktop_decline(desktop_of(a)->sim)
		       ? 0
		       : actor_refuse(a, why, "has no invitation to answer");
}

int desktop_cancel(struct actor *a, const struct actor_order *order, struct text *why)
{
	(void)order;
	return actor_talk_in(a, ACTOR_INVITING) && sim_desktop_hang_up(desktop_of(a)->sim)
		       ? 0
		       : actor_refuse(a, why, "has no invitation under way");
}

int desktop_bye(struct actor *a, const struct actor_order *order, struct text *why)
{
	(void)order;
	return actor_talk_in(a, ACTOR_CONNECTED) && sim_desktop_hang_up(desktop_of(a)->sim)
		       ? 0
		       : actor_refuse(a, why, "has no conversation to end");
}

int desktop_switch_off(struct actor *a, const struct actor_order *order, struct text *why)
{
	(void)order;
	(void)why;
	a->is_on = false;
	if (a->state == ACTOR_SIGNED_OUT)
		return 0;
	drop(desktop_of(a));
	actor_on_end(a);
	return 0;
}

int desktop_switch_on(struct actor *a, const struct actor_order *order, struct text *why)
{
	(void)order;
	(void)why;
	a->is_on = true;
	return 0;
}
