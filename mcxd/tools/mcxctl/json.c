/*
 * mcxctl: JSON of the daemon
 */
#include "mcxd/tools/mcxctl/json.h"

#include "proto/text/mem.h"

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

struct json_object *ctl_get_object(struct json_object *o, const char *name)
{
	while (o && *name) {
		size_t n = strcspn(name, ".");
		CLEANUP(mem_free_string) char *member = mem_memdup(name, n);

		if (!json_object_is_type(o, json_type_object) ||
		    !json_object_object_get_ex(o, member, &o))
			return NULL;
		name += n + (name[n] == '.');
	}
	return o;
}

const char *ctl_get(struct json_object *o, const char *name)
{
	struct json_object *member = ctl_get_object(o, name);

	return member ? json_object_get_string(member) : "";
}

int64_t ctl_get_int(struct json_object *o, const char *name)
{
	return json_object_get_int64(ctl_get_object(o, name));
}

size_t ctl_get_length(struct json_object *o, const char *name)
{
	struct json_object *array = ctl_get_object(o, name);

	return json_object_is_type(array, json_type_array) ? json_object_array_length(array) : 0;
}
