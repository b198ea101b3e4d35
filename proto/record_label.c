/*
 * Record: what it is, in a few words
 */
#include "proto/record.h"

#include "proto/push/body.h"
#include "proto/sip/im.h"
#include "proto/text/text.h"

typedef void label_h(const struct record *r, struct text *out);

static const char *value(const struct record *r, const char *field)
{
	const char *v = record_value(r, field);

	return v ? v : "";
}

static void add_words(struct text *out, const char *first, const char *second)
{
	text_add_all(out, first, *first && *second ? " " : "", second);
}

/* ---- SIP ---- */

static void label_request(const struct record *r, const char *method, struct text *out)
{
	const char *type = value(r, "content_type");

	text_add(out, method);
	if (strcasecmp(type, PUSH_BODY_CONTENT_TYPE) == 0)
		text_add(out, " (push)");
	else if (strcmp(method, "INFO") == 0 && strcasecmp(type, SIP_IM_TYPING_CONTENT_TYPE) == 0)
		text_add(out, " (typing)");
}

/* The method is added where the messages before it do not make it obvious. */
static void label_answer(const struct record *r, const char *method, struct text *out)
{
	const char *start = value(r, "start_line");

	if (strncmp(start, "SIP/2.0 ", 8) == 0)
		text_add(out, start + 8);
	else
		text_add(out, value(r, "status"));
	if (strcmp(method, "INVITE") != 0 && strcmp(method, "MESSAGE") != 0)
		text_add_all(out, " (", method, ")");
}

static void label_sip(const struct record *r, struct text *out)
{
	const char *method = value(r, "method");

	if (*value(r, "status"))
		label_answer(r, method, out);
	else
		label_request(r, method, out);
}

/* ---- the other kinds ---- */

/* An answer that was recorded by itself has no method. */
static void label_http(const struct record *r, struct text *out)
{
	const char *method = value(r, "method");

	if (*method)
		add_words(out, method, value(r, "resource"));
	else
		add_words(out, value(r, "status"), value(r, "notification"));
}

static void label_event(const struct record *r, struct text *out)
{
	const char *kind = value(r, "kind");

	if (strcmp(kind, "messagingInvitation") == 0)
		kind = "invitation";
	text_add(out, "event ");
	add_words(out, kind, value(r, "type"));
}

static void label_state(const struct record *r, struct text *out)
{
	text_add_all(out, value(r, "machine"), " ", value(r, "from_state"), " → ",
		     value(r, "to_state"));
}

static void label_clock(const struct record *r, struct text *out)
{
	const char *what = value(r, "what");

	text_add(out, "clock ");
	add_words(out, value(r, "action"), *what ? what : value(r, "ms"));
}

static const struct {
	label_h *label;    /* NULL: the name of the kind, and then */
	const char *field; /* the value of this field; NULL: none */
} rows[N_RECORD_KINDS] = {
	[RECORD_SIP] = { label_sip },
	[RECORD_HTTP] = { label_http },
	[RECORD_EVENT] = { label_event },
	[RECORD_STATE] = { label_state },
	[RECORD_PUSH] = { .field = "state" },
	[RECORD_TILE] = { .field = "count" },
	[RECORD_CONVERSATION] = { .field = "state" },
	[RECORD_USER] = { .field = "action" },
	[RECORD_ACTOR] = { .field = "event" },
	[RECORD_CLOCK] = { label_clock },
	[RECORD_LAB] = { .field = "action" },
};

void record_label(const struct record *r, struct text *out)
{
	enum record_kind kind = record_kind_of(r->kind);

	if (kind < N_RECORD_KINDS && rows[kind].label)
		rows[kind].label(r, out);
	else
		add_words(out, r->kind,
			  kind < N_RECORD_KINDS && rows[kind].field ? value(r, rows[kind].field)
								    : "");
}
