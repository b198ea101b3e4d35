/*
 * Call: what its files share
 *
 * call.c is the call from its connection to its end, and when it is invited; inviting.c is how it invites.
 */
#pragma once

#include "mcxd/sim/call.h"
#include "mcxd/sim/sim.h"
#include "proto/text/text.h"

#include <sofia-sip/nta.h>

#define SIM_CALL_ALLOWED "INVITE, ACK, CANCEL, BYE, MESSAGE, INFO"

/** Report an event; its summary is "peer: text". Both may be NULL. */
void sim_call_tell(struct sim_call *c, enum sim_event_kind kind, const char *peer,
		   const char *text);

/** The other side has accepted, or we have: say what waits to be said. */
void sim_call_connect(struct sim_call *c);

/** Back to IDLE, with nothing sent but a 480 to an INVITE that rings. */
void sim_call_end(struct sim_call *c, enum sim_outcome outcome);

/** Append our description of a session of instant messages. */
void sim_call_add_sdp(const struct sim_call *c, struct text *sdp);

/** A request in the dialog; the magic of its leg is the call. */
nta_request_f sim_call_on_dialog_request;
