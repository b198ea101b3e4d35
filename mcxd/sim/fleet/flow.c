/*
 * Fleet: a flow
 */
#include "mcxd/base/list.h"
#include "mcxd/base/loop.h"
#include "mcxd/sim/call.h"
#include "mcxd/sim/fleet/fleet.h"
#include "mcxd/sim/fleet/private.h"
#include "mcxd/sim/fleet/tally.h"
#include "mcxd/sim/phone/phone.h"
#include "mcxd/sim/report.h"
#include "mcxd/sim/sim.h"
#include "proto/text/mem.h"
#include "proto/text/text.h"

#include <inttypes.h>
#include <stdio.h>
#include <stdlib.h>
#include <string.h>

enum { N_MESSAGES = 2 }; /* of the phone: the sender's first line and one more, sent back */

/* Returns the time. */
static int64_t note_time(struct sim_flow *flow, enum sim_fleet_step step, int64_t since_us)
{
	int64_t now_us = loop_now_us(flow->fleet->loop);

	sim_tally_time(&flow->fleet->tally, step, now_us - since_us);
	return now_us;
}

/* ---- the end ---- */

static void note_error(struct sim_flow *flow, const char *why)
{
	flow->lost = true;
	sim_tally_error(&flow->fleet->tally, flow->kind, why);
}

/* The flow's call is idle. */
static void finish(struct sim_flow *flow)
{
	struct sim_fleet *f = flow->fleet;
	struct sim_member *m = flow->member;

	loop_timer_stop(&flow->deadline);
	loop_timer_stop(&flow->react);
	if (flow->lost)
		f->tally.n_lost[flow->kind]++;
	else
		f->tally.n_good[flow->kind]++;
	flow->member = NULL;
	list_remove(&flow->of_fleet);
	list_append(&f->spare, &flow->of_fleet);
	m->flow = NULL;
	f->hooks->on_flow_over(m);
}

void sim_flow_lose(struct sim_flow *flow, const char *why)
{
	note_error(flow, why);
	sim_call_deinit(&flow->call);
	finish(flow);
}

static void on_deadline(void *magic)
{
	struct sim_flow *flow = magic;

	if (!flow->status)
		sim_flow_lose(flow, flow->reached              ? "no final response"
				    : flow->fleet->config.open ? "no final response, and no event"
							       : "no final response, and no push");
	else if (flow->n_received < N_MESSAGES)
		sim_flow_lose(flow, flow->n_received ? "the message was not answered"
						     : "no message came from the phone");
	else
		sim_flow_lose(flow, "BYE was not answered");
}

/* Whether it went as it was meant to. */
static void judge(struct sim_flow *flow)
{
	int expected = sim_fleet_kind_statuses[flow->kind];
	bool open = flow->fleet->config.open;
	CLEANUP(mem_free_string) char *why = NULL;

	if (flow->status != expected)
		why = text_format("%d instead of %d%s", flow->status, expected,
				  flow->reached ? ""
				  : open        ? ", without an event"
						: ", without a push");
	else if (!flow->reached)
		why = mem_strdup(open ? "no event" : "no push");
	else if (expected == 200 && flow->n_received < N_MESSAGES)
		why = mem_strdup("ended before all messages had come");
	if (why)
		note_error(flow, why);
}

static void on_over(void *magic, enum sim_outcome outcome)
{
	struct sim_flow *flow = magic;

	(void)outcome;
	if (!flow->lost)
		judge(flow);
	finish(flow);
}

/* ---- the sender ---- */

static void on_final(struct sim_flow *flow, int status)
{
	flow->status = status;
	if (status == 200)
		flow->accepted_us = note_time(flow, SIM_FLEET_ACCEPTED, flow->began_us);
	else if (status == 408)
		note_time(flow, SIM_FLEET_TIMED_OUT, flow->began_us);
}

static void on_provisional(struct sim_flow *flow, int status)
{
	if (status == 100)
		note_time(flow, SIM_FLEET_TRYING, flow->began_us);
	else if (status == 180)
		note_time(flow, SIM_FLEET_RINGING, flow->began_us);
	else if (status >= 200)
		on_final(flow, status);
}

static void on_message(struct sim_flow *flow)
{
	flow->n_received++;
	if (flow->n_received == 1) {
		flow->said_us = note_time(flow, SIM_FLEET_MESSAGE, flow->accepted_us);
		sim_call_say(&flow->call, "Lunch at twelve?");
	} else if (flow->n_received == N_MESSAGES) {
		note_time(flow, SIM_FLEET_REPLY, flow->said_us);
		sim_call_hang_up(&flow->call);
	}
}

static const char *text_of(const struct sim_event *event)
{
	for (size_t i = 0; i < event->n_fields; i++)
		if (!strcmp(event->fields[i].name, "text") && event->fields[i].value)
			return event->fields[i].value;
	return "";
}

static void on_event(void *magic, const struct sim_event *event)
{
	struct sim_flow *flow = magic;
	const char *text = text_of(event);
	CLEANUP(mem_free_string) char *why = NULL;

	switch ((int)event->kind) {
	case SIM_EVENT_PROGRESS: on_provisional(flow, (int)strtol(text, NULL, 10)); break;
	case SIM_EVENT_FAILED: on_final(flow, (int)strtol(text, NULL, 10)); break;
	case SIM_EVENT_MESSAGE: on_message(flow); break;
	case SIM_EVENT_NOT_DELIVERED:
		why = text_concat("a message was not delivered: ", text);
		note_error(flow, why);
		break;
	default: break;
	}
}

static void on_problem(void *magic, const char *sentence)
{
	note_error(magic, sentence);
}

static const struct sim_ops ops = { .on_event = on_event, .on_problem = on_problem };

/* ---- the phone ---- */

static void open_toast(void *magic)
{
	struct sim_flow *flow = magic;

	sim_phone_set_online(flow->member->phone, true);
	sim_phone_accept(flow->member->phone);
}

void sim_flow_on_reached(struct sim_flow *flow, const struct sim_event *event)
{
	const struct sim_fleet_config *c = &flow->fleet->config;

	if (flow->reached || strcmp(text_of(event), flow->first_line) != 0)
		return;
	flow->reached = true;
	note_time(flow, c->open ? SIM_FLEET_EVENT : SIM_FLEET_PUSH, flow->began_us);
	switch (flow->kind) {
	case SIM_FLEET_ACCEPT: sim_phone_accept(flow->member->phone); break;
	case SIM_FLEET_DECLINE: sim_phone_decline(flow->member->phone); break;
	case SIM_FLEET_SLOW:
		loop_timer_set_real(flow->fleet->loop, &flow->react, c->slow_ms, open_toast, flow);
		break;
	case SIM_FLEET_FLAKY:
		sim_phone_set_online(flow->member->phone, false);
		loop_timer_set_real(flow->fleet->loop, &flow->react, c->flaky_ms, open_toast, flow);
		break;
	case SIM_FLEET_IGNORE:
	case SIM_FLEET_N_KINDS: break;
	}
}

void sim_flow_on_phone_gone(struct sim_flow *flow)
{
	loop_timer_stop(&flow->react);
	if (!flow->lost)
		sim_flow_lose(flow, "the phone is gone");
}

/* ---- life ---- */

static struct sim_flow *take_spare(struct sim_fleet *f)
{
	struct sim_flow *flow;

	if (!list_empty(&f->spare)) {
		flow = LIST_ENTRY(f->spare.next, struct sim_flow, of_fleet);
		list_remove(&flow->of_fleet);
		return flow;
	}
	flow = MEM_NEW(struct sim_flow);
	flow->fleet = f;
	sim_report_init(&flow->report, f->loop, &ops, flow);
	return flow;
}

void sim_flow_begin(struct sim_fleet *f, struct sim_member *m, enum sim_fleet_kind kind)
{
	struct sim_flow *flow = take_spare(f);
	struct sim_sender *sender = &f->senders[(size_t)f->tally.n_started % f->config.n_senders];

	flow->kind = kind;
	flow->member = m;
	flow->status = flow->n_received = 0;
	flow->reached = flow->lost = false;
	flow->accepted_us = flow->said_us = 0;
	flow->began_us = loop_now_us(f->loop);
	m->flow = flow;
	list_append(&f->open, &flow->of_fleet);
	f->tally.n_started++;
	snprintf(flow->first_line, sizeof(flow->first_line), "Hi, are you there? (%" PRId64 ")",
		 f->tally.n_started);
	sim_call_init(&flow->call, &(struct sim_call_args){ .loop = f->loop,
							    .report = &flow->report,
							    .config = &sender->config,
							    .on_over = on_over,
							    .magic = flow });
	sim_call_attach(&flow->call, &sender->line);
	loop_timer_set_real(f->loop, &flow->deadline, f->config.patience_ms, on_deadline, flow);
	sim_call_invite(&flow->call, m->user->aor, flow->first_line);
}

void sim_flow_free(struct sim_flow *flow)
{
	loop_timer_stop(&flow->deadline);
	loop_timer_stop(&flow->react);
	sim_call_deinit(&flow->call);
	sim_report_deinit(&flow->report);
	list_remove(&flow->of_fleet);
	free(flow);
}
