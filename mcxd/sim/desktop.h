/*
 * Simulated desktop
 *
 * A SIP client with one conversation at a time: it registers, invites or is invited, and chats.
 *
 * It registers again after half of the time that the server grants, by the clock of its loop: one that a lab
 * hosts stays registered when the lab's clock is advanced, one of another process does not.
 */
#pragma once

#include "mcxd/sim/desktop_config.h"
#include "mcxd/sim/sim.h"

#include <stdbool.h>

struct sim_desktop;
struct sim_dialog;
struct stack;

/** Whether s can be an address of record in a SIP header. */
bool sim_desktop_is_address(const char *s);

/** The struct config is copied; its strings, and ops, must outlive the desktop. */
struct sim_desktop *sim_desktop_new(struct stack *stack, const struct sim_desktop_config *config,
				    const struct sim_ops *ops, void *magic);
/** In any state. The registration is left to expire; sim_desktop_end() removes it. NULL is fine. */
struct sim_desktop *sim_desktop_free(struct sim_desktop *d);

/** Listen on a free port of 127.0.0.1 and register. A failure is reported and ends the desktop. */
void sim_desktop_start(struct sim_desktop *d);

/** Cancel or end the conversation, unregister, and end, within two seconds. Returns false when it is ending
 *  already. */
bool sim_desktop_end(struct sim_desktop *d, enum sim_outcome outcome);

bool sim_desktop_is_ending(const struct sim_desktop *d);

/** As it registers it, "<sip:alice@127.0.0.1:40000;transport=tcp>". */
const char *sim_desktop_contact(const struct sim_desktop *d);

bool sim_desktop_is_registered(const struct sim_desktop *d);

/** What its conversation is doing. */
enum sim_call_state sim_desktop_state(const struct sim_desktop *d);

/** What is needed to go on with its conversation later; sim_dialog_deinit() it. False unless it is connected. */
bool sim_desktop_save(const struct sim_desktop *d, struct sim_dialog *ret);

/* ---- actions: false when there is nothing to act on, and while it is ending ---- */

/** Invite somebody; an address without a domain gets the user's domain. first_line travels in the INVITE.
 *  False if the desktop is not registered or not idle, or if peer is not an address. */
bool sim_desktop_invite(struct sim_desktop *d, const char *peer, const char *first_line);

/** Send a message, or keep it until the conversation is connected; if that fails, the message is reported as not sent.
 *  False without a conversation, and if the text is empty or SIM_MAX_LINES (lines.h) are already waiting. */
bool sim_desktop_say(struct sim_desktop *d, const char *text);

/** Whether one more message can be sent or kept. */
bool sim_desktop_has_room(const struct sim_desktop *d);

/** Show the other side that a message is being written. False unless a conversation is connected. */
bool sim_desktop_type(struct sim_desktop *d);

/** Answer the invitation that was left ringing (SIM_IGNORE). */
bool sim_desktop_accept(struct sim_desktop *d);
bool sim_desktop_decline(struct sim_desktop *d);

/** End the conversation once every message sent is answered, or cancel our invitation. */
bool sim_desktop_hang_up(struct sim_desktop *d);

/** Nothing more will be said: hang up this conversation, or the next, once every message sent is answered
 *  (with hang_up_after, not before that many were received). */
void sim_desktop_finish(struct sim_desktop *d);
