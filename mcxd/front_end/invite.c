/*
 * Invitations from SIP clients
 */
#include "mcxd/front_end/invite.h"

#include "mcxd/core/party.h"
#include "mcxd/core/route.h"
#include "mcxd/front_end/caller.h"
#include "mcxd/front_end/echo.h"
#include "mcxd/front_end/field.h"
#include "mcxd/front_end/foreign.h"
#include "mcxd/front_end/front_end.h"
#include "mcxd/front_end/interval.h"
#include "mcxd/front_end/merged.h"
#include "mcxd/front_end/private.h"
#include "mcxd/front_end/refuse.h"
#include "mcxd/front_end/session.h"
#include "mcxd/front_end/upstream/upstream.h"
#include "mcxd/sip/agent.h"
#include "proto/diag.h"
#include "proto/sip/im.h"
#include "proto/sip/name_addr.h"
#include "proto/sip/sdp_im.h"
#include "proto/sip/uri.h"
#include "proto/text/clean.h"
#include "proto/text/mem.h"
#include "proto/text/text.h"

#include <errno.h>
#include <sofia-sip/sip_header.h>
#include <sofia-sip/sip_status.h>

enum { MAX_WORD_BYTES = 128, MAX_SUBJECT_BYTES = 512, MAX_NAME_BYTES = 256, DEFAULT_HOPS = 70 };

/* An INVITE in pieces. */
struct decoded {
	char from[URI_MAX_AOR + 1], to[URI_MAX_AOR + 1];
	char *from_name, *subject, *thread_id;
	const char *importance;
	struct sip_im_first_line first_line;
	struct sip_session offer;
	struct sip_echo echo;
	unsigned hops;
	uint64_t phone; /* that the request URI names; 0: it names a user */
	enum media media;
	bool conference;
	char key[300];
	enum diag_code code; /* why it is refused */
};

static void decoded_deinit(struct decoded *d)
{
	free(d->from_name);
	free(d->subject);
	free(d->thread_id);
	sip_im_first_line_deinit(&d->first_line);
	sip_echo_deinit(&d->echo);
	sip_session_deinit(&d->offer);
}

static const char *fail(struct decoded *d, enum diag_code code, const char *why)
{
	d->code = code;
	return why;
}

static const char *decode_parties(struct decoded *d, const struct front_end *s, const sip_t *sip)
{
	struct name_addr from;
	CLEANUP(mem_free_string) char *field = field_text(sip->sip_from);

	d->phone = upstream_callee(&s->upstream, sip->sip_request->rq_url, d->to, sizeof(d->to));
	if (!d->phone && field_aor(sip->sip_request->rq_url, d->to))
		return fail(d, DIAG_BAD_REQUEST, "The request URI is not an address of record");
	field_sender(sip->sip_from->a_url, strchr(d->to, '@') + 1, d->from);
	if (!sip->sip_from->a_tag || !*sip->sip_from->a_tag)
		return fail(d, DIAG_BAD_REQUEST, "The From has no tag");
	if (!sip->sip_contact || !sip->sip_contact->m_url->url_host)
		return fail(d, DIAG_BAD_REQUEST, "The invitation has no Contact");
	if (!name_addr_decode(field, &from, NULL))
		d->from_name = clean_copy(from.display_name, MAX_NAME_BYTES);
	return NULL;
}

/* What is offered besides text is for clients to agree about, or may be told to a phone. */
static const char *decode_offer(struct decoded *d, const sip_t *sip)
{
	const struct sdp_im *sdp = &d->offer.sdp;
	const char *why;

	if (!sip_session_is_described(sip))
		return NULL; /* the offer is ours to make */
	d->code = sip_session_decode(sip, &d->offer, &why);
	if (d->code == DIAG_SUCCESS)
		return NULL;
	if (d->code != DIAG_BAD_MODALITY)
		return why;
	d->code = DIAG_SUCCESS;
	d->conference = sip_session_is_conference(sip);
	if (sdp->im)
		d->media = MEDIA_TEXT;
	else if (sdp->video)
		d->media = MEDIA_VIDEO;
	else if (sdp->audio)
		d->media = MEDIA_AUDIO;
	else
		d->media = MEDIA_OTHER;
	return NULL;
}

/* RFC 3261, 16.6, step 3: the endpoint is one hop further. */
static void decode_hops(struct decoded *d, const sip_t *sip)
{
	const sip_max_forwards_t *given = sip->sip_max_forwards;

	d->hops = given && given->mf_count < DEFAULT_HOPS ? (unsigned)given->mf_count - 1
							  : DEFAULT_HOPS - 1;
}

static const char *decode_first_line(struct decoded *d, const struct front_end *s, const sip_t *sip)
{
	const char *value = agent_other_header(sip, "ms-text-format");
	const char *why;
	int r;

	if (!value)
		return NULL;
	r = sip_im_first_line_decode(value, (size_t)s->config->max_message_bytes, &d->first_line,
				     &why);
	if (r == -EMSGSIZE)
		return fail(d, DIAG_TOO_LARGE, why);
	if (r)
		return fail(d, r > 0 ? DIAG_BAD_TYPE : DIAG_BAD_REQUEST, why);
	return NULL;
}

/* Priority (RFC 3261, 20.26), else Importance (of mail: RFC 4021, 2.1.54), as the importance of a push. */
static const char *importance_of(const sip_t *sip)
{
	static const struct {
		const char *word, *importance;
	} known[] = {
		{ "normal", "normal" }, { "non-urgent", "normal" }, { "urgent", "urgent" },
		{ "high", "urgent" },   { "low", "normal" },        { "emergency", "emergency" },
	};
	const char *const said[] = { sip->sip_priority ? sip->sip_priority->g_string : NULL,
				     agent_other_header(sip, "Importance") };

	for (size_t i = 0; i < ARRAY_SIZE(said); i++)
		for (size_t j = 0; said[i] && j < ARRAY_SIZE(known); j++)
			if (!strcasecmp(said[i], known[j].word))
				return known[j].importance;
	return NULL;
}

/* That nobody has the address comes before what is wrong with the offer. */
static const char *prefer_unknown(struct decoded *d, const struct front_end *s, bool is_local,
				  const char *why)
{
	enum diag_code code = route_check(s->core, d->to, is_local);

	return diag_row(code)->sip_status == 404 ? fail(d, code, diag_row(code)->reason) : why;
}

static const char *decode(struct decoded *d, const struct front_end *s, const sip_t *sip,
			  bool is_local)
{
	const char *why;

	if (sip_echo_init(&d->echo, sip, &why))
		return fail(d, DIAG_BAD_REQUEST, why);
	why = decode_parties(d, s, sip);
	if (why)
		return why;
	why = decode_offer(d, sip);
	if (!why)
		why = decode_first_line(d, s, sip);
	if (why)
		return prefer_unknown(d, s, is_local, why);
	decode_hops(d, sip);
	d->subject =
		sip->sip_subject ? clean_copy(sip->sip_subject->g_string, MAX_SUBJECT_BYTES) : NULL;
	d->thread_id = clean_copy(agent_other_header(sip, "Ms-Conversation-ID"), MAX_WORD_BYTES);
	d->importance = importance_of(sip);
	text_join(d->key, sizeof(d->key), "sip:", sip->sip_call_id->i_id);
	return NULL;
}

static void refuse(struct front_end *s, nta_incoming_t *irq, const struct decoded *d,
		   const char *why)
{
	front_end_refuse(s, irq, d->code, why,
			 d->code == DIAG_BAD_TYPE ? "Accept: " SDP_IM_CONTENT_TYPE "\r\n" : NULL);
}

static void invite(struct front_end *s, nta_incoming_t *irq, const sip_t *sip, struct decoded *d)
{
	CLEANUP(sip_foreign_deinit) struct sip_foreign offer = { 0 };
	const struct sip_caller in = {
		.irq = irq,
		.sip = sip,
		.from = d->from,
		.to = d->to,
		.offer = &d->offer,
		.echo = &d->echo,
		.is_call = d->media != MEDIA_TEXT || d->conference,
	};
	struct invitation inv = {
		.from = d->from,
		.from_name = d->from_name,
		.is_local = agent_is_local(irq),
		.to = d->to,
		.subject = d->subject,
		.importance = d->importance,
		.thread_id = d->thread_id,
		.first_line = d->first_line.text,
		.first_line_type = d->first_line.text ? d->first_line.content_type : NULL,
		.key = d->key,
		.hops = d->hops,
		.media = d->media,
		.phone = d->phone,
		.conference = d->conference,
		.may_repeat = true,
	};
	struct leg *leg = sip_caller_new(s, &in);

	if (sip_session_is_described(sip)) {
		sip_foreign_offer(&offer, sip);
		inv.offer = &offer.words;
	}
	if (!leg)
		front_end_refuse(s, irq, DIAG_BAD_REQUEST, "The dialog cannot be created", NULL);
	else
		route_invite(s->core, leg, &inv);
}

void invite_on_request(struct front_end *s, nta_incoming_t *irq, const sip_t *sip)
{
	CLEANUP(decoded_deinit) struct decoded d = { 0 };
	const char *why;

	if (merged_is_known(s, sip)) {
		front_end_refuse(s, irq, DIAG_LOOP, NULL, NULL);
		return;
	}
	agent_answer(s->agent, irq, 100, NULL, NULL);
	if (sip_interval_refuse(s, irq, sip))
		return;
	why = decode(&d, s, sip, agent_is_local(irq));
	if (why)
		refuse(s, irq, &d, why);
	else
		invite(s, irq, sip, &d);
}
