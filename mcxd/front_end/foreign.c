/*
 * SIP leg: what passes from client to client
 */
#include "mcxd/front_end/foreign.h"

#include "mcxd/core/foreign.h"
#include "mcxd/sip/agent.h"
#include "proto/sip/line.h"
#include "proto/sip/text.h"
#include "proto/text/clean.h"
#include "proto/text/mem.h"
#include "proto/text/text.h"

#include <sofia-sip/sip_header.h>

enum { MAX_PHRASE_BYTES = 256 };

/* Of whom a header is that does not pass as it is. */
enum owner {
	HOP = 1 << 0,       /* the way of this message, its dialog, and who may send it */
	SUPPORT = 1 << 1,   /* what a client can do: we stand between, and may not be able to */
	CHALLENGE = 1 << 2, /* what asks for credentials */
	INVITATION = 1 << 3 /* what every invitation of ours has (callee.c) */
};

static const struct {
	const char *name;
	char compact;
	unsigned owners;
} owned[] = {
	{ "Via", 'v', HOP },
	{ "From", 'f', HOP },
	{ "To", 't', HOP },
	{ "Call-ID", 'i', HOP },
	{ "CSeq", 0, HOP },
	{ "Content-Length", 'l', HOP },
	{ "Max-Forwards", 0, HOP },
	{ "Route", 0, HOP },
	{ "Record-Route", 0, HOP },
	{ "Path", 0, HOP },
	{ "Service-Route", 0, HOP },
	{ "Timestamp", 0, HOP },
	{ "Authorization", 0, HOP },
	{ "Proxy-Authorization", 0, HOP },
	{ "Authentication-Info", 0, HOP },
	{ "Proxy-Authentication-Info", 0, HOP },
	{ "P-Asserted-Identity", 0, HOP },
	{ "P-Preferred-Identity", 0, HOP },
	{ "ms-asserted-verification-level", 0, HOP },
	{ "ms-diagnostics", 0, HOP },
	{ "Contact", 'm', SUPPORT },
	{ "Supported", 'k', SUPPORT },
	{ "Require", 0, SUPPORT },
	{ "Proxy-Require", 0, SUPPORT },
	{ "Allow", 0, SUPPORT },
	{ "Session-Expires", 'x', SUPPORT },
	{ "Min-SE", 0, SUPPORT },
	{ "RSeq", 0, SUPPORT },
	{ "RAck", 0, SUPPORT },
	{ "ms-text-format", 0, INVITATION },
	{ "Ms-Conversation-ID", 0, INVITATION },
	{ "Subject", 's', INVITATION },
	{ "Priority", 0, INVITATION },
	{ "WWW-Authenticate", 0, CHALLENGE },
	{ "Proxy-Authenticate", 0, CHALLENGE },
};

static unsigned owners_of(const struct sip_line *l)
{
	for (size_t i = 0; i < ARRAY_SIZE(owned); i++)
		if (sip_line_is(l, owned[i].name, owned[i].compact))
			return owned[i].owners;
	return 0;
}

/* ---- reading ---- */

static bool is_of_refusal(const struct sip_line *l)
{
	return !(owners_of(l) & (HOP | CHALLENGE));
}

/* Where a redirection leads is its Contact; anything else refuses in the client's own name. */
static bool is_of_final(const struct sip_line *l)
{
	return is_of_refusal(l) && !sip_line_is(l, "Contact", 'm');
}

static bool is_of_request(const struct sip_line *l)
{
	return !(owners_of(l) & (HOP | SUPPORT));
}

static bool is_of_offer(const struct sip_line *l)
{
	return !(owners_of(l) & (HOP | SUPPORT | INVITATION));
}

/* Who answers an invitation is told to its caller in words of ours. */
static bool is_of_answer(const struct sip_line *l)
{
	return is_of_request(l) && !sip_line_is(l, "Server", 0);
}

static bool is_challenge(const struct sip_line *l)
{
	return owners_of(l) & CHALLENGE;
}

static void read_body(struct sip_foreign *f, const sip_t *sip)
{
	if (!sip->sip_payload)
		return;
	f->words.body = sip->sip_payload->pl_data;
	f->words.n_body = sip->sip_payload->pl_len;
}

static const char *lines_or_null(const struct text *lines)
{
	return lines->n > 0 ? text_str(lines) : NULL;
}

/* One odd character must not lose the answer. */
static void read_phrase(struct sip_foreign *f, const sip_t *sip)
{
	const char *phrase = sip->sip_status->st_phrase;

	*f = (struct sip_foreign){ .phrase = clean_copy(phrase, MAX_PHRASE_BYTES) };
	f->words.phrase = f->phrase;
}

static void read_lines(struct sip_foreign *f, const sip_t *sip, agent_line_h *wants)
{
	agent_add_lines(&f->headers, sip, wants);
	f->words.headers = lines_or_null(&f->headers);
	read_body(f, sip);
}

void sip_foreign_offer(struct sip_foreign *f, const sip_t *sip)
{
	*f = (struct sip_foreign){ 0 };
	read_lines(f, sip, is_of_offer);
}

void sip_foreign_request(struct sip_foreign *f, const sip_t *sip)
{
	*f = (struct sip_foreign){ 0 };
	read_lines(f, sip, is_of_request);
}

void sip_foreign_answer(struct sip_foreign *f, const sip_t *sip)
{
	read_phrase(f, sip);
	read_lines(f, sip, is_of_answer);
}

void sip_foreign_refusal(struct sip_foreign *f, const sip_t *sip)
{
	int status = sip->sip_status->st_status;

	read_phrase(f, sip);
	read_lines(f, sip, status / 100 == 3 || status == 485 ? is_of_refusal : is_of_final);
	agent_add_lines(&f->challenges, sip, is_challenge);
	f->words.challenges = lines_or_null(&f->challenges);
}

void sip_foreign_deinit(struct sip_foreign *f)
{
	text_deinit(&f->headers);
	text_deinit(&f->challenges);
	free(f->phrase);
}

/* ---- writing ---- */

void sip_foreign_add(struct sip_text *m, const struct foreign *words)
{
	if (words->target)
		sip_text_pieces(m, "Contact", "<", words->target, ">");
	sip_text_lines(m, words->headers);
	sip_text_lines(m, words->challenges);
	sip_text_number(m, "Content-Length", words->n_body);
	sip_text_body(m, words->body, words->n_body);
}
