/*
 * Body of the push MESSAGE
 */
#include "proto/push/body.h"

#include "proto/text/chars.h"
#include "proto/text/mem.h"
#include "proto/text/text.h"
#include "proto/text/timestamp.h"
#include "proto/text/uuid.h"
#include "proto/text/xml.h"

#include <errno.h>
#include <stdbool.h>
#include <stddef.h>
#include <string.h>
#include <strings.h>

#define MAX_MISSED 999999

enum field_kind { FIELD_STRING, FIELD_BOOL, FIELD_NUMBER };

/* The three kinds of document, and which of them must have an element. */
enum { A_TEST = 1, A_NOTICE = 2, A_WITHDRAWAL = 4 };
enum field_need {
	NEED_NEVER = 0,
	NEED_NOTICE = A_NOTICE,
	NEED_SAID = A_NOTICE | A_TEST,
	NEED_PHONE = A_NOTICE | A_WITHDRAWAL,
	NEED_ALWAYS = A_NOTICE | A_WITHDRAWAL | A_TEST
};

/* X(element, member, kind, need), in the order in which they are written. */
#define FIELDS(X)                                                                                  \
	X("id", id, FIELD_STRING, NEED_ALWAYS)                                                     \
	X("timestamp", timestamp, FIELD_STRING, NEED_ALWAYS)                                       \
	X("synthetic", synthetic, FIELD_BOOL, NEED_NEVER)                                          \
	X("withdraws", withdraws, FIELD_STRING, NEED_NEVER)                                        \
	X("importance", importance, FIELD_STRING, NEED_SAID)                                       \
	X("conference", conference, FIELD_BOOL, NEED_NOTICE)                                       \
	X("modality", modality, FIELD_STRING, NEED_SAID)                                           \
	X("from", from, FIELD_STRING, NEED_NOTICE)                                                 \
	X("fromName", from_name, FIELD_STRING, NEED_NEVER)                                         \
	X("message", text, FIELD_STRING, NEED_NEVER)                                               \
	X("conversation", conversation, FIELD_STRING, NEED_NEVER)                                  \
	X("missed", missed, FIELD_NUMBER, NEED_NEVER)                                              \
	X("renewed", renewed, FIELD_BOOL, NEED_NEVER)                                              \
	X("platform", platform, FIELD_STRING, NEED_PHONE)                                          \
	X("notificationUri", notification_uri, FIELD_STRING, NEED_NEVER)                           \
	X("deviceToken", device_token, FIELD_STRING, NEED_NEVER)

static const struct field {
	const char *element;
	size_t offset;
	enum field_kind kind;
	enum field_need need;
	const char *missing; /* the error if it is missing */
} fields[] = {
#define X(element, member, kind, need)                                                             \
	{ element, offsetof(struct push_body, member), kind, need,                                 \
	  "There is no element \"" element "\"" },
	FIELDS(X)
#undef X
};

static void *slot_of(struct push_body *b, const struct field *f)
{
	return (char *)b + f->offset;
}

static const void *value_in(const struct push_body *b, const struct field *f)
{
	return (const char *)b + f->offset;
}

void push_body_deinit(struct push_body *b)
{
	for (size_t i = 0; i < ARRAY_SIZE(fields); i++)
		if (fields[i].kind == FIELD_STRING)
			free(*(char **)slot_of(b, &fields[i]));
	*b = (struct push_body){ 0 };
}

static unsigned kind_of(const struct push_body *b)
{
	if (b->synthetic)
		return A_TEST;
	return b->withdraws ? A_WITHDRAWAL : A_NOTICE;
}

static void encode_field(struct text *out, const struct push_body *b, const struct field *f)
{
	const void *value = value_in(b, f);
	const char *string = f->kind == FIELD_STRING ? *(char *const *)value : NULL;

	if (f->kind == FIELD_STRING && !string)
		return;
	if (f->kind == FIELD_BOOL && !*(const bool *)value &&
	    (f->need == NEED_NEVER || kind_of(b) == A_WITHDRAWAL))
		return;
	text_add_all(out, "<", f->element, ">");
	switch (f->kind) {
	case FIELD_STRING: text_add_xml(out, string); break;
	case FIELD_BOOL: text_add(out, *(const bool *)value ? "true" : "false"); break;
	case FIELD_NUMBER: text_add_number(out, *(const unsigned *)value); break;
	}
	text_add_all(out, "</", f->element, ">");
}

void push_body_encode(struct text *out, const struct push_body *b)
{
	text_add(out, "<?xml version=\"1.0\" encoding=\"utf-8\"?>"
		      "<pushNotification xmlns=\"" PUSH_BODY_NAMESPACE "\">");
	for (size_t i = 0; i < ARRAY_SIZE(fields); i++)
		encode_field(out, b, &fields[i]);
	text_add(out, "</pushNotification>");
}

struct decoding {
	struct push_body body;
	bool seen[ARRAY_SIZE(fields)];
};

static const char *on_start(void *magic, const struct xml_element *e)
{
	(void)magic;
	if (e->depth == 1 && !xml_is(e, NULL, "pushNotification"))
		return "The document is not a pushNotification";
	if (e->depth == 1 && !xml_is(e, PUSH_BODY_NAMESPACE, "pushNotification"))
		return "The namespace of the pushNotification is not a known version";
	return NULL;
}

static const char *take_bool(const char *s, bool *ret)
{
	*ret = !strcmp(s, "true");
	return *ret || !strcmp(s, "false") ? NULL
					   : "An element that must be true or false is neither";
}

static const char *take_number(const char *s, unsigned *ret)
{
	unsigned value = 0;

	if (!*s)
		return "An element that must be a number is not";
	for (; *s; s++) {
		if (!chars_is_digit(*s))
			return "An element that must be a number is not";
		value = value * 10 + (unsigned)(*s - '0');
		if (value > MAX_MISSED)
			return "The missed number is too large";
	}
	*ret = value;
	return NULL;
}

static const char *on_end(void *magic, const struct xml_element *e)
{
	struct decoding *d = magic;

	if (e->depth != 2)
		return NULL;
	for (size_t i = 0; i < ARRAY_SIZE(fields); i++) {
		const struct field *f = &fields[i];

		if (!xml_is(e, PUSH_BODY_NAMESPACE, f->element))
			continue;
		if (d->seen[i])
			return "An element occurs twice";
		d->seen[i] = true;
		switch (f->kind) {
		case FIELD_STRING:
			*(char **)slot_of(&d->body, f) = mem_memdup(e->text, e->n_text);
			return NULL;
		case FIELD_BOOL: return take_bool(e->text, slot_of(&d->body, f));
		case FIELD_NUMBER: return take_number(e->text, slot_of(&d->body, f));
		}
	}
	return NULL;
}

/* In a shape '9' stands for a digit, any other character for itself. */
static bool has_shape(const char *s, const char *shape)
{
	for (; *s && *shape; s++, shape++) {
		if (*shape == '9' ? !chars_is_digit(*s) : *s != *shape)
			return false;
	}
	return !*s && !*shape;
}

/* Whether s can go into headers and log lines: no spaces, no control characters. */
static bool is_visible(const char *s)
{
	for (; *s; s++)
		if (*s == ' ' || chars_is_control(*s))
			return false;
	return true;
}

static bool is_importance(const char *s)
{
	return !strcmp(s, "normal") || !strcmp(s, "urgent") || !strcmp(s, "emergency");
}

static bool is_sip_uri(const char *s)
{
	return (!strncasecmp(s, "sip:", 4) || !strncasecmp(s, "sips:", 5)) && is_visible(s);
}

static const char *check_presence(const struct decoding *d)
{
	for (size_t i = 0; i < ARRAY_SIZE(fields); i++) {
		const struct field *f = &fields[i];

		if (!d->seen[i] && (f->need & kind_of(&d->body)))
			return f->missing;
	}
	if (!d->body.synthetic && !d->body.notification_uri == !d->body.device_token)
		return "There must be either a notificationUri or a deviceToken";
	return NULL;
}

static const char *check_ids(const struct push_body *b)
{
	if (!uuid_is(b->id))
		return "The id is not a UUID";
	if (b->withdraws && !uuid_is(b->withdraws))
		return "The withdraws is not a UUID";
	if (b->withdraws && b->synthetic)
		return "A synthetic push cannot withdraw another one";
	if (b->conversation && (!*b->conversation || !is_visible(b->conversation) ||
				strlen(b->conversation) > PUSH_BODY_MAX_CONVERSATION))
		return "The conversation is not a word of at most 64 bytes";
	return NULL;
}

static const char *check(const struct decoding *d)
{
	const struct push_body *b = &d->body;
	const char *why = check_presence(d);
	int64_t moment;

	if (!why)
		why = check_ids(b);
	if (why)
		return why;
	if (!has_shape(b->timestamp, "9999-99-99T99:99:99.999Z"))
		return "The timestamp is not of the form 2012-01-18T05:00:43.101Z";
	if (!timestamp_read(b->timestamp, &moment))
		return "The timestamp is not in the calendar";
	if (b->importance && !is_importance(b->importance))
		return "The importance is not normal, urgent or emergency";
	if (b->modality && (!*b->modality || !is_visible(b->modality)))
		return "The modality is not a single word";
	if (b->from && !is_sip_uri(b->from))
		return "The from is not a SIP URI";
	if (b->platform && (!*b->platform || !is_visible(b->platform)))
		return "The platform is not a single word";
	if (b->notification_uri && !is_visible(b->notification_uri))
		return "The notificationUri contains spaces or control characters";
	if (b->device_token && !is_visible(b->device_token))
		return "The deviceToken contains spaces or control characters";
	return NULL;
}

int push_body_decode(const void *p, size_t n, struct push_body *ret, const char **ret_why)
{
	struct decoding d = { 0 };
	const struct xml_reader reader = { .max_bytes = PUSH_BODY_MAX_BYTES,
					   .on_start = on_start,
					   .on_end = on_end,
					   .magic = &d };
	int r = xml_read(p, n, &reader, ret_why);
	const char *why = r == 0 ? check(&d) : NULL;

	if (why) {
		*ret_why = why;
		r = -EINVAL;
	}
	if (r < 0)
		push_body_deinit(&d.body);
	*ret = d.body;
	return r;
}
