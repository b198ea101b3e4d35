/*
 * Conversation
 *
 * An IM session of two legs: the caller's, and the one callee's leg that answered first. Until then
 * there may be several callees' legs. Exactly one final response goes to the caller, by
 * construction: only the moves out of ALERTING send one.
 *
 *            leg_on_answered                  leg_on_ended (either side)
 *   ALERTING ---------------> CONNECTED ------------------------------> ENDED
 *      |                                                                  ^
 *      +--- last callee refused, timeout, caller cancelled ---------------+
 */
#pragma once

#include "mcxd/core/leg.h"
#include "mcxd/core/note.h"
#include "mcxd/core/user.h"

struct conversation {
	struct core *core;
	uint64_t id;
	struct fsm fsm;
	char key[NOTE_KEY_SIZE];
	struct user *caller; /* NULL: not one of ours */
	struct user *callee;
	char *from, *from_name, *to, *subject, *importance, *thread_id;
	char *first_line, *first_line_type;
	unsigned hops; /* Max-Forwards of what goes on to the callee */
	struct list legs;
	struct leg *caller_leg;
	struct leg *callee_leg; /* the one that answered */
	struct diag outcome; /* the best refusal so far; final at the end. Its info is not used: */
	char *outcome_info;  /* what came with it */
	char *obstacle;      /* why nobody may come, as push knows it: info="…" of the 408 */
	bool pushed;         /* a clearing house has taken a notice: there is no obstacle */
	int64_t began_wall_us, answered_wall_us, ended_wall_us;
	unsigned n_messages;  /* first line not counted */
	bool repeat_possible; /* the next MESSAGE may be the first line repeated */
	int64_t repeat_until_ms;
	uint64_t free_post; /* the posted call that frees it */
};

/** A caller's leg brings an invitation. Routes it and rings all endpoints of the callee. Whatever
 *  happens, the leg's final is decided by the conversation from now on, possibly at once (unknown
 *  user, nobody registered, limits). Returns the conversation's id. */
uint64_t conversation_new(struct core *c, struct leg *caller, const struct invitation *inv);

/** Add a callee's leg (core/route); it is offered the invitation. */
void conversation_add_leg(struct conversation *v, struct leg *leg);

/** From the adapters: a callee rings, answers, refuses; the caller cancels. */
void leg_on_ringing(struct leg *leg, const struct party *callee);
void leg_on_answered(struct leg *leg, const struct party *callee);
void leg_on_refused(struct leg *leg, const struct diag *why);
void leg_on_cancelled(struct leg *leg);

/** From the adapters, connected: it says something, got something, types, or has gone. */
void leg_on_said(struct leg *leg, const struct im *im);
void leg_on_delivered(struct leg *leg, uint64_t im_id, const struct diag *outcome);
void leg_on_typing(struct leg *leg, bool active);
void leg_on_ended(struct leg *leg);

/** Why the callee may never come back ("No push subscription for target device"). */
void conversation_set_obstacle(struct conversation *v, const char *obstacle);

/** A push to a phone of the callee was taken. */
void conversation_set_pushed(struct conversation *v);

/** The other end of a leg. */
struct leg *conversation_peer(const struct conversation *v, const struct leg *leg);

/** End every conversation that a user who is being removed is part of. */
void conversations_of_removed(struct user *u);

/** End all of them, with 503 to callers who still wait and to those who come from now on: the daemon goes
 *  down. */
void conversations_shut_down(struct core *c);

/** Free what has ended, summaries included. Nothing is under way any more. */
void conversations_forget(struct core *c);

struct conversation *conversation_find(const struct core *c, uint64_t id);
struct conversation *conversation_next(const struct core *c, uint64_t *cursor);

extern const struct fsm_table conversation_fsm;
