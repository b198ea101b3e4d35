/*
 * State: a notice as JSON and back
 */
#include "mcxd/push_service/state_notice.h"

#include "mcxd/base/loop.h"
#include "mcxd/push_service/notice.h"
#include "mcxd/push_service/state_member.h"
#include "proto/push/apns.h"
#include "proto/push/apns_payload.h"
#include "proto/push/mpns.h"
#include "proto/text/base64.h"
#include "proto/text/json_out.h"
#include "proto/text/mem.h"
#include "proto/text/text.h"

#include <limits.h>

/* ---- writing ---- */

static struct json_object *write_apple(const struct notice *n)
{
	const struct notice_apple *a = n->apple;
	struct json_object *o = json_object_new_object();

	json_out_string(o, "topic", a->topic);
	json_out_optional(o, "collapseId", a->collapse_id);
	json_out_string(o, "pushType", apns_push_type_name(a->push_type));
	json_out_int(o, "priority", a->priority);
	json_out_int(o, "expiration", a->expiration_s);
	json_out_int(o, "leftMs",
		     loop_timer_is_set(&n->expiry) ? loop_timer_left_ms(&n->expiry) : -1);
	return o;
}

static void write_content(struct json_object *o, const struct mpns_notification *content)
{
	json_out_string(o, "kind", mpns_kind_name(content->kind));
	for (size_t i = 0; i < mpns_n_fields(); i++)
		json_out_optional(o, mpns_field(i)->name, mpns_string(content, i));
	json_out_int(o, "count", content->count);
	json_out_optional(o, "tileId", content->tile_id);
	json_out_optional(o, "template", mpns_template_name(content->tile_template));
	json_out_int(o, "cleared", content->cleared);
	json_out_bool(o, "clearsCount", content->clears_count);
}

struct json_object *state_notice_write(const struct notice *n, int64_t moment_us)
{
	struct json_object *o = json_object_new_object();
	CLEANUP(text_deinit) struct text raw = TEXT_INIT;

	json_out_int(o, "number", (int64_t)n->number);
	if (n->apple)
		json_object_object_add(o, "apple", write_apple(n));
	else
		write_content(o, &n->content);
	base64_encode(&raw, n->raw, n->n_raw);
	json_out_optional(o, "rawBase64", n->raw ? text_str(&raw) : NULL);
	json_out_int(o, "class", n->class);
	json_out_optional(o, "messageId", n->message_id);
	json_out_int(o, "atUs", n->received_wall_us - moment_us);
	json_out_int(o, "deliveries", n->deliveries);
	json_out_int(o, "delayMs", n->number ? 0 : loop_timer_left_ms(&n->delay));
	return o;
}

/* ---- reading ---- */

#define STRING_MEMBER(kind, element, member, name) { name, json_type_string, true, 0, 0 },

static const struct state_member notice_members[] = {
	{ "number", json_type_int, false, 0, STATE_MAX_NUMBER },
	{ "kind", json_type_string, true, 0, 0 },
	MPNS_FIELDS(STRING_MEMBER){ "count", json_type_int, true, -1, MPNS_MAX_COUNT },
	{ "tileId", json_type_string, true, 0, 0 },
	{ "template", json_type_string, true, 0, 0 },
	{ "cleared", json_type_int, true, 0, UINT32_MAX },
	{ "clearsCount", json_type_boolean, true, 0, 0 },
	{ "apple", json_type_object, true, 0, 0 },
	{ "rawBase64", json_type_string, true, 0, 0 },
	{ "class", json_type_int, true, 0, 99 },
	{ "messageId", json_type_string, true, 0, 0 },
	{ "atUs", json_type_int, false, -STATE_MAX_MS * 1000, STATE_MAX_MS * 1000 },
	{ "deliveries", json_type_int, false, 0, INT32_MAX },
	{ "delayMs", json_type_int, false, 0, STATE_MAX_MS },
};

static const struct state_member apple_members[] = {
	{ "topic", json_type_string, false, 0, 0 },
	{ "collapseId", json_type_string, true, 0, 0 },
	{ "pushType", json_type_string, false, 0, 0 },
	{ "priority", json_type_int, false, 1, 10 },
	{ "expiration", json_type_int, false, -1, STATE_MAX_NUMBER },
	{ "leftMs", json_type_int, false, -1, STATE_MAX_MS },
};

/* N_MPNS_KINDS: none. */
static enum mpns_kind kind_of(struct json_object *o)
{
	return mpns_kind_named(state_string(o, "kind"));
}

/* The headers as they came, so that what checks those checks these. */
static bool read_headers(struct json_object *o, struct apns_headers *ret)
{
	struct json_object *apple = json_object_object_get(o, "apple");
	const int64_t expiration_s = state_number(apple, "expiration");
	char priority[TEXT_NUMBER_SIZE], expiration[TEXT_NUMBER_SIZE];
	const struct apns_values values = {
		.topic = state_string(apple, "topic"),
		.id = state_string(o, "messageId"),
		.collapse_id = state_string(apple, "collapseId"),
		.push_type = state_string(apple, "pushType"),
		.priority = text_number(priority, (uint64_t)state_number(apple, "priority")),
		.expiration =
			expiration_s < 0 ? NULL : text_number(expiration, (uint64_t)expiration_s),
	};

	return apns_headers_decode(&values, ret) == APNS_ACCEPTED;
}

static bool check_payload(const struct text *raw)
{
	struct apns_payload payload;
	const char *why;
	bool is_good = raw->n <= APNS_MAX_VOIP_BYTES &&
		       apns_payload_decode(text_str(raw), raw->n, &payload, &why) == 0;

	if (is_good)
		apns_payload_deinit(&payload);
	return is_good;
}

static void check_apple(struct json_object *o, const struct text *raw, struct text *why)
{
	struct json_object *apple = json_object_object_get(o, "apple");
	struct apns_headers headers;

	if (!state_check_members(apple_members, ARRAY_SIZE(apple_members), apple, why))
		return;
	if (!read_headers(o, &headers))
		text_add(why, "\"apple\" and \"messageId\" must be what APNs would accept.");
	else if (!check_payload(raw))
		text_add(why, "\"rawBase64\" must be a payload of APNs.");
}

static void check_content(struct json_object *o, struct text *why)
{
	enum mpns_template template;

	if (kind_of(o) == N_MPNS_KINDS)
		text_add(why, "\"kind\" must be toast, tile or raw.");
	else if (mpns_template_of(state_string(o, "template"), &template) < 0)
		text_add(why, "\"template\" must be FlipTile, IconicTile or CycleTile.");
}

/* Those that are held back stand last, and have no number. */
bool state_notice_check(struct json_object *o, int64_t *after, int64_t last, struct text *why)
{
	CLEANUP(text_deinit) struct text raw = TEXT_INIT;
	const char *encoded;
	int64_t number;

	if (!json_object_is_type(o, json_type_object)) {
		text_add(why, "A notice is an object.");
		return false;
	}
	if (!state_check_members(notice_members, ARRAY_SIZE(notice_members), o, why))
		return false;
	number = state_number(o, "number");
	encoded = state_string(o, "rawBase64");
	if (number ? number <= *after || number > last : *after < 0)
		text_add(why, "\"number\" must rise from notice to notice, up to lastNumber; those "
			      "that are held back have 0 and come last.");
	else if (encoded && base64_decode(&raw, encoded, strlen(encoded)) < 0)
		text_add(why, "\"rawBase64\" must be base64.");
	else if (json_object_object_get(o, "apple"))
		check_apple(o, &raw, why);
	else
		check_content(o, why);
	*after = number ? number : STATE_MAX_NUMBER;
	return !why->n;
}

/* ---- loading ---- */

static struct mpns_notification load_content(struct json_object *o)
{
	struct mpns_notification content = {
		.kind = kind_of(o),
		.tile_id = mem_strdup(state_string(o, "tileId")),
		.count = json_object_object_get(o, "count") ? (int)state_number(o, "count") : -1,
		.cleared = (uint32_t)state_number(o, "cleared"),
		.clears_count = json_object_get_boolean(json_object_object_get(o, "clearsCount")),
	};

	mpns_template_of(state_string(o, "template"), &content.tile_template);
	for (size_t i = 0; i < mpns_n_fields(); i++)
		*mpns_slot(&content, i) = mem_strdup(state_string(o, mpns_field(i)->name));
	return content;
}

static struct notice *load(struct json_object *o, const struct text *raw)
{
	struct mpns_notification content;
	struct apns_headers headers;
	struct notice *n;

	if (json_object_object_get(o, "apple") && read_headers(o, &headers))
		return notice_new_apple(&headers, text_str(raw), raw->n);
	content = load_content(o);
	n = notice_new(&content, state_string(o, "messageId"));
	if (state_string(o, "rawBase64")) {
		n->raw = mem_memdup(text_str(raw), raw->n);
		n->n_raw = raw->n;
	}
	return n;
}

struct notice *state_notice_load(struct json_object *o, int64_t moment_us)
{
	CLEANUP(text_deinit) struct text raw = TEXT_INIT;
	const char *encoded = state_string(o, "rawBase64");
	struct notice *n;

	if (encoded)
		base64_decode(&raw, encoded, strlen(encoded));
	n = load(o, &raw);
	n->class = (int)state_number(o, "class");
	n->number = (uint64_t)state_number(o, "number");
	n->received_wall_us = moment_us + state_number(o, "atUs");
	n->deliveries = (int)state_number(o, "deliveries");
	return n;
}

int64_t state_notice_left_ms(struct json_object *o)
{
	struct json_object *apple = json_object_object_get(o, "apple");

	return apple ? state_number(apple, "leftMs") : -1;
}
