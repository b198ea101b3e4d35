/*
 * Ladder: what a record says
 */
#include "mcxd/ladder/label.h"

#include "proto/record.h"
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
 * of a leg, which follow from the messages, the clearing house's note beside the messages of a push, and what an actor does,
 * but for the sentences of its window. */
static bool is_shown_elsewhere(const struct record *r)
{
	enum record_kind kind = record_kind_of(r->kind);

	return kind == RECORD_LINK || kind == RECORD_CONVERSATION ||
	       (kind == RECORD_ACTOR && !has_value(r, "event", "window")) ||
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

static void label_sip(const struct record *r, struct text *out)
{
	const char *text = record_value(r, "text");

	record_label(r, out);
	if (text)
		text_add_all(out, " \"", text, "\"");
}

/* ---- the other kinds ---- */

/* A record of a whole exchange has a summary of ours, while that of a request alone is a long path. */
static void label_http(const struct record *r, struct text *out)
{
	bool is_request = record_value(r, "method") && !record_value(r, "status");

	if (is_request || !r->summary)
		record_label(r, out);
	else
		text_add(out, r->summary);
}

static void label_event(const struct record *r, struct text *out)
{
	if (r->summary)
		text_add(out, r->summary);
	else
		record_label(r, out);
}

static void label_toast(const struct record *r, struct text *out)
{
	const char *text1 = record_value(r, "text1");
	const char *text2 = record_value(r, "text2");

	text_addf(out, "toast \"%s%s%s\"", or_empty(text1), text1 && text2 ? ": " : "",
		  or_empty(text2));
}

static void label_state(const struct record *r, struct text *out)
{
	const char *event = record_value(r, "event");

	record_label(r, out);
	if (event)
		text_add_all(out, " (", event, ")");
}

typedef void label_h(const struct record *r, struct text *out);

/* A kind without a row is labelled with its summary. */
static label_h *const labels[N_RECORD_KINDS] = {
	[RECORD_SIP] = label_sip,     [RECORD_HTTP] = label_http,   [RECORD_EVENT] = label_event,
	[RECORD_TOAST] = label_toast, [RECORD_TILE] = record_label, [RECORD_STATE] = label_state,
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
