/*
 * Ready file
 */
#include "mcxd/tools/mcxsim/ready.h"

#include "mcxd/tools/mcxsim/out.h"
#include "proto/text/json_in.h"

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
	struct json_object *member = json_in_path(ready, name);
	const char *value;

	if (!json_object_is_type(member, json_type_string))
		return NULL;
	value = json_object_get_string(member);
	return *value ? value : NULL;
}
