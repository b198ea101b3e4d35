/*
 * JSON going out
 *
 * Members of an object. Strings become valid UTF-8.
 */
#pragma once

#include <json-c/json.h>
#include <stdbool.h>
#include <stddef.h>
#include <stdint.h>

#define JSON_CONTENT_TYPE "application/json"

/** A string, with U+FFFD in place of bytes that are not UTF-8; null for NULL. */
struct json_object *json_out_new_string(const char *s);

/** Add a member. NULL becomes null; json_out_optional() adds nothing instead. */
void json_out_string(struct json_object *o, const char *name, const char *value);
void json_out_optional(struct json_object *o, const char *name, const char *value);
void json_out_int(struct json_object *o, const char *name, int64_t value);
void json_out_bool(struct json_object *o, const char *name, bool value);
void json_out_time(struct json_object *o, const char *name, int64_t wall_us);

/** Add bytes: as member `name` if they are UTF-8 text, else as base64 in member `name`Base64. Nothing for
 *  NULL. */
void json_out_bytes(struct json_object *o, const char *name, const void *p, size_t n);
