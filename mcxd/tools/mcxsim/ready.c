/*
 * Ready file
 */
#include "mcxd/tools/mcxsim/ready.h"

#include "mcxd/tools/mcxsim/out.h"
#include "proto/text/mem.h"

struct json_object *ready_load(const char *path)
{
	struct json_object *ready = json_object_from_file(path);

	if (ready && json_object_is_type(ready, json_type_object))
		return ready;
	json_object_put(ready);
	out_complain("%s is not the ready file of a running mcxd (see its option --ready-file)",
		     path);
	return NULL;
}

const char *ready_get(struct json_object *ready, const char *name)
{
	CLEANUP(mem_free_string) char *path = mem_strdup(name);
	char *rest = path, *part;
	const char *value;

	while ((part = strsep(&rest, "."))) {
		if (!json_object_is_type(ready, json_type_object) ||
		    !json_object_object_get_ex(ready, part, &ready))
			return NULL;
	}
	if (!json_object_is_type(ready, json_type_string))
		return NULL;
	value = json_object_get_string(ready);
	return *value ? value : NULL;
}
