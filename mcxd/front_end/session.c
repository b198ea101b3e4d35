/*
 * Sessions
 */
#include "mcxd/front_end/session.h"

#include "mcxd/front_end/address.h"
#include "mcxd/front_end/field.h"
#include "proto/diag.h"
#include "proto/sip/conf_invite.h"
#include "proto/sip/sdp_im.h"
#include "proto/text/content_type.h"
#include "proto/text/mem.h"
#include "proto/text/multipart.h"

#include <errno.h>
#include <sofia-sip/sip_header.h>

enum { MAX_PARTS = 16 };

static enum diag_code decode_sdp(const char *p, size_t n, struct sdp_im *ret, const char **ret_why)
{
	if (sdp_im_decode(p, n, ret, ret_why))
		return DIAG_BAD_SDP;
	*ret_why = "The session is not a session of instant messages";
	return ret->im ? DIAG_SUCCESS : DIAG_BAD_MODALITY;
}

/* Of several descriptions the last one is the best: Lync puts one for older clients in front of it (RFC 5621, 3.1; RFC
 * 2046, 5.1.4). */
static enum diag_code decode_parts(const struct content_type *type, const sip_payload_t *body,
				   struct sdp_im *ret, const char **ret_why)
{
	enum diag_code code = DIAG_BAD_TYPE;
	struct multipart_part part;
	struct multipart parts;
	int r = multipart_init(&parts, type->boundary, body->pl_data, body->pl_len, MAX_PARTS,
			       ret_why);

	while (!r) {
		struct content_type inner;

		r = multipart_next(&parts, &part, ret_why);
		if (!r && multipart_type(&part, &inner, ret_why))
			r = -EINVAL;
		if (!r && !strcmp(inner.type, SDP_IM_CONTENT_TYPE))
			code = decode_sdp(part.p, part.n, ret, ret_why);
	}
	if (r < 0)
		return DIAG_BAD_REQUEST;
	if (code == DIAG_BAD_TYPE)
		*ret_why = "No part of the body is a session description";
	return code;
}

/* What the conference is about, as if it were offered. */
static enum diag_code decode_conference(const sip_payload_t *body, struct sdp_im *ret,
					const char **ret_why)
{
	struct conf_invite invite;

	if (conf_invite_decode(body->pl_data, body->pl_len, &invite, ret_why))
		return DIAG_BAD_SDP;
	*ret = (struct sdp_im){ .im = invite.im, .audio = invite.audio, .video = invite.video };
	*ret_why = "Joining a conference is not supported";
	return DIAG_BAD_MODALITY;
}

bool sip_session_is_conference(const sip_t *sip)
{
	return sip->sip_content_type &&
	       !strcasecmp(sip->sip_content_type->c_type, CONF_INVITE_CONTENT_TYPE);
}

enum diag_code sip_session_decode(const sip_t *sip, struct sdp_im *ret, const char **ret_why)
{
	struct content_type type;

	*ret_why = "The session description is missing";
	if (!sip->sip_content_type || !sip->sip_payload)
		return DIAG_BAD_SDP;
	CLEANUP(mem_free_string) char *value = field_text(sip->sip_content_type);
	if (content_type_decode(value, &type, ret_why))
		return DIAG_BAD_REQUEST;
	if (!strcmp(type.type, CONF_INVITE_CONTENT_TYPE))
		return decode_conference(sip->sip_payload, ret, ret_why);
	if (!strncmp(type.type, "multipart/", 10))
		return decode_parts(&type, sip->sip_payload, ret, ret_why);
	*ret_why = "The body is not a session description";
	if (strcmp(type.type, SDP_IM_CONTENT_TYPE) != 0)
		return DIAG_BAD_TYPE;
	return decode_sdp(sip->sip_payload->pl_data, sip->sip_payload->pl_len, ret, ret_why);
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
