/*
 * Sessions
 */
#include "mcxd/front_end/session.h"

#include "mcxd/front_end/address.h"
#include "proto/diag.h"
#include "proto/sip/sdp_im.h"
#include "proto/text/content_type.h"

#include <sofia-sip/sip_header.h>

enum diag_code sip_session_decode(const sip_t *sip, struct sdp_im *ret, const char **ret_why)
{
	struct content_type type;

	*ret_why = "The session description is missing";
	if (!sip->sip_content_type || !sip->sip_payload)
		return DIAG_BAD_SDP;
	if (content_type_decode(sip->sip_content_type->c_type, &type, ret_why))
		return DIAG_BAD_REQUEST;
	*ret_why = "Joining a conference is not supported";
	if (!strcmp(type.type, "application/ms-conf-invite+xml"))
		return DIAG_BAD_MODALITY;
	*ret_why = "The body is not a session description";
	if (strcmp(type.type, SDP_IM_CONTENT_TYPE) != 0)
		return DIAG_BAD_TYPE;
	if (sdp_im_decode(sip->sip_payload->pl_data, sip->sip_payload->pl_len, ret, ret_why))
		return DIAG_BAD_SDP;
	*ret_why = "The session is not a session of instant messages";
	return ret->im ? DIAG_SUCCESS : DIAG_BAD_MODALITY;
}

int sip_session_encode(const struct front_end *s, const char *transport,
		       struct sdp_im_session *session, struct text *out)
{
	char host[64], *address = host;

	front_end_address(s, transport, host, &session->port);
	if (*host == '[') {
		address++;
		host[strcspn(host, "]")] = '\0';
	}
	session->address = address;
	return sdp_im_encode(out, session);
}
