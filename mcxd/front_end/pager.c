/*
 * Messages outside a dialog
 */
#include "mcxd/front_end/pager.h"

#include "mcxd/base/list.h"
#include "mcxd/base/metric.h"
#include "mcxd/core/binding.h"
#include "mcxd/core/core.h"
#include "mcxd/core/party.h"
#include "mcxd/core/phone.h"
#include "mcxd/core/user.h"
#include "mcxd/front_end/ability.h"
#include "mcxd/front_end/field.h"
#include "mcxd/front_end/front_end.h"
#include "mcxd/front_end/pager_caller.h"
#include "mcxd/front_end/pager_leg.h"
#include "mcxd/front_end/pager_request.h"
#include "mcxd/front_end/private.h"
#include "mcxd/front_end/refuse.h"
#include "mcxd/sip/agent.h"
#include "proto/diag.h"
#include "proto/sip/im.h"
#include "proto/sip/name_addr.h"
#include "proto/sip/uri.h"
#include "proto/text/clean.h"
#include "proto/text/mem.h"
#include "proto/text/text.h"

#include <sofia-sip/sip_header.h>

enum { MAX_SUBJECT_BYTES = 512, MAX_NAME_BYTES = 256 };

/* A MESSAGE in pieces. */
struct decoded {
	char from[URI_MAX_AOR + 1], to[URI_MAX_AOR + 1];
	char *from_name, *subject;
	struct text key;
	struct pager_received received;
	struct sip_im_body body;
	char *first_line; /* the same as a string */
	const char *why;  /* why a phone cannot have it; NULL: it can */
	enum diag_code code;
	bool is_local;
	char identity[17];
};

static void decoded_deinit(struct decoded *d)
{
	free(d->from_name);
	free(d->subject);
	text_deinit(&d->key);
	text_deinit(&d->received.bytes);
	text_deinit(&d->received.route);
	sip_im_body_deinit(&d->body);
	free(d->first_line);
}

static const char *fail(struct decoded *d, enum diag_code code, const char *why)
{
	d->code = code;
	return why;
}

static const char *decode_parties(struct decoded *d, const sip_t *sip)
{
	struct name_addr from;
	CLEANUP(mem_free_string) char *field = field_text(sip->sip_from);

	if (field_aor(sip->sip_request->rq_url, d->to))
		return fail(d, DIAG_BAD_REQUEST, "The request URI is not an address of record");
	field_sender(sip->sip_from->a_url, strchr(d->to, '@') + 1, d->from);
	if (!name_addr_decode(field, &from, NULL))
		d->from_name = clean_copy(from.display_name, MAX_NAME_BYTES);
	d->subject =
		sip->sip_subject ? clean_copy(sip->sip_subject->g_string, MAX_SUBJECT_BYTES) : NULL;
	return NULL;
}

/* Clients take what we cannot read. */
static const char *decode_body(struct decoded *d, const struct front_end *s, const sip_t *sip)
{
	const char *why = NULL;
	int r;

	if (!sip->sip_payload || !sip->sip_content_type)
		return fail(d, DIAG_BAD_REQUEST, "The message is empty");
	if (sip->sip_payload->pl_len > (size_t)s->config->max_message_bytes)
		return fail(d, DIAG_TOO_LARGE, "The message is too large");
	CLEANUP(mem_free_string) char *type = field_text(sip->sip_content_type);
	r = sip_im_decode(type, sip->sip_payload->pl_data, sip->sip_payload->pl_len, 0, &d->body,
			  &why);
	if (r)
		return fail(d, r > 0 ? DIAG_BAD_TYPE : DIAG_BAD_REQUEST, why);
	d->first_line = mem_memdup(d->body.p, d->body.n);
	return NULL;
}

/* RFC 3261, 8.2.2.2. */
static void identify(const sip_t *sip, char ret[17])
{
	CLEANUP(mem_free_string) char *cseq = text_format("%u", (unsigned)sip->sip_cseq->cs_seq);
	const char *const parts[] = { sip->sip_call_id->i_id, cseq,
				      sip->sip_from->a_tag ? sip->sip_from->a_tag : "" };
	uint64_t hash = 14695981039346656037u; /* FNV-1a */

	for (size_t i = 0; i < ARRAY_SIZE(parts); i++)
		for (const char *p = parts[i]; p; p = *p ? p + 1 : NULL)
			hash = (hash ^ (unsigned char)*p) * 1099511628211u;
	snprintf(ret, 17, "%016llx", (unsigned long long)hash);
}

static const char *decode(struct decoded *d, const struct front_end *s, nta_incoming_t *irq,
			  const sip_t *sip)
{
	size_t n;
	const char *received = agent_received(s->agent, &n);
	const char *why = decode_parties(d, sip);

	if (why)
		return why;
	text_add_bytes(&d->received.bytes, received, n);
	text_add_all(&d->key, "sip:", sip->sip_call_id->i_id);
	agent_source(s->agent, irq, &d->received.route);
	d->is_local = agent_is_local(irq);
	identify(sip, d->identity);
	d->why = decode_body(d, s, sip);
	return NULL;
}

/* ---- who gets it ---- */

static unsigned fork_to(struct pager_request *r, const struct user *u, const struct decoded *d,
			bool only_able)
{
	unsigned n = 0;

	list_for_each_safe (node, &u->bindings) {
		const struct binding *b = LIST_ENTRY(node, struct binding, of_user);

		if (!b->route || !*b->route || (only_able && !ability_takes_messages(b)))
			continue;
		pager_request_fork(r, b, &d->received);
		n++;
	}
	return n;
}

/* One that has said that it takes no messages is only asked if it is the only one. */
static unsigned tell_clients(struct pager_request *r, const struct decoded *d, bool has_phones)
{
	const struct user *u = user_find(r->front_end->core, d->to);
	unsigned n = u ? fork_to(r, u, d, true) : 0;

	return n || !u || has_phones ? n : fork_to(r, u, d, false);
}

static void begin(struct pager_request *r, const struct decoded *d)
{
	const struct pager_ends ends = { .self = d->to,
					 .peer = d->from,
					 .peer_name = d->from_name,
					 .route = text_str(&d->received.route) };
	const struct invitation inv = {
		.from = d->from,
		.from_name = d->from_name,
		.is_local = d->is_local,
		.to = d->to,
		.subject = d->subject,
		.first_line = d->first_line,
		.first_line_type = d->body.content_type,
		.key = text_str(&d->key),
		.media = MEDIA_TEXT,
		.paged = true,
	};

	pager_caller_begin(r->front_end, &ends, &inv, r);
}

/* Also a receiver who has neither clients nor phones: that is for core to say. */
static void tell_phones(struct pager_request *r, const struct decoded *d)
{
	struct diag why = diag_because(d->code, d->why);
	struct pager_leg *l = pager_leg_find(r->front_end, d->to, d->from);

	pager_request_open(r);
	if (d->why)
		pager_request_refuse(r, &why);
	else if (l && pager_leg_knows(l, r))
		pager_request_stored(r);
	else if (l)
		pager_leg_hear(l, text_str(&d->received.route), &d->body, r);
	else
		begin(r, d);
}

static bool has_phone(const struct user *u)
{
	if (u)
		list_for_each (node, &u->phones)
			if (phone_takes_messages(LIST_ENTRY(node, struct phone, of_user)))
				return true;
	return false;
}

static void deliver(struct front_end *s, nta_incoming_t *irq, const struct decoded *d)
{
	struct pager_request *r = pager_request_new(s, irq);
	bool has_phones = pager_leg_find(s, d->to, d->from) || has_phone(user_find(s->core, d->to));
	unsigned n;

	memcpy(r->identity, d->identity, sizeof(r->identity));
	n = tell_clients(r, d, has_phones);
	if (has_phones || !n)
		tell_phones(r, d);
	pager_request_close(r);
}

void pager_on_request(struct front_end *s, nta_incoming_t *irq, const sip_t *sip)
{
	CLEANUP(decoded_deinit) struct decoded d = { 0 };
	const char *why;

	metric_inc(&s->metrics.pager_messages_total);
	if (s->core->stopping) {
		front_end_refuse(s, irq, DIAG_SHUTDOWN, NULL, FRONT_END_RETRY_AFTER);
		return;
	}
	why = decode(&d, s, irq, sip);
	if (why)
		front_end_refuse(s, irq, d.code, why, NULL);
	else
		deliver(s, irq, &d);
}
