/*
 * Sessions
 *
 * The session descriptions in INVITEs and their answers.
 */
#pragma once

#include "mcxd/front_end/private.h"
#include "proto/diag.h"
#include "proto/sip/sdp_im.h"
#include "proto/text/text.h"

#include <sofia-sip/sip.h>
#include <stdbool.h>

/** Decode the session that a message describes. Returns DIAG_SUCCESS, or why it is not a session of instant
 *  messages, with a static sentence in *ret_why. *ret also says what is offered instead (DIAG_BAD_MODALITY). */
enum diag_code sip_session_decode(const sip_t *sip, struct sdp_im *ret, const char **ret_why);

/** Whether an invitation is to a conference. */
bool sip_session_is_conference(const sip_t *sip);

/** Append the description of a session of ours; its address and port are filled in. Returns what
 *  sdp_im_encode() does. */
int sip_session_encode(const struct front_end *s, const char *transport,
		       struct sdp_im_session *session, struct text *out);
