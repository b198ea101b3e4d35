/*
 * Unparsed requests
 */
#include "proto/sip/unparsed.h"

#include "proto/diag.h"
#include "proto/sip/line.h"
#include "proto/text/chars.h"
#include "proto/text/mem.h"
#include "proto/text/text.h"

#include <strings.h>

enum { MAX_HEADER_VALUE = 8192, MAX_VIAS = 70 };

/* ---- the topmost Via ---- */

/* The next of these characters outside of quotes, or the end of the string. */
static const char *find_plain(const char *s, const char *any_of)
{
	bool quoted = false;

	for (; *s && (quoted || !strchr(any_of, *s)); s++) {
		if (quoted && *s == '\\' && s[1])
			s++;
		else if (*s == '"')
			quoted = !quoted;
	}
	return s;
}

/* The name of a parameter of the first value; NULL: it has none of this name. */
static const char *find_param(const char *via, const char *name)
{
	size_t n = strlen(name);

	for (via = find_plain(via, ";,"); *via == ';'; via = find_plain(via, ";,")) {
		via += 1 + strspn(via + 1, " ");
		if (!strncasecmp(via, name, n) && !chars_is_token(via[n]))
			return via;
	}
	return NULL;
}

/* "SIP/2.0/UDP host:port;…" */
static bool is_sent_by(const char *via, const char *host)
{
	const char *p = via + strspn(via, " ");
	size_t n = strlen(host);

	p += strcspn(p, " ");
	p += strspn(p, " ");
	p += *p == '[';
	return !strncasecmp(p, host, n) && !chars_is_token(p[n]);
}

/* What the server that received it adds. */
static void add_via(struct text *out, const char *via, const struct unparsed_answer *a)
{
	const char *end = find_plain(via, ","), *rport = find_param(via, "rport"), *rest = via;

	if (rport) {
		rest = rport + strlen("rport");
		text_add_bytes(out, via, (size_t)(rest - via));
		text_add_all(out, "=", a->port);
		rest = find_plain(rest, ";,");
	}
	text_add_bytes(out, rest, (size_t)(end - rest));
	if (rport || !is_sent_by(via, a->host))
		text_add_all(out, ";received=", a->host);
	text_add(out, end);
}

/* ---- all lines ---- */

static bool add_line(struct text *out, const char *name, const struct sip_line *l,
		     const struct unparsed_answer *topmost_of)
{
	CLEANUP(text_deinit) struct text value = TEXT_INIT;

	if (l->n_value > MAX_HEADER_VALUE)
		return false;
	sip_line_add_value(&value, l);
	text_add_all(out, name, ": ");
	/* Its parameters are looked for in a string, which must not end at a NUL. */
	for (size_t i = 0; topmost_of && i < value.n; i++)
		if (!value.data[i])
			value.data[i] = '\x01';
	if (topmost_of)
		add_via(out, text_str(&value), topmost_of);
	else
		text_add_bytes(out, value.data, value.n);
	return true;
}

static const struct {
	const char *name;
	char compact;
	bool many;
} echoed[] = {
	{ "Via", 'v', true },      { "From", 'f', false }, { "To", 't', false },
	{ "Call-ID", 'i', false }, { "CSeq", 0, false },
};

static bool has_tag(const struct sip_line *l)
{
	return memmem(l->value, l->n_value, "tag=", 4);
}

/* All lines of one kind, or the first one of those that must not be there twice. False for what cannot be repeated. */
static bool add_kind(struct text *out, size_t kind, const char *head, const char *end,
		     const struct unparsed_answer *a)
{
	size_t max = echoed[kind].many ? MAX_VIAS : 1, n = 0;
	bool is_to = echoed[kind].compact == 't';
	struct sip_line l;

	while (sip_line_read(&head, end, &l)) {
		if (!sip_line_is(&l, echoed[kind].name, echoed[kind].compact))
			continue;
		if (++n > max)
			return !echoed[kind].many;
		if (!add_line(out, echoed[kind].name, &l, echoed[kind].many && n == 1 ? a : NULL))
			return false;
		if (is_to && !has_tag(&l))
			text_add_all(out, ";tag=", a->tag);
		text_add(out, "\r\n");
	}
	return n > 0 || !echoed[kind].many;
}

/* "METHOD anything SIP/2.0", and not ACK, which is never answered. */
static bool may_be_answered(const char *p, const char *eol)
{
	static const char version[] = "SIP/2.0";
	size_t n = sizeof(version) - 1;

	while (eol > p && (eol[-1] == ' ' || eol[-1] == '\t'))
		eol--;
	return (size_t)(eol - p) > n && chars_is_token(*p) && strncasecmp(p, "ACK ", 4) != 0 &&
	       strncasecmp(p, "SIP/", 4) != 0 && !strncasecmp(eol - n, version, n);
}

bool unparsed_refuse(struct text *out, const char *p, size_t n, const struct unparsed_answer *a)
{
	CLEANUP(text_deinit) struct text answer = TEXT_INIT;
	const char *end = p + n, *eol = memmem(p, n, "\r\n", 2);
	const struct diag why = diag_because(DIAG_BAD_REQUEST, a->why);

	if (!eol || !may_be_answered(p, eol))
		return false;
	text_add(&answer, "SIP/2.0 400 Bad Request\r\n");
	for (size_t kind = 0; kind < ARRAY_SIZE(echoed); kind++)
		if (!add_kind(&answer, kind, eol + 2, end, a))
			return false;
	text_add_all(&answer, "Server: ", a->server, "\r\nms-diagnostics: ");
	diag_encode(&answer, &why, NULL);
	text_add(&answer, "\r\nContent-Length: 0\r\n\r\n");
	text_add_bytes(out, answer.data, answer.n);
	return true;
}
