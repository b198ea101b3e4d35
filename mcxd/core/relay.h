/*
 * Relay
 *
 * What the two legs of a connected conversation say to each other: messages, what became of them, and typing.
 * All of it goes from leg to leg without a change of state. This file only decides whether a message is a
 * repetition of the first line.
 */
#pragma once

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

/** From the adapters: its user types, or has stopped. */
void leg_on_typing(struct leg *leg, bool active);
