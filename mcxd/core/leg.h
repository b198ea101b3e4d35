/*
 * Leg
 *
 * One side of a conversation: a SIP dialog or a phone. The conversation never asks which. A leg
 * embeds struct leg; it belongs to its conversation from conversation_new() or
 * conversation_add_leg() on, and is freed by the conversation through its own free operation.
 *
 * Operations are commands to the leg; what the leg has to say goes to the leg_on_… functions of
 * core/conversation.h. From within offer it may say leg_on_ringing, from within say
 * leg_on_delivered; everything else it says later, from the loop. The other way round, operations
 * may be called from within any leg_on_… function.
 */
#pragma once

#include "mcxd/base/list.h"
#include "mcxd/core/party.h"
#include "proto/diag.h"

struct leg;
struct conversation;

enum leg_cancel {
	LEG_CANCEL_CALLER,
	LEG_CANCEL_TIMEOUT,
	LEG_CANCEL_ELSEWHERE,
	LEG_CANCEL_SHUTDOWN
};

struct leg_ops {
	const char *name; /* "sip", "phone" */

	/* callee, before the answer */
	void (*offer)(struct leg *leg, const struct invitation *inv);
	void (*cancel)(struct leg *leg, enum leg_cancel why);

	/* caller, before the answer; refuse and answer are the one final response */
	void (*ring)(struct leg *leg, const struct party *callee);
	void (*answer)(struct leg *leg, const struct party *callee);
	void (*refuse)(struct leg *leg, const struct diag *why);

	/* connected */
	void (*say)(struct leg *leg, const struct im *im); /* deliver; then leg_on_delivered() */
	void (*said)(struct leg *leg, uint64_t im_id,
		     const struct diag *outcome); /* of its own im */
	void (*typing)(struct leg *leg, bool active);
	void (*end)(struct leg *leg); /* the other side has gone */

	/** The conversation has no more use for it, some time after the last of cancel, refuse, end
	 * or its own leg_on_refused/ended. A leg with transactions still under way (a CANCEL that a
	 * 200 may cross, a BYE) lives on by itself until they are over. leg->conversation is NULL.
	 */
	void (*free)(struct leg *leg);
};

struct leg {
	const struct leg_ops *ops;
	struct list of_conversation;
	struct conversation *conversation; /* NULL before and after */
	bool caller;
	bool done; /* it has had its last operation, or has said its last word */
};
