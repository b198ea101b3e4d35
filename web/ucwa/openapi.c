/*
 * HTTPS API: its description, made from the table of routes (OpenAPI 3.0.3)
 */
#include "web/ucwa/openapi.h"

#include "proto/text/chars.h"
#include "proto/text/json_out.h"
#include "proto/text/mem.h"
#include "proto/ucwa/hal.h"
#include "web/http/http.h"
#include "web/ucwa/answer.h"
#include "web/ucwa/media.h"
#include "web/ucwa/operation.h"
#include "web/ucwa/private.h"
#include "web/ucwa/request.h"

#include <json-c/json.h>

void ucwa_get_health(struct ucwa_request *q)
{
	struct hal *o = hal_new();

	hal_string(o, "status", "ok");
	ucwa_json(q, 200, o);
}

/* The object that is the member of this name, created if there is none. */
static struct json_object *within(struct json_object *o, const char *name)
{
	struct json_object *child;

	if (json_object_object_get_ex(o, name, &child))
		return child;
	child = mem_check(json_object_new_object());
	json_object_object_add(o, name, child);
	return child;
}

static struct json_object *list_in(struct json_object *o, const char *name)
{
	struct json_object *list = mem_check(json_object_new_array());

	json_object_object_add(o, name, list);
	return list;
}

static void put_list(struct json_object *o, const char *name, const char *const *values)
{
	struct json_object *list = list_in(o, name);

	for (; *values; values++)
		json_object_array_add(list, json_out_new_string(*values));
}

static void add_parameter(struct json_object *o, const char *in, const char *name, size_t n)
{
	CLEANUP(mem_free_string) char *copy = mem_memdup(name, n);
	struct json_object *p = mem_check(json_object_new_object()), *list;

	if (!json_object_object_get_ex(o, "parameters", &list))
		list = list_in(o, "parameters");
	json_out_string(p, "name", copy);
	json_out_string(p, "in", in);
	json_out_bool(p, "required", !strcmp(in, "path"));
	json_out_string(within(p, "schema"), "type", "string");
	json_object_array_add(list, p);
}

static void add_parameters(struct json_object *o, const char *path, const char *query)
{
	const char *open = path, *close, *name = query ? query : "";

	while ((open = strchr(open, '{')) && (close = strchr(open, '}'))) {
		add_parameter(o, "path", open + 1, (size_t)(close - open - 1));
		open = close;
	}
	while (*name) {
		size_t n = strcspn(name, " ");

		add_parameter(o, "query", name, n);
		name += n + strspn(name + n, " ");
	}
}

static struct json_object *schema_of(const struct ucwa_operation *operation)
{
	struct json_object *schema;

	if (operation->schema)
		return mem_check(json_tokener_parse(operation->schema));
	schema = mem_check(json_object_new_object());
	json_out_string(schema, "type", operation->flags & UCWA_BODY_TEXT ? "string" : "object");
	return schema;
}

static void add_body(struct json_object *o, const struct ucwa_operation *operation)
{
	const char *const *types = ucwa_operation_body_types(operation);
	struct json_object *body;

	if (!types)
		return;
	body = within(o, "requestBody");
	json_out_bool(body, "required", !(operation->flags & UCWA_BODY_OPTIONAL));
	for (; *types; types++)
		json_object_object_add(within(within(body, "content"), *types), "schema",
				       schema_of(operation));
}

static void add_response(struct json_object *o, const char *status, const char *what)
{
	json_out_string(within(within(o, "responses"), status), "description", what);
}

static const char *tag_of(const struct ucwa_operation *operation)
{
	if (operation->flags & UCWA_OURS)
		return "mcxd extension";
	return operation->flags & UCWA_SIGNING_IN ? "signing in" : "UCWA";
}

static void add_security(struct json_object *o)
{
	struct json_object *security = mem_check(json_object_new_object());

	list_in(security, "token");
	json_object_array_add(list_in(o, "security"), security);
}

static void add_operation(struct json_object *paths, const struct http_route *route)
{
	const struct ucwa_operation *operation = route->extra;
	const char *const tags[] = { tag_of(operation), NULL };
	CLEANUP(mem_free_string) char *method = mem_memdup(route->method, strlen(route->method));
	struct json_object *o;

	for (char *c = method; *c; c++)
		*c = chars_lower(*c);
	o = within(within(paths, route->path), method);
	json_out_string(o, "summary", route->help);
	put_list(o, "tags", tags);
	if (operation->flags & UCWA_OURS)
		json_out_bool(o, "x-mcxd-extension", true);
	add_parameters(o, route->path, operation->query);
	add_body(o, operation);
	add_response(o, "2XX", "Success.");
	add_response(o, "4XX", "An error body with code, subcode and message.");
	if (operation->flags & UCWA_TOKEN)
		add_security(o);
}

void ucwa_get_openapi(struct ucwa_request *q)
{
	struct json_object *o = mem_check(json_object_new_object()), *info, *scheme;

	json_out_string(o, "openapi", "3.0.3");
	info = within(o, "info");
	json_out_string(info, "title", "mcxd HTTPS API");
	json_out_string(info, "version", "1.0");
	json_out_string(
		info, "description",
		"The part of UCWA 1.0 that instant messaging with a phone needs. Operations "
		"tagged \"mcxd extension\" are not part of UCWA.");
	scheme = within(within(within(o, "components"), "securitySchemes"), "token");
	json_out_string(scheme, "type", "http");
	json_out_string(scheme, "scheme", "bearer");
	for (size_t i = 0; i < q->u->n_routes; i++)
		add_operation(within(o, "paths"), &q->u->routes[i]);
	http_answer_json(q->r, 200, UCWA_JSON_TYPE, o);
}
