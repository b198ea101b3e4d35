/*
 * Actor: a phone
 *
 * It does nothing by itself: an invitation rings, and a toast is shown, until the person does something about it.
 */
#include "web/lab/actor/phone.h"

#include "mcxd/base/loop.h"
#include "mcxd/base/random.h"
#include "mcxd/core/phone.h"
#include "mcxd/core/user.h"
#include "mcxd/sim/phone/config.h"
#include "mcxd/sim/phone/phone.h"
#include "mcxd/sim/sim.h"
#include "proto/record.h"
#include "proto/text/json_out.h"
#include "proto/text/mem.h"
#include "proto/text/text.h"
#include "web/lab/actor/actor.h"
#include "web/lab/lab.h"
#include "web/lab/private.h"

/* ---- life ---- */

static struct actor *make(const struct lab *l, struct text *why)
{
	char *https = actor_listener(l, "https");
	char *server = https ? https : actor_listener(l, "http");
	char uuid[RANDOM_UUID_SIZE];
	struct actor_phone *p;

	if (!server) {
		text_add(why, "A phone needs the front end's HTTPS listener (https.listen or "
			      "http.listen), which this daemon does not have.");
		return NULL;
	}
	p = MEM_NEW(struct actor_phone);
	random_uuid(uuid);
	p->server = server;
	p->push_service = actor_listener(l, "push_service");
	p->ca_file = mem_strdup(lab_get_info(l).ca_file);
	p->endpoint_id = mem_strdup(uuid);
	p->is_online = true;
	p->screen = PHONE_HOME;
	return &p->actor;
}

static void drop(struct actor_phone *p)
{
	loop_unpost(p->actor.lab->loop, p->post);
	p->post = 0;
	p->is_coming_back = false;
	p->sim = sim_phone_free(p->sim);
	actor_screen_reset(p);
}

static void phone_actor_free(struct actor *a)
{
	struct actor_phone *p = actor_phone_of(a);

	drop(p);
	actor_toast_set(&p->past_toast, NULL, NULL, NULL);
	actor_deinit(a);
	free(p->server);
	free(p->push_service);
	free(p->ca_file);
	free(p->endpoint_id);
	free(p);
}

static void leave(struct actor *a)
{
	sim_phone_sign_out(actor_phone_of(a)->sim);
}

/* ---- what is left after a power cut ---- */

void actor_phone_save(const struct actor_phone *p, struct json_object *o)
{
	const struct actor_toast *toast = p->is_coming_back ? &p->past_toast : &p->toast;
	struct json_object *shown = actor_toast_json(toast);

	if (shown)
		json_out_optional(shown, "push", toast->push);
	json_out_string(o, "endpointId", p->endpoint_id);
	json_out_string(o, "screen",
			actor_screen_name(p->is_coming_back ? p->comes_back_to : p->screen));
	json_out_int(o, "tile", p->is_coming_back ? p->past_tile : p->tile);
	json_out_bool(o, "online", p->is_online);
	json_object_object_add(o, "toast", shown);
}

void actor_phone_restore(struct actor_phone *p, const struct actor_phone_past *past)
{
	mem_set_string(&p->endpoint_id, past->endpoint_id);
	p->screen = past->screen == PHONE_APP ? PHONE_HOME : past->screen;
	p->comes_back_to = past->screen;
	p->is_coming_back = past->signs_in;
	p->tile = p->past_tile = past->tile;
	p->is_online = past->is_online;
	actor_toast_set(past->signs_in ? &p->past_toast : &p->toast, past->toast_from,
			past->toast_text, past->toast_push);
}

/* Without a channel nothing could wake the app. */
static bool is_away(const struct actor_phone *p)
{
	return p->is_coming_back && p->comes_back_to != PHONE_APP && p->push_service;
}

/* The client goes to the background when it is done with its sign-in. */
static void on_back(void *magic)
{
	struct actor_phone *p = magic;

	p->post = 0;
	sim_phone_stay(p->sim);
	if (is_away(p)) {
		p->screen = p->comes_back_to;
		p->tile = p->past_tile;
		actor_toast_set(&p->toast, p->past_toast.from, p->past_toast.text,
				p->past_toast.push);
	}
	actor_toast_set(&p->past_toast, NULL, NULL, NULL);
	p->is_coming_back = false;
}

static void come_back(struct actor_phone *p)
{
	if (p->is_coming_back && !p->post)
		p->post = loop_post(p->actor.lab->loop, on_back, p);
}

/* ---- events ---- */

/* The app is open once it has signed in; with a push service, once it has subscribed, or goes on without. */
static bool is_ready(const struct actor_phone *p, enum sim_event_kind kind)
{
	return kind == SIM_EVENT_SUBSCRIBED || kind == SIM_EVENT_NOT_SUBSCRIBED ||
	       (kind == SIM_EVENT_SIGNED_IN && !p->push_service);
}

static void on_event(struct actor *a, const struct sim_event *event)
{
	struct actor_phone *p = actor_phone_of(a);

	actor_screen_on_event(p, event);
	if (a->state != ACTOR_SIGNING_IN || !is_ready(p, event->kind))
		return;
	a->state = ACTOR_SIGNED_IN;
	come_back(p);
}

static struct json_object *server_json(const struct actor_phone *p)
{
	const struct core *c = p->actor.lab->core;
	const struct user *u = c ? user_find(c, p->actor.user) : NULL;
	const struct phone_spec spec = { .endpoint_id = p->endpoint_id,
					 .user_agent = p->is_iphone ? SIM_IPHONE_USER_AGENT
								    : SIM_PHONE_USER_AGENT,
					 .culture = SIM_PHONE_CULTURE };
	const struct phone *known = u ? phone_find_same(u, &spec) : NULL;

	return known ? lab_phone_json(known) : NULL;
}

static void show(struct actor *a, struct json_object *o)
{
	const struct actor_phone *p = actor_phone_of(a);

	actor_screen_show(p, o);
	json_object_object_add(o, "server", server_json(p));
}

const struct actor_kind actor_phone = {
	.name = "phone",
	.hop_prefix = RECORD_PHONE_PREFIX,
	.make = make,
	.free = phone_actor_free,
	.leave = leave,
	.on_event = on_event,
	.show = show,
};

static void on_end(void *magic, enum sim_outcome outcome)
{
	struct actor_phone *p = magic;

	(void)outcome;
	drop(p);
	actor_on_end(&p->actor);
}

static const struct sim_ops ops = {
	.on_event = actor_on_event,
	.on_problem = actor_on_problem,
	.on_end = on_end,
};

/* ---- orders ---- */

static struct sim_phone_config config_of(const struct actor_phone *p)
{
	return (struct sim_phone_config){
		.server = p->server,
		.ca_file = p->ca_file,
		.user = p->actor.user,
		.password = p->actor.password,
		.push_service_url = p->push_service,
		.phone_name = p->actor.name,
		.endpoint_id = p->endpoint_id,
		.iphone = p->is_iphone,
		.no_toasts = p->wants_no_toasts,
		.stays = true,
		.background = is_away(p),
		.on_toast = { SIM_IGNORE },
		.n_on_toast = 1,
		.on_invite = SIM_IGNORE,
	};
}

int phone_sign_in(struct actor *a, const struct actor_order *order, struct text *why)
{
	struct actor_phone *p = actor_phone_of(a);
	const struct user *u = user_meet(a->lab->core, a->user, true);
	struct sim_phone_config config;
	int status;

	(void)order;
	if (!p->is_online)
		return actor_refuse(a, why, "has no network");
	if (u && (!user_password(u) || !*user_password(u)))
		return actor_refuse(a, why, "cannot sign in: its user does not have a password");
	status = actor_begin(a, why);
	if (status)
		return status;
	config = config_of(p);
	p->sim = sim_phone_new(a->lab->loop, &config, &ops, p);
	sim_phone_start(p->sim);
	return 0;
}

int phone_send(struct actor *a, const struct actor_order *order, struct text *why)
{
	struct actor_phone *p = actor_phone_of(a);
	const struct actor_talk *t = actor_talk_in(a, ACTOR_CONNECTED);
	CLEANUP(mem_free_string) char *address = order->to ? actor_address(a, order->to) : NULL;

	if (order->to && !address) {
		text_add(why, "\"to\" must be an address such as bob@lab.test.");
		return 400;
	}
	if (!order->to && !t)
		return actor_refuse(
			a, why,
			"has no conversation that is connected; say whom to write to, as \"to\"");
	actor_screen_open(p);
	if (!(address ? sim_phone_im(p->sim, address, order->text)
		      : sim_phone_say(p->sim, order->text)))
		return actor_refuse(a, why, "has too many messages that wait to be sent");
	actor_wrote(a, address ? NULL : t, address, order->text);
	return 0;
}

int phone_type(struct actor *a, const struct actor_order *order, struct text *why)
{
	struct actor_phone *p = actor_phone_of(a);

	(void)order;
	if (!actor_talk_in(a, ACTOR_CONNECTED))
		return actor_refuse(a, why, "has no conversation that is connected");
	actor_screen_open(p);
	if (sim_phone_type(p->sim))
		return 0;
	return actor_refuse(a, why, "may not say in this conversation that it types");
}

/* A toast is answered by opening the app, which finds the invitation. */
static bool can_answer(struct actor *a)
{
	return actor_talk_in(a, ACTOR_INVITED) || actor_phone_of(a)->toast.from;
}

int phone_accept(struct actor *a, const struct actor_order *order, struct text *why)
{
	(void)order;
	return can_answer(a) && sim_phone_accept(actor_phone_of(a)->sim)
		       ? 0
		       : actor_refuse(a, why, "shows no invitation to answer");
}

int phone_decline(struct actor *a, const struct actor_order *order, struct text *why)
{
	(void)order;
	return can_answer(a) && sim_phone_decline(actor_phone_of(a)->sim)
		       ? 0
		       : actor_refuse(a, why, "shows no invitation to answer");
}

int phone_cancel(struct actor *a, const struct actor_order *order, struct text *why)
{
	(void)order;
	return actor_talk_in(a, ACTOR_INVITING) && !actor_talk_in(a, ACTOR_CONNECTED) &&
			       sim_phone_hang_up(actor_phone_of(a)->sim)
		       ? 0
		       : actor_refuse(a, why, "has no invitation under way");
}

int phone_bye(struct actor *a, const struct actor_order *order, struct text *why)
{
	(void)order;
	return actor_talk_in(a, ACTOR_CONNECTED) && sim_phone_hang_up(actor_phone_of(a)->sim)
		       ? 0
		       : actor_refuse(a, why, "has no conversation to end");
}
