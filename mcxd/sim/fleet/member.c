/*
 * Fleet: a phone
 */
#include "mcxd/base/list.h"
#include "mcxd/base/loop.h"
#include "mcxd/sim/fleet/fleet.h"
#include "mcxd/sim/fleet/private.h"
#include "mcxd/sim/fleet/tally.h"
#include "mcxd/sim/phone/config.h"
#include "mcxd/sim/phone/phone.h"
#include "mcxd/sim/sim.h"

static void settle(struct sim_member *m, bool ready)
{
	loop_timer_stop(&m->resting);
	m->ready = ready;
	m->fleet->tally.n_signed_in += ready;
	m->fleet->hooks->on_settled(m->fleet);
}

/* ---- idle ---- */

static void on_rested(void *magic)
{
	struct sim_member *m = magic;

	if (m->flow || m->ended || list_linked(&m->of_fleet))
		return;
	list_append(&m->fleet->idle, &m->of_fleet);
}

static bool waits(const struct sim_member *m)
{
	if (m->fleet->config.open)
		return sim_phone_phase(m->phone) == SIM_PHONE_FOREGROUND &&
		       !sim_phone_is_busy(m->phone);
	return sim_phone_phase(m->phone) == SIM_PHONE_BACKGROUND;
}

void sim_member_rest(struct sim_member *m)
{
	struct sim_fleet *f = m->fleet;

	if (m->flow || m->ended || !waits(m))
		return;
	if (f->config.rest_ms)
		loop_timer_set_real(f->loop, &m->resting, f->config.rest_ms, on_rested, m);
	else
		on_rested(m);
}

static void on_waiting(struct sim_member *m)
{
	if (m->ready) {
		sim_member_rest(m);
		return;
	}
	list_append(&m->fleet->idle, &m->of_fleet);
	settle(m, true);
}

/* ---- what the phone reports ---- */

static void on_event(void *magic, const struct sim_event *event)
{
	struct sim_member *m = magic;
	bool open = m->fleet->config.open;

	if (event->kind == (open ? SIM_EVENT_INVITED : SIM_EVENT_TOAST) && m->flow)
		sim_flow_on_reached(m->flow, event);
	else if (event->kind == (open ? SIM_EVENT_SIGNED_IN : SIM_EVENT_BACKGROUND))
		on_waiting(m);
}

/* A phone that is open stays where it is when its conversation is over. */
static void on_over(void *magic, enum sim_outcome outcome)
{
	(void)outcome;
	sim_member_rest(magic);
}

static void on_problem(void *magic, const char *sentence)
{
	struct sim_member *m = magic;

	sim_tally_error(&m->fleet->tally, m->flow ? m->flow->kind : SIM_FLEET_N_KINDS, sentence);
}

static void on_end(void *magic, enum sim_outcome outcome)
{
	struct sim_member *m = magic;

	(void)outcome;
	m->ended = true;
	list_remove(&m->of_fleet);
	loop_timer_stop(&m->resting);
	if (m->flow)
		sim_flow_on_phone_gone(m->flow);
	if (!m->ready)
		settle(m, false);
	m->fleet->hooks->on_member_ended(m->fleet);
}

static const struct sim_ops ops = {
	.on_event = on_event,
	.on_over = on_over,
	.on_problem = on_problem,
	.on_end = on_end,
};

static void on_impatient(void *magic)
{
	struct sim_member *m = magic;

	on_problem(m, "the phone did not sign in within the time");
	sim_phone_end(m->phone, SIM_FAILED);
}

/* ---- life ---- */

void sim_member_init(struct sim_member *m, struct sim_fleet *f, const struct sim_fleet_user *user)
{
	const struct sim_fleet_config *c = &f->config;

	m->fleet = f;
	m->user = user;
	m->phone = sim_phone_new(f->loop,
				 &(struct sim_phone_config){
					 .server = c->server,
					 .hosts = c->hosts,
					 .ca_file = c->ca_file,
					 .user = user->aor,
					 .password = user->password,
					 .push_service_url = c->open ? NULL : c->push_service_url,
					 .user_agent = "mcxsim fleet",
					 .background = !c->open,
					 .echo = true,
					 .sign_out = true,
					 .on_toast = { SIM_IGNORE }, /* the flow says what to do */
					 .n_on_toast = 1,
					 .on_invite = SIM_IGNORE,
				 },
				 &ops, m);
}

void sim_member_start(struct sim_member *m)
{
	struct sim_fleet *f = m->fleet;

	loop_timer_set_real(f->loop, &m->resting, f->config.patience_ms, on_impatient, m);
	sim_phone_start(m->phone);
}

void sim_member_deinit(struct sim_member *m)
{
	loop_timer_stop(&m->resting);
	list_remove(&m->of_fleet);
	sim_phone_free(m->phone);
}
