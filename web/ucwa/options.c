/*
 * HTTPS API: OPTIONS
 */
#include "web/ucwa/options.h"

#include "proto/text/json_in.h"
#include "proto/text/json_out.h"
#include "proto/text/mem.h"
#include "web/http/http.h"
#include "web/http/openapi.h"
#include "web/ucwa/media.h"
#include "web/ucwa/openapi_rows.h"
#include "web/ucwa/operation.h"

#include <json-c/json.h>

/* The values are those of the parameter, or of each of its elements. */
static struct json_object *parameter(const char *name, struct json_object *schema)
{
	struct json_object *o = mem_check(json_object_new_object());
	struct json_object *items = json_in_find(schema, "items");
	struct json_object *values = json_in_find(items ? items : schema, "enum");

	json_out_string(o, "name", name);
	json_object_object_add(o, "supportedValues",
			       values ? json_object_get(values)
				      : mem_check(json_object_new_array()));
	return o;
}

/* words: as in openapi.h; NULL: none. */
static void add_parameters(struct json_object *list, const char *words)
{
	struct json_object *schema = words ? openapi_object(words) : NULL;
	struct json_object *properties = json_in_find(schema, "properties");
	struct json_object_iterator at, end;

	if (!properties) {
		json_object_put(schema);
		return;
	}
	at = json_object_iter_begin(properties);
	end = json_object_iter_end(properties);
	for (; !json_object_iter_equal(&at, &end); json_object_iter_next(&at))
		json_object_array_add(list, parameter(json_object_iter_peek_name(&at),
						      json_object_iter_peek_value(&at)));
	json_object_put(schema);
}

static struct json_object *method_of(const struct http_route *route)
{
	const struct ucwa_operation *operation = route->extra;
	struct json_object *o = mem_check(json_object_new_object());
	struct json_object *list = mem_check(json_object_new_array());

	json_out_string(o, "httpMethod", route->method);
	json_object_object_add(o, "parameters", list);
	add_parameters(list, operation->query);
	add_parameters(list, ucwa_body_words(route));
	return o;
}

bool ucwa_answer_options(struct http_request *r)
{
	static const char *const methods[] = { "GET", "POST", "PUT", "DELETE" };
	struct json_object *o, *list = mem_check(json_object_new_array());

	for (size_t i = 0; i < ARRAY_SIZE(methods); i++) {
		const struct http_route *route = http_route_of(r, methods[i]);
		const struct ucwa_operation *operation = route ? route->extra : NULL;

		if (operation && operation->flags & UCWA_TOKEN)
			json_object_array_add(list, method_of(route));
	}
	if (!json_object_array_length(list)) {
		json_object_put(list);
		return false;
	}
	o = mem_check(json_object_new_object());
	json_object_object_add(o, "metadata", list);
	http_answer_json(r, 200, UCWA_JSON_TYPE, o);
	return true;
}
