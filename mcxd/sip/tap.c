/*
 * Agent: the tap
 *
 * Every message, as it is on the wire, becomes a record of the journal.
 */
#include "mcxd/sip/private.h"

#include "mcxd/base/fault.h"
#include "mcxd/base/journal.h"
#include "mcxd/net/address.h"
#include "mcxd/sip/agent.h"
#include "mcxd/sip/transport.h"
#include "proto/record.h"
#include "proto/sip/ident.h"
#include "proto/sip/line.h"
#include "proto/sip/uri.h"
#include "proto/text/chars.h"
#include "proto/text/mem.h"
#include "proto/text/text.h"
#include "proto/text/timestamp.h"
#include "proto/text/utf8.h"

#include <sofia-sip/sip_header.h>

enum { KEY_SIZE = 300 };

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

/* The AoR of the owner of the phone that a push is for; false if it is no phone's. */
static bool find_owner(const char *from, char ret[URI_MAX_AOR + 1])
{
	char uri[URI_MAX_AOR + 64];
	struct mcx_user user;

	text_join(uri, sizeof(uri), "sip:", from);
	if (ident_mcx_user_decode(uri, &user) != 0)
		return false;
	memcpy(ret, user.aor, sizeof(user.aor));
	return true;
}

void agent_find_users(const struct agent *a, const sip_t *sip, bool sent, struct agent_users *ret)
{
	const char *from = ret->from, *to = ret->to;
	bool from_is_peer = sent ? !sip->sip_request : !!sip->sip_request;

	ret->users[0] = ret->users[1] = NULL;
	format_aor(sip->sip_from ? sip->sip_from->a_url : NULL, ret->from, sizeof(ret->from));
	format_aor(sip->sip_to ? sip->sip_to->a_url : NULL, ret->to, sizeof(ret->to));
	ret->about = (struct agent_about){ 0 };
	if (a->about)
		a->about(a->magic, sip, sent, &ret->about);
	if (!*ret->about.peer)
		text_join(ret->about.peer, sizeof(ret->about.peer), from_is_peer ? from : to, "");
	if (ret->about.is_push) {
		if (find_owner(from, ret->owner))
			ret->users[0] = ret->owner;
		return;
	}
	if (strchr(from, '@'))
		ret->users[0] = from;
	if (strchr(to, '@') && strcmp(from, to) != 0)
		ret->users[1] = to;
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

/* The headers that a record quotes. They are searched for in the bytes: of messages that are our own text, sofia parses only
 * the headers that it reads itself. */
enum { SERVER, DIAGNOSTICS, DIAGNOSTICS_PUBLIC, CONTENT_TYPE, N_QUOTED };

/* The first letter tells most lines apart from those. */
static bool may_be_quoted(const struct sip_line *l)
{
	char c = chars_lower(*l->p);

	return c == 's' || c == 'm' || c == 'c';
}

static void find_quoted(const struct transport_message *m, struct sip_line ret[N_QUOTED])
{
	static const struct {
		const char *name;
		char compact;
	} names[N_QUOTED] = {
		[SERVER] = { "Server", 0 },
		[DIAGNOSTICS] = { "ms-diagnostics", 0 },
		[DIAGNOSTICS_PUBLIC] = { "ms-diagnostics-public", 0 },
		[CONTENT_TYPE] = { "Content-Type", 'c' },
	};
	const char *p = memmem(m->bytes, m->n, "\r\n", 2), *end = m->bytes + m->n;
	struct sip_line line;

	memset(ret, 0, N_QUOTED * sizeof(*ret));
	if (!p)
		return;
	for (p += 2; sip_line_read(&p, end, &line);)
		for (int i = 0; i < N_QUOTED && may_be_quoted(&line); i++)
			if (!ret[i].p && sip_line_is(&line, names[i].name, names[i].compact))
				ret[i] = line;
}

/* Whether it is to be quoted as it is: few values need what sip_line_add_value() does. */
static bool is_plain(const char *s, size_t n)
{
	return !memchr(s, '\r', n) && !memchr(s, '\n', n) && !memchr(s, '\t', n);
}

/* The value of a header, cut to the size of ret; NULL if it is absent. */
static const char *quote(const struct sip_line *line, char *ret, size_t size)
{
	CLEANUP(text_deinit) struct text value = TEXT_INIT;

	if (!line->p)
		return NULL;
	if (line->n_value == 0 || is_plain(line->value, line->n_value)) {
		copy_text(ret, size, line->value, line->n_value);
		return ret;
	}
	sip_line_add_value(&value, line);
	copy_text(ret, size, text_str(&value), value.n);
	return ret;
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

/* The journal asks for the moment as text. */
static const char *format_time(int64_t wall_us, struct text *out)
{
	if (!wall_us)
		return NULL;
	timestamp_add(out, wall_us, TIMESTAMP_US);
	return text_str(out);
}

static void record(struct agent *a, const struct transport_message *m)
{
	CLEANUP(text_deinit) struct text deadline = TEXT_INIT;
	const sip_t *sip = m->sip;
	const char *call_id = sip->sip_call_id ? sip->sip_call_id->i_id : NULL;
	char start_line[512], key[KEY_SIZE] = "";
	char status[TEXT_NUMBER_SIZE], cseq[TEXT_NUMBER_SIZE], peer[ADDRESS_TEXT_SIZE];
	char server[256], diagnostics[512], type[128], text[512];
	struct sip_line quoted[N_QUOTED];
	char instance[TEXT_NUMBER_SIZE];
	struct agent_users users;
	const char *content_type;

	find_quoted(m, quoted);
	content_type = quote(&quoted[CONTENT_TYPE], type, sizeof(type));
	if (content_type)
		type[strcspn(type, "; \t")] = '\0';
	agent_find_users(a, sip, m->sent, &users);
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
		{ "from", users.from },
		{ "to", users.to },
		{ "transport", m->protocol },
		{ "peer", address_format(m->peer, peer) },
		{ "peer_name", m->peer_name },
		{ "server", quote(&quoted[SERVER], server, sizeof(server)) },
		{ "diagnostics",
		  quote(&quoted[quoted[DIAGNOSTICS].p ? DIAGNOSTICS : DIAGNOSTICS_PUBLIC],
			diagnostics, sizeof(diagnostics)) },
		{ "content_type", content_type },
		{ "text", find_text(m, content_type, text, sizeof(text)) },
		{ "deadline", format_time(users.about.deadline_us, &deadline) },
		{ "instance", text_number(instance, ++*a->instances) },
	};
	const struct record r = {
		.kind = "sip",
		.from = m->sent ? a->hop : users.about.peer,
		.to = m->sent ? users.about.peer : a->hop,
		.incoming = !m->sent,
		.users = { users.users[0], users.users[1] },
		.fault = m->strike ? m->strike->text : NULL,
		.key = *key ? key : NULL,
		.summary = start_line,
		.raw = m->bytes,
		.n_raw = m->n,
		.fields = fields,
		.n_fields = ARRAY_SIZE(fields),
	};

	journal_add(a->journal, &r);
}

static void record_strike(const struct agent *a, const struct transport_message *m)
{
	struct agent_users users;
	char key[KEY_SIZE];

	text_join(key, sizeof(key), "sip:", m->sip->sip_call_id->i_id);
	agent_find_users(a, m->sip, false, &users);
	faults_record(
		a->faults, m->strike,
		&(struct fault_passing){ .users = { users.users[0], users.users[1] }, .key = key });
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
		a->received = m->taken;
		a->n_received = m->n_taken;
	}
	if (m->sip && m->bytes && !m->is_again && journal_is_on(a->journal))
		record(a, m);
	if (m->sip && m->strike)
		record_strike(a, m);
}

const char *agent_received(const struct agent *a, size_t *ret_n)
{
	*ret_n = a->n_received;
	return a->received;
}
