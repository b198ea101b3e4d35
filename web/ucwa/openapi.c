/*
 * HTTPS API: its description, made from the tables of routes, resources and events
 */
#include "web/ucwa/openapi.h"

#include "proto/text/json_out.h"
#include "proto/text/mem.h"
#include "proto/text/text.h"
#include "proto/ucwa/hal.h"
#include "proto/ucwa/shape.h"
#include "web/http/http.h"
#include "web/http/openapi.h"
#include "web/ucwa/answer.h"
#include "web/ucwa/media.h"
#include "web/ucwa/openapi_rows.h"
#include "web/ucwa/openapi_shape.h"
#include "web/ucwa/operation.h"
#include "web/ucwa/private.h"
#include "web/ucwa/request.h"

#include <json-c/json.h>

static const char description[] = "The part of UCWA 1.0 that instant messaging with a phone needs. "
				  "A client finds the server (GET /), gets a "
				  "token, posts an application, and follows the links of the "
				  "answers; what happens is told by the event channel. "
				  "Operations tagged \"mcxd extension\" are not part of UCWA: "
				  "pushSubscription, so that a phone whose app is in "
				  "the background is told by a push, health, and this document.";

void ucwa_get_health(struct ucwa_request *q)
{
	struct hal *o = hal_new();

	hal_string(o, "status", "ok");
	ucwa_json(q, 200, o);
}

static const char *tag_of(const struct ucwa_operation *operation)
{
	if (operation->flags & UCWA_OURS)
		return "mcxd extension";
	return operation->flags & UCWA_SIGNING_IN ? "signing in" : "UCWA";
}

/* Of GET the resource, and of everything else nothing. */
static char *usual_answers(const struct http_route *route, const struct ucwa_operation *operation)
{
	if (strcmp(route->method, "GET") != 0)
		return mem_strdup("204");
	return text_concat("200 ",
			   ucwa_shape_find(operation->resource) ? operation->resource : "Object",
			   ", 304");
}

static void add_body(struct json_object *o, const struct ucwa_operation *operation,
		     const char *schema)
{
	const char *const *types = ucwa_operation_body_types(operation);
	struct json_object *body;

	if (!types)
		return;
	body = openapi_within(o, "requestBody");
	json_out_bool(body, "required", !(operation->flags & UCWA_BODY_OPTIONAL));
	if (operation->flags & UCWA_BODY_FORM)
		schema = "Form";
	else if (!schema && operation->flags & UCWA_BODY_JSON)
		schema = "Object";
	for (; *types; types++)
		openapi_add_content(body, *types, schema ? openapi_ref(schema) : NULL);
}

/* UCWA's own name of JSON means the same. */
static void add_own_json(struct json_object *o)
{
	json_object_object_foreach (openapi_within(o, "responses"), status, answer) {
		struct json_object *content, *json;

		(void)status;
		if (json_object_object_get_ex(answer, "content", &content) &&
		    json_object_object_get_ex(content, JSON_CONTENT_TYPE, &json))
			json_object_object_add(content, UCWA_OWN_JSON, json_object_get(json));
	}
}

/* Where what was made is. */
static void add_location(struct json_object *o)
{
	struct json_object *created, *header;

	if (!json_object_object_get_ex(openapi_within(o, "responses"), "201", &created))
		return;
	header = openapi_within(openapi_within(created, "headers"), "Location");
	json_out_string(openapi_within(header, "schema"), "type", "string");
}

static void add_security(struct json_object *o, const struct ucwa_operation *operation)
{
	struct json_object *list = mem_check(json_object_new_array()), *security;

	json_object_object_add(o, "security", list);
	if (!(operation->flags & UCWA_TOKEN))
		return;
	security = mem_check(json_object_new_object());
	json_object_object_add(security, "token", mem_check(json_object_new_array()));
	json_object_array_add(list, security);
}

/* "Versioning" */
static void add_version(struct json_object *o)
{
	json_object_array_add(openapi_list_within(o, "parameters"),
			      openapi_parse("{\"$ref\":\"#/components/parameters/version\"}"));
	json_object_object_foreach (openapi_within(o, "responses"), status, answer) {
		(void)status;
		json_object_object_add(
			openapi_within(answer, "headers"), "X-MS-UcwaVersion",
			openapi_parse("{\"$ref\":\"#/components/headers/version\"}"));
	}
}

static void add_version_components(struct json_object *document)
{
	struct json_object *components = openapi_within(document, "components");

	json_object_object_add(
		openapi_within(components, "parameters"), "version",
		openapi_parse(
			"{\"name\":\"X-MS-RequiresMinResourceVersion\",\"in\":\"header\","
			"\"description\":\"The revision that the resource must have at least; "
			"else 404 (APIVersionNotSupported).\",\"schema\":{\"type\":\"number\"}}"));
	json_object_object_add(openapi_within(components, "headers"), "version",
			       openapi_parse("{\"description\":\"The revision of the resource.\","
					     "\"schema\":{\"type\":\"string\"}}"));
}

static void add_operation(struct json_object *document, const struct http_route *route)
{
	const struct ucwa_operation *operation = route->extra;
	const struct ucwa_exchange *x = ucwa_exchange_find(route->method, operation->path);
	CLEANUP(mem_free_string) char *usual = usual_answers(route, operation);
	struct json_object *o = openapi_add_operation(
		document, route,
		&(struct openapi_operation){
			.query = operation->query,
			.answers = x && x->answers ? x->answers : usual,
			.tag = tag_of(operation),
			.error = operation->flags & UCWA_BODY_FORM ? "OAuthError" : "Error",
		});

	if (operation->flags & UCWA_OURS)
		json_out_bool(o, "x-mcxd-extension", true);
	if (!(operation->flags & UCWA_SIGNING_IN))
		add_own_json(o);
	if (!strcmp(route->method, "POST"))
		add_location(o);
	add_body(o, operation, x ? x->body : NULL);
	add_security(o, operation);
	add_version(o);
}

void ucwa_get_openapi(struct ucwa_request *q)
{
	CLEANUP(mem_free_string) char *base = ucwa_base(q);
	struct json_object *o = openapi_new(&(struct openapi_info){
		.title = "mcxd HTTPS API", .description = description, .server = base });
	struct json_object *scheme = openapi_within(
		openapi_within(openapi_within(o, "components"), "securitySchemes"), "token");

	json_out_string(scheme, "type", "http");
	json_out_string(scheme, "scheme", "bearer");
	for (size_t i = 0; i < ucwa_n_schemas; i++)
		openapi_add_schema(o, &ucwa_schemas[i]);
	ucwa_add_shapes(o);
	add_version_components(o);
	for (size_t i = 0; i < q->u->n_routes; i++)
		add_operation(o, &q->u->routes[i]);
	http_answer_json(q->r, 200, UCWA_JSON_TYPE, o);
}
