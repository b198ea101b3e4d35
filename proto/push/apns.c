/*
 * APNs
 */
#include "proto/push/apns.h"

#include "proto/text/chars.h"
#include "proto/text/json_in.h"
#include "proto/text/mem.h"
#include "proto/text/text.h"
#include "proto/text/uuid.h"

#include <json-c/json.h>

enum { PRIORITY_NOW = 10, ANSWER_DEPTH = 4 };

static const struct reason_row {
	const char *name;
	int status;
} reason_rows[N_APNS_REASONS] = {
#define X(reason, name, status) [reason] = { name, status },
	APNS_REASONS(X)
#undef X
};

static const char *const push_type_names[N_APNS_PUSH_TYPES] = {
#define X(type, name) [type] = (name),
	APNS_PUSH_TYPES(X)
#undef X
};

const char *const apns_header_names[] = {
	APNS_HEADER_TOPIC,
	APNS_HEADER_ID,
	APNS_HEADER_PUSH_TYPE,
	APNS_HEADER_PRIORITY,
	APNS_HEADER_EXPIRATION,
	APNS_HEADER_COLLAPSE_ID,
	NULL,
};

const char *apns_reason_name(enum apns_reason reason)
{
	return reason_rows[reason].name;
}

int apns_reason_status(enum apns_reason reason)
{
	return reason_rows[reason].status;
}

static bool is_name_of(const struct reason_row *row, int status, const char *name)
{
	return name && *name && row->status == status && !strcmp(name, row->name);
}

/* What Apple says mostly, where a status has several reasons. */
static const enum apns_reason usual[] = { APNS_BAD_DEVICE_TOKEN, APNS_INVALID_PROVIDER_TOKEN,
					  APNS_UNREGISTERED, APNS_TOO_MANY_REQUESTS };

enum apns_reason apns_reason_of(int status, const char *name)
{
	for (int i = 0; i < N_APNS_REASONS; i++)
		if (is_name_of(&reason_rows[i], status, name))
			return (enum apns_reason)i;
	for (size_t i = 0; i < ARRAY_SIZE(usual); i++)
		if (reason_rows[usual[i]].status == status)
			return usual[i];
	for (int i = 0; i < N_APNS_REASONS; i++)
		if (reason_rows[i].status == status)
			return (enum apns_reason)i;
	return status >= 500 ? APNS_INTERNAL_SERVER_ERROR : APNS_UNKNOWN;
}

const char *apns_push_type_name(enum apns_push_type type)
{
	return push_type_names[type];
}

/* ---- forms ---- */

bool apns_is_device_token(const char *s)
{
	size_t n = strlen(s);

	if (n == 0 || n > APNS_MAX_TOKEN || n % 2)
		return false;
	while (*s && chars_hex(*s) >= 0)
		s++;
	return !*s;
}

static bool is_topic(const char *s)
{
	if (!*s || strlen(s) > UINT8_MAX)
		return false;
	while (chars_is_alnum(*s) || chars_is_in(*s, ".-_"))
		s++;
	return !*s;
}

/* ---- headers ---- */

static bool read_push_type(const char *value, enum apns_push_type *ret)
{
	for (int i = 0; i < N_APNS_PUSH_TYPES; i++) {
		if (strcmp(value, push_type_names[i]) != 0)
			continue;
		*ret = (enum apns_push_type)i;
		return true;
	}
	return false;
}

static bool read_priority(const char *value, int *ret)
{
	int64_t n;

	if (!text_to_int(value, 1, PRIORITY_NOW, &n) || (n != 1 && n != 5 && n != PRIORITY_NOW))
		return false;
	*ret = (int)n;
	return true;
}

static bool is_collapse_id(const char *value)
{
	return *value && strlen(value) <= APNS_MAX_COLLAPSE_ID && chars_are_line(value);
}

/* The only combination that Apple forbids: what nobody sees cannot be urgent. */
static bool fits(const struct apns_headers *h)
{
	return h->push_type != APNS_BACKGROUND || h->priority != PRIORITY_NOW;
}

enum apns_reason apns_headers_decode(const struct apns_values *values, struct apns_headers *ret)
{
	struct apns_headers h = {
		.topic = values->topic,
		.id = values->id,
		.collapse_id = values->collapse_id,
		.push_type = APNS_ALERT,
		.priority = PRIORITY_NOW,
		.expiration_s = -1,
	};

	if (h.id && !uuid_is(h.id))
		return APNS_BAD_MESSAGE_ID;
	if (values->push_type && !read_push_type(values->push_type, &h.push_type))
		return APNS_INVALID_PUSH_TYPE;
	if (values->priority && !read_priority(values->priority, &h.priority))
		return APNS_BAD_PRIORITY;
	if (values->expiration &&
	    !text_to_int(values->expiration, 0, INT32_MAX * INT64_C(1000), &h.expiration_s))
		return APNS_BAD_EXPIRATION_DATE;
	if (h.collapse_id && !is_collapse_id(h.collapse_id))
		return APNS_BAD_COLLAPSE_ID;
	if (h.topic && !is_topic(h.topic))
		return APNS_BAD_TOPIC;
	if (!fits(&h))
		return APNS_BAD_PRIORITY;
	*ret = h;
	return APNS_ACCEPTED;
}

static const char *number(char buffer[APNS_VALUE_SIZE], int64_t n)
{
	snprintf(buffer, APNS_VALUE_SIZE, "%lld", (long long)n);
	return buffer;
}

const char *apns_headers_value(const struct apns_headers *h, const char *name,
			       char buffer[APNS_VALUE_SIZE])
{
	if (!strcmp(name, APNS_HEADER_TOPIC))
		return h->topic;
	if (!strcmp(name, APNS_HEADER_ID))
		return h->id;
	if (!strcmp(name, APNS_HEADER_COLLAPSE_ID))
		return h->collapse_id;
	if (!strcmp(name, APNS_HEADER_PUSH_TYPE))
		return push_type_names[h->push_type];
	if (!strcmp(name, APNS_HEADER_PRIORITY))
		return number(buffer, h->priority);
	return h->expiration_s < 0 ? NULL : number(buffer, h->expiration_s);
}

/* ---- answers ---- */

void apns_answer_encode(struct text *out, enum apns_reason reason, int64_t timestamp_ms)
{
	text_add_all(out, "{\"reason\":\"", reason_rows[reason].name, "\"");
	if (timestamp_ms >= 0)
		text_addf(out, ",\"timestamp\":%lld", (long long)timestamp_ms);
	text_add(out, "}");
}

struct apns_answer apns_answer_decode(int status, const void *p, size_t n)
{
	struct apns_answer a = { .reason = apns_reason_of(status, NULL), .timestamp_ms = -1 };
	struct json_object *o, *timestamp;
	const char *name, *why;

	if (n == 0 || n > APNS_MAX_BYTES || json_in_object(p, n, ANSWER_DEPTH, &o, &why) < 0)
		return a;
	name = json_in_string(o, "reason");
	a.reason = apns_reason_of(status, name);
	a.is_named = is_name_of(&reason_rows[a.reason], status, name);
	timestamp = json_in_find(o, "timestamp");
	if (json_object_is_type(timestamp, json_type_int) && json_object_get_int64(timestamp) >= 0)
		a.timestamp_ms = json_object_get_int64(timestamp);
	json_object_put(o);
	return a;
}
