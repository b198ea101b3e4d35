/*
 * Fleet: what its files share
 *
 * fleet.c is when a flow begins and how all ends; flow.c is a flow; member.c is a phone; line.c is the senders' SIP.
 */
#pragma once

#include "mcxd/base/list.h"
#include "mcxd/base/loop.h"
#include "mcxd/sim/call.h"
#include "mcxd/sim/desktop_config.h"
#include "mcxd/sim/fleet/fleet.h"
#include "mcxd/sim/fleet/tally.h"
#include "mcxd/sim/report.h"

#include <stdbool.h>
#include <stddef.h>
#include <stdint.h>

struct agent;
struct sim_event;
struct sim_phone;
struct stack;

/** A SIP connection, which several senders share. */
struct sim_fleet_line {
	struct agent *agent;
	char *route;
};

struct sim_sender {
	struct sim_desktop_config config;
	struct sim_call_line line;
	char *from, *contact;
};

enum { SIM_FLEET_LINE_SIZE = 48 };

struct sim_flow;

struct sim_member {
	struct list of_fleet; /* idle, or on its own */
	struct sim_fleet *fleet;
	struct sim_phone *phone;
	const struct sim_fleet_user *user;
	struct sim_flow *flow;     /* NULL: none */
	struct loop_timer resting; /* or: patience with its sign-in */
	bool ready, ended;
};

struct sim_flow {
	struct list of_fleet; /* spare, or open */
	struct sim_fleet *fleet;
	struct sim_member *member;
	struct sim_call call;
	struct sim_report report;
	enum sim_fleet_kind kind;
	char first_line[SIM_FLEET_LINE_SIZE];   /* of this flow only: its toast has it */
	int64_t began_us, accepted_us, said_us; /* 0: not yet */
	int status;                             /* final; 0: none yet */
	int n_received;
	bool reached, lost;
	struct loop_timer react; /* of the phone */
	struct loop_timer deadline;
};

/** What flows and members tell the fleet. */
struct sim_fleet_hooks {
	/** A member is ready, or will never be. */
	void (*on_settled)(struct sim_fleet *f);
	void (*on_member_ended)(struct sim_fleet *f);
	/** The flow that this member had is over. */
	void (*on_flow_over)(struct sim_member *m);
};

struct sim_fleet {
	const struct sim_fleet_hooks *hooks;
	struct loop *loop;
	struct stack *stack;
	struct sim_fleet_config config;
	const struct sim_fleet_ops *ops;
	void *magic;
	struct sim_fleet_line *lines;
	struct sim_sender *senders;
	struct sim_member *members;
	struct list idle;
	struct list open, spare; /* flows */
	struct sim_tally tally;
	size_t n_signing_in, n_next; /* members: how many are just signing in, which is the next */
	size_t n_settled;            /* members that are ready, or will never be */
	size_t n_ended;
	int64_t credit[SIM_FLEET_N_KINDS]; /* whose turn it is */
	int64_t began_us;
	struct loop_timer pace;
	uint64_t post;
	bool running, stopping, ending;
};

/* ---- line.c ---- */

/** Returns false if an agent cannot be made. */
bool sim_fleet_open_lines(struct sim_fleet *f);
void sim_fleet_close_lines(struct sim_fleet *f);

/* ---- flow.c ---- */

void sim_flow_begin(struct sim_fleet *f, struct sim_member *m, enum sim_fleet_kind kind);
/** A toast has come, or an invitation as an event; it may be one of an earlier flow, and late. */
void sim_flow_on_reached(struct sim_flow *flow, const struct sim_event *event);
/** The phone cannot go on. */
void sim_flow_on_phone_gone(struct sim_flow *flow);
/** The flow is over, whatever is still open. */
void sim_flow_lose(struct sim_flow *flow, const char *why);
void sim_flow_free(struct sim_flow *flow);

/* ---- member.c ---- */

void sim_member_init(struct sim_member *m, struct sim_fleet *f, const struct sim_fleet_user *user);
void sim_member_start(struct sim_member *m);
void sim_member_deinit(struct sim_member *m);
/** Idle again once its phone waits. */
void sim_member_rest(struct sim_member *m);
