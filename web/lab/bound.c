/*
 * Bounds
 */
#include "web/lab/bound.h"

#include "mcxd/base/fault.h"
#include "mcxd/core/user.h"
#include "proto/text/display_name.h"
#include "proto/text/json_in.h"
#include "proto/text/json_out.h"
#include "proto/text/mem.h"
#include "proto/text/text.h"
#include "web/http/openapi.h"
#include "web/lab/expectation.h"
#include "web/lab/lab.h"

#include <assert.h>

enum { NO_LIMIT = 0, MAX_STATUS = 699, MIN_STATUS = 400 };

#define SETTING(member) offsetof(struct lab_config, member)

static const struct row {
	const char *schema, *member;
	int64_t min;
	int64_t max;    /* NO_LIMIT: none, or that of the setting */
	size_t setting; /* SETTING(): the largest value; 0, which is no number's: none */
} rows[] = {
	{ "Wait", "timeoutMs", 0, NO_LIMIT, SETTING(max_advance_ms) },
	{ "Wait", "neverWithinMs", 0, NO_LIMIT, SETTING(max_advance_ms) },
	{ "Wait", "count", 1, EXPECTATION_MAX_RECORDS, 0 },
	{ "Wait", "from", 1, NO_LIMIT, 0 },
	{ "Wait", "conversation", 1, NO_LIMIT, 0 },
	{ "Wait", "order", 1, EXPECTATION_MAX_STEPS, 0 },
	{ "Step", "count", 1, EXPECTATION_MAX_RECORDS, 0 },
	{ "Step", "conversation", 1, NO_LIMIT, 0 },
	{ "Verify", "count", 1, EXPECTATION_MAX_RECORDS, 0 },
	{ "Verify", "from", 1, NO_LIMIT, 0 },
	{ "Verify", "conversation", 1, NO_LIMIT, 0 },
	{ "Verify", "order", 1, EXPECTATION_MAX_STEPS, 0 },
	{ "Advance", "ms", 0, NO_LIMIT, SETTING(max_advance_ms) },
	{ "Fault", "status", MIN_STATUS, MAX_STATUS, 0 },
	{ "Fault", "ms", 1, FAULT_MAX_MS, 0 },
	{ "Fault", "times", 1, NO_LIMIT, 0 },
	{ "Fault", "nth", 1, NO_LIMIT, 0 },
	{ "Fault", "probability", 1, NO_LIMIT, 0 },
	{ "Fault", "struck", 0, NO_LIMIT, 0 },
	{ "Fault", "seen", 0, NO_LIMIT, 0 },
	{ "SetFaults", "faults", 0, NO_LIMIT, SETTING(max_faults) },
	{ "NewUser", "displayName", 1, DISPLAY_NAME_MAX, 0 },
	{ "NewUser", "password", 1, USER_MAX_PASSWORD, 0 },
	{ "NewUser", "number", 0, USER_MAX_NUMBER, 0 },
	{ "NewUser", "outsideVoiceNumber", 0, USER_MAX_NUMBER, 0 },
	{ "UserChange", "password", 1, USER_MAX_PASSWORD, 0 },
	{ "NewActor", "name", 1, DISPLAY_NAME_MAX, 0 },
	{ "Order", "text", 1, NO_LIMIT, 0 },
	{ NULL, "from", 1, NO_LIMIT, 0 },
	{ NULL, "limit", 1, NO_LIMIT, SETTING(max_page_records) },
	{ NULL, "conversation", 1, NO_LIMIT, 0 },
	{ NULL, "width", LAB_MIN_WIDTH, LAB_MAX_WIDTH, 0 },
	{ NULL, "ascii", 0, 1, 0 },
	{ NULL, "bodies", 0, 1, 0 },
	{ NULL, "follow", 0, 1, 0 },
};

static struct lab_bound bound_of(const struct lab_config *config, const struct row *row)
{
	struct lab_bound b = { row->schema, row->member, row->min, row->max };

	if (row->setting)
		memcpy(&b.max, (const char *)config + row->setting, sizeof(b.max));
	else if (row->max == NO_LIMIT)
		b.max = INT64_MAX;
	return b;
}

struct lab_bound lab_bound(const struct lab_config *config, const char *schema, const char *member)
{
	for (size_t i = 0; i < ARRAY_SIZE(rows); i++) {
		bool is_same = schema ? rows[i].schema && !strcmp(rows[i].schema, schema)
				      : !rows[i].schema;

		if (is_same && !strcmp(rows[i].member, member))
			return bound_of(config, &rows[i]);
	}
	abort(); /* nobody asks for others */
}

/* ---- in the document ---- */

/* The words of JSON Schema for it depend on the type. */
static void say(struct json_object *schema, const struct lab_bound *b)
{
	static const struct {
		const char *type, *min, *max;
	} words[] = { { "integer", "minimum", "maximum" },
		      { "string", "minLength", "maxLength" },
		      { "array", "minItems", "maxItems" } };
	const char *type = json_in_string(schema, "type");

	for (size_t i = 0; i < ARRAY_SIZE(words); i++) {
		if (!type || strcmp(words[i].type, type) != 0)
			continue;
		json_out_int(schema, words[i].min, b->min);
		if (b->max != INT64_MAX)
			json_out_int(schema, words[i].max, b->max);
	}
}

static void say_in_schema(struct json_object *document, const struct lab_bound *b)
{
	CLEANUP(mem_free_string)
	char *path = text_concat("components.schemas.", b->schema, ".properties.", b->member);
	struct json_object *schema = json_in_path(document, path);

	assert(schema);
	say(schema, b);
}

static void say_in_operation(struct json_object *operation, const struct lab_bound *b)
{
	struct json_object *list = json_in_find(operation, "parameters");

	for (size_t i = 0; list && i < json_object_array_length(list); i++) {
		struct json_object *p = json_object_array_get_idx(list, i);

		if (!strcmp(json_in_string(p, "in"), "query") &&
		    !strcmp(json_in_string(p, "name"), b->member))
			say(json_in_find(p, "schema"), b);
	}
}

static void say_in_path(struct json_object *item, const struct lab_bound *b)
{
	json_object_object_foreach (item, method, operation) {
		(void)method;
		say_in_operation(operation, b);
	}
}

static void say_in_queries(struct json_object *document, const struct lab_bound *b)
{
	json_object_object_foreach (openapi_within(document, "paths"), path, item) {
		(void)path;
		say_in_path(item, b);
	}
}

void lab_bounds_add(const struct lab_config *config, struct json_object *document)
{
	for (size_t i = 0; i < ARRAY_SIZE(rows); i++) {
		struct lab_bound b = bound_of(config, &rows[i]);

		if (b.schema)
			say_in_schema(document, &b);
		else
			say_in_queries(document, &b);
	}
}
