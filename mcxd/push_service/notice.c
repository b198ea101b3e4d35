/*
 * Notice
 */
#include "mcxd/push_service/notice.h"

#include "mcxd/base/list.h"
#include "mcxd/base/loop.h"
#include "proto/push/apns.h"
#include "proto/push/apns_payload.h"
#include "proto/push/mpns.h"
#include "proto/text/base64.h"
#include "proto/text/json_in.h"
#include "proto/text/json_out.h"
#include "proto/text/mem.h"
#include "proto/text/text.h"
#include "proto/text/timestamp.h"

#include <json-c/json.h>

struct notice *notice_new(struct mpns_notification *content, const char *message_id)
{
	struct notice *n = MEM_NEW(struct notice);

	n->content = *content;
	*content = (struct mpns_notification){ .count = -1 };
	n->message_id = mem_strdup(message_id);
	return n;
}

/* What it is for the phone: something to show, a number, or something for the app. */
static enum mpns_kind kind_of(const struct apns_payload *p)
{
	if (p->title || p->subtitle || p->body)
		return MPNS_TOAST;
	return p->badge >= 0 && !p->content_available ? MPNS_TILE : MPNS_RAW;
}

struct notice *notice_new_apple(const struct apns_headers *headers, const void *payload, size_t n)
{
	struct apns_payload p;
	struct mpns_notification content = { 0 };
	struct notice *notice;
	const char *why;

	apns_payload_decode(payload, n, &p, &why);
	content = (struct mpns_notification){
		.kind = kind_of(&p),
		.text1 = mem_strdup(p.title),
		.text2 = mem_strdup(p.body),
		.param = mem_strdup(p.param),
		.sound = mem_strdup(p.sound),
		.count = p.badge,
	};
	notice = notice_new(&content, headers->id);
	notice->raw = mem_memdup(payload, n);
	notice->n_raw = n;
	notice->apple = MEM_NEW(struct notice_apple);
	*notice->apple = (struct notice_apple){
		.topic = mem_strdup(headers->topic),
		.collapse_id = mem_strdup(headers->collapse_id),
		.withdraws = mem_strdup(p.withdraws),
		.push_type = headers->push_type,
		.priority = headers->priority,
		.expiration_s = headers->expiration_s,
	};
	apns_payload_deinit(&p);
	return notice;
}

static void free_apple(struct notice_apple *a)
{
	if (!a)
		return;
	free(a->topic);
	free(a->collapse_id);
	free(a->withdraws);
	free(a);
}

void notice_free(struct notice *n)
{
	if (!n)
		return;
	list_remove(&n->of_carrier);
	loop_timer_stop(&n->delay);
	loop_timer_stop(&n->expiry);
	mpns_deinit(&n->content);
	free_apple(n->apple);
	free(n->raw);
	free(n->message_id);
	free(n);
}

/* ---- for the phone ---- */

static void add_time(struct json_object *o, const char *name, int64_t wall_us)
{
	CLEANUP(text_deinit) struct text stamp = TEXT_INIT;

	timestamp_add(&stamp, wall_us, TIMESTAMP_MS);
	json_out_string(o, name, text_str(&stamp));
}

/* A raw notification is any bytes, so it goes as base64 even if it happens to be text. */
static void add_raw(struct json_object *o, const struct notice *n)
{
	CLEANUP(text_deinit) struct text encoded = TEXT_INIT;

	base64_encode(&encoded, n->raw, n->n_raw);
	json_out_string(o, "rawBase64", text_str(&encoded));
}

/* Elements that were sent to clear what the tile has. */
static void add_cleared(struct json_object *o, const struct mpns_notification *content)
{
	struct json_object *list = json_object_new_array();

	for (size_t i = 0; i < mpns_n_fields(); i++)
		if (mpns_is_cleared(content, i))
			json_object_array_add(list, json_object_new_string(mpns_field(i)->name));
	if (content->clears_count)
		json_object_array_add(list, json_object_new_string("count"));
	if (json_object_array_length(list))
		json_object_object_add(o, "cleared", list);
	else
		json_object_put(list);
}

static void add_windows_phone(struct json_object *o, const struct notice *n)
{
	json_out_optional(o, "tileId", n->content.tile_id);
	json_out_optional(o, "template", mpns_template_name(n->content.tile_template));
	add_cleared(o, &n->content);
	if (n->content.kind == MPNS_RAW)
		add_raw(o, n);
	if (n->class)
		json_out_int(o, "class", n->class);
}

static void add_apple(struct json_object *o, const struct notice *n)
{
	const struct notice_apple *a = n->apple;
	struct json_object *payload = NULL;
	const char *why;

	json_in_object(n->raw, n->n_raw, JSON_IN_MAX_DEPTH, &payload, &why);
	json_object_object_add(o, "payload", payload);
	json_out_string(o, "topic", a->topic);
	json_out_string(o, "pushType", apns_push_type_name(a->push_type));
	json_out_int(o, "priority", a->priority);
	json_out_optional(o, "collapseId", a->collapse_id);
	json_out_optional(o, "withdraws", a->withdraws);
	if (a->expiration_s >= 0)
		json_out_int(o, "expiration", a->expiration_s);
}

struct json_object *notice_json(const struct notice *n)
{
	const struct mpns_notification *content = &n->content;
	struct json_object *o = json_object_new_object();

	json_out_int(o, "number", (int64_t)n->number);
	json_out_string(o, "kind", mpns_kind_name(content->kind));
	for (size_t i = 0; i < mpns_n_fields(); i++)
		json_out_optional(o, mpns_field(i)->name, mpns_string(content, i));
	if (content->count >= 0)
		json_out_int(o, "count", content->count);
	if (n->apple)
		add_apple(o, n);
	else
		add_windows_phone(o, n);
	json_out_optional(o, "messageId", n->message_id);
	add_time(o, "receivedAt", n->received_wall_us);
	return o;
}

char *notice_summary(const struct notice *n)
{
	const struct mpns_notification *content = &n->content;

	switch (content->kind) {
	case MPNS_TOAST:
		return text_format("toast %s: %s", content->text1 ? content->text1 : "",
				   content->text2 ? content->text2 : "");
	case MPNS_TILE: return text_format("tile %d", content->count < 0 ? 0 : content->count);
	case MPNS_RAW:
	case N_MPNS_KINDS: break;
	}
	return text_format("raw, %zu bytes", n->n_raw);
}
