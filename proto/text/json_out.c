/*
 * JSON going out
 */
#include "proto/text/json_out.h"

#include "proto/text/base64.h"
#include "proto/text/mem.h"
#include "proto/text/text.h"
#include "proto/text/timestamp.h"
#include "proto/text/utf8.h"

#define REPLACEMENT "\xEF\xBF\xBD"

struct json_object *json_out_new_string(const char *s)
{
	CLEANUP(text_deinit) struct text clean = TEXT_INIT;
	size_t n, length;

	if (!s)
		return NULL;
	n = strlen(s);
	if (utf8_is_text(s, n))
		return json_object_new_string(s);
	for (size_t i = 0; i < n; i += length ? length : 1) {
		length = utf8_sequence(s + i, n - i);
		if (length)
			text_add_bytes(&clean, s + i, length);
		else
			text_add(&clean, REPLACEMENT);
	}
	return json_object_new_string(text_str(&clean));
}

static struct json_object *new_time(int64_t wall_us)
{
	CLEANUP(text_deinit) struct text stamp = TEXT_INIT;

	if (!wall_us)
		return NULL;
	timestamp_add(&stamp, wall_us, TIMESTAMP_US);
	return json_object_new_string(text_str(&stamp));
}

void json_out_string(struct json_object *o, const char *name, const char *value)
{
	json_object_object_add(o, name, json_out_new_string(value));
}

void json_out_optional(struct json_object *o, const char *name, const char *value)
{
	if (value)
		json_out_string(o, name, value);
}

void json_out_int(struct json_object *o, const char *name, int64_t value)
{
	json_object_object_add(o, name, json_object_new_int64(value));
}

void json_out_bool(struct json_object *o, const char *name, bool value)
{
	json_object_object_add(o, name, json_object_new_boolean(value));
}

void json_out_time(struct json_object *o, const char *name, int64_t wall_us)
{
	json_object_object_add(o, name, new_time(wall_us));
}

void json_out_bytes(struct json_object *o, const char *name, const void *p, size_t n)
{
	CLEANUP(mem_free_string) char *encoded_name = NULL;
	CLEANUP(text_deinit) struct text encoded = TEXT_INIT;

	if (!p)
		return;
	if (utf8_is_text(p, n)) {
		json_object_object_add(o, name, json_object_new_string_len(p, (int)n));
		return;
	}
	encoded_name = text_format("%sBase64", name);
	base64_encode(&encoded, p, n);
	json_out_string(o, encoded_name, text_str(&encoded));
}
