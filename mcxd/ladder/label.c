/*
 * Ladder: what a record says
 */
#include "mcxd/ladder/label.h"

#include <ctype.h>

#define PUSH_TYPE "application/vnd.microsoft.lync.pushNotification+xml"

static bool is_kind(const struct journal_record *r, const char *kind)
{
	return strcmp(r->e.kind, kind) == 0;
}

/* What other records of the story show as well: links between stories, the summary of a
 * conversation's moves, the moves of a leg, which follow from what travelled, and what the clearing
 * house has to say of a push beside the messages themselves. */
static bool is_told_elsewhere(const struct journal_record *r)
{
	const char *machine = is_kind(r, "state") ? journal_value(r, "machine") : NULL;
	const char *state = is_kind(r, "push") ? journal_value(r, "state") : NULL;

	return is_kind(r, "link") || is_kind(r, "conversation") ||
	       (machine && strcmp(machine, "phone-leg") == 0) ||
	       (state && strcmp(state, "forwarded") == 0);
}

enum ladder_shape ladder_shape(const struct journal_record *r)
{
	if (is_told_elsewhere(r))
		return LADDER_SKIP;
	if (!r->e.from || !r->e.to || strcmp(r->e.from, r->e.to) == 0)
		return LADDER_NOTE;
	return LADDER_ARROW;
}

/* ---- what is in a SIP message ---- */

/* The value of a header in the raw message, as one line of its own; empty when it is not there. */
static void find_header(const struct journal_record *r, const char *name, struct text *out)
{
	const char *p = r->e.raw, *end = p ? p + r->e.n_raw : NULL;
	size_t n_name = strlen(name);

	while (p && p < end) {
		const char *eol = memchr(p, '\n', (size_t)(end - p));
		size_t n = eol ? (size_t)(eol - p) : (size_t)(end - p);

		if (n <= 1)
			return;
		if (n > n_name && p[n_name] == ':' && strncasecmp(p, name, n_name) == 0) {
			p += n_name + 1;
			n -= n_name + 1;
			for (; n && isspace((unsigned char)*p); n--)
				p++;
			while (n && isspace((unsigned char)p[n - 1]))
				n--;
			text_add_bytes(out, p, n);
			return;
		}
		p = eol ? eol + 1 : NULL;
	}
}

static const char *find_body(const struct journal_record *r, size_t *ret_n)
{
	const char *raw = r->e.raw;
	const char *gap = raw ? memmem(raw, r->e.n_raw, "\r\n\r\n", 4) : NULL;

	*ret_n = gap ? r->e.n_raw - (size_t)(gap + 4 - raw) : 0;
	return gap ? gap + 4 : NULL;
}

static bool has_type(const struct journal_record *r, const char *type)
{
	CLEANUP(text_deinit) struct text value = TEXT_INIT;

	find_header(r, "Content-Type", &value);
	return strncasecmp(text_str(&value), type, strlen(type)) == 0;
}

static void add_quoted_body(const struct journal_record *r, struct text *out)
{
	size_t n = 0;
	const char *body = find_body(r, &n);

	text_add(out, " \"");
	text_add_bytes(out, body, body ? strnlen(body, n) : 0);
	text_add(out, "\"");
}

static void sip_request(const struct journal_record *r, const char *method, struct text *out)
{
	text_add(out, method);
	if (strcmp(method, "MESSAGE") == 0 && has_type(r, "text/plain"))
		add_quoted_body(r, out);
	else if (strcmp(method, "MESSAGE") == 0 && has_type(r, PUSH_TYPE))
		text_add(out, " (push)");
	else if (strcmp(method, "INFO") == 0 && has_type(r, "application/xml"))
		text_add(out, " (typing)");
}

/* "180 Ringing"; which request it is the answer to where that is not plain from what goes before.
 */
static void sip_answer(const struct journal_record *r, const char *method, struct text *out)
{
	const char *start = journal_value(r, "start_line");
	const char *status = journal_value(r, "status");

	if (start && strncmp(start, "SIP/2.0 ", 8) == 0)
		text_add(out, start + 8);
	else
		text_add(out, status);
	if (strcmp(method, "INVITE") != 0 && strcmp(method, "MESSAGE") != 0)
		text_addf(out, " (%s)", method);
}

static void sip_label(const struct journal_record *r, struct text *out)
{
	const char *method = journal_value(r, "method");

	if (!method)
		method = "";
	if (journal_value(r, "status"))
		sip_answer(r, method, out);
	else
		sip_request(r, method, out);
}

/* ---- the other kinds ---- */

/* One record for the whole exchange has a summary of ours; of two, the request would only show a
 * long path. */
static void http_label(const struct journal_record *r, struct text *out)
{
	const char *method = journal_value(r, "method");
	const char *resource = journal_value(r, "resource");
	const char *status = journal_value(r, "status");

	if (method && resource && !status)
		text_addf(out, "%s %s", method, resource);
	else if (r->e.summary)
		text_add(out, r->e.summary);
	else
		text_addf(out, "%s%s%s", method ? method : "", method && status ? " → " : "",
			  status ? status : "");
}

static void event_label(const struct journal_record *r, struct text *out)
{
	const char *kind = NULL, *type = journal_value(r, "type");

	if (r->e.summary) {
		text_add(out, r->e.summary);
		return;
	}
	/* journal_value() would find the record's own kind. */
	for (size_t i = 0; i < r->e.n_fields; i++) {
		if (strcmp(r->e.fields[i].name, "kind") == 0)
			kind = r->e.fields[i].value;
	}
	text_addf(out, "%s %s", kind ? kind : "event", type ? type : "");
}

static void toast_label(const struct journal_record *r, struct text *out)
{
	const char *text1 = journal_value(r, "text1");
	const char *text2 = journal_value(r, "text2");

	text_addf(out, "toast \"%s%s%s\"", text1 ? text1 : "", text1 && text2 ? ": " : "",
		  text2 ? text2 : "");
}

static void tile_label(const struct journal_record *r, struct text *out)
{
	const char *count = journal_value(r, "count");

	text_addf(out, "tile %s", count ? count : "");
}

static void state_label(const struct journal_record *r, struct text *out)
{
	const char *machine = journal_value(r, "machine");
	const char *from = journal_value(r, "from_state");
	const char *to = journal_value(r, "to_state");
	const char *event = journal_value(r, "event");

	if (!from || !to) {
		text_add(out, r->e.summary);
		return;
	}
	text_addf(out, "%s%s%s → %s", machine ? machine : "", machine ? " " : "", from, to);
	if (event)
		text_addf(out, " (%s)", event);
}

static const struct {
	const char *kind;
	void (*label)(const struct journal_record *r, struct text *out);
} labels[] = {
	{ "sip", sip_label },     { "http", http_label }, { "event", event_label },
	{ "toast", toast_label }, { "tile", tile_label }, { "state", state_label },
};

void ladder_label(const struct journal_record *r, struct text *out)
{
	for (size_t i = 0; i < ARRAY_SIZE(labels); i++) {
		if (is_kind(r, labels[i].kind)) {
			labels[i].label(r, out);
			return;
		}
	}
	text_add(out, r->e.summary ? r->e.summary : r->e.kind);
}

void ladder_detail(const struct journal_record *r, struct text *out)
{
	const char *status = is_kind(r, "sip") ? journal_value(r, "status") : NULL;

	if (!status)
		return;
	if (strcmp(status, "180") == 0) {
		find_header(r, "Server", out);
		return;
	}
	find_header(r, "ms-diagnostics", out);
	if (!out->n)
		find_header(r, "ms-diagnostics-public", out);
}
