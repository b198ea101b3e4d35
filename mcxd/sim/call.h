/*
 * Call
 *
 * The one conversation that a simulated desktop has at a time:
 *
 *   IDLE -- invite --> INVITING -- 2xx --> CONNECTED -- hang up --> ENDING
 *     `-- INVITE arrives --> INVITED -- accept --^
 *
 * From every state it goes back to IDLE when it is over.
 */
#pragma once

#include "mcxd/base/loop.h"
#include "mcxd/sim/desktop_config.h"
#include "mcxd/sim/lines.h"
#include "mcxd/sim/messages.h"
#include "mcxd/sim/report.h"
#include "mcxd/sim/sim.h"

#include <stdbool.h>
#include <stdint.h>

struct agent;
struct sim_auth;
struct sim_dialog;

struct sim_call_args {
	struct loop *loop;
	struct sim_report *report;
	const struct sim_desktop_config *config;
	/** Back to IDLE; another call may be started. */
	void (*on_over)(void *magic, enum sim_outcome outcome);
	void *magic;
};

/** How SIP leaves the desktop. */
struct sim_call_line {
	struct agent *agent;
	const char *route;   /* "sip:127.0.0.1:5060;transport=tcp" */
	const char *from;    /* "\"Alice\" <sip:alice@lab.test>" */
	const char *contact; /* "<sip:alice@127.0.0.1:40000;transport=tcp>" */
	struct sim_auth *auth;
};

struct sim_call {
	struct sim_call_args args;
	struct sim_call_line line;
	enum sim_call_state state;
	char *peer;            /* address, or the name that the server asserts */
	char *uri;             /* "sip:bob@lab.test" */
	char *first_line;      /* of the INVITE that we sent */
	bool first_line_taken; /* by the callee, from there */
	char *call_id;
	nta_leg_t *leg;
	nta_outgoing_t *invite; /* ours */
	nta_outgoing_t *bye;
	nta_outgoing_t *back;     /* the first request of a call that was resumed */
	nta_incoming_t *incoming; /* theirs, while it rings */
	struct sim_lines waiting; /* what was said before the call is connected */
	struct sim_messages messages;
	int64_t n_received;
	bool sender_was_told; /* "Waiting for a response…" */
	bool hanging_up;      /* once every message has its answer */
	bool finishing;       /* the same for this call and all later ones */
	struct loop_timer timer;
};

/** What args points to must outlive the call. */
void sim_call_init(struct sim_call *c, const struct sim_call_args *args);
/** From here on it can send. What line points to must outlive the call. */
void sim_call_attach(struct sim_call *c, const struct sim_call_line *line);
/** Drop everything. An INVITE that rings is answered 480; nothing else is sent. */
void sim_call_deinit(struct sim_call *c);

/** A request outside our dialog: an INVITE, or something that gets 405. */
void sim_call_on_request(struct sim_call *c, nta_incoming_t *irq, const sip_t *sip);

/* The actions; desktop.h describes them. */
bool sim_call_invite(struct sim_call *c, const char *peer, const char *first_line);
bool sim_call_say(struct sim_call *c, const char *text);
bool sim_call_type(struct sim_call *c);
bool sim_call_accept(struct sim_call *c);
bool sim_call_decline(struct sim_call *c);
bool sim_call_hang_up(struct sim_call *c);

/** End it at once, whatever is still on its way: cancel our invitation, refuse theirs, or send BYE. Returns
 *  false, and on_over is not called, when there is none. */
bool sim_call_leave(struct sim_call *c);
void sim_call_finish(struct sim_call *c);

/* dialog.c */
/** What is needed to go on with it later; sim_dialog_deinit() it. False unless it is connected. */
bool sim_call_save(const struct sim_call *c, struct sim_dialog *ret);
/** Go on with it, which is reported as connected. False if one is under way. */
bool sim_call_resume(struct sim_call *c, const struct sim_dialog *d);
