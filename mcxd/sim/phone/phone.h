/*
 * Simulated phone
 *
 * What a Lync Mobile app and the phone under it do: it finds its server, signs in, asks the push service for
 * a notification channel, subscribes to pushes, and goes to the background or asks for events.
 *
 *   SIGNING_IN -> FOREGROUND <-> BACKGROUND -> ENDING (from every state)
 *
 * In the FOREGROUND an event request is open; in the BACKGROUND only the carrier connection is. A phone
 * that is configured to wait in the background goes back there when a conversation is over or nothing
 * happens for a while.
 */
#pragma once

#include "mcxd/sim/phone/config.h"
#include "mcxd/sim/sim.h"

#include <stdbool.h>

struct loop;
struct sim_phone;

enum sim_phone_phase {
	SIM_PHONE_SIGNING_IN,
	SIM_PHONE_FOREGROUND,
	SIM_PHONE_BACKGROUND,
	SIM_PHONE_ENDING
};

/** The struct config is copied; its strings, and ops, must outlive the phone. */
struct sim_phone *sim_phone_new(struct loop *l, const struct sim_phone_config *config,
				const struct sim_ops *ops, void *magic);
/** In any state; the server is not told. NULL is fine. */
struct sim_phone *sim_phone_free(struct sim_phone *p);

/** Sign in, then stay in the foreground or go to the background, as config says. A failure is reported and ends
 *  the phone. */
void sim_phone_start(struct sim_phone *p);

/** Hang up, acknowledge what has arrived, sign out if config says so, and end, within two seconds. Returns
 *  false when it is ending already. */
bool sim_phone_end(struct sim_phone *p, enum sim_outcome outcome);

enum sim_phone_phase sim_phone_phase(const struct sim_phone *p);

/** Whether a conversation is open, or one is beginning: an invitation of either side, or one that is to be answered. */
bool sim_phone_is_talking(const struct sim_phone *p);

/** Whether a conversation or an invitation is open, or a message is waiting for one. */
bool sim_phone_is_busy(const struct sim_phone *p);

/* ---- actions: false when there is nothing to act on, and while it is ending ---- */

/** Answer the newest invitation that rings. The app comes to the foreground for it, and asks the server if it knows
 *  of none; that nobody rings is then reported as a problem. False only while it is ending. */
bool sim_phone_accept(struct sim_phone *p);
bool sim_phone_decline(struct sim_phone *p);

/** Open the app; false unless it is in the background. */
bool sim_phone_to_foreground(struct sim_phone *p);

/** Close the app; false unless it is in the foreground and has a channel to be woken by. */
bool sim_phone_to_background(struct sim_phone *p);

/** It was told to wait for toasts: from now on it is where its person puts it. */
void sim_phone_stay(struct sim_phone *p);

/** Invite somebody ("bob@lab.test") with a first line; brings the app to the foreground. */
bool sim_phone_im(struct sim_phone *p, const char *to, const char *text);

/** Send a message in the newest conversation, after earlier ones, or keep it until one that is beginning is connected; if
 *  none is, the message is reported as not sent. False without a conversation, and if the text is empty or SIM_MAX_LINES
 *  (lines.h) are already waiting. */
bool sim_phone_say(struct sim_phone *p, const char *text);

/** Show the other side of the newest conversation that a message is being written. */
bool sim_phone_type(struct sim_phone *p);

/** End the newest conversation once the outcome of every message in it is known, or the newest invitation of its
 *  own. */
bool sim_phone_hang_up(struct sim_phone *p);
/** The same for all conversations, including those that are not connected yet. */
bool sim_phone_hang_up_all(struct sim_phone *p);

/** Lose the network, or find it again. Without it the app shows that nothing can be sent, and what waits for the
 *  server goes on when it is there again. */
void sim_phone_set_online(struct sim_phone *p, bool online);

/** End, and delete application and channel whatever config says. */
bool sim_phone_sign_out(struct sim_phone *p);
