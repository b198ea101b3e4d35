/*
 * HTTPS API: conversations
 */
#pragma once

#include "mcxd/core/party.h"
#include "proto/ucwa/resource.h"
#include "web/ucwa/operation.h"

#include <stdbool.h>
#include <stdint.h>

struct hal;
struct ucwa;
struct ucwa_request;

ucwa_h ucwa_get_conversations, ucwa_get_conversation, ucwa_leave_conversation,
	ucwa_get_participants, ucwa_get_participant, ucwa_get_participant_messaging,
	ucwa_get_messaging, ucwa_get_typing_participants;

/** Whether this is the address of one of our users. */
bool ucwa_is_known(const struct ucwa *u, const char *aor);

/** Whether the user has heard of somebody who is no user: in a conversation, or by a call that was missed. */
bool ucwa_is_acquainted(const struct ucwa_request *q, const char *aor);

/** What the other side of the conversation can show, as in struct leg (core/leg.h). */
unsigned ucwa_peer_reads(const struct ucwa_request *q, uint64_t conversation);

/** UCWA's word for what an invitation is for. */
enum ucwa_what ucwa_what_of(enum invitation_what what);

/** Describe the live conversation of this number. False: there is none. */
bool ucwa_view(const struct ucwa_request *q, uint64_t number, struct ucwa_conversation *ret);
/** Whether the live conversation of the request is connected. */
bool ucwa_is_connected(const struct ucwa_request *q);
