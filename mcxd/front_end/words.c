/*
 * SIP adapter: words
 */
#include "mcxd/front_end/private.h"

#include "proto/record.h"
#include "proto/text/chars.h"

#include <errno.h>
#include <sofia-sip/sip_header.h>
#include <strings.h>

enum { MAX_FIELD_BYTES = 4096, MAX_CALL_ID_BYTES = 256, MAX_LIST_BYTES = 16384 };

int sip_url_aor(const url_t *url, char ret[URI_MAX_AOR + 1])
{
	char s[URI_MAX_BYTES];
	url_t bare[1];

	if (!url || !url->url_host || (url->url_type != url_sip && url->url_type != url_sips))
		return -EINVAL;
	/* Parameters may be longer than what an address may have. */
	*bare = *url;
	bare->url_params = NULL;
	bare->url_headers = NULL;
	if (url_e(s, sizeof(s), bare) >= (issize_t)sizeof(s))
		return -EINVAL;
	return uri_aor(s, ret, NULL);
}

char *sip_field_text(const void *header)
{
	struct text field = TEXT_INIT;

	if (!header)
		return NULL;
	agent_add_field(&field, header);
	return text_take(&field);
}

char *sip_clean_copy(const char *s, size_t max)
{
	if (!s || !*s || strlen(s) > max)
		return NULL;
	for (const char *c = s; *c; c++)
		if ((unsigned char)*c < ' ' || *c == 0x7f)
			return NULL;
	return mem_strdup(s);
}

static bool is_echo_short(const struct sip_echo *e)
{
	return strlen(e->from) <= MAX_FIELD_BYTES && strlen(e->to) <= MAX_FIELD_BYTES &&
	       strlen(e->call_id) <= MAX_CALL_ID_BYTES && strlen(e->vias) <= MAX_LIST_BYTES &&
	       (!e->record_routes || strlen(e->record_routes) <= MAX_LIST_BYTES);
}

/* Whether answers can be made of it; otherwise that would turn out with the phone ringing. */
static int check_echo(const struct sip_echo *e, const char **ret_why)
{
	struct name_addr to;

	*ret_why = "A header that answers repeat is too long";
	if (!is_echo_short(e))
		return -EINVAL;
	*ret_why = "A header that answers repeat has control characters";
	if (!chars_are_line(e->from) || !chars_are_line(e->to) || !chars_are_line(e->call_id) ||
	    !chars_are_line(e->cseq) || !chars_are_line(e->vias) ||
	    (e->record_routes && !chars_are_line(e->record_routes)))
		return -EINVAL;
	return name_addr_decode(e->to, &to, ret_why);
}

int sip_echo_init(struct sip_echo *e, const sip_t *sip, const char **ret_why)
{
	struct text list = TEXT_INIT;
	char number[TEXT_NUMBER_SIZE];

	e->from = sip_field_text(sip->sip_from);
	e->to = sip_field_text(sip->sip_to);
	e->call_id = mem_strdup(sip->sip_call_id->i_id);
	e->cseq = text_concat(text_number(number, sip->sip_cseq->cs_seq), " ",
			      sip->sip_cseq->cs_method_name);
	agent_add_vias(sip, &list);
	e->vias = text_take(&list);
	if (sip->sip_record_route) {
		agent_add_record_routes(sip, &list);
		e->record_routes = text_take(&list);
	}
	return check_echo(e, ret_why);
}

void sip_echo_deinit(struct sip_echo *e)
{
	free(e->from);
	free(e->to);
	free(e->call_id);
	free(e->cseq);
	free(e->vias);
	free(e->record_routes);
	*e = (struct sip_echo){ 0 };
}

void sip_echo_request(const struct sip_echo *e, const char *vias[1], const char *routes[1],
		      struct sip_request_echo *ret)
{
	vias[0] = e->vias;
	routes[0] = e->record_routes;
	*ret = (struct sip_request_echo){
		.vias = vias,
		.n_vias = 1,
		.record_routes = routes,
		.n_record_routes = e->record_routes ? 1 : 0,
		.from = e->from,
		.to = e->to,
		.call_id = e->call_id,
		.cseq = e->cseq,
	};
}

void sip_start_answer(struct sip_text *m, int status, const struct sip_echo *e,
		      const char *to_params)
{
	struct name_addr to;
	const char *why;

	sip_text_start_answer(m, status, NULL);
	sip_text_header(m, "Via", e->vias);
	sip_text_header(m, "Record-Route", e->record_routes);
	sip_text_header(m, "From", e->from);
	if (name_addr_decode(e->to, &to, &why)) {
		sip_text_require(m, false, "The request's To is malformed");
		return;
	}
	CLEANUP(text_deinit) struct text value = TEXT_INIT;
	name_addr_add_display(&value, to.display_name);
	text_add(&value, "<");
	text_add_bytes(&value, to.uri, to.n_uri);
	text_add_all(&value, ">", to_params);
	sip_text_header(m, "To", text_str(&value));
	sip_text_header(m, "Call-ID", e->call_id);
	sip_text_header(m, "CSeq", e->cseq);
}

void sip_refuse(struct front_end *s, nta_incoming_t *irq, enum diag_code code, const char *info,
		const char *headers)
{
	CLEANUP(text_deinit) struct text lines = TEXT_INIT;
	struct diag diag = diag_because(code, info);

	metric_inc(&s->metrics[SIP_REFUSED]);
	text_add(&lines, headers);
	text_add(&lines, "ms-diagnostics: ");
	diag_encode(&lines, &diag, s->core->config->server_fqdn);
	text_add(&lines, "\r\n");
	agent_reply(s->agent, irq, diag.sip_status, NULL, text_str(&lines));
}

void sip_own_address(const struct front_end *s, bool udp, char host[64], unsigned *ret_port)
{
	const char *address = udp ? agent_udp(s->agent) : agent_tcp(s->agent);
	const char *colon;

	if (!*address)
		address = udp ? agent_tcp(s->agent) : agent_udp(s->agent);
	colon = strrchr(address, ':');
	text_join(host, 64, address);
	host[colon ? colon - address : 0] = '\0';
	*ret_port = colon ? (unsigned)strtoul(colon + 1, NULL, 10) : 0;
}

void sip_add_own_uri(const struct front_end *s, struct text *out, const char *aor, bool udp)
{
	CLEANUP(text_deinit) struct text uri = TEXT_INIT;
	char host[64];
	unsigned port;

	if (udp && !*agent_udp(s->agent))
		udp = false;
	sip_own_address(s, udp, host, &port);
	uri_add_aor(&uri, aor);
	text_add_bytes(out, uri.data, strcspn(uri.data, "@"));
	text_add_all(out, "@", host, ":");
	text_add_number(out, port);
	text_add(out, udp ? ";transport=udp" : ";transport=tcp");
}

void sip_link(struct front_end *s, const char *key, const char *call_id, const char *summary)
{
	char link[300];

	text_join(link, sizeof(link), "sip:", call_id);
	journal_add(s->journal, &(struct record){
					.kind = "link",
					.key = key,
					.link = link,
					.summary = summary,
				});
}
