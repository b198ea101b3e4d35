/*
 * Phone leg
 *
 * A phone's side of a conversation. It reports to the phone with events; the HTTPS API calls it when the phone
 * acts. This file decides which events a phone gets about a conversation, and what the phone may do in which
 * state.
 *
 *            accept                     terminate, the other side ends
 *   OFFERED ---------> CONNECTED ------------------------------------> OVER
 *      |                                                                 ^
 *      +------------ declined, cancelled, phone signed out --------------+
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

#include <stdbool.h>
#include <stdint.h>

enum phone_leg_state { PHONE_LEG_OFFERED, PHONE_LEG_CONNECTED, PHONE_LEG_OVER };

struct phone_leg {
	struct leg leg;
	struct list of_phone;
	struct phone *phone; /* NULL once the phone is gone */
	struct fsm fsm;
	uint64_t conversation; /* its id */
	uint64_t started;      /* number of the event that offers it */
	struct delivery delivery;
	struct list sending; /* the phone's messages without an outcome */
	bool peer_types;     /* the other side types, and the phone knows */
	bool typing;         /* the phone's user types */
	struct loop_timer typing_timer;
};

/** A leg for conversation_add_leg(), or NULL if the phone's event queue is full. */
struct leg *phone_leg_new(struct phone *p, const struct conversation *v);

/** The phone's live leg of a conversation, or NULL. */
struct phone_leg *phone_leg_find(const struct phone *p, uint64_t conversation);
enum phone_leg_state phone_leg_get_state(const struct phone_leg *leg);
const struct conversation *phone_leg_conversation(const struct phone_leg *leg);

/** Walk the live legs: NULL starts. */
struct phone_leg *phone_leg_next(const struct phone *p, const struct phone_leg *after);

/* What the phone does in a conversation. */

enum phone_result phone_leg_accept(struct phone *p, uint64_t conversation);
enum phone_result phone_leg_decline(struct phone *p, uint64_t conversation);
/** *ret_message: the id of the message, which the event with its outcome names. */
enum phone_result phone_leg_say(struct phone *p, uint64_t conversation, const struct im *im,
				uint64_t *ret_message);
enum phone_result phone_leg_typing(struct phone *p, uint64_t conversation);
enum phone_result phone_leg_terminate(struct phone *p, uint64_t conversation);

/** Whether the phone's queue has room for the outcome of one more message; otherwise phone_leg_say() is
 *  PHONE_FULL. */
bool phone_leg_has_room(const struct phone *p);

/** The phone signs out: refuse what is offered, end what is connected. */
void phone_leg_drop_all(struct phone *p);

extern const struct fsm_table phone_leg_fsm;
