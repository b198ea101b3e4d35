/*
 * Fleet
 */
#include "mcxd/sim/fleet/fleet.h"

#include "mcxd/base/list.h"
#include "mcxd/base/loop.h"
#include "mcxd/sim/fleet/private.h"
#include "mcxd/sim/fleet/tally.h"
#include "mcxd/sim/phone/phone.h"
#include "mcxd/sim/sim.h"
#include "mcxd/sip/stack.h"
#include "proto/text/mem.h"

#include <stdlib.h>

enum { N_SIGNING_IN = 16, TICK_MS = 1, US_PER_S = 1000000, LATE_US = 100000 };

/* ---- the end ---- */

static void on_post(void *magic)
{
	struct sim_fleet *f = magic;

	f->post = 0;
	f->ops->on_end(f->magic);
}

static void end(struct sim_fleet *f)
{
	f->ending = true;
	f->running = false;
	loop_timer_stop(&f->pace);
	f->ops->on_flows_over(f->magic);
	for (size_t i = 0; i < f->n_next; i++)
		sim_phone_end(f->members[i].phone, SIM_DONE);
	if (f->n_ended == f->n_next)
		f->post = loop_post(f->loop, on_post, f);
}

void sim_fleet_stop(struct sim_fleet *f)
{
	bool again = f->stopping;

	f->stopping = true;
	if (f->ending)
		return;
	if (again)
		list_for_each_safe (node, &f->open)
			sim_flow_lose(LIST_ENTRY(node, struct sim_flow, of_fleet), "interrupted");
	if (!f->ending && list_empty(&f->open))
		end(f);
}

/* ---- flows ---- */

/* Smooth weighted round robin: every kind gains its weight, and the richest pays the sum, so that after as many flows
 * as the weights add up to, each kind has had exactly its weight, well mixed. */
static enum sim_fleet_kind next_kind(struct sim_fleet *f)
{
	enum sim_fleet_kind best = SIM_FLEET_ACCEPT;
	int64_t sum = 0;

	for (enum sim_fleet_kind k = 0; k < SIM_FLEET_N_KINDS; k++) {
		f->credit[k] += f->config.mix[k];
		sum += f->config.mix[k];
		if (f->credit[k] > f->credit[best])
			best = k;
	}
	f->credit[best] -= sum;
	return best;
}

static bool may_begin(const struct sim_fleet *f)
{
	return !f->stopping && f->tally.n_started < f->config.n_flows;
}

static bool all_begun(const struct sim_fleet *f)
{
	return f->stopping || (f->config.n_flows && !may_begin(f));
}

/* Flow i is due i / rate after the beginning; it is late if no phone was idle then, or the machine too slow. */
static void begin_due(struct sim_fleet *f)
{
	int64_t passed_us = loop_now_us(f->loop) - f->began_us;
	int64_t n_due = passed_us * f->config.rate / US_PER_S + 1;

	while (may_begin(f) && f->tally.n_started < n_due && !list_empty(&f->idle)) {
		struct sim_member *m = LIST_ENTRY(f->idle.next, struct sim_member, of_fleet);

		f->tally.n_late +=
			passed_us - f->tally.n_started * US_PER_S / f->config.rate > LATE_US;
		list_remove(&m->of_fleet);
		sim_flow_begin(f, m, next_kind(f));
	}
}

/* Those that never begin, for there is no phone left. */
static void give_up(struct sim_fleet *f)
{
	for (; f->tally.n_started < f->config.n_flows; f->tally.n_started++) {
		enum sim_fleet_kind kind = next_kind(f);

		f->tally.n_lost[kind]++;
		sim_tally_error(&f->tally, kind, "no phone was left");
	}
}

static void check(struct sim_fleet *f)
{
	if (!f->running)
		return;
	if (!f->stopping && f->n_ended == f->n_next) {
		give_up(f);
		f->stopping = true;
	}
	if (all_begun(f) && list_empty(&f->open))
		end(f);
}

static void on_member_ended(struct sim_fleet *f)
{
	f->n_ended++;
	if (f->ending && f->n_ended == f->n_next && !f->post)
		f->post = loop_post(f->loop, on_post, f);
	else if (f->running)
		check(f);
}

static void on_flow_over(struct sim_member *m)
{
	sim_member_rest(m);
	check(m->fleet);
}

static void on_pace(void *magic)
{
	struct sim_fleet *f = magic;

	begin_due(f);
	check(f);
	if (f->running)
		loop_timer_set_real(f->loop, &f->pace, TICK_MS, on_pace, f);
}

/* ---- signing in ---- */

static void sign_in_next(struct sim_fleet *f)
{
	while (!f->stopping && f->n_next < f->config.n_phones && f->n_signing_in < N_SIGNING_IN) {
		f->n_signing_in++;
		sim_member_start(&f->members[f->n_next++]);
	}
}

static void on_settled(struct sim_fleet *f)
{
	f->n_signing_in--;
	f->n_settled++;
	if (f->ending || f->stopping)
		return;
	sign_in_next(f);
	if (f->n_settled < f->config.n_phones)
		return;
	f->running = true;
	f->began_us = loop_now_us(f->loop);
	f->ops->on_ready(f->magic);
	if (f->config.n_flows)
		loop_timer_set_real(f->loop, &f->pace, 0, on_pace, f);
	else
		check(f);
}

static const struct sim_fleet_hooks hooks = {
	.on_settled = on_settled,
	.on_member_ended = on_member_ended,
	.on_flow_over = on_flow_over,
};

/* ---- life ---- */

struct sim_fleet *sim_fleet_new(struct stack *stack, const struct sim_fleet_config *config,
				const struct sim_fleet_ops *ops, void *magic)
{
	struct sim_fleet *f = MEM_NEW(struct sim_fleet);

	f->hooks = &hooks;
	f->stack = stack;
	f->loop = stack_loop(stack);
	f->config = *config;
	f->ops = ops;
	f->magic = magic;
	list_init(&f->idle);
	list_init(&f->open);
	list_init(&f->spare);
	if (!sim_fleet_open_lines(f))
		return sim_fleet_free(f);
	f->members = mem_zalloc(config->n_phones * sizeof(*f->members));
	for (size_t i = 0; i < config->n_phones; i++)
		sim_member_init(&f->members[i], f, &f->config.phones[i]);
	return f;
}

void sim_fleet_start(struct sim_fleet *f)
{
	sign_in_next(f);
}

struct sim_fleet *sim_fleet_free(struct sim_fleet *f)
{
	if (!f)
		return NULL;
	loop_timer_stop(&f->pace);
	if (f->post)
		loop_unpost(f->loop, f->post);
	list_for_each_safe (node, &f->open)
		sim_flow_free(LIST_ENTRY(node, struct sim_flow, of_fleet));
	list_for_each_safe (node, &f->spare)
		sim_flow_free(LIST_ENTRY(node, struct sim_flow, of_fleet));
	for (size_t i = 0; f->members && i < f->config.n_phones; i++)
		sim_member_deinit(&f->members[i]);
	sim_fleet_close_lines(f);
	sim_tally_deinit(&f->tally);
	free(f->members);
	free(f);
	return NULL;
}

struct sim_tally *sim_fleet_tally(struct sim_fleet *f)
{
	return &f->tally;
}
