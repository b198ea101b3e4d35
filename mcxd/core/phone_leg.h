/*
 * Phone leg
 *
 * A phone's side of a conversation: what is the same for a phone that is called (core/phone_callee.h) and for one
 * that calls (core/phone_caller.h). It reports to the phone with events; the HTTPS API calls it when the phone
 * acts. This file decides which events a phone gets in a connected conversation, and what the phone may do in which
 * state.
 *
 *        offered               accepted
 *   NEW ---------> OFFERED -----------------+
 *    |                |                     v       terminate, the other side ends
 *    | calls          | declined,       CONNECTED -------------------------> OVER
 *    |                | cancelled           ^                                 ^
 *    |                +---------------------|---------------------------------+
 *    |                       answered       |                                 |
 *    +-----------> CALLING -----------------+                                 |
 *                     |                                                       |
 *                     +------ refused, cancelled, phone signed out -----------+
 */
#pragma once

#include "mcxd/base/fsm.h"
#include "mcxd/base/list.h"
#include "mcxd/base/loop.h"
#include "mcxd/core/conversation.h"
#include "mcxd/core/delivery.h"
#include "mcxd/core/leg.h"
#include "mcxd/core/party.h"
#include "mcxd/core/phone.h"
#include "proto/diag.h"

#include <stdbool.h>
#include <stdint.h>

enum phone_leg_state {
	PHONE_LEG_NEW,
	PHONE_LEG_OFFERED,
	PHONE_LEG_CALLING,
	PHONE_LEG_CONNECTED,
	PHONE_LEG_OVER
};

enum phone_leg_event {
	PHONE_LEG_ON_OFFERED,
	PHONE_LEG_ON_CALLS,
	PHONE_LEG_ON_ANSWERED,
	PHONE_LEG_ON_OVER
};

struct phone_leg {
	struct leg leg;
	struct list of_phone;
	struct phone *phone; /* NULL once the phone is gone */
	struct fsm fsm;
	uint64_t conversation; /* its id; 0 before phone_leg_begin() */
	uint64_t started;      /* number of the event that begins it */
	char *operation_id;    /* of the invitation; may be NULL */
	struct delivery delivery;
	uint64_t phone_id;   /* also once it is gone */
	struct list sending; /* the phone's messages without an outcome */
	bool is_ending; /* for the other side it has ended, and the phone will learn of it after their outcome */
	bool peer_types; /* the other side types */
	uint64_t
		typing_event; /* the number of the event that says so; 0: there was no room for it */
	bool typing;          /* the phone's user types */
	bool cancels;         /* the phone has cancelled its invitation */
	bool is_notice;       /* the app does not see it: the phone does not take calls */
	enum invitation_what what;
	struct loop_timer typing_timer;
};

static inline struct phone_leg *phone_leg_of(struct leg *leg)
{
	return LIST_ENTRY(leg, struct phone_leg, leg);
}

/** A leg in NEW. */
struct phone_leg *phone_leg_new(struct phone *p, const struct leg_ops *ops);

/** It belongs to this conversation: leave NEW by PHONE_LEG_ON_OFFERED or PHONE_LEG_ON_CALLS. */
void phone_leg_begin(struct phone_leg *l, const struct conversation *v, enum phone_leg_event event);

/** The same after a restart, without events; its members are filled in. */
void phone_leg_restore(struct phone_leg *l, bool connected);

/* Operations (core/leg.h) that do not depend on who called whom. */
void phone_leg_op_say(struct leg *leg, const struct im *im);
void phone_leg_op_said(struct leg *leg, uint64_t im_id, const struct diag *outcome);
void phone_leg_op_typing(struct leg *leg, bool active);
void phone_leg_op_end(struct leg *leg);
void phone_leg_op_settled(struct leg *leg);
void phone_leg_op_save(struct leg *leg);
void phone_leg_op_free(struct leg *leg);

/** The part of a table of operations that both kinds of phone legs have. */
#define PHONE_LEG_OPS                                                                              \
	.name = "phone", .say = phone_leg_op_say, .said = phone_leg_op_said,                       \
	.typing = phone_leg_op_typing, .end = phone_leg_op_end, .settled = phone_leg_op_settled,   \
	.save = phone_leg_op_save, .free = phone_leg_op_free

/** The phone's live leg of a conversation, or NULL, also if the app does not see it. */
struct phone_leg *phone_leg_find(const struct phone *p, uint64_t conversation);
enum phone_leg_state phone_leg_get_state(const struct phone_leg *leg);
/** Whether the other side is typing. */
bool phone_leg_peer_types(const struct phone_leg *leg);
const struct conversation *phone_leg_conversation(const struct phone_leg *leg);

/** Walk the live legs that the app sees: NULL starts. */
struct phone_leg *phone_leg_next(const struct phone *p, const struct phone_leg *after);

/* What the phone does in a connected conversation. */

/** *ret_message: the id of the message, which the event with its outcome names. */
enum phone_result phone_leg_say(struct phone *p, uint64_t conversation, const struct im *im,
				uint64_t *ret_message);
enum phone_result phone_leg_typing(struct phone *p, uint64_t conversation);
enum phone_result phone_leg_terminate(struct phone *p, uint64_t conversation);

/** Whether the phone's queue has room for the outcome of one more message; otherwise phone_leg_say() is
 *  PHONE_FULL. */
bool phone_leg_has_room(const struct phone *p);

/** The phone signs out: refuse what is offered, cancel its calls, end what is connected. */
void phone_leg_drop_all(struct phone *p);

extern const struct fsm_table phone_leg_fsm;
