/*
 * JSON of the lab API
 */
#include "web/lab_json.h"

#include "proto/base64.h"
#include "proto/json_in.h"
#include "proto/text.h"
#include "proto/timestamp.h"
#include "proto/utf8.h"

#include <errno.h>
#include <stdarg.h>

/* A body of ours nests three deep; one level more is for errors that can name the member. */
#define BODY_MAX_DEPTH 4

#define REPLACEMENT "\xEF\xBF\xBD"

struct json_object *lab_string(const char *s)
{
	CLEANUP(text_deinit) struct text clean = TEXT_INIT;
	size_t n, length;

	if (!s)
		return NULL;
	n = strlen(s);
	if (utf8_is_text(s, n))
		return json_object_new_string(s);
	for (size_t i = 0; i < n; i += length ? length : 1) {
		length = utf8_sequence(s + i, n - i);
		if (length)
			text_add_bytes(&clean, s + i, length);
		else
			text_add(&clean, REPLACEMENT);
	}
	return json_object_new_string(text_str(&clean));
}

struct json_object *lab_time(int64_t wall_us)
{
	CLEANUP(text_deinit) struct text stamp = TEXT_INIT;

	if (!wall_us)
		return NULL;
	timestamp_add(&stamp, wall_us, TIMESTAMP_US);
	return json_object_new_string(text_str(&stamp));
}

void lab_put(struct json_object *o, const char *name, const char *value)
{
	json_object_object_add(o, name, lab_string(value));
}

void lab_put_int(struct json_object *o, const char *name, int64_t value)
{
	json_object_object_add(o, name, json_object_new_int64(value));
}

void lab_put_bool(struct json_object *o, const char *name, bool value)
{
	json_object_object_add(o, name, json_object_new_boolean(value));
}

void lab_put_time(struct json_object *o, const char *name, int64_t wall_us)
{
	json_object_object_add(o, name, lab_time(wall_us));
}

void lab_put_bytes(struct json_object *o, const char *name, const void *p, size_t n)
{
	CLEANUP(mem_free_string) char *encoded_name = NULL;
	CLEANUP(text_deinit) struct text encoded = TEXT_INIT;

	if (!p)
		return;
	if (utf8_is_text(p, n)) {
		json_object_object_add(o, name, json_object_new_string_len(p, (int)n));
		return;
	}
	encoded_name = text_format("%sBase64", name);
	base64_encode(&encoded, p, n);
	lab_put(o, encoded_name, text_str(&encoded));
}

static const char *error_code(int status)
{
	switch (status) {
	case 400: return "BadRequest";
	case 404: return "NotFound";
	case 405: return "MethodNotAllowed";
	case 409: return "Conflict";
	case 413: return "TooLarge";
	case 429: return "TooMany";
	case 431: return "HeadersTooLarge";
	case 503: return "Unavailable";
	default: return "Error";
	}
}

void lab_error(struct http_request *r, int status, const char *fmt, ...)
{
	struct json_object *error = json_object_new_object();
	struct json_object *body = json_object_new_object();
	CLEANUP(text_deinit) struct text message = TEXT_INIT;
	va_list args;

	va_start(args, fmt);
	text_vaddf(&message, fmt, args);
	va_end(args);
	lab_put(error, "code", error_code(status));
	lab_put(error, "message", text_str(&message));
	json_object_object_add(body, "error", error);
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

/* Enter one member of the body into the table; an error is a sentence in why. */
static bool take_member(struct lab_member *m, const char *name, struct json_object *value,
			struct text *why)
{
	if (!m) {
		text_addf(why, "There is no member \"%s\".", name);
		return false;
	}
	if (!value)
		return true;
	if (!json_object_is_type(value, m->type)) {
		text_addf(why, "\"%s\" is a %s, and has to be a %s.", name,
			  json_type_to_name(json_object_get_type(value)),
			  json_type_to_name(m->type));
		return false;
	}
	if (m->type == json_type_string &&
	    strlen(json_object_get_string(value)) != (size_t)json_object_get_string_len(value)) {
		text_addf(why, "\"%s\" has a NUL character in it.", name);
		return false;
	}
	m->value = value;
	return true;
}

static bool take_members(struct json_object *body, struct lab_member *members, size_t n,
			 struct text *why)
{
	json_object_object_foreach (body, name, value) {
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

struct json_object *lab_body(struct http_request *r, struct lab_member *members, size_t n)
{
	CLEANUP(text_deinit) struct text why = TEXT_INIT;
	struct json_object *body = NULL;
	const char *parse_error = "";
	size_t n_bytes = 0;
	const void *bytes = http_body(r, &n_bytes);

	if (!n_bytes)
		body = json_object_new_object();
	else if (json_in_object(bytes, n_bytes, BODY_MAX_DEPTH, &body, &parse_error) < 0)
		text_addf(&why, "The body is no good: %s", parse_error);
	if (body && take_members(body, members, n, &why))
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
	const char *s = http_query(r, name);
	char *end = NULL;
	long long value;

	if (!s)
		return true;
	errno = 0;
	value = strtoll(s, &end, 10);
	if (errno || end == s || *end || value < min || value > max) {
		lab_error(r, 400, "\"%s\" has to be a number from %lld to %lld.", name,
			  (long long)min, (long long)max);
		return false;
	}
	*ret = value;
	return true;
}
