/*
 * OpenAPI
 */
#include "web/http/openapi.h"

#include "proto/text/chars.h"
#include "proto/text/json_out.h"
#include "proto/text/mem.h"
#include "proto/text/text.h"
#include "web/http/http.h"

#include <stdbool.h>
#include <string.h>

struct json_object *openapi_within(struct json_object *o, const char *name)
{
	struct json_object *child;

	if (json_object_object_get_ex(o, name, &child))
		return child;
	child = mem_check(json_object_new_object());
	json_object_object_add(o, name, child);
	return child;
}

struct json_object *openapi_list_within(struct json_object *o, const char *name)
{
	struct json_object *list;

	if (json_object_object_get_ex(o, name, &list))
		return list;
	list = mem_check(json_object_new_array());
	json_object_object_add(o, name, list);
	return list;
}

struct json_object *openapi_parse(const char *json)
{
	return mem_check(json_tokener_parse(json));
}

/* ---- schemas ---- */

struct json_object *openapi_ref(const char *name)
{
	struct json_object *o = mem_check(json_object_new_object());
	CLEANUP(mem_free_string) char *ref = text_concat("#/components/schemas/", name);

	json_out_string(o, "$ref", ref);
	return o;
}

static struct json_object *typed(const char *type)
{
	static const struct {
		const char *word, *schema;
	} types[] = {
		{ "", "{\"type\":\"string\"}" },
		{ "string", "{\"type\":\"string\"}" },
		{ "int", "{\"type\":\"integer\"}" },
		{ "bool", "{\"type\":\"boolean\"}" },
		{ "time", "{\"type\":\"string\",\"format\":\"date-time\"}" },
		{ "uri", "{\"type\":\"string\",\"format\":\"uri-reference\"}" },
		{ "object", "{\"type\":\"object\"}" },
		{ "any", "{}" },
	};

	for (size_t i = 0; i < ARRAY_SIZE(types); i++)
		if (!strcmp(types[i].word, type))
			return openapi_parse(types[i].schema);
	return openapi_ref(type);
}

static struct json_object *array_of(struct json_object *items)
{
	struct json_object *o = mem_check(json_object_new_object());

	json_out_string(o, "type", "array");
	json_object_object_add(o, "items", items);
	return o;
}

static struct json_object *or_null(struct json_object *schema)
{
	struct json_object *o = mem_check(json_object_new_object());
	struct json_object *either = openapi_list_within(o, "anyOf");

	json_object_array_add(either, schema);
	json_object_array_add(either, openapi_parse("{\"type\":\"null\"}"));
	return o;
}

static void add_values(struct json_object *schema, char *values)
{
	struct json_object *list = openapi_list_within(schema, "enum");
	char *value;

	while ((value = strsep(&values, "|")))
		json_object_array_add(list, json_out_new_string(value));
}

static bool cut_end(char *s, const char *end)
{
	size_t n = strlen(s), n_end = strlen(end);

	if (n < n_end || strcmp(s + n - n_end, end) != 0)
		return false;
	s[n - n_end] = '\0';
	return true;
}

struct word {
	const char *name;
	bool optional;
	struct json_object *schema;
};

/* The word is taken apart. */
static struct word read_word(char *s)
{
	char *values = strchr(s, '='), *type;
	bool null, list;
	struct word w = { .name = s };

	if (values)
		*values++ = '\0';
	null = cut_end(s, "~");
	list = cut_end(s, "[]");
	type = strchr(s, ':');
	if (type)
		*type++ = '\0';
	w.optional = cut_end(s, "?");
	w.schema = typed(type ? type : "");
	if (values)
		add_values(w.schema, values);
	if (list)
		w.schema = array_of(w.schema);
	if (null)
		w.schema = or_null(w.schema);
	return w;
}

struct json_object *openapi_object(const char *members)
{
	struct json_object *o = mem_check(json_object_new_object());
	CLEANUP(mem_free_string) char *copy = mem_strdup(members);
	char *rest = copy, *s;

	json_out_string(o, "type", "object");
	openapi_within(o, "properties");
	while ((s = strsep(&rest, " \n"))) {
		struct word w;

		if (!*s)
			continue;
		w = read_word(s);
		json_object_object_add(openapi_within(o, "properties"), w.name, w.schema);
		if (!w.optional)
			json_object_array_add(openapi_list_within(o, "required"),
					      json_out_new_string(w.name));
	}
	return o;
}

void openapi_put_schema(struct json_object *document, const char *name, struct json_object *schema)
{
	json_object_object_add(openapi_within(openapi_within(document, "components"), "schemas"),
			       name, schema);
}

void openapi_add_schema(struct json_object *document, const struct openapi_schema *row)
{
	struct json_object *schema =
		*row->members == '{' ? openapi_parse(row->members) : openapi_object(row->members);

	if (row->description)
		json_out_string(schema, "description", row->description);
	if (row->example)
		json_object_array_add(openapi_list_within(schema, "examples"),
				      openapi_parse(row->example));
	openapi_put_schema(document, row->name, schema);
}

/* ---- operations ---- */

static struct json_object *parameter(const char *in, const char *name, struct json_object *schema,
				     bool required)
{
	struct json_object *p = mem_check(json_object_new_object());

	json_out_string(p, "name", name);
	json_out_string(p, "in", in);
	json_out_bool(p, "required", required);
	json_object_object_add(p, "schema", schema);
	return p;
}

static void add_path_parameters(struct json_object *o, const char *path)
{
	const char *open = path, *close;

	while ((open = strchr(open, '{')) && (close = strchr(open, '}'))) {
		CLEANUP(mem_free_string)
		char *name = mem_memdup(open + 1, (size_t)(close - open - 1));

		cut_end(name, "*");
		json_object_array_add(openapi_list_within(o, "parameters"),
				      parameter("path", name, typed(""), true));
		open = close;
	}
}

static void add_query(struct json_object *o, const char *query)
{
	CLEANUP(mem_free_string) char *copy = mem_strdup(query);
	char *rest = copy, *s;

	while ((s = strsep(&rest, " "))) {
		struct word w;

		if (!*s)
			continue;
		w = read_word(s);
		json_object_array_add(openapi_list_within(o, "parameters"),
				      parameter("query", w.name, w.schema, false));
	}
}

void openapi_add_content(struct json_object *holder, const char *type, struct json_object *schema)
{
	json_object_object_add(openapi_within(openapi_within(holder, "content"), type), "schema",
			       schema ? schema : typed(""));
}

/* "200 Clock text/plain" */
static void add_answer(struct json_object *responses, char *s)
{
	const char *status = NULL;
	struct json_object *answer = NULL;
	char *word;

	while ((word = strsep(&s, " "))) {
		if (!*word)
			continue;
		if (!status) {
			status = word;
			answer = openapi_within(responses, status);
			json_out_string(answer, "description",
					strcmp(status, "204") ? "Success." : "Done.");
		} else if (strchr(word, '/')) {
			openapi_add_content(answer, word, NULL);
		} else {
			openapi_add_content(answer, JSON_CONTENT_TYPE, openapi_ref(word));
		}
	}
}

static void add_answers(struct json_object *o, const struct openapi_operation *operation)
{
	static const char *const classes[] = { "4XX", "5XX" };
	struct json_object *responses = openapi_within(o, "responses");
	CLEANUP(mem_free_string) char *copy = mem_strdup(operation->answers);
	char *rest = copy, *s;

	while ((s = strsep(&rest, ",")))
		add_answer(responses, s);
	for (size_t i = 0; operation->error && i < ARRAY_SIZE(classes); i++) {
		struct json_object *answer = openapi_within(responses, classes[i]);

		json_out_string(answer, "description", "Refused, with the reason.");
		openapi_add_content(answer, JSON_CONTENT_TYPE, openapi_ref(operation->error));
	}
}

/* "getCommunicationConversationsByN": the method, and the words of the path. */
static char *operation_id(const char *method, const char *path)
{
	struct text id = TEXT_INIT;
	bool begins = true;

	text_add(&id, method);
	for (const char *c = path; *c; c++) {
		char letter = *c;

		if (begins)
			letter = chars_upper(*c);
		if (*c == '{')
			text_add(&id, "By");
		begins = !chars_is_alnum(*c);
		if (!begins)
			text_add_bytes(&id, &letter, 1);
	}
	return text_take(&id);
}

static char *lower(const char *s)
{
	char *copy = mem_memdup(s, strlen(s));

	for (char *c = copy; *c; c++)
		*c = chars_lower(*c);
	return copy;
}

/* Of a pattern such as "/a/{b*}". */
static char *path_of(const char *pattern)
{
	struct text path = TEXT_INIT;

	for (const char *c = pattern; *c; c++)
		if (*c != '*')
			text_add_bytes(&path, c, 1);
	return text_take(&path);
}

struct json_object *openapi_add_operation(struct json_object *document,
					  const struct http_route *route,
					  const struct openapi_operation *operation)
{
	CLEANUP(mem_free_string) char *method = lower(route->method);
	CLEANUP(mem_free_string) char *path = path_of(route->path);
	CLEANUP(mem_free_string) char *id = operation_id(method, path);
	struct json_object *o =
		openapi_within(openapi_within(openapi_within(document, "paths"), path), method);

	json_out_string(o, "operationId", id);
	json_out_string(o, "summary", route->help);
	if (operation->tag)
		json_object_array_add(openapi_list_within(o, "tags"),
				      json_out_new_string(operation->tag));
	add_path_parameters(o, route->path);
	if (operation->query)
		add_query(o, operation->query);
	if (operation->body)
		openapi_add_content(openapi_within(o, "requestBody"), JSON_CONTENT_TYPE,
				    openapi_ref(operation->body));
	add_answers(o, operation);
	return o;
}

/* ---- the document ---- */

struct json_object *openapi_new(const struct openapi_info *info)
{
	struct json_object *o = mem_check(json_object_new_object()), *about, *server;

	json_out_string(o, "openapi", "3.1.0");
	about = openapi_within(o, "info");
	json_out_string(about, "title", info->title);
	json_out_string(about, "version", "1.0");
	json_out_string(about, "description", info->description);
	server = mem_check(json_object_new_object());
	json_out_string(server, "url", info->server);
	json_object_array_add(openapi_list_within(o, "servers"), server);
	openapi_within(o, "paths");
	return o;
}
