/*
 * Agent: the tap
 *
 * Every message, as it is on the wire, becomes a record of the journal.
 */
#include "mcxd/sip/private.h"

#include "mcxd/base/journal.h"
#include "mcxd/net/address.h"
#include "mcxd/sip/agent.h"
#include "mcxd/sip/transport.h"
#include "proto/record.h"
#include "proto/sip/line.h"
#include "proto/text/chars.h"
#include "proto/text/mem.h"
#include "proto/text/text.h"
#include "proto/text/utf8.h"

#include <sofia-sip/sip_header.h>

/* "bob@lab.test" in lower case; "" if there is none. */
static void format_aor(const url_t *url, char *ret, size_t n)
{
	const char *user = url && url->url_user ? url->url_user : "";
	const char *host = url && url->url_host ? url->url_host : "";
	const char *const pieces[] = { user, *user ? "@" : "", host };
	const char *end = ret + n - 1;

	for (size_t i = 0; i < ARRAY_SIZE(pieces); i++)
		for (const char *c = pieces[i]; *c && ret < end; c++)
			*ret++ = chars_lower(*c);
	*ret = '\0';
}

static void name_peer(const struct agent *a, const struct transport_message *m, char *ret, size_t n)
{
	const sip_t *sip = m->sip;
	bool from_is_peer = m->sent ? !sip->sip_request : !!sip->sip_request;
	const sip_addr_t *peer = from_is_peer ? sip->sip_from : sip->sip_to;

	*ret = '\0';
	if (a->name_peer)
		a->name_peer(a->magic, sip, m->sent, ret, n);
	if (!*ret)
		format_aor(peer ? peer->a_url : NULL, ret, n);
}

/* Copy n bytes, as many as fit in size with a NUL, without half a character at the end. A NUL among them becomes U+FFFD. */
static void copy_text(char *ret, size_t size, const char *s, size_t n)
{
	static const char replacement[] = "\xEF\xBF\xBD";
	CLEANUP(text_deinit) struct text copy = TEXT_INIT;
	const char *end = s + n, *nul;

	for (; (nul = memchr(s, '\0', (size_t)(end - s))); s = nul + 1) {
		text_add_bytes(&copy, s, (size_t)(nul - s));
		text_add(&copy, replacement);
	}
	if (copy.n > 0) {
		text_add_bytes(&copy, s, (size_t)(end - s));
		s = copy.data;
		n = copy.n;
	}
	if (n >= size)
		n = utf8_complete(s, size - 1);
	memcpy(ret, s, n);
	ret[n] = '\0';
}

static void format_start_line(const struct transport_message *m, char *ret, size_t n)
{
	const char *line = m->bytes;
	const char *end = memchr(line, '\r', m->n);

	copy_text(ret, n, line, end ? (size_t)(end - line) : 0);
}

/* The value of a header as it was sent, cut to the size of ret; NULL if it is absent. This searches the bytes:
 * of messages that are our own text, sofia parses only the headers that it reads itself. */
static const char *find_header(const struct transport_message *m, const char *name, char *ret,
			       size_t size)
{
	CLEANUP(text_deinit) struct text value = TEXT_INIT;
	struct sip_line line;

	if (!sip_line_find(m->bytes, m->n, name, &line))
		return NULL;
	sip_line_add_value(&value, &line);
	copy_text(ret, size, text_str(&value), value.n);
	return ret;
}

static const char *find_diagnostics(const struct transport_message *m, char *ret, size_t size)
{
	const char *value = find_header(m, "ms-diagnostics", ret, size);

	return value ? value : find_header(m, "ms-diagnostics-public", ret, size);
}

/* The media type, without its parameters. */
static const char *find_content_type(const struct transport_message *m, char *ret, size_t size)
{
	const char *value = find_header(m, "Content-Type", ret, size);

	if (value)
		ret[strcspn(ret, "; \t")] = '\0';
	return value;
}

/* The text of an instant message. */
static const char *find_text(const struct transport_message *m, const char *content_type, char *ret,
			     size_t size)
{
	const sip_request_t *request = m->sip->sip_request;
	const char *gap;

	if (!request || request->rq_method != sip_method_message || !content_type ||
	    strcasecmp(content_type, "text/plain") != 0)
		return NULL;
	gap = memmem(m->bytes, m->n, "\r\n\r\n", 4);
	if (!gap)
		return NULL;
	gap += 4;
	copy_text(ret, size, gap, m->n - (size_t)(gap - m->bytes));
	return ret;
}

static void record(struct agent *a, const struct transport_message *m)
{
	const sip_t *sip = m->sip;
	const char *call_id = sip->sip_call_id ? sip->sip_call_id->i_id : NULL;
	char hop[256], from[256], to[256], start_line[512], key[300] = "", status[TEXT_NUMBER_SIZE],
							    cseq[TEXT_NUMBER_SIZE];
	char peer[ADDRESS_TEXT_SIZE];
	char server[256], diagnostics[512], type[128], text[512];
	const char *content_type = find_content_type(m, type, sizeof(type));

	name_peer(a, m, hop, sizeof(hop));
	format_aor(sip->sip_from ? sip->sip_from->a_url : NULL, from, sizeof(from));
	format_aor(sip->sip_to ? sip->sip_to->a_url : NULL, to, sizeof(to));
	format_start_line(m, start_line, sizeof(start_line));
	if (call_id)
		text_join(key, sizeof(key), "sip:", call_id);

	const struct record_field fields[] = {
		{ "method", sip->sip_cseq ? sip->sip_cseq->cs_method_name : NULL },
		{ "status", sip->sip_status
				    ? text_number(status, (unsigned)sip->sip_status->st_status)
				    : NULL },
		{ "start_line", start_line },
		{ "call_id", call_id },
		{ "cseq", sip->sip_cseq ? text_number(cseq, sip->sip_cseq->cs_seq) : NULL },
		{ "from", from },
		{ "to", to },
		{ "transport", m->protocol },
		{ "peer", address_format(m->peer, peer) },
		{ "peer_name", m->peer_name },
		{ "server", find_header(m, "Server", server, sizeof(server)) },
		{ "diagnostics", find_diagnostics(m, diagnostics, sizeof(diagnostics)) },
		{ "content_type", content_type },
		{ "text", find_text(m, content_type, text, sizeof(text)) },
	};

	journal_add(a->journal, &(struct record){
					.kind = "sip",
					.from = m->sent ? a->hop : hop,
					.to = m->sent ? hop : a->hop,
					.incoming = !m->sent,
					.user = strchr(hop, '@') ? hop : NULL,
					.key = *key ? key : NULL,
					.summary = start_line,
					.raw = m->bytes,
					.n_raw = m->n,
					.fields = fields,
					.n_fields = ARRAY_SIZE(fields),
				});
}

void agent_on_fault(void *magic, const struct address *peer, const char *what)
{
	struct agent *a = magic;
	char address[ADDRESS_TEXT_SIZE];
	const struct record_field fields[] = { { "what", what },
					       { "peer", address_format(peer, address) } };

	journal_add(a->journal, &(struct record){
					.kind = "fault",
					.summary = what,
					.fields = fields,
					.n_fields = ARRAY_SIZE(fields),
				});
}

void agent_on_message(void *magic, const struct transport_message *m)
{
	struct agent *a = magic;

	if (!m->sent) {
		a->received = m->bytes;
		a->n_received = m->n;
	}
	if (m->sip && m->bytes && journal_is_on(a->journal))
		record(a, m);
}

const char *agent_received(const struct agent *a, size_t *ret_n)
{
	*ret_n = a->n_received;
	return a->received;
}
