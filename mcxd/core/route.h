/*
 * Route
 *
 * Who is rung. An invitation rings every registered contact and every signed-in phone of the callee, all at once,
 * unless the callee is unknown or has no endpoint, or one of the two users has too many conversations. A phone
 * that calls its own user rings the others.
 */
#pragma once

#include "mcxd/core/core.h"
#include "mcxd/core/leg.h"
#include "mcxd/core/party.h"
#include "mcxd/core/phone.h"
#include "proto/diag.h"

#include <stdbool.h>
#include <stdint.h>

/** A caller's leg brings an invitation: begin a conversation and ring. Whatever happens, the leg's final response
 *  is up to the conversation from now on, and may come from within this call. Returns the conversation's id. */
uint64_t route_invite(struct core *c, struct leg *caller, const struct invitation *inv);

/** What an invitation to this address would be refused with at once, DIAG_SUCCESS: nothing, somebody would be rung. is_local: as
 *  in struct invitation. */
enum diag_code route_check(const struct core *c, const char *aor, bool is_local);

/** What a phone asks for. The strings are valid during the call only. */
struct route_call {
	const char *to;         /* AoR */
	const char *subject;    /* may be NULL */
	const char *importance; /* as in struct invitation; may be NULL */
	const char *thread_id;  /* may be NULL: a new one */
	const char *first_line; /* may be NULL */
	const char *first_line_type;
	const char *operation_id; /* may be NULL */
	const char *key;          /* the journal's key of the request; may be NULL */
};

/** Whether the phone's user may invite somebody: PHONE_OK; PHONE_FULL if the phone has too many events, PHONE_BUSY if its user has too many conversations;
 *  PHONE_EXISTS or PHONE_THREAD_EXISTS if it has an invitation or conversation with this operation id or thread
 *  id. */
enum phone_result route_check_call(const struct phone *p, const struct route_call *call);

/** The same, and do it. What comes of it is reported by events, also if nobody can be rung. */
enum phone_result route_call(struct phone *p, const struct route_call *call, uint64_t *ret_id);
