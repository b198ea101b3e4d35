/*
 * Clearing house: a notification in the forms of the push services
 */
#include "mcxd/clearing_house/form.h"

#include "proto/push/apns.h"
#include "proto/push/apns_payload.h"
#include "proto/push/body.h"
#include "proto/push/mpns.h"
#include "proto/sip/uri.h"
#include "proto/text/json_out.h"
#include "proto/text/mem.h"
#include "proto/text/text.h"
#include "proto/text/utf8.h"

#include <json-c/json.h>
#include <string.h>

/* What the app opens when somebody taps on it. */
#define OPENS "/conversation?push="

#define ELLIPSIS "\xE2\x80\xA6"

/* The first line of s, cut to whole characters and marked with an ellipsis if it is longer than max bytes.
 * free() it. */
static char *preview(const char *s, size_t max)
{
	struct text t = TEXT_INIT;
	size_t line = strcspn(s, "\r\n");
	size_t room = max > strlen(ELLIPSIS) ? max - strlen(ELLIPSIS) : 0;

	if (line <= max)
		return mem_memdup(s, line);
	text_add_bytes(&t, s, utf8_complete(s, room));
	text_add(&t, ELLIPSIS);
	return text_take(&t);
}

/* The sender's name, else the user part of the address. free() it. */
static char *sender(const struct push_body *b, size_t max)
{
	char aor[URI_MAX_AOR + 1];

	if (b->from_name && *b->from_name)
		return preview(b->from_name, max);
	if (!b->from || uri_aor(b->from, aor, NULL) < 0)
		return mem_strdup("");
	*strchrnul(aor, '@') = '\0';
	return preview(aor, max);
}

void form_toast(struct text *out, const struct push_body *b, int64_t max_preview_bytes)
{
	CLEANUP(mem_free_string) char *param = text_concat(OPENS, b->id);
	size_t max = (size_t)max_preview_bytes;

	/* XML escapes make a text up to six times as long. A shorter preview is better than no toast. */
	for (;; max /= 2) {
		struct mpns_notification toast = {
			.kind = MPNS_TOAST,
			.text1 = sender(b, max),
			.text2 = preview(b->text ? b->text : "", max),
			.param = mem_strdup(param),
			.count = -1,
		};

		text_reset(out);
		mpns_encode(out, &toast);
		mpns_deinit(&toast);
		if (out->n <= MPNS_MAX_BYTES || max == 0)
			return;
	}
}

void form_tile(struct text *out, const struct push_body *b)
{
	const struct mpns_notification tile = {
		.kind = MPNS_TILE,
		.count = b->missed < MPNS_MAX_COUNT ? (int)b->missed : MPNS_MAX_COUNT,
	};

	mpns_encode(out, &tile);
}

void form_apns(struct text *out, const struct push_body *b, int64_t max_preview_bytes)
{
	/* JSON escapes make a text up to six times as long, as those of XML. */
	for (size_t max = (size_t)max_preview_bytes;; max /= 2) {
		struct apns_payload p = {
			.id = mem_strdup(b->id),
			.withdraws = mem_strdup(b->withdraws),
			.badge = (int)b->missed,
			.content_available = b->withdraws != NULL,
		};

		if (!b->withdraws) {
			p.title = sender(b, max);
			p.body = preview(b->text ? b->text : "", max);
			p.sound = mem_strdup("default");
			p.param = text_concat(OPENS, b->id);
		}
		text_reset(out);
		apns_payload_encode(out, &p);
		apns_payload_deinit(&p);
		if (out->n <= APNS_MAX_BYTES || max == 0)
			return;
	}
}

void form_webhook(struct text *out, const struct push_body *b)
{
	struct json_object *o = json_object_new_object();

	json_out_optional(o, "id", b->id);
	json_out_optional(o, "withdraws", b->withdraws);
	json_out_optional(o, "timestamp", b->timestamp);
	json_out_optional(o, "importance", b->importance);
	if (!b->withdraws)
		json_object_object_add(o, "conference", json_object_new_boolean(b->conference));
	json_out_optional(o, "modality", b->modality);
	json_out_optional(o, "from", b->from);
	json_out_optional(o, "fromName", b->from_name);
	json_out_optional(o, "message", b->text);
	json_out_optional(o, "conversation", b->conversation);
	json_object_object_add(o, "missed", json_object_new_int64(b->missed));
	text_add(out, json_object_to_json_string_ext(o, JSON_C_TO_STRING_PLAIN |
								JSON_C_TO_STRING_NOSLASHESCAPE));
	json_object_put(o);
}
