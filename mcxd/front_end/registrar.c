/*
 * Registrar
 */
#include "mcxd/front_end/registrar.h"

#include "mcxd/base/list.h"
#include "mcxd/base/log.h"
#include "mcxd/base/random.h"
#include "mcxd/core/binding.h"
#include "mcxd/core/core.h"
#include "mcxd/core/user.h"
#include "mcxd/front_end/echo.h"
#include "mcxd/front_end/field.h"
#include "mcxd/front_end/presence/package.h"
#include "mcxd/front_end/private.h"
#include "mcxd/front_end/refuse.h"
#include "mcxd/sip/agent.h"
#include "proto/diag.h"
#include "proto/sip/ident.h"
#include "proto/sip/text.h"
#include "proto/sip/uri.h"
#include "proto/text/clean.h"
#include "proto/text/mem.h"
#include "proto/text/text.h"

#include <errno.h>
#include <sofia-sip/sip_header.h>

enum { MAX_CONTACTS = 8, MAX_URI_BYTES = 512, MAX_UA_BYTES = 256 };

/* A REGISTER, until core answers. */
struct registration {
	struct list of_front_end;
	struct front_end *front_end;
	nta_incoming_t *irq;
	struct sip_echo echo;
	bool wants_gruu;
};

/* One contact of it, as text. */
struct contact_text {
	char uri[MAX_URI_BYTES];
	char instance[IDENT_UUID_SIZE + sizeof("<urn:uuid:>")];
	char *gruu;
};

struct decoded {
	char aor[URI_MAX_AOR + 1];
	char epid[IDENT_EPID_SIZE];
	char *user_agent;
	struct sip_echo echo;
	struct text route;
	struct contact_text texts[MAX_CONTACTS];
	struct register_contact contacts[MAX_CONTACTS];
	struct register_request request;
};

static void decoded_deinit(struct decoded *d)
{
	for (size_t i = 0; i < MAX_CONTACTS; i++)
		free(d->texts[i].gruu);
	free(d->user_agent);
	sip_echo_deinit(&d->echo);
	text_deinit(&d->route);
}

/* ---- decoding ---- */

/* The same client of the same user gets the same GRUU every time (RFC 5627, 3.1): the token is derived from
 * both. */
static char *make_gruu(const char *aor, const char *instance)
{
	CLEANUP(mem_free_string) char *name = text_format("%s %s", aor, instance);
	char token[IDENT_TOKEN_SIZE];
	struct text gruu = TEXT_INIT;
	uint8_t bytes[16];

	ident_uuid_bytes(name, bytes);
	while (!ident_gruu_token(bytes, token))
		bytes[0]++;
	ident_add_gruu(&gruu, aor, token);
	return text_take(&gruu);
}

/* Seconds, or -1 for none. A malformed value counts as none: RFC 3261, 10.3, step 7 wants it treated as 3600,
 * which is core's default. */
static int64_t parse_expires(const char *s)
{
	char *end;
	unsigned long value;

	if (!s || !*s || *s < '0' || *s > '9')
		return -1;
	value = strtoul(s, &end, 10);
	if (*end)
		return -1;
	return value > INT32_MAX ? INT32_MAX : (int64_t)value;
}

static void decode_instance(const sip_contact_t *m, const char *epid, char *ret, size_t n)
{
	const char *param = msg_params_find(m->m_params, "+sip.instance=");
	char uuid[IDENT_UUID_SIZE];

	*ret = '\0';
	if (!param || ident_instance_decode(param, uuid)) {
		if (!*epid)
			return;
		ident_uuid(epid, uuid);
	}
	snprintf(ret, n, "<urn:uuid:%s>", uuid);
}

static const char *decode_contact(struct decoded *d, const sip_contact_t *m, bool wants_gruu)
{
	size_t i = d->request.n_contacts;
	struct contact_text *text = &d->texts[i];
	struct register_contact *contact = &d->contacts[i];
	url_t url[1];

	*url = *m->m_url;
	url->url_headers = NULL;
	if (url->url_type != url_sip && url->url_type != url_sips)
		return "The Contact is not a SIP URI";
	if (url_e(text->uri, sizeof(text->uri), url) >= (issize_t)sizeof(text->uri))
		return "The Contact is too long";
	decode_instance(m, d->epid, text->instance, sizeof(text->instance));
	contact->uri = text->uri;
	contact->expires_s = parse_expires(m->m_expires);
	if (*text->instance) {
		contact->instance = text->instance;
		if (wants_gruu)
			text->gruu = make_gruu(d->aor, text->instance);
		contact->gruu = text->gruu;
	}
	d->request.n_contacts++;
	return NULL;
}

static const char *decode_contacts(struct decoded *d, const sip_t *sip, bool wants_gruu)
{
	const char *why = NULL;

	for (const sip_contact_t *m = sip->sip_contact; m && !why; m = m->m_next) {
		if (m->m_url->url_type == url_any)
			d->request.star = true;
		else if (d->request.n_contacts == MAX_CONTACTS)
			why = "The request has too many Contacts";
		else
			why = decode_contact(d, m, wants_gruu);
	}
	return why;
}

static const char *decode(struct decoded *d, const sip_t *sip, bool wants_gruu)
{
	const char *epid = msg_params_find(sip->sip_from->a_params, "epid=");
	struct register_request *r = &d->request;

	if (field_aor(sip->sip_to->a_url, d->aor))
		return "The To is not an address of record";
	if (epid && ident_is_epid(epid))
		snprintf(d->epid, sizeof(d->epid), "%s", epid);
	d->user_agent = sip->sip_user_agent
				? clean_copy(sip->sip_user_agent->g_string, MAX_UA_BYTES)
				: NULL;
	r->aor = d->aor;
	r->call_id = sip->sip_call_id->i_id;
	r->cseq = sip->sip_cseq->cs_seq;
	r->epid = *d->epid ? d->epid : NULL;
	r->user_agent = d->user_agent;
	r->route = text_str(&d->route);
	r->expires_s = sip->sip_expires ? (int64_t)sip->sip_expires->ex_delta : -1;
	r->contacts = d->contacts;
	return decode_contacts(d, sip, wants_gruu);
}

/* ---- the answer ---- */

static void add_contact(struct sip_text *m, const struct binding *b, bool wants_gruu)
{
	CLEANUP(text_deinit) struct text value = TEXT_INIT;

	text_addf(&value, "<%s>;expires=%lld", b->contact, (long long)binding_expires_s(b));
	if (b->instance)
		text_addf(&value, ";+sip.instance=\"%s\"", b->instance);
	if (b->gruu && wants_gruu)
		text_addf(&value, ";gruu=\"%s\"", b->gruu);
	sip_text_header(m, "Contact", text_str(&value));
}

/* What pidgin-sipe and Lync look for: one Supported line per feature, the terms of the keep-alive, and the events, without
 * spaces between them, each of which they subscribe to. */
static void add_lync_headers(struct sip_text *m, int64_t expires_s)
{
	sip_text_number(m, "Expires", (uint64_t)expires_s);
	if (expires_s > 0)
		sip_text_header(m, "presence-state", "register-action=\"added\"");
	sip_text_header(m, "Supported", "adhoclist");
	sip_text_header(m, "Supported", "msrtc-event-categories");
	sip_text_header(m, "Allow-Events", PACKAGE_EVENTS);
	sip_text_header(m, "ms-keep-alive", "UAS; tcp=no; hop-hop=yes; end-end=no; timeout=300");
	sip_text_header(m, "Server", SIP_SERVER_FRONT_END);
	sip_text_header(m, "Content-Length", "0");
}

static int make_answer(const struct registration *r, const struct user *u, struct text *ret)
{
	struct sip_text m = SIP_TEXT_INIT;
	char tag[17], to_params[32];
	const char *why;
	int64_t expires_s = 0;
	int err;

	random_hex(8, tag);
	snprintf(to_params, sizeof(to_params), ";tag=%s", tag);
	sip_echo_start_answer(&m, 200, &r->echo, to_params);
	list_for_each (node, &u->bindings) {
		const struct binding *b = LIST_ENTRY(node, struct binding, of_user);

		add_contact(&m, b, r->wants_gruu);
		if (!strcmp(b->call_id, r->echo.call_id) || !expires_s)
			expires_s = binding_expires_s(b);
	}
	add_lync_headers(&m, expires_s);
	err = sip_text_finish(&m, ret, &why);
	if (err)
		log_warn("front_end", u->aor, "cannot build the answer to REGISTER: %s", why);
	return err;
}

static void registration_free(struct registration *r)
{
	list_remove(&r->of_front_end);
	sip_echo_deinit(&r->echo);
	free(r);
}

static void answer_ok(struct registration *r, const struct user *u)
{
	CLEANUP(text_deinit) struct text answer = TEXT_INIT;

	if (make_answer(r, u, &answer) || agent_reply_text(r->front_end->agent, r->irq, &answer))
		front_end_refuse(r->front_end, r->irq, DIAG_SERVER_ERROR, NULL, NULL);
	else
		nta_incoming_destroy(r->irq);
}

static void refuse_brief(const struct registration *r)
{
	CLEANUP(mem_free_string)
	char *header = text_format("Min-Expires: %lld\r\n",
				   (long long)r->front_end->core->config->min_expires_s);

	front_end_refuse(r->front_end, r->irq, DIAG_INTERVAL_TOO_BRIEF, NULL, header);
}

static void on_registered(void *magic, enum register_result result, const struct user *u)
{
	struct registration *r = magic;
	struct front_end *s = r->front_end;

	switch (result) {
	case REGISTER_OK: answer_ok(r, u); break;
	case REGISTER_UNKNOWN_USER:
		front_end_refuse(s, r->irq, DIAG_USER_UNKNOWN, NULL, NULL);
		break;
	case REGISTER_TOO_BRIEF: refuse_brief(r); break;
	case REGISTER_STALE: front_end_refuse(s, r->irq, DIAG_OLD_CSEQ, NULL, NULL); break;
	case REGISTER_BAD:
		front_end_refuse(s, r->irq, DIAG_BAD_REQUEST,
				 "Contact \"*\" must be the only one, with Expires 0", NULL);
		break;
	case REGISTER_FULL:
		front_end_refuse(s, r->irq, DIAG_FORBIDDEN, "The user has too many endpoints",
				 NULL);
		break;
	case REGISTER_FAILED: front_end_refuse(s, r->irq, DIAG_NOT_STORED, NULL, NULL); break;
	}
	registration_free(r);
}

void registrar_on_request(struct front_end *s, nta_incoming_t *irq, const sip_t *sip)
{
	bool wants_gruu = sip_has_feature(sip->sip_supported, "gruu-10") ||
			  sip_has_feature(sip->sip_supported, "gruu");
	CLEANUP(decoded_deinit) struct decoded d = { 0 };
	struct registration *r;
	const char *why;

	if (s->core->stopping) {
		front_end_refuse(s, irq, DIAG_SHUTDOWN, NULL, FRONT_END_RETRY_AFTER);
		return;
	}
	agent_source(s->agent, irq, &d.route);
	why = decode(&d, sip, wants_gruu);
	if (why || sip_echo_init(&d.echo, sip, &why)) {
		front_end_refuse(s, irq, DIAG_BAD_REQUEST, why, NULL);
		return;
	}
	r = MEM_NEW(struct registration);
	r->front_end = s;
	r->irq = irq;
	d.request.is_local = agent_is_local(irq);
	r->wants_gruu = wants_gruu;
	r->echo = d.echo;
	d.echo = (struct sip_echo){ 0 };
	list_append(&s->registrations, &r->of_front_end);
	binding_register(s->core, &d.request, on_registered, r);
}

void registrar_forget(struct front_end *s)
{
	list_for_each_safe (node, &s->registrations) {
		registration_free(LIST_ENTRY(node, struct registration, of_front_end));
	}
}
