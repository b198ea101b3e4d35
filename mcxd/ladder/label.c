/*
 * Ladder: what a record says
 */
#include "mcxd/ladder/label.h"

#include "proto/push/body.h"
#include "proto/record.h"
#include "proto/sip/im.h"
#include "proto/text/text.h"

static const char *or_empty(const char *s)
{
	return s ? s : "";
}

static bool has_value(const struct record *r, const char *field, const char *expected)
{
	return strcasecmp(or_empty(record_value(r, field)), expected) == 0;
}

/* Other records of the story already show it: a link between keys, the outcome of a conversation, the moves
 * of a leg, which follow from the messages, and the clearing house's note beside the messages of a push. */
static bool is_shown_elsewhere(const struct record *r)
{
	enum record_kind kind = record_kind_of(r->kind);

	return kind == RECORD_LINK || kind == RECORD_CONVERSATION ||
	       (kind == RECORD_STATE && has_value(r, "machine", "phone-leg")) ||
	       (kind == RECORD_PUSH && has_value(r, "state", "forwarded"));
}

enum ladder_shape ladder_shape(const struct record *r)
{
	if (is_shown_elsewhere(r))
		return LADDER_SKIP;
	if (!r->from || !r->to || strcmp(r->from, r->to) == 0)
		return LADDER_NOTE;
	return LADDER_ARROW;
}

/* ---- SIP ---- */

static void label_request(const struct record *r, const char *method, struct text *out)
{
	const char *text = record_value(r, "text");

	text_add(out, method);
	if (text)
		text_addf(out, " \"%s\"", text);
	else if (has_value(r, "content_type", PUSH_BODY_CONTENT_TYPE))
		text_add(out, " (push)");
	else if (strcmp(method, "INFO") == 0 &&
		 has_value(r, "content_type", SIP_IM_TYPING_CONTENT_TYPE))
		text_add(out, " (typing)");
}

/* "180 Ringing"; the method is added where the arrows above do not make it obvious. */
static void label_answer(const struct record *r, const char *method, struct text *out)
{
	const char *start = record_value(r, "start_line");
	const char *status = record_value(r, "status");

	if (start && strncmp(start, "SIP/2.0 ", 8) == 0)
		text_add(out, start + 8);
	else
		text_add(out, status);
	if (strcmp(method, "INVITE") != 0 && strcmp(method, "MESSAGE") != 0)
		text_addf(out, " (%s)", method);
}

static void label_sip(const struct record *r, struct text *out)
{
	const char *method = record_value(r, "method");

	if (!method)
		method = "";
	if (record_value(r, "status"))
		label_answer(r, method, out);
	else
		label_request(r, method, out);
}

/* ---- the other kinds ---- */

/* A record of a whole exchange has a summary of ours, while that of a request alone is a long path. */
static void label_http(const struct record *r, struct text *out)
{
	const char *method = record_value(r, "method");
	const char *resource = record_value(r, "resource");
	const char *status = record_value(r, "status");

	if (method && resource && !status)
		text_addf(out, "%s %s", method, resource);
	else if (r->summary)
		text_add(out, r->summary);
	else
		text_addf(out, "%s%s%s", or_empty(method), method && status ? " → " : "",
			  or_empty(status));
}

static void label_event(const struct record *r, struct text *out)
{
	if (r->summary)
		text_add(out, r->summary);
	else
		text_addf(out, "%s %s", record_value(r, "kind"), or_empty(record_value(r, "type")));
}

static void label_toast(const struct record *r, struct text *out)
{
	const char *text1 = record_value(r, "text1");
	const char *text2 = record_value(r, "text2");

	text_addf(out, "toast \"%s%s%s\"", or_empty(text1), text1 && text2 ? ": " : "",
		  or_empty(text2));
}

static void label_tile(const struct record *r, struct text *out)
{
	text_addf(out, "tile %s", or_empty(record_value(r, "count")));
}

static void label_state(const struct record *r, struct text *out)
{
	const char *machine = record_value(r, "machine");
	const char *from = record_value(r, "from_state");
	const char *to = record_value(r, "to_state");
	const char *event = record_value(r, "event");

	if (!from || !to) {
		text_add(out, r->summary);
		return;
	}
	text_addf(out, "%s%s%s → %s", or_empty(machine), machine ? " " : "", from, to);
	if (event)
		text_addf(out, " (%s)", event);
}

typedef void label_h(const struct record *r, struct text *out);

/* A kind without a row is labelled with its summary. */
static label_h *const labels[N_RECORD_KINDS] = {
	[RECORD_SIP] = label_sip,     [RECORD_HTTP] = label_http, [RECORD_EVENT] = label_event,
	[RECORD_TOAST] = label_toast, [RECORD_TILE] = label_tile, [RECORD_STATE] = label_state,
};

void ladder_label(const struct record *r, struct text *out)
{
	enum record_kind kind = record_kind_of(r->kind);

	if (kind < N_RECORD_KINDS && labels[kind])
		labels[kind](r, out);
	else
		text_add(out, r->summary ? r->summary : r->kind);
}

void ladder_detail(const struct record *r, struct text *out)
{
	if (record_kind_of(r->kind) != RECORD_SIP)
		return;
	if (has_value(r, "status", "180"))
		text_add(out, record_value(r, "server"));
	else if (record_value(r, "status"))
		text_add(out, record_value(r, "diagnostics"));
}
