/*
 * OpenAPI as a page
 */
#include "web/http/openapi_page.h"

#include "proto/text/html.h"
#include "proto/text/text.h"

#include <stdbool.h>
#include <string.h>

#define SCHEMAS "#/components/schemas/"

static struct json_object *at(struct json_object *o, const char *name)
{
	struct json_object *member = NULL;

	json_object_object_get_ex(o, name, &member);
	return member;
}

static const char *string_at(struct json_object *o, const char *name)
{
	struct json_object *member = at(o, name);

	return member ? json_object_get_string(member) : "";
}

static void add_plain(struct text *out, const char *s)
{
	html_from_plain(out, s, strlen(s));
}

static void add_in(struct text *out, const char *element, const char *s)
{
	text_add_all(out, "<", element, ">");
	add_plain(out, s);
	text_add_all(out, "</", element, ">");
}

/* ---- types: web/http/openapi.h nests them no deeper than "a list of these, or null" ---- */

static void add_link(struct text *out, const char *ref)
{
	const char *name = strncmp(ref, SCHEMAS, strlen(SCHEMAS)) ? ref : ref + strlen(SCHEMAS);

	text_add_all(out, "<a href=\"#", name, "\">", name, "</a>");
}

static void add_values(struct text *out, struct json_object *list)
{
	for (size_t i = 0; i < json_object_array_length(list); i++) {
		text_add(out, i ? ", " : ": ");
		add_in(out, "code", json_object_get_string(json_object_array_get_idx(list, i)));
	}
}

static void add_single(struct text *out, struct json_object *schema)
{
	const char *type = string_at(schema, "type"), *format = string_at(schema, "format");

	if (at(schema, "$ref"))
		add_link(out, string_at(schema, "$ref"));
	else
		text_add(out, *format ? format : *type ? type : "anything");
	if (at(schema, "enum"))
		add_values(out, at(schema, "enum"));
}

static void add_listed(struct text *out, struct json_object *schema)
{
	struct json_object *items = at(schema, "items");

	text_add(out, items ? "list of " : "");
	add_single(out, items ? items : schema);
}

static void add_type(struct text *out, struct json_object *schema)
{
	struct json_object *either = at(schema, "anyOf");

	if (!either)
		add_listed(out, schema);
	for (size_t i = 0; either && i < json_object_array_length(either); i++) {
		text_add(out, i ? " or " : "");
		add_listed(out, json_object_array_get_idx(either, i));
	}
}

static void begin_table(struct text *out, const char *first)
{
	text_add_all(out, "<table><thead><tr><th scope=\"col\">", first,
		     "</th><th scope=\"col\">Type</th></tr></thead><tbody>\n");
}

static void add_row(struct text *out, const char *name, bool required, struct json_object *schema)
{
	text_add(out, "<tr><td>");
	add_in(out, "code", name);
	text_add(out, "</td><td>");
	add_type(out, schema);
	text_add_all(out, required ? "" : ", optional", "</td></tr>\n");
}

/* ---- operations ---- */

static void add_parameters(struct text *out, struct json_object *list)
{
	if (!list)
		return;
	begin_table(out, "Parameter");
	for (size_t i = 0; i < json_object_array_length(list); i++) {
		struct json_object *p = json_object_array_get_idx(list, i);

		add_row(out, string_at(p, "name"), json_object_get_boolean(at(p, "required")),
			at(p, "schema"));
	}
	text_add(out, "</tbody></table>\n");
}

/* Media types, each with its schema. */
static void add_content(struct text *out, struct json_object *holder)
{
	struct json_object *content = holder ? at(holder, "content") : NULL;
	const char *between = "";

	if (!content)
		return;
	json_object_object_foreach (content, type, media) {
		text_add(out, between);
		add_type(out, at(media, "schema"));
		text_add_all(out, " (", type, ")");
		between = ", ";
	}
}

static void add_answers(struct text *out, struct json_object *responses)
{
	json_object_object_foreach (responses, status, answer) {
		if (strchr(status, 'X'))
			continue; /* a class of errors: the same everywhere */
		text_add_all(out, "<br>Answers <code>", status, "</code> ");
		add_content(out, answer);
	}
}

static void add_operation(struct text *out, const char *path, const char *method,
			  struct json_object *o)
{
	text_add(out, "<section><h3><code>");
	for (const char *c = method; *c; c++)
		text_add_bytes(out, (const char[]){ (char)(*c & ~0x20) }, 1);
	text_add(out, " ");
	add_plain(out, path);
	text_add(out, "</code></h3>\n");
	add_in(out, "p", string_at(o, "summary"));
	add_parameters(out, at(o, "parameters"));
	text_add_all(out, "<p>Takes ", at(o, "requestBody") ? "" : "no body");
	add_content(out, at(o, "requestBody"));
	add_answers(out, at(o, "responses"));
	text_add(out, "</p></section>\n");
}

static void add_path(struct text *out, const char *path, struct json_object *item)
{
	json_object_object_foreach (item, method, operation)
		add_operation(out, path, method, operation);
}

static void add_paths(struct text *out, struct json_object *paths)
{
	json_object_object_foreach (paths, path, item)
		add_path(out, path, item);
}

/* ---- schemas ---- */

static bool is_required(struct json_object *schema, const char *name)
{
	struct json_object *list = at(schema, "required");

	for (size_t i = 0; list && i < json_object_array_length(list); i++)
		if (!strcmp(json_object_get_string(json_object_array_get_idx(list, i)), name))
			return true;
	return false;
}

static void add_members(struct text *out, struct json_object *schema)
{
	struct json_object *properties = at(schema, "properties");

	if (!properties) {
		text_add(out, "<p>");
		add_type(out, schema);
		text_add(out, "</p>\n");
		return;
	}
	begin_table(out, "Member");
	json_object_object_foreach (properties, name, type)
		add_row(out, name, is_required(schema, name), type);
	text_add(out, "</tbody></table>\n");
}

static void add_examples(struct text *out, struct json_object *list)
{
	for (size_t i = 0; list && i < json_object_array_length(list); i++)
		add_in(out, "pre",
		       json_object_to_json_string_ext(json_object_array_get_idx(list, i),
						      JSON_C_TO_STRING_PLAIN |
							      JSON_C_TO_STRING_NOSLASHESCAPE));
}

static void add_schemas(struct text *out, struct json_object *schemas)
{
	json_object_object_foreach (schemas, name, schema) {
		text_add_all(out, "<section id=\"", name, "\"><h3>", name, "</h3>\n");
		if (at(schema, "description"))
			add_in(out, "p", string_at(schema, "description"));
		add_members(out, schema);
		add_examples(out, at(schema, "examples"));
		text_add(out, "</section>\n");
	}
}

void openapi_page(struct json_object *json, const char *style, const char *document,
		  struct text *out)
{
	struct json_object *info = at(json, "info");

	text_add(out, "<!DOCTYPE html>\n<html lang=\"en\"><head><meta charset=\"utf-8\">"
		      "<meta name=\"viewport\" content=\"width=device-width\">");
	add_in(out, "title", string_at(info, "title"));
	text_add_all(out, "<link rel=\"stylesheet\" href=\"", style, "\"></head><body><main>\n");
	add_in(out, "h1", string_at(info, "title"));
	add_in(out, "p", string_at(info, "description"));
	text_add_all(out, "<p>For programs: <a href=\"", document, "\">", document,
		     "</a> (OpenAPI 3.1).</p>\n");
	text_add(out, "<p>What is refused is answered with 4xx or 5xx and the reason.</p>\n"
		      "<h2>Requests</h2>\n");
	add_paths(out, at(json, "paths"));
	text_add(out, "<h2>Bodies</h2>\n");
	add_schemas(out, at(at(json, "components"), "schemas"));
	text_add(out, "</main></body></html>\n");
}
