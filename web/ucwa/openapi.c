/*
 * HTTPS API: its description, made from the table of routes (OpenAPI 3.0.3)
 */
#include "web/ucwa/private.h"

#include "proto/text/json_out.h"

void ucwa_get_health(struct ucwa_request *q)
{
	struct hal *o = hal_new();

	hal_string(o, "status", "ok");
	ucwa_json(q, 200, o);
}

/* The member of this name, made when it is not there. */
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

static void add_parameter(struct json_object *operation, const char *in, const char *name, size_t n)
{
	CLEANUP(mem_free_string) char *copy = mem_memdup(name, n);
	struct json_object *p = mem_check(json_object_new_object()), *list;

	if (!json_object_object_get_ex(operation, "parameters", &list))
		list = list_in(operation, "parameters");
	json_out_string(p, "name", copy);
	json_out_string(p, "in", in);
	json_out_bool(p, "required", !strcmp(in, "path"));
	json_out_string(within(p, "schema"), "type", "string");
	json_object_array_add(list, p);
}

static void add_parameters(struct json_object *operation, const struct ucwa_row *row)
{
	const char *open = row->path, *close, *name = row->query ? row->query : "";

	while ((open = strchr(open, '{')) && (close = strchr(open, '}'))) {
		add_parameter(operation, "path", open + 1, (size_t)(close - open - 1));
		open = close;
	}
	while (*name) {
		size_t n = strcspn(name, " ");

		add_parameter(operation, "query", name, n);
		name += n + strspn(name + n, " ");
	}
}

/* The members of the one body that is not in Microsoft's documentation. */
static void add_subscription_schema(struct json_object *schema)
{
	static const char *const strings[] = { "notificationUri", "deviceToken", "deviceName",
					       "userAgent" };
	static const char *const platforms[] = { "windowsPhone", "apple", "webhook", NULL };
	static const char *const required[] = { "platform", NULL };
	struct json_object *properties = within(schema, "properties");
	struct json_object *platform = within(properties, "platform");

	put_list(schema, "required", required);
	json_out_string(platform, "type", "string");
	put_list(platform, "enum", platforms);
	for (size_t i = 0; i < ARRAY_SIZE(strings); i++)
		json_out_string(within(properties, strings[i]), "type", "string");
	json_out_string(within(properties, "notificationUri"), "format", "uri");
	json_out_string(within(properties, "notificationUri"), "description",
			"Of windowsPhone and webhook: where notices are sent, http or https.");
	json_out_string(within(properties, "deviceToken"), "description",
			"Of apple: the device token in hex digits.");
}

static void add_body(struct json_object *operation, const struct ucwa_row *row)
{
	const char *type = NULL;
	struct json_object *body, *schema;

	if (row->flags & UCWA_BODY_JSON)
		type = "application/json";
	else if (row->flags & UCWA_BODY_TEXT)
		type = "text/plain";
	else if (row->flags & UCWA_BODY_FORM)
		type = "application/x-www-form-urlencoded";
	if (!type)
		return;
	body = within(operation, "requestBody");
	json_out_bool(body, "required", !(row->flags & UCWA_BODY_OPTIONAL));
	schema = within(within(within(body, "content"), type), "schema");
	json_out_string(schema, "type", row->flags & UCWA_BODY_TEXT ? "string" : "object");
	if (row->flags & UCWA_OURS)
		add_subscription_schema(schema);
}

static void add_response(struct json_object *operation, const char *status, const char *what)
{
	json_out_string(within(within(operation, "responses"), status), "description", what);
}

static const char *tag(const struct ucwa_row *row)
{
	if (row->flags & UCWA_OURS)
		return "mcxd extension";
	return row->flags & UCWA_DISCOVER ? "signing in" : "UCWA";
}

static void add_operation(struct json_object *paths, const struct ucwa_row *row)
{
	CLEANUP(mem_free_string) char *method = mem_strdup(row->method);
	const char *const tags[] = { tag(row), NULL };
	struct json_object *operation, *security;

	for (char *c = method; *c; c++)
		*c |= 0x20;
	operation = within(within(paths, row->path), method);
	json_out_string(operation, "summary", row->help);
	put_list(operation, "tags", tags);
	if (row->flags & UCWA_OURS)
		json_out_bool(operation, "x-mcxd-extension", true);
	add_parameters(operation, row);
	add_body(operation, row);
	add_response(operation, "2XX", "It worked.");
	add_response(operation, "4XX", "An error body with code, subcode and a message.");
	if (!(row->flags & UCWA_TOKEN))
		return;
	security = mem_check(json_object_new_object());
	list_in(security, "token");
	json_object_array_add(list_in(operation, "security"), security);
}

void ucwa_get_openapi(struct ucwa_request *q)
{
	struct json_object *o = mem_check(json_object_new_object()), *info, *scheme;

	json_out_string(o, "openapi", "3.0.3");
	info = within(o, "info");
	json_out_string(info, "title", "mcxd HTTPS API");
	json_out_string(info, "version", "1.0");
	json_out_string(info, "description",
			"UCWA 1.0 as far as instant messages to a phone need it. What is tagged "
			"\"mcxd extension\" is not part of UCWA.");
	scheme = within(within(within(o, "components"), "securitySchemes"), "token");
	json_out_string(scheme, "type", "http");
	json_out_string(scheme, "scheme", "bearer");
	for (size_t i = 0; i < ucwa_n_rows; i++)
		add_operation(within(o, "paths"), &ucwa_rows[i]);
	http_answer_json(q->r, 200, UCWA_JSON_TYPE, o);
}
