/*
 * State: members of JSON objects, and whether they are what they must be
 */
#include "mcxd/push_service/state_member.h"

#include "proto/text/text.h"

#include <string.h>

const char *state_string(struct json_object *o, const char *name)
{
	return json_object_get_string(json_object_object_get(o, name));
}

int64_t state_number(struct json_object *o, const char *name)
{
	return json_object_get_int64(json_object_object_get(o, name));
}

static bool is_in_range(const struct state_member *m, struct json_object *value)
{
	int64_t n = json_object_get_int64(value);

	return m->type != json_type_int || (n >= m->min && n <= m->max);
}

/* What they are is checked where they are used; a NUL would end one early. */
static bool is_text(const struct state_member *m, struct json_object *value)
{
	return m->type != json_type_string ||
	       strlen(json_object_get_string(value)) == (size_t)json_object_get_string_len(value);
}

static bool check_member(const struct state_member *m, struct json_object *o, struct text *why)
{
	struct json_object *value = json_object_object_get(o, m->name);

	if (!value && m->is_optional)
		return true;
	if (!value)
		text_addf(why, "\"%s\" is missing.", m->name);
	else if (!json_object_is_type(value, m->type))
		text_addf(why, "\"%s\" must be of type %s.", m->name, json_type_to_name(m->type));
	else if (!is_in_range(m, value))
		text_addf(why, "\"%s\" must be from %lld to %lld.", m->name, (long long)m->min,
			  (long long)m->max);
	else if (!is_text(m, value))
		text_addf(why, "\"%s\" must not have a NUL character.", m->name);
	return !why->n;
}

static bool is_member(const struct state_member *members, size_t n, const char *name)
{
	for (size_t i = 0; i < n; i++)
		if (!strcmp(members[i].name, name))
			return true;
	return false;
}

bool state_check_members(const struct state_member *members, size_t n, struct json_object *o,
			 struct text *why)
{
	json_object_object_foreach (o, name, value) {
		(void)value;
		if (is_member(members, n, name))
			continue;
		text_addf(why, "Unknown member \"%.40s\".", name);
		return false;
	}
	for (size_t i = 0; i < n; i++)
		if (!check_member(&members[i], o, why))
			return false;
	return true;
}
