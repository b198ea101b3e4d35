/*
 * JSON of the lab API
 */
#include "web/lab/json.h"

#include "proto/diag.h"
#include "proto/text/json_in.h"
#include "proto/text/json_out.h"
#include "proto/text/mem.h"
#include "proto/text/text.h"
#include "web/http/http.h"
#include "web/lab/bound.h"

#include <stdarg.h>

/* Our bodies nest five deep. One more level gives errors that name the member. */
#define BODY_MAX_DEPTH 6

void lab_answer_list(struct http_request *r, const char *name, struct json_object *rows)
{
	struct json_object *o = json_object_new_object();

	json_object_object_add(o, name, rows);
	http_answer_json(r, 200, NULL, o);
}

struct json_object *lab_error_json(int status, const char *message)
{
	struct json_object *error = json_object_new_object();

	json_out_string(error, "code", diag_row(diag_code_of_http(status))->ucwa_code);
	json_out_string(error, "message", message);
	return error;
}

void lab_error(struct http_request *r, int status, const char *fmt, ...)
{
	struct json_object *body = json_object_new_object();
	CLEANUP(text_deinit) struct text message = TEXT_INIT;
	va_list args;

	va_start(args, fmt);
	text_vaddf(&message, fmt, args);
	va_end(args);
	json_object_object_add(body, "error", lab_error_json(status, text_str(&message)));
	http_answer_json(r, status, NULL, body);
}

static struct lab_member *find_member(struct lab_member *members, size_t n, const char *name)
{
	for (size_t i = 0; i < n; i++) {
		if (strcmp(members[i].name, name) == 0)
			return &members[i];
	}
	return NULL;
}

/* As the document calls them. */
static const char *type_name(enum json_type type)
{
	switch (type) {
	case json_type_int: return "integer";
	case json_type_double: return "number";
	case json_type_null:
	case json_type_boolean:
	case json_type_object:
	case json_type_array:
	case json_type_string: break;
	}
	return json_type_to_name(type);
}

/* Put one member of the body into the table; an error is a sentence in why. */
static bool take_member(struct lab_member *m, const char *name, struct json_object *value,
			struct text *why)
{
	if (!m) {
		text_addf(why, "Unknown member \"%s\".", name);
		return false;
	}
	if (!value) {
		m->is_null = true;
		if (!m->nullable)
			text_addf(why, "\"%s\" must not be null; leave it out.", name);
		return m->nullable;
	}
	if (!json_object_is_type(value, m->type)) {
		text_addf(why, "\"%s\" must be of type %s, not %s.", name, type_name(m->type),
			  type_name(json_object_get_type(value)));
		return false;
	}
	if (m->type == json_type_string &&
	    strlen(json_object_get_string(value)) != (size_t)json_object_get_string_len(value)) {
		text_addf(why, "\"%s\" must not have a NUL character.", name);
		return false;
	}
	m->value = value;
	return true;
}

bool lab_take_members(struct json_object *o, struct lab_member *members, size_t n, struct text *why)
{
	json_object_object_foreach (o, name, value) {
		if (!take_member(find_member(members, n, name), name, value, why))
			return false;
	}
	for (size_t i = 0; i < n; i++) {
		if (members[i].required && !members[i].value) {
			text_addf(why, "\"%s\" is missing.", members[i].name);
			return false;
		}
	}
	return true;
}

struct json_object *lab_body_object(struct http_request *r)
{
	struct json_object *body = NULL;
	const char *why = "";
	size_t n = 0;
	const void *bytes = http_body(r, &n);

	if (!n)
		return json_object_new_object();
	if (json_in_object(bytes, n, BODY_MAX_DEPTH, &body, &why) < 0)
		lab_error(r, 400, "Invalid JSON body: %s", why);
	return body;
}

struct json_object *lab_body(struct http_request *r, struct lab_member *members, size_t n)
{
	CLEANUP(text_deinit) struct text why = TEXT_INIT;
	struct json_object *body = lab_body_object(r);

	if (!body || lab_take_members(body, members, n, &why))
		return body;
	lab_error(r, 400, "%s", text_str(&why));
	json_object_put(body);
	return NULL;
}

const char *lab_member_string(const struct lab_member *m)
{
	return m->value ? json_object_get_string(m->value) : NULL;
}

int64_t lab_member_int(const struct lab_member *m, int64_t fallback)
{
	return m->value ? json_object_get_int64(m->value) : fallback;
}

bool lab_member_bool(const struct lab_member *m, bool fallback)
{
	return m->value ? json_object_get_boolean(m->value) : fallback;
}

bool lab_query_int(struct http_request *r, const char *name, int64_t min, int64_t max, int64_t *ret)
{
	if (http_query_int(r, name, min, max, ret) >= 0)
		return true;
	lab_error(r, 400, "\"%s\" must be a number from %lld to %lld.", name, (long long)min,
		  (long long)max);
	return false;
}

bool lab_query_bound(struct http_request *r, const struct lab_config *config, const char *name,
		     int64_t *ret)
{
	struct lab_bound b = lab_bound(config, NULL, name);

	return lab_query_int(r, name, b.min, b.max, ret);
}
