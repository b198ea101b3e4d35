/*
 * Sessions
 *
 * The session descriptions in INVITEs and their answers.
 */
#pragma once

#include "mcxd/front_end/leg.h"
#include "proto/diag.h"
#include "proto/sip/sdp_im.h"
#include "proto/text/text.h"

#include <sofia-sip/sip.h>
#include <stdbool.h>

struct sip_session {
	struct sdp_im sdp;
	struct text outline; /* of an offer, for its answer (sdp_im_outline()) */
};

void sip_session_deinit(struct sip_session *session);

/** Whether a message describes one at all. An INVITE that does not wants our offer (RFC 3261, 13.2.1). */
bool sip_session_is_described(const sip_t *sip);

/** Decode the session that a message describes, alone or in a body of several parts. Returns DIAG_SUCCESS, or why it is not a
 *  session of instant messages, with a static sentence in *ret_why. ret->sdp also says what is offered instead
 *  (DIAG_BAD_MODALITY). */
enum diag_code sip_session_decode(const sip_t *sip, struct sip_session *ret, const char **ret_why);

/** Whether an invitation is to a conference. */
bool sip_session_is_conference(const sip_t *sip);

/** Append the description of our session: an answer to the offer with this outline, or an offer (NULL). Its version grows when
 *  it is another one than before (RFC 3264, 8). Returns what sdp_im_encode() does. */
int sip_session_describe(struct sip_leg *l, const char *outline, struct text *out);
