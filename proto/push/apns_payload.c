/*
 * APNs: the payload
 */
#include "proto/push/apns_payload.h"

#include "proto/text/json_in.h"
#include "proto/text/json_out.h"
#include "proto/text/mem.h"
#include "proto/text/text.h"

#include <errno.h>
#include <json-c/json.h>
#include <limits.h>
#include <stdint.h>

/* Where a string stands: X(in, name, member) */
#define STRINGS(X)                                                                                 \
	X(IN_ALERT, "title", title)                                                                \
	X(IN_ALERT, "subtitle", subtitle)                                                          \
	X(IN_ALERT, "body", body)                                                                  \
	X(IN_APS, "sound", sound)                                                                  \
	X(IN_APS, "category", category)                                                            \
	X(IN_APS, "thread-id", thread_id)                                                          \
	X(IN_MCX, "id", id)                                                                        \
	X(IN_MCX, "withdraws", withdraws)                                                          \
	X(IN_MCX, "param", param)

enum where { IN_ALERT, IN_APS, IN_MCX };

static const struct string_row {
	enum where where;
	const char *name;
	size_t offset;
} string_rows[] = {
#define X(where, name, member) { where, name, offsetof(struct apns_payload, member) },
	STRINGS(X)
#undef X
};

static char **slot_of(struct apns_payload *p, const struct string_row *row)
{
	return (char **)(void *)((char *)p + row->offset);
}

static const char *string_in(const struct apns_payload *p, const struct string_row *row)
{
	return *(char *const *)(const void *)((const char *)p + row->offset);
}

void apns_payload_deinit(struct apns_payload *p)
{
	for (size_t i = 0; i < ARRAY_SIZE(string_rows); i++)
		free(*slot_of(p, &string_rows[i]));
	*p = (struct apns_payload){ .badge = -1 };
}

/* ---- out ---- */

static void add_strings(struct json_object *o, const struct apns_payload *p, enum where where)
{
	for (size_t i = 0; i < ARRAY_SIZE(string_rows); i++)
		if (string_rows[i].where == where)
			json_out_optional(o, string_rows[i].name, string_in(p, &string_rows[i]));
}

/* Takes the member over; an empty one is left out. */
static void add_unless_empty(struct json_object *o, const char *name, struct json_object *member)
{
	if (json_object_object_length(member))
		json_object_object_add(o, name, member);
	else
		json_object_put(member);
}

void apns_payload_encode(struct text *out, const struct apns_payload *p)
{
	struct json_object *o = json_object_new_object();
	struct json_object *aps = json_object_new_object(), *alert = json_object_new_object();
	struct json_object *mcx = json_object_new_object();

	add_strings(alert, p, IN_ALERT);
	add_unless_empty(aps, "alert", alert);
	if (p->badge >= 0)
		json_out_int(aps, "badge", p->badge);
	add_strings(aps, p, IN_APS);
	if (p->content_available)
		json_out_int(aps, "content-available", 1);
	json_object_object_add(o, "aps", aps);
	add_strings(mcx, p, IN_MCX);
	add_unless_empty(o, "mcx", mcx);
	text_add(out, json_object_to_json_string_ext(o, JSON_C_TO_STRING_PLAIN |
								JSON_C_TO_STRING_NOSLASHESCAPE));
	json_object_put(o);
}

/* ---- in ---- */

/* Names are exact: json_in_find() would take "Badge" for "badge". */
static struct json_object *find(struct json_object *o, const char *name)
{
	struct json_object *value = NULL;

	json_object_object_get_ex(o, name, &value);
	return value;
}

static bool read_strings(struct json_object *o, struct apns_payload *p, enum where where)
{
	for (size_t i = 0; i < ARRAY_SIZE(string_rows); i++) {
		const struct string_row *row = &string_rows[i];
		struct json_object *value = row->where == where ? find(o, row->name) : NULL;

		if (!value)
			continue;
		if (!json_object_is_type(value, json_type_string))
			return false;
		mem_set_string(slot_of(p, row), json_object_get_string(value));
	}
	return true;
}

/* A string is its body. */
static const char *read_alert(struct json_object *aps, struct apns_payload *p)
{
	struct json_object *alert = find(aps, "alert");

	if (json_object_is_type(alert, json_type_string))
		p->body = mem_strdup(json_object_get_string(alert));
	else if (alert && !json_object_is_type(alert, json_type_object))
		return "The alert is neither a string nor an object";
	else if (alert && !read_strings(alert, p, IN_ALERT))
		return "title, subtitle and body of the alert must be strings";
	return NULL;
}

static bool read_int(struct json_object *o, const char *name, int64_t *ret)
{
	struct json_object *value = find(o, name);

	if (!value)
		return true;
	*ret = json_object_get_int64(value);
	return json_object_is_type(value, json_type_int) && *ret >= 0 && *ret <= INT_MAX;
}

/* A critical alert's sound is an object. */
static const char *read_sound(struct json_object *aps, struct apns_payload *p)
{
	struct json_object *sound = find(aps, "sound"), *name;

	if (!json_object_is_type(sound, json_type_object))
		return NULL;
	name = find(sound, "name");
	if (name && !json_object_is_type(name, json_type_string))
		return "The name of the sound is not a string";
	p->sound = mem_strdup(json_object_get_string(name));
	json_object_object_del(aps, "sound");
	return NULL;
}

static const char *read_aps(struct json_object *aps, struct apns_payload *p)
{
	int64_t badge = -1, available = 0;
	const char *why = read_alert(aps, p);

	if (!why)
		why = read_sound(aps, p);
	if (why)
		return why;
	if (!read_strings(aps, p, IN_APS))
		return "sound, category and thread-id must be strings";
	if (!read_int(aps, "badge", &badge) || !read_int(aps, "content-available", &available))
		return "badge and content-available must be numbers from 0 on";
	p->badge = (int)badge;
	p->content_available = available == 1;
	return NULL;
}

static const char *read_payload(struct json_object *o, struct apns_payload *p)
{
	struct json_object *aps = find(o, "aps"), *mcx = find(o, "mcx");
	const char *why;

	if (aps && !json_object_is_type(aps, json_type_object))
		return "aps is not an object";
	why = aps ? read_aps(aps, p) : NULL;
	if (!why && json_object_is_type(mcx, json_type_object) && !read_strings(mcx, p, IN_MCX))
		why = "The members of mcx must be strings";
	return why;
}

int apns_payload_decode(const void *p, size_t n, struct apns_payload *ret, const char **ret_why)
{
	struct apns_payload payload = { .badge = -1 };
	struct json_object *o;
	const char *why = NULL;

	*ret = payload;
	if (json_in_object(p, n, JSON_IN_MAX_DEPTH, &o, ret_why) < 0)
		return -EINVAL;
	why = read_payload(o, &payload);
	json_object_put(o);
	if (why) {
		*ret_why = why;
		apns_payload_deinit(&payload);
	}
	*ret = payload;
	return why ? -EINVAL : 0;
}
