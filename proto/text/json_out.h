/*
 * JSON going out
 *
 * Members of an object, with everything made valid UTF-8.
 */
#pragma once

#include <json-c/json.h>
#include <stdbool.h>
#include <stddef.h>
#include <stdint.h>

/** A string, with U+FFFD in place of what is not UTF-8; null for NULL. */
struct json_object *json_out_new_string(const char *s);

/** RFC 3339 in UTC with microseconds; null for 0. */
struct json_object *json_out_new_time(int64_t wall_us);

/** Add a member. NULL is null; json_out_optional() leaves the member out instead. */
void json_out_string(struct json_object *o, const char *name, const char *value);
void json_out_optional(struct json_object *o, const char *name, const char *value);
void json_out_int(struct json_object *o, const char *name, int64_t value);
void json_out_bool(struct json_object *o, const char *name, bool value);
void json_out_time(struct json_object *o, const char *name, int64_t wall_us);

/** Bytes of any kind: as member `name` when they are UTF-8 text, else as base64 in `name`Base64;
 *  nothing for NULL. */
void json_out_bytes(struct json_object *o, const char *name, const void *p, size_t n);
