/*
 * mcxctl: JSON of the daemon
 */
#pragma once

#include <json-c/json.h>
#include <stddef.h>
#include <stdint.h>

/** Parse n bytes; NULL if they are not JSON. The caller releases it with json_object_put(). */
struct json_object *ctl_parse(const char *p, size_t n);

/** A member of an object, as json_in_path() finds it: as text, and as a number. "" and 0 if there is none. The
 *  text belongs to the object. */
const char *ctl_get(struct json_object *o, const char *name);
int64_t ctl_get_int(struct json_object *o, const char *name);

/** The member of this name, an object, which is added if it is not there. */
struct json_object *ctl_member(struct json_object *o, const char *name);

/** How many items the array that is a member has; 0 if it is not an array. */
size_t ctl_get_length(struct json_object *o, const char *name);
