/*
 * JSON of the lab API
 *
 * Request bodies, checked against a table of members; numbers of a query; error answers.
 */
#pragma once

#include "proto/text/mem.h"

#include <json-c/json.h>
#include <stdbool.h>

struct http_request;
struct lab_config;
struct text;

/** Answer with an object that has this list alone. */
void lab_answer_list(struct http_request *r, const char *name, struct json_object *rows);

/** {"code", "message"} of an error. */
struct json_object *lab_error_json(int status, const char *message);
/** Answer with an error, a sentence; its code follows from the status (diag_code_of_http()). */
void lab_error(struct http_request *r, int status, const char *fmt, ...) PRINTF_LIKE(3, 4);

/** A member that a body may have, and after lab_body() its value. */
struct lab_member {
	const char *name;
	enum json_type type;
	bool required;
	bool nullable; /* it may be null, which then says something else than nothing */
	bool is_null;
	struct json_object *value; /* NULL: absent, or null; borrowed from the body */
};

/** The body of a request, an object; one without a body is empty. Released by the caller. NULL: it was answered 400. */
struct json_object *lab_body_object(struct http_request *r);

/** Read the body as an object with these members and no others; an empty body counts as an empty object.
 *  Returns the object, which the caller releases with json_object_put(), or answers 400 with the reason and
 *  returns NULL. */
struct json_object *lab_body(struct http_request *r, struct lab_member *members, size_t n);

/** The same with an object inside the body. Returns false and a sentence in why if it has others. */
bool lab_take_members(struct json_object *o, struct lab_member *members, size_t n,
		      struct text *why);

/** The value of a member; NULL or the fallback if it is absent. Strings have no NUL inside: lab_body()
 *  refuses them. */
const char *lab_member_string(const struct lab_member *m);
int64_t lab_member_int(const struct lab_member *m, int64_t fallback);
bool lab_member_bool(const struct lab_member *m, bool fallback);

/** Read a number of the query. *ret stays as it is if the number is absent. If it is present but not a
 *  number from min to max, answers 400 and returns false. */
bool lab_query_int(struct http_request *r, const char *name, int64_t min, int64_t max,
		   int64_t *ret);
/** The same with the bounds of its row (bound.h). */
bool lab_query_bound(struct http_request *r, const struct lab_config *config, const char *name,
		     int64_t *ret);
