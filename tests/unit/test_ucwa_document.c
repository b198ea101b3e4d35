/*
 * The bodies of requests in the description of the HTTPS API: each has the members that its decoder reads, and no others but those
 * that are there to be ignored. What a decoder asks for is seen on its way to json_in_member(), which the linker leads through
 * here.
 */
#include "proto/text/mem.h"
#include "proto/text/text.h"
#include "proto/ucwa/available.h"
#include "proto/ucwa/body.h"
#include "proto/ucwa/watch_body.h"
#include "web/http/openapi.h"
#include "web/ucwa/openapi_rows.h"

#include <json-c/json.h>
#include <setjmp.h>
#include <stdarg.h>
#include <stddef.h>
#include <stdint.h>

#include <cmocka.h>

#include <strings.h>

/* ---- what is read ---- */

static struct {
	struct json_object *body; /* the whole of it; NULL: nothing was read yet */
	const char *names[64];
	size_t n;
} asked;

/* NOLINTBEGIN(readability-identifier-naming): the linker defines these names. */
int __real_json_in_member(struct json_object *o, const char *name, struct json_object **ret);
int __wrap_json_in_member(struct json_object *o, const char *name, struct json_object **ret);

/* Members of members do not count. */
int __wrap_json_in_member(struct json_object *o, const char *name, struct json_object **ret)
{
	if (!asked.body)
		asked.body = o;
	assert_true(asked.n < ARRAY_SIZE(asked.names));
	if (o == asked.body)
		asked.names[asked.n++] = name;
	return __real_json_in_member(o, name, ret);
}
/* NOLINTEND(readability-identifier-naming) */

static int read_application(const void *p, size_t n, struct ucwa_problem *problem)
{
	struct ucwa_application a;
	int err = ucwa_application_decode(p, n, &a, problem);

	ucwa_application_deinit(&a);
	return err;
}

static int read_available(const void *p, size_t n, struct ucwa_problem *problem)
{
	struct ucwa_available a;
	int err = ucwa_available_decode(p, n, &a, problem);

	ucwa_available_deinit(&a);
	return err;
}

static int read_status(const void *p, size_t n, const char *which, struct ucwa_problem *problem)
{
	struct ucwa_status s;
	int err = ucwa_status_decode(p, n, which, &s, problem);

	ucwa_status_deinit(&s);
	return err;
}

static int read_presence(const void *p, size_t n, struct ucwa_problem *problem)
{
	return read_status(p, n, "availability", problem);
}

static int read_note(const void *p, size_t n, struct ucwa_problem *problem)
{
	return read_status(p, n, "message", problem);
}

static int read_location(const void *p, size_t n, struct ucwa_problem *problem)
{
	return read_status(p, n, "location", problem);
}

static int read_start(const void *p, size_t n, struct ucwa_problem *problem)
{
	struct ucwa_start s;
	int err = ucwa_start_decode(p, n, &s, problem);

	ucwa_start_deinit(&s);
	return err;
}

static int read_decline(const void *p, size_t n, struct ucwa_problem *problem)
{
	bool here;

	return ucwa_decline_decode(p, n, &here, problem);
}

static int read_watch(const void *p, size_t n, struct ucwa_problem *problem)
{
	struct ucwa_watch_body b;
	int err = ucwa_watch_body_decode(p, n, &b, problem);

	ucwa_watch_body_deinit(&b);
	return err;
}

static int read_subscription(const void *p, size_t n, struct ucwa_problem *problem)
{
	struct ucwa_subscription s;
	int err = ucwa_subscription_decode(p, n, &s, problem);

	ucwa_subscription_deinit(&s);
	return err;
}

static const struct {
	const char *schema;
	int (*read)(const void *p, size_t n, struct ucwa_problem *problem);
	const char *
		ignored; /* clients send them, and nothing here depends on them; with spaces around */
	const char *
		hidden; /* read, but no part of this body: its resource is read as another one is */
} bodies[] = {
	{ "NewApplication", read_application, "", "" },
	{ "Available", read_available, " autoAwayTimeout ", "" },
	{ "Communication", read_available, " etag ",
	  " signInAs inactiveTimeout voipFallbackToPhoneAudioTimeOut " },
	{ "Presence", read_presence, "", "" },
	{ "Note", read_note, "", "" },
	{ "Location", read_location, "", "" },
	{ "NewInvitation", read_start, " sessionContext telemetryId ", "" },
	{ "Decline", read_decline, "", "" },
	{ "PresenceSubscription", read_watch, "", "" },
	{ "PushSubscription", read_subscription, "", "" },
};

/* ---- what is described ---- */

static const struct openapi_schema *schema_of(const char *name)
{
	for (size_t i = 0; i < ucwa_n_schemas; i++)
		if (!strcmp(ucwa_schemas[i].name, name))
			return &ucwa_schemas[i];
	fail_msg("there is no schema %s", name);
	return NULL;
}

static bool lists(const char *words, const char *name)
{
	CLEANUP(mem_free_string) char *word = text_concat(" ", name, " ");

	return strcasestr(words, word) != NULL;
}

static bool was_asked_for(const char *name)
{
	for (size_t i = 0; i < asked.n; i++)
		if (!strcasecmp(asked.names[i], name))
			return true;
	return false;
}

static bool describes(struct json_object *properties, const char *name)
{
	json_object_object_foreach (properties, key, value) {
		(void)value;
		if (!strcasecmp(key, name))
			return true;
	}
	return false;
}

static void compare(size_t i, struct json_object *properties)
{
	for (size_t k = 0; k < asked.n; k++)
		if (!describes(properties, asked.names[k]) &&
		    !lists(bodies[i].hidden, asked.names[k]))
			fail_msg("%s: the document is without %s, which is read", bodies[i].schema,
				 asked.names[k]);
	json_object_object_foreach (properties, key, value) {
		(void)value;
		if (was_asked_for(key) == lists(bodies[i].ignored, key))
			fail_msg("%s: the document has %s, which is %s", bodies[i].schema, key,
				 was_asked_for(key) ? "not ignored" : "not read");
	}
}

static void test_members(void **state)
{
	(void)state;
	for (size_t i = 0; i < ARRAY_SIZE(bodies); i++) {
		const struct openapi_schema *schema = schema_of(bodies[i].schema);
		struct json_object *o = openapi_object(schema->members);
		struct ucwa_problem problem = { 0 };

		asked.body = NULL;
		asked.n = 0;
		if (bodies[i].read(schema->example, strlen(schema->example), &problem))
			fail_msg("%s: its example is refused: %s", schema->name, problem.message);
		compare(i, json_object_object_get(o, "properties"));
		json_object_put(o);
	}
}

/* Without a member that must be there a body is refused, and without others it is taken. */
static void check_without(size_t i, const char *name, bool is_required)
{
	const struct openapi_schema *schema = schema_of(bodies[i].schema);
	struct json_object *body = json_tokener_parse(schema->example);
	struct ucwa_problem problem = { 0 };
	const char *text;

	json_object_object_del(body, name);
	text = json_object_to_json_string(body);
	asked.n = 0;
	asked.body = NULL;
	if ((bodies[i].read(text, strlen(text), &problem) != 0) != is_required)
		fail_msg("%s without %s: %s", schema->name, name, problem.message);
	json_object_put(body);
}

static bool requires(struct json_object *schema, const char *name)
{
	struct json_object *list = json_object_object_get(schema, "required");

	for (size_t i = 0; list && i < json_object_array_length(list); i++)
		if (!strcmp(json_object_get_string(json_object_array_get_idx(list, i)), name))
			return true;
	return false;
}

static void check_required(size_t i, struct json_object *schema)
{
	json_object_object_foreach (json_object_object_get(schema, "properties"), key, value) {
		(void)value;
		/* Which of these two there has to be depends on the platform. */
		if (strcmp(key, "notificationUri") != 0 && strcmp(key, "deviceToken") != 0)
			check_without(i, key, requires(schema, key));
	}
}

static void test_required(void **state)
{
	(void)state;
	for (size_t i = 0; i < ARRAY_SIZE(bodies); i++) {
		struct json_object *o = openapi_object(schema_of(bodies[i].schema)->members);

		check_required(i, o);
		json_object_put(o);
	}
}

/* ---- values ---- */

/* Whether the example is taken with this value of a member. */
static bool takes(size_t i, const char *name, const char *value)
{
	const struct openapi_schema *schema = schema_of(bodies[i].schema);
	struct json_object *body = json_tokener_parse(schema->example);
	struct ucwa_problem problem = { 0 };
	const char *text;
	int err;

	json_object_object_add(body, name, json_object_new_string(value));
	text = json_object_to_json_string(body);
	asked.n = 0;
	asked.body = NULL;
	err = bodies[i].read(text, strlen(text), &problem);
	json_object_put(body);
	return !err;
}

/* A word that is none of those listed is refused, and taken where none are listed. */
static void check_values(size_t i, const char *name, struct json_object *schema)
{
	struct json_object *type = json_object_object_get(schema, "type");
	struct json_object *values = json_object_object_get(schema, "enum");

	if (!type || strcmp(json_object_get_string(type), "string") != 0)
		return;
	if (takes(i, name, "Nonesuch") == (values != NULL))
		fail_msg("%s: the document is wrong about the values of %s", bodies[i].schema,
			 name);
	for (size_t k = 0; values && k < json_object_array_length(values); k++) {
		const char *value = json_object_get_string(json_object_array_get_idx(values, k));

		if (!takes(i, name, value))
			fail_msg("%s: %s is refused as %s", bodies[i].schema, value, name);
	}
}

static void check_all_values(size_t i, struct json_object *properties)
{
	/* Their form is another matter, or depends on other members. */
	static const char others[] =
		" inactiveTimeout autoAwayTimeout platform notificationUri deviceToken ";

	json_object_object_foreach (properties, key, value)
		if (!lists(others, key))
			check_values(i, key, value);
}

static void test_values(void **state)
{
	(void)state;
	for (size_t i = 0; i < ARRAY_SIZE(bodies); i++) {
		struct json_object *o = openapi_object(schema_of(bodies[i].schema)->members);

		check_all_values(i, json_object_object_get(o, "properties"));
		json_object_put(o);
	}
}

/* Every body that the document gives an operation is compared here, except those that have a decoder of another kind. */
static void test_bodies_are_known(void **state)
{
	(void)state;
	for (size_t i = 0; i < ucwa_n_exchanges; i++) {
		const char *body = ucwa_exchanges[i].body;
		bool known = !body || lists(" Duration Network ", body);

		for (size_t k = 0; k < ARRAY_SIZE(bodies) && !known; k++)
			known = !strcmp(bodies[k].schema, body);
		if (!known)
			fail_msg("nobody compares %s", body);
	}
}

int main(void)
{
	const struct CMUnitTest tests[] = {
		cmocka_unit_test(test_members),
		cmocka_unit_test(test_required),
		cmocka_unit_test(test_values),
		cmocka_unit_test(test_bodies_are_known),
	};

	return cmocka_run_group_tests(tests, NULL, NULL);
}
