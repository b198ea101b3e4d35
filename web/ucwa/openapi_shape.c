/*
 * HTTPS API: its resources, events and errors as schemas
 */
#include "web/ucwa/openapi_shape.h"

#include "proto/diag.h"
#include "proto/text/json_out.h"
#include "proto/text/mem.h"
#include "proto/text/text.h"
#include "proto/ucwa/event.h"
#include "proto/ucwa/shape.h"
#include "web/http/openapi.h"

#include <stdbool.h>

#define UUID "^[0-9a-f]{8}(-[0-9a-f]{4}){3}-[0-9a-f]{12}$"

static struct json_object *just(const char *value)
{
	struct json_object *o = mem_check(json_object_new_object());

	json_out_string(o, "const", value);
	return o;
}

static struct json_object *list_of(struct json_object *items)
{
	struct json_object *o = mem_check(json_object_new_object());

	json_out_string(o, "type", "array");
	json_object_object_add(o, "items", items);
	return o;
}

/* ---- resources ---- */

/* A kind of resource that no user has any of has no shape. */
static struct json_object *resource(const char *rel)
{
	return openapi_ref(ucwa_shape_find(rel) ? rel : "Object");
}

static struct json_object *schema_of(const struct ucwa_member *m)
{
	const char *rel = m->rel ? m->rel : m->name;

	switch (m->value) {
	case UCWA_STRING: return openapi_parse("{\"type\":\"string\"}");
	case UCWA_STRINGS:
		return openapi_parse("{\"type\":\"array\",\"items\":{\"type\":\"string\"}}");
	case UCWA_INT: return openapi_parse("{\"type\":\"integer\"}");
	case UCWA_BOOL: return openapi_parse("{\"type\":\"boolean\"}");
	case UCWA_DATE:
		return openapi_parse(
			"{\"type\":\"string\",\"pattern\":\"^/Date\\\\([0-9]+\\\\)/$\"}");
	case UCWA_LINK: return openapi_ref("Link");
	case UCWA_LINKS: return list_of(openapi_ref("Link"));
	case UCWA_RESOURCE: return resource(rel);
	case UCWA_RESOURCES: return list_of(resource(rel));
	}
	return NULL;
}

/* An object among the properties of another. */
static struct json_object *section(struct json_object *schema, const char *name)
{
	struct json_object *o = openapi_within(openapi_within(schema, "properties"), name);

	json_out_string(o, "type", "object");
	return o;
}

static struct json_object *place_of(struct json_object *schema, enum ucwa_value value)
{
	if (value < UCWA_LINK)
		return schema;
	return section(schema, value < UCWA_RESOURCE ? "_links" : "_embedded");
}

static void require(struct json_object *schema, const char *name)
{
	struct json_object *list = openapi_list_within(schema, "required");

	for (size_t i = 0; i < json_object_array_length(list); i++)
		if (!strcmp(json_object_get_string(json_object_array_get_idx(list, i)), name))
			return;
	json_object_array_add(list, json_out_new_string(name));
}

static void add_member(struct json_object *schema, const struct ucwa_member *m)
{
	struct json_object *place = place_of(schema, m->value), *value = schema_of(m);

	if (!strcmp(m->name, UCWA_PASSED)) {
		json_object_object_add(openapi_within(place, "patternProperties"), UUID, value);
		return;
	}
	if (m->when)
		json_out_string(value, "description", m->when);
	json_object_object_add(openapi_within(place, "properties"), m->name, value);
	if (m->when)
		return;
	require(place, m->name);
	if (place != schema)
		require(schema, m->value < UCWA_RESOURCE ? "_links" : "_embedded");
}

/* ---- an example of each ---- */

static const char *example_string(const char *name)
{
	static const char *const words[][2] = {
		{ UCWA_PASSED, "please pass this in a PUT request" },
		{ "uri", "sip:bob@lab.test" },
		{ "name", "Bob" },
		{ "state", "Connected" },
		{ "direction", "Incoming" },
		{ "importance", "Normal" },
		{ "subject", "Lunch" },
		{ "availability", "Online" },
		{ "culture", "en-US" },
		{ "userAgent", "Example/1.0" },
		{ "id", "7227d9c05cdd" },
		{ "platform", "windowsPhone" },
		{ "location", "At home" },
		{ "message", "Out for lunch" },
		{ "sourceNetwork", "SameEnterprise" },
		{ "type", "User" },
		{ "sipUri", "sip:alice@lab.test" },
		{ "displayName", "Alice" },
		{ "previewMessage", "Hi" },
		{ "operationId", "5028e824" },
		{ "threadId", "401250941" },
		{ "status", "Missed" },
		{ "deviceType", "Mobile" },
		{ "endpointUri",
		  "sip:bob@lab.test;opaque=user:epid:khFlAH8WDK7uNtvLGJxfSgAA;gruu" },
	};

	for (size_t i = 0; i < ARRAY_SIZE(words); i++)
		if (!strcmp(words[i][0], name))
			return words[i][1];
	return "None";
}

static struct json_object *example_link(const char *name)
{
	struct json_object *o = mem_check(json_object_new_object());
	CLEANUP(mem_free_string)
	char *href = text_concat("/ucwa/oauth/v1/applications/7227d9c05cdd/", name);

	json_out_string(o, "href", href);
	return o;
}

/* NULL: an embedded resource. */
static struct json_object *example_value(const struct ucwa_member *m)
{
	switch (m->value) {
	case UCWA_STRING: return json_out_new_string(example_string(m->name));
	case UCWA_INT: return mem_check(json_object_new_int(1));
	case UCWA_BOOL: return mem_check(json_object_new_boolean(false));
	case UCWA_DATE: return json_out_new_string("/Date(1383784870271)/");
	case UCWA_LINK: return example_link(m->name);
	case UCWA_RESOURCE: return NULL;
	case UCWA_STRINGS:
	case UCWA_LINKS:
	case UCWA_RESOURCES: break;
	}
	return mem_check(json_object_new_array());
}

static struct json_object *example_without_embedded(const struct ucwa_shape *shape)
{
	static const char *const places[] = { NULL, "_links", "_embedded" };
	struct json_object *o = mem_check(json_object_new_object());

	for (const struct ucwa_member *m = shape->members; m->name; m++) {
		const char *place =
			places[m->value < UCWA_LINK ? 0 : (m->value < UCWA_RESOURCE ? 1 : 2)];
		const char *name = strcmp(m->name, UCWA_PASSED) != 0
					   ? m->name
					   : "33dc0ef6-0570-4467-bb7e-49fcbea8e944";

		if (!m->when && m->value != UCWA_RESOURCE)
			json_object_object_add(place ? openapi_within(o, place) : o, name,
					       example_value(m));
	}
	json_out_string(o, "rel", shape->rel);
	return o;
}

/* No embedded resource must have another one. */
static struct json_object *example_of(const struct ucwa_shape *shape)
{
	struct json_object *o = example_without_embedded(shape);

	for (const struct ucwa_member *m = shape->members; m->name; m++) {
		const struct ucwa_shape *embedded = ucwa_shape_find(m->rel ? m->rel : m->name);

		if (!m->when && m->value == UCWA_RESOURCE && embedded)
			json_object_object_add(openapi_within(o, "_embedded"), m->name,
					       example_without_embedded(embedded));
	}
	return o;
}

static void add_shape(struct json_object *document, const struct ucwa_shape *shape)
{
	struct json_object *schema = mem_check(json_object_new_object());

	json_out_string(schema, "type", "object");
	for (const struct ucwa_member *m = shape->members; m->name; m++)
		add_member(schema, m);
	json_object_object_add(openapi_within(schema, "properties"), "rel", just(shape->rel));
	require(schema, "rel");
	json_object_object_add(openapi_within(schema, "properties"), "etag",
			       openapi_parse("{\"type\":\"string\"}"));
	json_object_array_add(openapi_list_within(schema, "examples"), example_of(shape));
	openapi_put_schema(document, shape->rel, schema);
}

/* ---- events ---- */

/* {"rel", "href"} */
static struct json_object *reference(struct json_object *schema, const char *name, const char *rel)
{
	struct json_object *o = section(schema, name), *properties;

	properties = openapi_within(o, "properties");
	json_object_object_add(properties, "rel", just(rel));
	json_object_object_add(properties, "href", openapi_parse("{\"type\":\"string\"}"));
	json_object_object_add(properties, "title", openapi_parse("{\"type\":\"string\"}"));
	require(o, "rel");
	require(o, "href");
	require(schema, name);
	return o;
}

/* The resource of a local participant is a participant. */
static const char *resource_of(const char *rel)
{
	return !strcmp(rel, "localParticipant") ? "participant" : rel;
}

static struct json_object *type_of(const struct ucwa_event_shape *e)
{
	struct json_object *schema, *values;

	if (!e->other_type)
		return just(e->type);
	schema = mem_check(json_object_new_object());
	values = openapi_list_within(schema, "enum");
	json_object_array_add(values, json_object_new_string(e->type));
	json_object_array_add(values, json_object_new_string(e->other_type));
	return schema;
}

static struct json_object *event_schema(const struct ucwa_event_shape *e)
{
	struct json_object *schema = mem_check(json_object_new_object());
	struct json_object *properties = openapi_within(schema, "properties");

	json_out_string(schema, "type", "object");
	reference(schema, "link", e->rel);
	if (e->in)
		reference(schema, "in", e->in);
	json_object_object_add(properties, "type", type_of(e));
	require(schema, "type");
	if (e->has_outcome) {
		json_object_object_add(properties, "status",
				       openapi_parse("{\"enum\":[\"Success\",\"Failure\"]}"));
		json_object_object_add(properties, "reason", openapi_ref("Error"));
		require(schema, "status");
	}
	if (e->embeds) {
		struct json_object *embedded = section(schema, "_embedded");

		json_object_object_add(openapi_within(embedded, "properties"), e->rel,
				       openapi_ref(resource_of(e->rel)));
		require(embedded, e->rel);
		require(schema, "_embedded");
	}
	return schema;
}

static void add_events(struct json_object *document)
{
	struct json_object *any = mem_check(json_object_new_object());
	struct ucwa_event_shape e;

	for (int kind = 0; kind < N_UCWA_EVENT_KINDS; kind++) {
		ucwa_event_shape((enum ucwa_event_kind)kind, &e);
		json_object_array_add(openapi_list_within(any, "anyOf"), event_schema(&e));
	}
	openapi_put_schema(document, "Event", any);
	openapi_add_schema(document,
			   &(struct openapi_schema){ "Sender", "What a resource has to tell.",
						     "rel href:uri events:Event[]", NULL });
	openapi_add_schema(
		document,
		&(struct openapi_schema){
			"EventPacket",
			"Events since the last packet. next asks for what comes after it, and "
			"acknowledges it; "
			"resync instead of everything else says which packet was expected, and "
			"resume instead of "
			"next that conversations were ended in the meantime.",
			"{\"type\":\"object\",\"required\":[\"_links\"],\"properties\":{\"_links\":"
			"{"
			"\"type\":\"object\",\"properties\":{\"self\":{\"$ref\":\"#/components/"
			"schemas/Link\"},"
			"\"next\":{\"$ref\":\"#/components/schemas/Link\"},"
			"\"resume\":{\"$ref\":\"#/components/schemas/Link\"},"
			"\"resync\":{\"$ref\":\"#/components/schemas/Link\"}}},"
			"\"sender\":{\"type\":\"array\",\"items\":{\"$ref\":\"#/components/schemas/"
			"Sender\"}}}}",
			"{\"_links\":{\"self\":{\"href\":\"/ucwa/oauth/v1/applications/"
			"7227d9c05cdd/events?ack=1\"},"
			"\"next\":{\"href\":\"/ucwa/oauth/v1/applications/7227d9c05cdd/"
			"events?ack=2\"}},"
			"\"sender\":[{\"rel\":\"communication\","
			"\"href\":\"/ucwa/oauth/v1/applications/7227d9c05cdd/"
			"communication\",\"events\":[{\"link\":{"
			"\"rel\":\"missedItems\",\"href\":"
			"\"/ucwa/oauth/v1/applications/7227d9c05cdd/communication/missedItems\"},"
			"\"type\":\"updated\"}]}]}" });
}

/* ---- errors ---- */

static void add_word(struct json_object *list, const char *word)
{
	for (size_t i = 0; i < json_object_array_length(list); i++)
		if (!strcmp(json_object_get_string(json_object_array_get_idx(list, i)), word))
			return;
	if (*word)
		json_object_array_add(list, json_out_new_string(word));
}

static void add_error(struct json_object *document)
{
	struct json_object *schema = openapi_object("code subcode? message? parameters?:object");
	struct json_object *properties = openapi_within(schema, "properties");
	struct json_object *codes = openapi_list_within(openapi_within(properties, "code"), "enum");
	struct json_object *subcodes =
		openapi_list_within(openapi_within(properties, "subcode"), "enum");

	for (int i = 0; i < N_DIAG_CODES; i++) {
		add_word(codes, diag_row((enum diag_code)i)->ucwa_code);
		add_word(subcodes, diag_row((enum diag_code)i)->ucwa_subcode);
	}
	json_out_string(schema, "description",
			"What went wrong: code goes with the status, subcode says more, message is "
			"for people. parameters has each that is missing or invalid, with the "
			"reason.");
	json_object_array_add(
		openapi_list_within(schema, "examples"),
		openapi_parse("{\"code\":\"NotFound\",\"subcode\":\"ApplicationNotFound\","
			      "\"message\":\"Sign in again.\"}"));
	openapi_put_schema(document, "Error", schema);
}

void ucwa_add_shapes(struct json_object *document)
{
	for (const struct ucwa_shape *shape = ucwa_shapes; shape->rel; shape++)
		add_shape(document, shape);
	add_events(document);
	add_error(document);
}
