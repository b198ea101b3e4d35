/*
 * Leg
 *
 * One side of a conversation: a SIP dialog or a phone. The conversation never asks which. A leg embeds struct
 * leg; from route_invite() or conversation_add_leg() on it belongs to its conversation, which ends it through
 * its own free operation.
 *
 * Operations are commands to the leg. What the leg has to say goes to the leg_on_… functions of
 * core/conversation.h and core/relay.h. From within offer it may call leg_on_ringing, from within say
 * leg_on_delivered; everything else it says later, from the loop. The other way round, operations may be called
 * from within any leg_on_… function.
 *
 * In this room why is a cause by its code (a struct diag or an enum leg_cancel), and reason the same in words.
 */
#pragma once

#include "mcxd/base/list.h"
#include "mcxd/core/party.h"
#include "mcxd/core/store_row.h"
#include "proto/diag.h"

#include <stdbool.h>
#include <stdint.h>

struct conversation;
struct foreign;
struct foreign_answer;
struct foreign_request;
struct leg;

enum leg_cancel {
	LEG_CANCEL_CALLER,    /* the caller has cancelled, or its user is gone */
	LEG_CANCEL_TIMEOUT,   /* nobody has answered in time */
	LEG_CANCEL_ELSEWHERE, /* another leg has answered */
	LEG_CANCEL_DECLINED,  /* another leg has refused for all (RFC 3261, 21.6) */
	LEG_CANCEL_SHUTDOWN,  /* the server is shutting down */
	LEG_CANCEL_RESTART    /* the server was restarted */
};

/** Other messages have an id from 1. */
enum { LEG_FIRST_LINE = 0 };

struct leg_ops {
	const char *name; /* "sip", "phone" */

	/* callee, before the answer */
	void (*offer)(struct leg *leg, const struct invitation *inv);
	void (*cancel)(struct leg *leg, enum leg_cancel why);
	void (*alone)(
		struct leg
			*leg); /* nobody else is left who could answer. Not NULL: its client takes
					   messages, but does not say that anybody is there, so it answers only then */

	/* caller, before the answer; either answer or refuse is the one final response */
	void (*ring)(struct leg *leg, const struct party *callee);
	void (*answer)(struct leg *leg, const struct party *callee);
	void (*refuse)(struct leg *leg, const struct diag *why,
		       const struct foreign *as); /* as: in the callee's own words; may be NULL */

	/* connected */
	void (*say_first)(
		struct
		leg *leg); /* caller: the callee still needs the first line. NULL: what was told by
					       answer is enough for its client to say it */
	void (*say)(struct leg *leg, const struct im *im); /* deliver; then leg_on_delivered() */
	void (*said)(struct leg *leg, uint64_t im_id,
		     const struct diag *outcome); /* of a message of its own */
	void (*storing)(
		struct leg *leg,
		uint64_t im_id); /* a message of its own has just been given to the store: by
					    what a repetition of it is known belongs into the same
					    commit; may be NULL */
	void (*acknowledged)(struct leg *leg,
			     uint64_t im_id); /* the other side's phone has it, maybe not for the
						 first time; LEG_FIRST_LINE: the first line. May be NULL */
	void (*typing)(struct leg *leg, bool active);
	/* what only clients of its own protocol understand; NULL: it passes nothing on */
	bool (*pass)(
		struct leg *leg,
		const struct foreign_request *r); /* to its client; then leg_on_passed(), unless
							  nothing was sent (false) */
	void (*passed)(struct leg *leg,
		       const struct foreign_answer *a); /* of a request of its own */
	void (*withdraw)(struct leg *leg,
			 uint64_t id); /* a request that was passed; an answer still comes */

	void (*end)(struct leg *leg); /* the other side has gone */
	void (*settled)(
		struct leg *leg); /* after the end: all that was said has its outcome. Called if
					     the end came before that; may be NULL */
	void (*save)(
		struct leg *leg); /* save what it needs to go on after a restart; may be NULL */

	/** The conversation has finished with it; leg->conversation is NULL. Called some time
	 *  after the last of cancel, refuse and end, or of its own leg_on_refused and leg_on_ended. A
	 *  leg with transactions under way (a CANCEL that crosses a 200, a BYE) lives on by itself
	 *  until they are over. */
	void (*free)(struct leg *leg);
};

struct leg {
	const struct leg_ops *ops;
	struct list of_conversation;
	struct conversation *conversation; /* NULL before and after */
	bool caller;
	const char *epid; /* caller's: of its client, until callees have been rung; may be NULL */
	const char
		*agent; /* caller's: what a phone says of itself, as long; NULL: it is no phone */
	unsigned
		reads; /* what its client can show (proto/text/message_format.h); 0: plain text, or it is
			   not known yet */
	bool done; /* its last operation was called, or it has said its last word */
	enum store_kind row_kind;
	uint64_t row; /* its id in the store; 0: it is not there */
};
