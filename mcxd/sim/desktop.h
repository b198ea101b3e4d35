/*
 * Simulated desktop
 *
 * A SIP client with one conversation at a time: it registers, invites or is invited, and chats.
 */
#pragma once

#include "mcxd/base/list.h"
#include "mcxd/sim/sim.h"
#include "mcxd/sip/agent.h"

struct desktop_options {
	const char *server;    /* "127.0.0.1:5060" */
	const char *transport; /* "tcp", "udp" */
	const char *user;      /* AoR */
	const char *name;      /* display name; may be NULL */
	const char *peer;      /* AoR to invite; NULL: wait to be invited */
	const char *first_line;
	const char *on_invite; /* "accept", "decline", "ignore" */
	bool echo;
	bool json;
	bool repeat_first_line; /* send it again as a MESSAGE, whatever the 200 says */
	long hang_up_after;     /* messages received; 0: never */
	long cancel_after_ms;   /* of ringing; 0: never */
};

enum call_state { CALL_IDLE, CALL_INVITING, CALL_INVITED, CALL_CONNECTED, CALL_ENDING };

struct call {
	enum call_state state;
	char *peer;
	nta_leg_t *leg;
	nta_outgoing_t *invite; /* ours */
	nta_outgoing_t *bye;
	nta_incoming_t *incoming; /* theirs, while it rings */
	struct text waiting; /* lines typed before the call is connected, each with its line feed */
	struct list unanswered; /* messages sent that have no answer yet */
	long n_received;
	bool sender_was_told; /* "Waiting for a response…" */
	struct loop_timer timer;
};

struct desktop {
	struct loop *loop;
	struct agent *agent;
	const struct desktop_options *options;
	struct sim_input *input;
	struct call call;
	nta_leg_t *registration;
	nta_outgoing_t *registering;
	struct loop_timer refresh;
	bool registered;
	struct text route;   /* "sip:127.0.0.1:5060;transport=tcp" */
	struct text from;    /* "\"Alice\" <sip:alice@lab.test>" */
	struct text contact; /* "<sip:alice@127.0.0.1:40000;transport=tcp>" */
	bool input_ended;
	int exit_code;
};

/** Stop, with this code. */
void desktop_end(struct desktop *d, int exit_code);

/** Print an event about a peer; text may be NULL. */
void desktop_say(struct desktop *d, const char *event, const char *peer, const char *text);

/* ---- call.c ---- */

void call_init(struct desktop *d);
/** There is no call any more; transactions under way are let go. */
void call_deinit(struct desktop *d);
void call_invite(struct desktop *d);
/** A request outside our dialog: an INVITE, or something that gets 405. */
void call_on_request(struct desktop *d, nta_incoming_t *irq, const sip_t *sip);
/** A line that was typed. */
void call_line(struct desktop *d, const char *line);
/** Nothing more will be typed: hang up once all is answered, unless messages are waited for. */
void call_no_more_lines(struct desktop *d);
