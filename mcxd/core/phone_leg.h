/*
 * Phone leg
 *
 * A phone's side of a conversation. It says everything by events, and hears by the API.
 *
 *            accept                     terminate, the other side ends
 *   OFFERED ---------> CONNECTED ------------------------------------> OVER
 *      |                                                                 ^
 *      +------------ declined, cancelled, phone signed out --------------+
 */
#pragma once

#include "mcxd/core/conversation.h"
#include "mcxd/core/phone.h"

enum phone_leg_state { PHONE_LEG_OFFERED, PHONE_LEG_CONNECTED, PHONE_LEG_OVER };

struct phone_leg {
	struct leg leg;
	struct list of_phone;
	struct phone *phone; /* NULL once the phone is gone */
	struct fsm fsm;
	uint64_t conversation; /* its id */
	uint64_t started;      /* number of the event that offers it */
	uint64_t newest;       /* number of the newest event worth a push */
	uint64_t pushed;       /* number of the newest event that a push was sent for */
	char *newest_text;     /* what that push would show; may be NULL */
	struct list sending;   /* messages of the phone's that have no outcome yet */
	bool peer_types;       /* and the phone was told */
	bool typing;           /* the phone's user types */
	struct loop_timer typing_timer;
};

/** A leg for conversation_add_leg(), or NULL when the phone's event queue is full. */
struct leg *phone_leg_new(struct phone *p, const struct conversation *v);

/** The phone's live leg of a conversation, or NULL. */
struct phone_leg *phone_leg_find(const struct phone *p, uint64_t conversation);
enum phone_leg_state phone_leg_get_state(const struct phone_leg *leg);
const struct conversation *phone_leg_conversation(const struct phone_leg *leg);

/** Walk the live legs: NULL starts. */
struct phone_leg *phone_leg_next(const struct phone *p, const struct phone_leg *after);

/** The phone signs out: refuse what is offered, end what is connected. */
void phone_legs_drop(struct phone *p);

extern const struct fsm_table phone_leg_fsm;
