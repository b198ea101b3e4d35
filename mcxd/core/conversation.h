/*
 * Conversation
 *
 * An IM session of two legs: the caller's, and that of the callee's legs which answered first. Until then there
 * may be several of the callee's legs. This file decides what is next: it holds the machine, and exactly one
 * final response goes to the caller by construction, because only the moves out of ALERTING send one. Who is
 * rung is decided in core/route.h; what the connected legs say to each other goes through core/relay.h.
 *
 *            leg_on_answered                  leg_on_ended (either side)
 *   ALERTING ---------------> CONNECTED ------------------------------> ENDED
 *      |                          | the same, with messages under way     ^ ^
 *      |                          +-----------------> CLOSING ------------+ |
 *      |                                              all have an outcome   |
 *      +--- last callee refused, timeout, caller cancelled, restart --------+
 *
 * A message that has been passed on may arrive although the conversation ends, so its sender learns what became of it
 * before it learns of the end.
 */
#pragma once

#include "mcxd/base/fsm.h"
#include "mcxd/base/list.h"
#include "mcxd/core/core.h"
#include "mcxd/core/foreign.h"
#include "mcxd/core/leg.h"
#include "mcxd/core/note.h"
#include "mcxd/core/party.h"
#include "mcxd/core/user.h"
#include "proto/diag.h"

#include <stdbool.h>
#include <stdint.h>

struct conversation {
	struct core *core;
	uint64_t id;
	struct fsm fsm;
	char key[NOTE_KEY_SIZE];
	struct user *caller; /* charged for it; NULL: not one of ours, or nobody is charged */
	struct user *callee; /* charged for it; NULL: nobody is */
	char *from, *from_name, *to, *to_name, *subject, *importance, *thread_id;
	char *first_line, *first_line_type;
	char *preview; /* the first line for people, as plain text */
	int64_t timeout_ms;
	struct list legs;
	struct list spread; /* struct spread */
	struct leg *caller_leg;
	struct leg *callee_leg; /* the one that answered */
	const struct foreign
		*offer;      /* of the caller's client, while its callees are rung; may be NULL */
	struct diag outcome; /* the best refusal until then, final at the end; its info is reason */
	struct foreign
		*outcome_as;  /* the same in the words of the endpoint that refused; may be NULL */
	char *reason;         /* what came with the outcome, in words; may be NULL */
	char *timeout_reason; /* reason for the 408: why no push was accepted; NULL: none is known */
	int64_t began_wall_us, answered_wall_us, ended_wall_us;
	int64_t repeat_until_ms;
	uint64_t free_post; /* the posted call that frees it */
	enum media media;
	uint64_t only_phone;  /* of the callee's endpoints; 0: all */
	unsigned hops;        /* Max-Forwards of what goes on to the callee */
	unsigned n_messages;  /* without the first line */
	unsigned n_under_way; /* messages without an outcome */
	bool conference;      /* see struct invitation, */
	bool may_repeat;      /* and here */
	bool repeat_possible; /* the caller's next MESSAGE may be the first line repeated */
	bool pushed;          /* a push was accepted, so timeout_reason stays NULL */
	bool is_saved;        /* in the store */
	bool is_proxied;      /* to an endpoint that speaks for itself, or to several */
	bool paged;           /* see struct invitation */
};

/** Make a conversation in ALERTING with the caller's leg. It rings nobody yet: see route_invite(). */
struct conversation *conversation_new(struct core *c, struct leg *caller,
				      const struct invitation *inv);

/** Free it with its legs, at once. The loop does so after the end. */
void conversation_free(struct conversation *v);

/** Add a callee's leg; it is offered the invitation. */
void conversation_add_leg(struct conversation *v, struct leg *leg);

/** After a restart: a conversation without legs, its legs, and then, once all are there, that it goes on, or that the
 *  restart has ended it: because it was not connected, or because a leg is gone. */
struct conversation *conversation_restore(struct core *c, uint64_t id,
					  const struct invitation *inv);
void conversation_restore_leg(struct conversation *v, struct leg *leg, bool caller);
void conversation_resume(struct conversation *v);

/** What it is for a phone. */
enum invitation_what conversation_what(const struct conversation *v);

/** End it from the server's side: refuse a waiting caller, end connected legs. Does nothing if it has ended. */
void conversation_end(struct conversation *v, const struct diag *why);

/** Its invitation's timeout comes now. False if it does not ring. */
bool conversation_expire(struct conversation *v);

/** End it from the server's side, because the server is shutting down: a connected one goes on after the restart if the store is on disk. */
void conversation_shut_down(struct conversation *v);

/** From the adapters: a callee rings, answers or refuses; the caller cancels; either side has gone. */
void leg_on_ringing(struct leg *leg, const struct party *callee);
void leg_on_answered(struct leg *leg, const struct party *callee);
void leg_on_refused(struct leg *leg, const struct diag *why);
/** The same with what the endpoint itself said, for a caller who speaks its protocol. */
void leg_on_refused_as(struct leg *leg, const struct diag *why, const struct foreign *as);
/** A callee takes it at another address (a URI), and nobody else need ring. */
void leg_on_redirected(struct leg *leg, const char *target);
void leg_on_cancelled(struct leg *leg);
void leg_on_ended(struct leg *leg);

/** Why a push does not bring the callee, for the 408 ("No push subscription for target device"). Ignored after
 *  conversation_set_pushed(). */
void conversation_set_timeout_reason(struct conversation *v, const char *reason);

/** A push to one of the callee's phones was accepted. */
void conversation_set_pushed(struct conversation *v);

/** Why it has ended as it did, in words. */
const char *conversation_reason(const struct conversation *v);

/** When the invitation fails unless it is answered, by the lab's calendar; 0: it rings no longer. */
int64_t conversation_deadline_us(const struct conversation *v);

bool conversation_is_connected(const struct conversation *v);

/** From core/relay: no message is under way. */
void conversation_on_settled(struct conversation *v);

/** The other one of the two connected legs. */
struct leg *conversation_peer(const struct conversation *v, const struct leg *leg);

/** Whom a leg's user talks to. The name may be NULL. */
const char *conversation_peer_aor(const struct conversation *v, const struct leg *leg);
const char *conversation_peer_name(const struct conversation *v, const struct leg *leg);

/** What the other side of a leg can show, as in struct leg. */
unsigned conversation_peer_reads(const struct leg *leg);

/** Its key in the journal, "conv:17". */
void conversation_key(char ret[NOTE_KEY_SIZE], uint64_t id);

struct conversation *conversation_find(const struct core *c, uint64_t id);
/** Walk: start with *cursor = 0. */
struct conversation *conversation_next(const struct core *c, uint64_t *cursor);

extern const struct fsm_table conversation_fsm;
