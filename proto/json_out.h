/*
 * JSON going out
 */
#pragma once

#include <json-c/json.h>

/** Add a string, which has to be UTF-8, as a member of an object; nothing for NULL. */
static inline void json_out_string(struct json_object *o, const char *name, const char *value)
{
	if (value)
		json_object_object_add(o, name, json_object_new_string(value));
}
