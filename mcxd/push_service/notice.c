/*
 * Notice
 */
#include "mcxd/push_service/notice.h"

#include "mcxd/base/list.h"
#include "mcxd/base/loop.h"
#include "proto/push/mpns.h"
#include "proto/text/base64.h"
#include "proto/text/json_out.h"
#include "proto/text/mem.h"
#include "proto/text/text.h"
#include "proto/text/timestamp.h"

#include <json-c/json.h>

struct notice *notice_new(struct mpns_notification *content, const char *message_id)
{
	struct notice *n = MEM_NEW(struct notice);

	n->content = *content;
	*content = (struct mpns_notification){ 0 };
	n->message_id = mem_strdup(message_id);
	return n;
}

void notice_free(struct notice *n)
{
	if (!n)
		return;
	list_remove(&n->of_carrier);
	loop_timer_stop(&n->delay);
	mpns_deinit(&n->content);
	free(n->raw);
	free(n->message_id);
	free(n);
}

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

struct json_object *notice_json(const struct notice *n)
{
	const struct mpns_notification *content = &n->content;
	struct json_object *o = json_object_new_object();

	json_out_int(o, "number", (int64_t)n->number);
	json_out_string(o, "kind", mpns_kind_name(content->kind));
	json_out_optional(o, "text1", content->text1);
	json_out_optional(o, "text2", content->text2);
	json_out_optional(o, "param", content->param);
	if (content->kind == MPNS_TILE && content->count >= 0)
		json_out_int(o, "count", content->count);
	json_out_optional(o, "title", content->title);
	json_out_optional(o, "backgroundImage", content->background_image);
	if (content->kind == MPNS_RAW)
		add_raw(o, n);
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
