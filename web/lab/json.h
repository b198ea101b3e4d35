/*
 * JSON of the lab API
 *
 * Bodies in, against a table of members; errors.
 */
#pragma once

#include "proto/text/mem.h"
#include "web/http/http.h"

#include <json-c/json.h>

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
