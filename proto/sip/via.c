/*
 * Via
 */
#include "proto/sip/via.h"

#include "proto/text/chars.h"
#include "proto/text/mem.h"
#include "proto/text/text.h"

#include <string.h>
#include <strings.h>

static bool is_space(char c)
{
	return c == ' ' || c == '\t' || c == '\r' || c == '\n';
}

static const char *skip_spaces(const char *p, const char *end)
{
	while (p < end && is_space(*p))
		p++;
	return p;
}

/* ---- parameters ---- */

static const char *skip_quoted(const char *p, const char *end)
{
	for (p++; p < end && *p != '"'; p++)
		if (*p == '\\')
			p++;
	return p < end ? p + 1 : end;
}

const char *sip_param_skip(const char *p, const char *end)
{
	while (p < end && *p != ';' && *p != ',')
		p = *p == '"' ? skip_quoted(p, end) : p + 1;
	return p;
}

enum param { OTHER, RECEIVED, RPORT };

/* p: at the semicolon. */
static enum param which(const char *p, const char *end)
{
	static const char *const received[] = { "received", "ms-received-port", "ms-received-cid" };
	static const char rport[] = "rport";
	const char *name = skip_spaces(p + 1, end), *after = name;
	size_t n;

	while (after < end && chars_is_token(*after))
		after++;
	n = (size_t)(after - name);
	for (size_t i = 0; i < ARRAY_SIZE(received); i++)
		if (n == strlen(received[i]) && !strncasecmp(name, received[i], n))
			return RECEIVED;
	return n == sizeof(rport) - 1 && !strncasecmp(name, rport, n) ? RPORT : OTHER;
}

/* ---- the value ---- */

static void trim(struct text *out, size_t n_before)
{
	while (out->n > n_before && is_space(out->data[out->n - 1]))
		out->data[--out->n] = '\0';
}

/* Add those that are not ours. Returns whether rport is among them. */
static bool add_params(struct text *out, const char *p, const char *end, uint16_t port)
{
	bool has_rport = false;
	const char *next;

	for (; p < end; p = next) {
		enum param param = which(p, end);

		next = sip_param_skip(p + 1, end);
		if (param == OTHER)
			text_add_bytes(out, p, (size_t)(next - p));
		else if (param == RPORT && !has_rport)
			text_addf(out, ";rport=%u", port);
		has_rport = has_rport || param == RPORT;
	}
	return has_rport;
}

/* "SIP/2.0/TLS host:port", or with an address in brackets. */
static bool says_host(const char *sent_by, size_t n, const char *host)
{
	const char *end = sent_by + n, *p;
	size_t n_host = strlen(host);

	while (end > sent_by && is_space(end[-1]))
		end--;
	for (p = end; p > sent_by && !is_space(p[-1]);)
		p--;
	if (p < end && *p == '[')
		p++;
	return (size_t)(end - p) >= n_host && !strncasecmp(p, host, n_host) &&
	       (p + n_host == end || p[n_host] == ':' || p[n_host] == ']');
}

void sip_via_add_received(struct text *out, const char *p, size_t n,
			  const struct sip_via_source *source)
{
	const char *end = p + n, *params = sip_param_skip(p, end);
	CLEANUP(text_deinit) struct text rest = TEXT_INIT;
	size_t n_before = out->n;
	bool has_rport;

	text_add_bytes(out, p, (size_t)(params - p));
	has_rport = add_params(&rest, params, end, source->port);
	if (source->is_shown || has_rport || !says_host(p, (size_t)(params - p), source->host)) {
		trim(out, n_before);
		text_add_all(out, ";received=", source->host);
	}
	text_add_bytes(out, text_str(&rest), rest.n);
	trim(out, n_before);
	/* The port serves as the id, too: it is unique among the open connections of a peer. */
	text_addf(out, ";ms-received-port=%u;ms-received-cid=%X", source->port, source->port);
}
