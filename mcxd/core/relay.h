/*
 * Relay
 *
 * What the two legs of a connected conversation say to each other: messages, what became of them, and typing.
 * All of it goes from leg to leg without a change of state. This file only decides whether a message is a
 * repetition of the first line.
 */
#pragma once

#include "mcxd/core/foreign.h"
#include "mcxd/core/leg.h"
#include "mcxd/core/party.h"
#include "proto/diag.h"

#include <stdbool.h>
#include <stdint.h>

/** From the adapters: the leg says something. Its said operation is called, maybe from within. */
void leg_on_said(struct leg *leg, const struct im *im);

/** From a caller's leg: its callee still needs the first line. Its said operation is called, maybe from within. */
void leg_on_said_first(struct leg *leg, uint64_t im_id);

/** From a leg's say operation: the message has been given to the store, and its outcome is what comes of that. */
void leg_on_storing(const struct leg *leg, uint64_t im_id);

/** From the adapters: the outcome of a message that was given to its say operation. */
void leg_on_delivered(struct leg *leg, uint64_t im_id, const struct diag *outcome);

/** Whether the other side's client understands requests of this one's. */
bool leg_can_pass(const struct leg *leg);

/** From the adapters: a request for the other client, which takes it (leg_can_pass()). Its passed operation is called, maybe
 *  from within. */
void leg_on_request(struct leg *leg, const struct foreign_request *r);

/** From the adapters: its client wants no answer any more. */
void leg_on_withdrawn(const struct leg *leg, uint64_t id);

/** From the adapters: what came of a request that was given to its pass operation. is_message: it said something. */
void leg_on_passed(struct leg *leg, const struct foreign_answer *a, bool is_message);

/** The phone that a message was told to has acknowledged it. im_id: LEG_FIRST_LINE, or as it was given to say. */
void leg_on_acknowledged(const struct leg *leg, uint64_t im_id);

/** From the adapters: its user types, or has stopped. */
void leg_on_typing(struct leg *leg, bool active);
