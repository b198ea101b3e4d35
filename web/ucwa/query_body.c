/*
 * HTTPS API: input of a POST in the query
 */
#include "web/ucwa/query_body.h"

#include "proto/text/json_in.h"
#include "proto/text/json_out.h"
#include "proto/text/mem.h"
#include "proto/text/text.h"
#include "proto/ucwa/body_member.h"
#include "web/http/http.h"
#include "web/http/openapi.h"
#include "web/ucwa/openapi_rows.h"
#include "web/ucwa/operation.h"
#include "web/ucwa/request.h"

#include <string.h>
#include <strings.h>

/* What the operation's body can have, as a schema; NULL: nothing that could be in a query. */
static struct json_object *known_members(const struct ucwa_request *q)
{
	const struct http_route *route = http_route_of(q->r, http_method(q->r));
	const char *words = route ? ucwa_body_words(route) : NULL;

	return words ? openapi_object(words) : NULL;
}

static bool is_of(struct json_object *schema, const char *type)
{
	struct json_object *either = json_in_find(schema, "anyOf");
	const char *own =
		json_in_string(either ? json_object_array_get_idx(either, 0) : schema, "type");

	return own && !strcmp(own, type);
}

/* A list has commas between its elements. What is no number stays text, which the handler refuses. */
static struct json_object *value_of(struct json_object *schema, const char *s)
{
	struct json_object *list;
	char *copy, *rest;
	int64_t number;

	if (is_of(schema, "integer") && text_to_int(s, INT64_MIN, INT64_MAX, &number))
		return mem_check(json_object_new_int64(number));
	if (!is_of(schema, "array"))
		return json_out_new_string(s);
	list = mem_check(json_object_new_array());
	copy = rest = mem_strdup(s);
	for (char *element; (element = strsep(&rest, ","));)
		if (*element)
			json_object_array_add(list, json_out_new_string(element));
	free(copy);
	return list;
}

/* Names of members have any case. */
static void replace(struct json_object *body, const char *name, struct json_object *value)
{
	const char *old = NULL;

	json_object_object_foreach (body, key, member) {
		(void)member;
		if (!strcasecmp(key, name))
			old = key;
	}
	if (old)
		json_object_object_del(body, old);
	json_object_object_add(body, name, value);
}

static bool add_parameters(const struct ucwa_request *q, struct json_object *known,
			   struct json_object *body)
{
	struct json_object *properties = json_in_find(known, "properties");
	bool any = false;

	if (!properties)
		return false;
	json_object_object_foreach (properties, name, schema) {
		const char *value = is_of(schema, "object") ? NULL : http_query(q->r, name);

		if (value)
			replace(body, name, value_of(schema, value));
		any |= value != NULL;
	}
	return any;
}

void ucwa_take_query(struct ucwa_request *q)
{
	CLEANUP(body_put) struct json_object *known = NULL, *body = NULL;
	const char *why;

	if (strcmp(http_method(q->r), "POST") != 0 || !(q->operation->flags & UCWA_BODY_JSON) ||
	    !http_has_query(q->r))
		return;
	known = known_members(q);
	if (!known)
		return;
	if (!q->n_body)
		body = mem_check(json_object_new_object());
	else if (json_in_object_lax(q->body, q->n_body, JSON_IN_MAX_DEPTH, &body, &why) < 0)
		return;
	if (!add_parameters(q, known, body))
		return;
	q->own_body = mem_strdup(json_object_to_json_string(body));
	q->body = q->own_body;
	q->n_body = strlen(q->own_body);
}
