/*
 * Lab API: values of a snapshot from JSON
 */
#include "mcxd/base/setting_map.h"
#include "proto/text/mem.h"
#include "proto/text/text.h"
#include "web/lab/snapshot/private.h"

enum { MAX_NAME = 65536 };

bool snapshot_has_word(const char *list, const char *word)
{
	size_t n = strlen(word);

	for (const char *s = list; s && (s = strstr(s, word)); s += n)
		if ((s == list || s[-1] == ' ') && (s[n] == ' ' || !s[n]))
			return true;
	return false;
}

bool snapshot_is_text(struct json_object *value)
{
	return strlen(json_object_get_string(value)) == (size_t)json_object_get_string_len(value);
}

/* A line end in a header field would begin another one. */
bool snapshot_is_name(struct json_object *value)
{
	const char *s = json_object_get_string(value);

	return snapshot_is_text(value) && strlen(s) <= MAX_NAME && !strpbrk(s, "\r\n");
}

bool snapshot_read_number(struct json_object *value, int64_t min, int64_t max, int64_t *ret)
{
	if (!json_object_is_type(value, json_type_int))
		return false;
	*ret = json_object_get_int64(value);
	return *ret >= min && *ret <= max;
}

bool snapshot_is_first(struct snapshot_reading *r, const char *what, const char *name)
{
	CLEANUP(mem_free_string) char *key = text_concat(what, " ", name);

	if (setting_map_get(&r->names, key)) {
		text_addf(r->why, "there are two of %s", key);
		return false;
	}
	setting_map_set(&r->names, key, "");
	return true;
}

bool snapshot_read_list(struct json_object *list, const char *name, snapshot_element_h *read,
			void *magic, struct text *why)
{
	for (size_t i = 0; i < json_object_array_length(list); i++) {
		CLEANUP(text_deinit) struct text what = TEXT_INIT;

		if (read(magic, json_object_array_get_idx(list, i), i, &what))
			continue;
		text_addf(why, "%s[%zu]: %s", name, i, text_str(&what));
		return false;
	}
	return true;
}
