/*
 * mcxctl: JSON of the daemon
 */
#include "mcxd/tools/mcxctl/json.h"

#include "proto/text/json_in.h"

#include <limits.h>

struct json_object *ctl_parse(const char *p, size_t n)
{
	struct json_tokener *tok = json_tokener_new();
	struct json_object *o = NULL;

	if (n < INT_MAX)
		o = json_tokener_parse_ex(tok, p, (int)n);
	json_tokener_free(tok);
	return o;
}

const char *ctl_get(struct json_object *o, const char *name)
{
	struct json_object *member = json_in_path(o, name);

	return member ? json_object_get_string(member) : "";
}

int64_t ctl_get_int(struct json_object *o, const char *name)
{
	return json_object_get_int64(json_in_path(o, name));
}

size_t ctl_get_length(struct json_object *o, const char *name)
{
	struct json_object *array = json_in_path(o, name);

	return json_object_is_type(array, json_type_array) ? json_object_array_length(array) : 0;
}

struct json_object *ctl_member(struct json_object *o, const char *name)
{
	struct json_object *member = json_object_object_get(o, name);

	if (!member) {
		member = json_object_new_object();
		json_object_object_add(o, name, member);
	}
	return member;
}
