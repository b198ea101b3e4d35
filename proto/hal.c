/*
 * HAL
 */
#include "proto/hal.h"

#include "proto/utf8.h"

struct json_object *hal_new(void)
{
	return mem_check(json_object_new_object());
}

/* The names of a resource's members are constants, and each is added once: json-c need neither copy nor
 * look for them, which is a third of the cost of an event packet. */
static void add(struct json_object *o, const char *name, struct json_object *value)
{
	json_object_object_add_ex(o, name, value,
				  JSON_C_OBJECT_ADD_KEY_IS_NEW | JSON_C_OBJECT_ADD_CONSTANT_KEY);
}

/* U+FFFD takes the place of every byte that is malformed. */
static struct json_object *replaced_string(const char *s, size_t left)
{
	CLEANUP(text_deinit) struct text text = TEXT_INIT;

	while (left) {
		size_t n = utf8_sequence(s, left), step = n ? n : 1;

		text_add_bytes(&text, n ? s : "\xEF\xBF\xBD", n ? n : 3);
		s += step;
		left -= step;
	}
	return mem_check(json_object_new_string_len(text_str(&text), (int)text.n));
}

static struct json_object *clean_string(const char *s)
{
	size_t n = strlen(s);

	return utf8_is_text(s, n) ? mem_check(json_object_new_string_len(s, (int)n))
				  : replaced_string(s, n);
}

void hal_string(struct json_object *o, const char *name, const char *value)
{
	if (value)
		add(o, name, clean_string(value));
}

void hal_int(struct json_object *o, const char *name, int64_t value)
{
	add(o, name, mem_check(json_object_new_int64(value)));
}

void hal_bool(struct json_object *o, const char *name, bool value)
{
	add(o, name, mem_check(json_object_new_boolean(value)));
}

void hal_date(struct json_object *o, const char *name, int64_t wall_us)
{
	int64_t ms = wall_us / 1000;
	char *plain = text_format("/Date(%lld)/", (long long)ms);
	char *escaped = text_format("\"\\/Date(%lld)\\/\"", (long long)ms);
	struct json_object *date = mem_check(json_object_new_string(plain));

	json_object_set_serializer(date, json_object_userdata_to_json_string, escaped,
				   json_object_free_userdata);
	add(o, name, date);
	free(plain);
}

void hal_strings(struct json_object *o, const char *name, const char *const *values)
{
	struct json_object *list = mem_check(json_object_new_array());

	for (; *values; values++)
		json_object_array_add(list, clean_string(*values));
	add(o, name, list);
}

/* The member of o that is an object (or an array) of this name, made when it is not there. */
static struct json_object *within(struct json_object *o, const char *name, bool array)
{
	struct json_object *child;

	if (json_object_object_get_ex(o, name, &child))
		return child;
	child = mem_check(array ? json_object_new_array() : json_object_new_object());
	add(o, name, child);
	return child;
}

void hal_link(struct json_object *o, const char *rel, const char *fmt, ...)
{
	CLEANUP(text_deinit) struct text href = TEXT_INIT;
	struct json_object *link = hal_new();
	va_list args;

	va_start(args, fmt);
	text_vaddf(&href, fmt, args);
	va_end(args);
	hal_string(link, "href", text_str(&href));
	add(within(o, "_links", false), rel, link);
}

void hal_link_append(struct json_object *o, const char *rel, const char *href)
{
	struct json_object *link = hal_new();

	hal_string(link, "href", href);
	json_object_array_add(within(within(o, "_links", false), rel, true), link);
}

struct json_object *hal_bare_link(const char *rel, const char *href, const char *title)
{
	struct json_object *link = hal_new();

	hal_string(link, "rel", rel);
	hal_string(link, "href", href);
	hal_string(link, "title", title);
	return link;
}

void hal_link_title(struct json_object *o, const char *rel, const char *title)
{
	hal_string(within(within(o, "_links", false), rel, false), "title", title);
}

void hal_embed(struct json_object *o, const char *rel, struct json_object *child)
{
	add(within(o, "_embedded", false), rel, child);
}

void hal_embed_append(struct json_object *o, const char *rel, struct json_object *child)
{
	json_object_array_add(within(within(o, "_embedded", false), rel, true), child);
}

struct json_object *hal_end(struct json_object *o, const char *rel)
{
	hal_string(o, "rel", rel);
	return o;
}

struct json_object *hal_error(enum diag_code code, const char *message)
{
	const struct diag_row *row = diag_row(code);
	struct json_object *o = hal_new();

	hal_string(o, "code", row->ucwa_code);
	if (*row->ucwa_subcode)
		hal_string(o, "subcode", row->ucwa_subcode);
	hal_string(o, "message", message ? message : row->reason);
	return o;
}

enum diag_code hal_code_of_status(int http_status)
{
	static const struct {
		int status;
		enum diag_code code;
	} rows[] = {
		{ 401, DIAG_UNAUTHORIZED },
		{ 403, DIAG_FORBIDDEN },
		{ 404, DIAG_NOT_FOUND },
		{ 405, DIAG_BAD_METHOD },
		{ 408, DIAG_CLIENT_TIMEOUT },
		{ 409, DIAG_CONFLICT },
		{ 410, DIAG_GONE },
		{ 412, DIAG_PRECONDITION_FAILED },
		{ 413, DIAG_TOO_LARGE },
		{ 415, DIAG_BAD_TYPE },
		{ 428, DIAG_PRECONDITION_REQUIRED },
		{ 429, DIAG_TOO_MANY_REQUESTS },
		{ 503, DIAG_SERVICE_UNAVAILABLE },
		{ 504, DIAG_SERVICE_TIMEOUT },
	};

	for (size_t i = 0; i < ARRAY_SIZE(rows); i++)
		if (rows[i].status == http_status)
			return rows[i].code;
	return http_status < 500 ? DIAG_BAD_REQUEST : DIAG_SERVER_ERROR;
}

const char *hal_text(struct json_object *o, size_t *ret_n)
{
	return json_object_to_json_string_length(
		o, JSON_C_TO_STRING_PLAIN | JSON_C_TO_STRING_NOSLASHESCAPE, ret_n);
}

void hal_print(struct text *out, struct json_object *o)
{
	size_t n;
	const char *text = hal_text(o, &n);

	text_add_bytes(out, text, n);
}
