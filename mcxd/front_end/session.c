/*
 * Sessions
 */
#include "mcxd/front_end/session.h"

#include "mcxd/base/hash.h"
#include "mcxd/core/conversation.h"
#include "mcxd/front_end/address.h"
#include "mcxd/front_end/field.h"
#include "mcxd/front_end/leg.h"
#include "proto/diag.h"
#include "proto/sip/conf_invite.h"
#include "proto/sip/sdp_im.h"
#include "proto/text/content_type.h"
#include "proto/text/mem.h"
#include "proto/text/multipart.h"
#include "proto/text/text.h"

#include <errno.h>
#include <sofia-sip/sip_header.h>
#include <sofia-sip/su_alloc.h>
#include <strings.h>

enum { MAX_PARTS = 16 };

/* A session description among the parts of a body. */
struct found {
	struct multipart_part part;
	bool any;
	bool fallback; /* it is for a server of 2007 ([MS-SIPRE]) */
};

static enum diag_code decode_sdp(const char *p, size_t n, struct sip_session *ret,
				 const char **ret_why)
{
	if (sdp_im_decode(p, n, &ret->sdp, ret_why))
		return DIAG_BAD_SDP;
	*ret_why = "The session is not a session of instant messages";
	if (!ret->sdp.im)
		return DIAG_BAD_MODALITY;
	text_reset(&ret->outline);
	sdp_im_outline(p, n, &ret->outline);
	return DIAG_SUCCESS;
}

/* What its Content-Disposition says of a part. */
struct disposition {
	bool required; /* to be understood */
	bool fallback;
};

static struct disposition disposition_of(const struct multipart_part *part)
{
	struct disposition d = { .required = false };
	su_home_t home[1] = { SU_HOME_INIT(home) };
	char value[MULTIPART_FIELDS_SIZE];
	const sip_content_disposition_t *parsed;

	if (!multipart_field(part, "Content-Disposition", value))
		return d;
	su_home_init(home);
	parsed = sip_content_disposition_make(home, value);
	if (parsed) {
		d.required = parsed->cd_required;
		d.fallback = msg_header_find_param(parsed->cd_common, "ms-proxy-2007fallback");
	}
	su_home_deinit(home);
	return d;
}

/* Of several descriptions the last one is the best (RFC 2046, 5.1.4), except the one that Lync adds for older servers.
 * What else is there may be ignored unless it says that it may not (RFC 3261, 20.11). */
static enum diag_code look_at_part(struct multipart *parts, const struct multipart_part *part,
				   struct found *found, const char **ret_why)
{
	struct disposition disposition = disposition_of(part);
	struct content_type type;

	if (multipart_type(part, &type, ret_why))
		return DIAG_BAD_REQUEST;
	if (!strncmp(type.type, "multipart/", 10))
		return multipart_enter(parts, part, type.boundary, ret_why) ? DIAG_BAD_REQUEST
									    : DIAG_SUCCESS;
	if (strcmp(type.type, SDP_IM_CONTENT_TYPE) != 0) {
		*ret_why = "A part of the body that must be understood is not";
		return disposition.required ? DIAG_BAD_TYPE : DIAG_SUCCESS;
	}
	if (!found->any || found->fallback || !disposition.fallback)
		*found = (struct found){ *part, true, disposition.fallback };
	return DIAG_SUCCESS;
}

static enum diag_code decode_parts(const struct content_type *type, const sip_payload_t *body,
				   struct sip_session *ret, const char **ret_why)
{
	enum diag_code code = DIAG_SUCCESS;
	struct found found = { .any = false };
	struct multipart_part part;
	struct multipart parts;
	int r = multipart_init(&parts, type->boundary, body->pl_data, body->pl_len, MAX_PARTS,
			       ret_why);

	while (!r && code == DIAG_SUCCESS) {
		r = multipart_next(&parts, &part, ret_why);
		if (!r)
			code = look_at_part(&parts, &part, &found, ret_why);
	}
	if (code != DIAG_SUCCESS)
		return code;
	if (r < 0)
		return DIAG_BAD_REQUEST;
	if (found.any)
		return decode_sdp(found.part.p, found.part.n, ret, ret_why);
	*ret_why = "No part of the body is a session description";
	return DIAG_BAD_TYPE;
}

/* What the conference is about, as if it were offered. */
static enum diag_code decode_conference(const sip_payload_t *body, struct sip_session *ret,
					const char **ret_why)
{
	struct conf_invite invite;

	if (conf_invite_decode(body->pl_data, body->pl_len, &invite, ret_why))
		return DIAG_BAD_SDP;
	ret->sdp = (struct sdp_im){ .im = invite.im, .audio = invite.audio, .video = invite.video };
	*ret_why = "Joining a conference is not supported";
	return DIAG_BAD_MODALITY;
}

bool sip_session_is_conference(const sip_t *sip)
{
	return sip->sip_content_type &&
	       !strcasecmp(sip->sip_content_type->c_type, CONF_INVITE_CONTENT_TYPE);
}

void sip_session_deinit(struct sip_session *session)
{
	text_deinit(&session->outline);
}

bool sip_session_is_described(const sip_t *sip)
{
	return sip->sip_payload && sip->sip_payload->pl_len > 0;
}

enum diag_code sip_session_decode(const sip_t *sip, struct sip_session *ret, const char **ret_why)
{
	struct content_type type;

	*ret_why = "The session description is missing";
	if (!sip->sip_content_type || !sip_session_is_described(sip))
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

/* With the listener's address, by the way that the other end is reached. */
static int encode(const struct sip_leg *l, const struct sdp_im_session *session, struct text *out)
{
	struct sdp_im_session whole = *session;
	char host[64], *address = host;

	front_end_address(l->front_end, l->transport, host, &whole.port);
	if (*host == '[') {
		address++;
		host[strcspn(host, "]")] = '\0';
	}
	whole.address = address;
	return sdp_im_encode(out, &whole);
}

int sip_session_describe(struct sip_leg *l, const char *outline, struct text *out)
{
	struct sdp_im_session session = {
		.aor = outline ? l->self : NULL,
		.outline = outline,
		.reads = conversation_peer_reads(&l->leg),
		.version = l->session_version,
		.old_media = !outline && l->session.old_media,
	};
	size_t n_before = out->n;
	uint64_t hash;
	int err = encode(l, &session, out);

	if (err)
		return err;
	hash = hash_keyed(out->data + n_before, out->n - n_before);
	if (l->session_hash && hash != l->session_hash) {
		session.version = ++l->session_version;
		out->n = n_before;
		encode(l, &session, out);
		hash = hash_keyed(out->data + n_before, out->n - n_before);
	}
	l->session_hash = hash;
	return 0;
}
