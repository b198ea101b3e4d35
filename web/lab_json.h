/*
 * JSON of the lab API
 *
 * Values out, with everything made valid UTF-8; bodies in, against a table of members; errors.
 */
#pragma once

#include "proto/mem.h"
#include "web/http.h"

#include <json-c/json.h>

/** A string, with U+FFFD for what is not UTF-8; null for NULL. */
struct json_object *lab_string(const char *s);

/** RFC 3339 in UTC with microseconds; null for 0. */
struct json_object *lab_time(int64_t wall_us);

/** Add a member. */
void lab_put(struct json_object *o, const char *name, const char *value);
void lab_put_int(struct json_object *o, const char *name, int64_t value);
void lab_put_bool(struct json_object *o, const char *name, bool value);
void lab_put_time(struct json_object *o, const char *name, int64_t wall_us);

/** Bytes of any kind: as member `name` when they are UTF-8 text, else as base64 in `name`Base64;
 *  nothing for NULL. */
void lab_put_bytes(struct json_object *o, const char *name, const void *p, size_t n);

/** Answer with an error; the code follows from the status. */
void lab_error(struct http_request *r, int status, const char *fmt, ...) PRINTF_LIKE(3, 4);

/** A member that a body may have. */
struct lab_member {
	const char *name;
	enum json_type type;
	bool required;
	struct json_object *value; /* out: NULL when it is not there; borrowed from the body */
};

/** Read the body as an object of these members and no others; no body is an empty object. Returns
 * it, to be put by the caller, or answers 400 with what is wrong and returns NULL. */
struct json_object *lab_body(struct http_request *r, struct lab_member *members, size_t n);

/** Value of a string member, or NULL; lab_body() has seen to it that there is no NUL inside. */
const char *lab_member_string(const struct lab_member *m);
int64_t lab_member_int(const struct lab_member *m, int64_t fallback);
bool lab_member_bool(const struct lab_member *m, bool fallback);

/** A number of the query: false, and 400 answered, when it is there and not a number from min to
 *  max; *ret stays as it was when it is not there. */
bool lab_query_int(struct http_request *r, const char *name, int64_t min, int64_t max,
		   int64_t *ret);
