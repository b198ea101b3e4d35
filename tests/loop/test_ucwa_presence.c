/*
 * HTTPS API: presence, its subscriptions, and what an application takes
 */
#include "ucwa_fixture.h"

#include "proto/text/mem.h"
#include "proto/text/text.h"

#define MINUTE ((int64_t)60000)

/* Alice's application, beside Bob's. */
struct alice {
	char *token, *app;
};

static int alice_do(struct lab *l, const struct alice *a, const char *method, const char *below,
		    const char *body)
{
	CLEANUP(mem_free_string) char *path = text_concat(a->app, below);
	struct reply r;
	int status = lab_call(
		l,
		&(struct call){ .method = method, .path = path, .token = a->token, .body = body },
		&r);

	reply_reset(&r);
	return status;
}

static struct alice alice_signs_in(struct lab *l, const char *body)
{
	struct alice a;

	a.token = lab_sign_in(l, "alice@lab.test", "pass+word%261");
	a.app = lab_application(l, a.token, "alices-phone");
	assert_int_equal(alice_do(l, &a, "POST", "/me/makeMeAvailable", body), 204);
	return a;
}

static void alice_free(struct alice *a)
{
	free(a->token);
	free(a->app);
}

static int get(struct lab *l, const char *below, struct reply *r)
{
	CLEANUP(mem_free_string) char *path = text_concat(l->app, below);

	return lab_call(l, &(struct call){ .method = "GET", .path = path }, r);
}

static void check_get(struct lab *l, const char *below, const char *pointer, const char *expected)
{
	struct reply r;

	assert_int_equal(get(l, below, &r), 200);
	assert_string_equal(reply_at(&r, pointer), expected);
	reply_reset(&r);
}

/* ---- the user's own ---- */

static void test_not_available(void **state)
{
	struct lab *l = *state;
	static const char *const resources[] = { "/me/presence", "/me/note", "/me/location" };
	struct reply r;

	l->token = lab_sign_in(l, "bob@lab.test", "pass+word%261");
	l->app = lab_application(l, l->token, "bobs-phone");
	for (size_t i = 0; i < ARRAY_SIZE(resources); i++) {
		assert_int_equal(get(l, resources[i], &r), 409);
		assert_string_equal(reply_at(&r, "/subcode"), "MakeMeAvailableRequired");
		reply_reset(&r);
		assert_int_equal(lab_do(l, "POST", resources[i], NULL), 409);
	}
	check_get(l, "/communication", "/supportedModalities", "[ ]");
}

static void test_introduction(void **state)
{
	struct lab *l = *state;
	CLEANUP(text_deinit) struct text events = TEXT_INIT;
	struct reply r;

	l->token = lab_sign_in(l, "bob@lab.test", "pass+word%261");
	l->app = lab_application(l, l->token, "bobs-phone");
	assert_int_equal(lab_do(l, "POST", "/me/makeMeAvailable", "{\"signInAs\":\"busy\"}"), 204);
	lab_poll(l, &r);
	lab_packet(l, &r, &events);
	assert_string_equal(text_str(&events), LAB_PRESENT);
	assert_string_equal(reply_at(&r, "/sender/0/rel"), "me");
	assert_non_null(strstr(reply_at(&r, "/sender/0/href"), "/me"));
	assert_string_equal(reply_at(&r, "/sender/1/rel"), "communication");
	assert_string_equal(
		reply_at(&r, "/sender/1/events/0/_embedded/communication/supportedModalities/0"),
		"Messaging");
	reply_reset(&r);
	check_get(l, "/me/presence", "/availability", "Busy");
}

static void test_set_and_reset(void **state)
{
	struct lab *l = *state;

	lab_bob(l);
	check_get(l, "/me/presence", "/availability", "Online");
	assert_int_equal(lab_do(l, "POST", "/me/presence", "{\"availability\":\"DoNotDisturb\"}"),
			 204);
	check_get(l, "/me/presence", "/activity", "urgent-interruptions-only");
	lab_next_packet(l, "presence updated;");
	assert_int_equal(lab_do(l, "POST", "/me/presence", "{\"availability\":\"Asleep\"}"), 400);
	assert_int_equal(lab_do(l, "POST", "/me/presence", NULL), 204);
	check_get(l, "/me/presence", "/availability", "Online");
	assert_int_equal(lab_do(l, "POST", "/me/note", "{\"message\":\"Lunch\"}"), 204);
	check_get(l, "/me/note", "/message", "Lunch");
	assert_int_equal(lab_do(l, "POST", "/me/note?Message=I%27m%20away", NULL), 204);
	check_get(l, "/me/note", "/message", "I'm away");
	assert_int_equal(lab_do(l, "POST", "/me/note", NULL), 204);
	check_get(l, "/me/note", "/message", "");
	assert_int_equal(lab_do(l, "POST", "/me/location", "{\"location\":\"By the beach\"}"), 204);
	check_get(l, "/me/location", "/location", "By the beach");
	assert_int_equal(lab_do(l, "POST", "/me/location", "{}"), 204);
	check_get(l, "/me/location", "/location", "");
	assert_int_equal(
		lab_do(l, "POST", "/me/location",
		       "{\"location\":"
		       "\"0123456789012345678901234567890123456789012345678901234567890\"}"),
		400);
	lab_next_packet(l, "presence updated;note updated;location updated;");
}

/* ---- subscriptions ---- */

static char *subscribe(struct lab *l, const char *query, const char *body)
{
	CLEANUP(mem_free_string)
	char *path = text_concat(l->app, "/people/presenceSubscriptions", query);
	struct reply r;
	char *id;

	assert_int_equal(
		lab_call(l, &(struct call){ .method = "POST", .path = path, .body = body }, &r),
		201);
	assert_string_equal(r.location, reply_at(&r, "/_links/self/href"));
	id = mem_strdup(reply_at(&r, "/id"));
	reply_reset(&r);
	return id;
}

static int watch_do(struct lab *l, const char *method, const char *id, const char *query)
{
	CLEANUP(mem_free_string)
	char *path = text_concat("/people/presenceSubscriptions/", id, query);

	return lab_do(l, method, path, NULL);
}

static void test_subscription(void **state)
{
	struct lab *l = *state;
	CLEANUP(text_deinit) struct text events = TEXT_INIT;
	CLEANUP(mem_free_string) char *id = NULL;
	struct alice a;
	struct reply r;

	lab_bob(l);
	id = subscribe(l, "", "{\"duration\":11,\"Uris\":[\"sip:Alice@lab.test\"]}");
	lab_poll(l, &r);
	lab_packet(l, &r, &events);
	assert_string_equal(text_str(&events), "contact added;presenceSubscription added;"
					       "contactPresence updated;");
	assert_string_equal(reply_at(&r, "/sender/0/rel"), "people");
	assert_string_equal(reply_at(&r, "/sender/0/events/0/in/rel"), "subscribedContacts");
	assert_string_equal(reply_at(&r, "/sender/0/events/2/in/rel"), "contact");
	reply_reset(&r);
	check_get(l, "/people/alice@lab.test/presence", "/availability", "Offline");
	lab_poll(l, &r);
	assert_false(r.done);
	a = alice_signs_in(l, "{\"signInAs\":\"BeRightBack\"}");
	lab_packet(l, &r, &events);
	assert_string_equal(text_str(&events), "contactPresence updated;contactSupportedModalities "
					       "updated;");
	reply_reset(&r);
	check_get(l, "/people/alice@lab.test/presence", "/availability", "BeRightBack");
	check_get(l, "/people/alice@lab.test/presence", "/deviceType", "Mobile");
	check_get(l, "/people/alice@lab.test/supportedMedia", "/modalities/0", "Messaging");
	assert_int_equal(alice_do(l, &a, "POST", "/me/note", "{\"message\":\"Soon\"}"), 204);
	lab_next_packet(l, "contactNote updated;");
	check_get(l, "/people/alice@lab.test/note", "/message", "Soon");
	assert_int_equal(watch_do(l, "DELETE", id, ""), 204);
	lab_next_packet(l, "contact deleted;presenceSubscription deleted;");
	assert_int_equal(watch_do(l, "GET", id, ""), 404);
	assert_int_equal(alice_do(l, &a, "DELETE", "", NULL), 204);
	lab_poll(l, &r);
	assert_false(r.done);
	alice_free(&a);
}

static void test_extended(void **state)
{
	struct lab *l = *state;
	CLEANUP(text_deinit) struct text events = TEXT_INIT;
	CLEANUP(mem_free_string) char *id = NULL;
	struct reply r;

	lab_bob(l);
	id = subscribe(l, "?groupId=default&duration=10", NULL);
	check_get(l, "/people/subscribedContacts", "/_embedded/contact/0/uri",
		  "sip:alice@lab.test");
	lab_poll(l, &r);
	lab_packet(l, &r, &events);
	reply_reset(&r);
	lab_advance(l, 9 * MINUTE);
	lab_poll(l, &r);
	lab_packet(l, &r, &events);
	assert_string_equal(text_str(&events), "presenceSubscription updated;");
	assert_string_equal(reply_at(&r, "/sender/0/events/0/_embedded/presenceSubscription/id"),
			    id);
	reply_reset(&r);
	assert_int_equal(watch_do(l, "POST", id, "?duration=9"), 400);
	assert_int_equal(watch_do(l, "POST", id, "?duration=31"), 400);
	assert_int_equal(watch_do(l, "POST", id, ""), 400);
	assert_int_equal(watch_do(l, "POST", id, "?duration=11"), 200);
	lab_advance(l, 10 * MINUTE);
	assert_int_equal(watch_do(l, "GET", id, ""), 200);
	lab_advance(l, 3 * MINUTE);
	assert_int_equal(watch_do(l, "POST", id, "?duration=11"), 404);
	lab_next_packet(l, "presenceSubscription updated;contact deleted;contact deleted;"
			   "presenceSubscription deleted;");
}

static void test_memberships(void **state)
{
	struct lab *l = *state;
	CLEANUP(mem_free_string) char *id = NULL, *add = NULL, *one = NULL;
	struct reply r;

	lab_bob(l);
	id = subscribe(l, "", "{\"duration\":30,\"uris\":[\"sip:alice@lab.test\"]}");
	add = text_concat("/people/presenceSubscriptionMemberships?presenceSubscriptionId=", id);
	one = text_concat("/people/presenceSubscriptionMemberships/", id, ",alice@lab.test");
	assert_int_equal(lab_do(l, "POST", add, "{\"contactUris\":[\"sip:carol@lab.test\"]}"), 201);
	assert_int_equal(get(l, add, &r), 200);
	assert_int_equal(json_object_array_length(
				 json_at(r.json, "/_embedded/presenceSubscriptionMembership")),
			 2);
	reply_reset(&r);
	check_get(l, "/people/presenceSubscriptions", "/_embedded/presenceSubscription/0/id", id);
	assert_int_equal(lab_do(l, "DELETE", one, NULL), 204);
	assert_int_equal(lab_do(l, "GET", one, NULL), 404);
	assert_int_equal(get(l, add, &r), 200);
	assert_non_null(strstr(
		reply_at(&r, "/_embedded/presenceSubscriptionMembership/0/_links/contact/href"),
		"/people/carol@lab.test"));
	reply_reset(&r);
}

static void test_bad_subscriptions(void **state)
{
	struct lab *l = *state;
	static const struct {
		const char *body;
		int status;
	} rows[] = {
		{ "{\"duration\":10}", 400 },
		{ "{\"duration\":10,\"uris\":[]}", 400 },
		{ "{\"duration\":10,\"uris\":\"sip:alice@lab.test\"}", 400 },
		{ "{\"duration\":10,\"uris\":[1]}", 400 },
		{ "{\"duration\":10,\"uris\":[\"sip:nobody@lab.test\"]}", 400 },
		{ "{\"duration\":\"10\",\"uris\":[\"sip:alice@lab.test\"]}", 400 },
		{ "{\"duration\":9,\"uris\":[\"sip:alice@lab.test\"]}", 400 },
		{ "{\"duration\":31,\"uris\":[\"sip:alice@lab.test\"]}", 400 },
		/* ten minutes, if it were multiplied modulo 2^64 */
		{ "{\"duration\":576460752303423498,\"uris\":[\"sip:alice@lab.test\"]}", 400 },
		{ "{\"uris\":[\"sip:alice@lab.test\"]}", 400 },
	};

	lab_bob(l);
	for (size_t i = 0; i < ARRAY_SIZE(rows); i++)
		if (lab_do(l, "POST", "/people/presenceSubscriptions", rows[i].body) !=
		    rows[i].status)
			fail_msg("%s", rows[i].body);
	assert_int_equal(
		lab_do(l, "POST", "/people/presenceSubscriptions?groupId=x&duration=10", NULL),
		404);
	for (int i = 0; i < 3; i++) {
		CLEANUP(text_deinit) struct text events = TEXT_INIT;
		struct reply r;

		free(subscribe(l, "", "{\"duration\":10,\"uris\":[\"sip:alice@lab.test\"]}"));
		lab_poll(l, &r);
		lab_packet(l, &r, &events);
		reply_reset(&r);
	}
	assert_int_equal(lab_do(l, "POST", "/people/presenceSubscriptions",
				"{\"duration\":10,\"uris\":[\"sip:alice@lab.test\"]}"),
			 403);
}

/* ---- what the application takes ---- */

static int put(struct lab *l, const char *body, const char *header, struct reply *r)
{
	CLEANUP(mem_free_string) char *path = text_concat(l->app, "/communication");

	return lab_call(
		l, &(struct call){ .method = "PUT", .path = path, .body = body, .header = header },
		r);
}

/* "Payload format": the body must have the property that asks to be passed on. */
static int put_passing(struct lab *l, const struct reply *old, const char *members,
		       const char *header, struct reply *r)
{
	CLEANUP(text_deinit) struct text body = TEXT_INIT;

	json_object_object_foreach (old->json, name, value) {
		if (strstr(json_object_get_string(value), "please pass this"))
			text_addf(&body, "{\"%s\":\"\",%s}", name, members);
	}
	return put(l, text_str(&body), header, r);
}

static void test_communication(void **state)
{
	struct lab *l = *state;
	CLEANUP(mem_free_string) char *match = NULL;
	struct reply r, old;

	lab_bob(l);
	assert_int_equal(get(l, "/communication", &old), 200);
	match = text_concat("If-Match: ", reply_at(&old, "/etag"));
	assert_int_equal(put(l, old.body, NULL, &r), 428);
	assert_string_equal(reply_at(&r, "/code"), "PreconditionRequired");
	reply_reset(&r);
	assert_int_equal(put(l, old.body, "If-Match: \"3010254294\"", &r), 412);
	assert_string_equal(reply_at(&r, "/code"), "PreconditionFailed");
	reply_reset(&r);
	assert_int_equal(put_passing(l, &old, "\"supportedModalities\":[\"Video\"]", match, &r),
			 403);
	reply_reset(&r);
	assert_int_equal(put(l, NULL, match, &r), 400);
	assert_string_equal(reply_at(&r, "/subcode"), "DeserializationFailure");
	reply_reset(&r);
	assert_int_equal(put(l, old.body, match, &r), 200);
	assert_string_equal(r.etag, old.etag);
	reply_reset(&r);
	assert_int_equal(put(l, "{\"phoneNumber\":\"tel:+14255552222\"}", match, &r), 400);
	assert_string_equal(reply_at(&r, "/subcode"), "ParameterValidationFailure");
	assert_non_null(strstr(reply_at(&r, "/message"), "must have all properties"));
	reply_reset(&r);
	assert_int_equal(
		put_passing(l, &old,
			    "\"supportedMessageFormats\":[\"Plain\",\"Html\"],\"phoneNumber\":"
			    "\"tel:+14255552222\",\"audioPreference\":\"PhoneAudio\"",
			    match, &r),
		200);
	assert_string_equal(reply_at(&r, "/supportedMessageFormats/1"), "Html");
	assert_string_equal(reply_at(&r, "/supportedModalities/0"), "Messaging");
	assert_string_equal(reply_at(&r, "/phoneNumber"), "tel:+14255552222");
	assert_string_not_equal(r.etag, old.etag);
	reply_reset(&r);
	lab_next_packet(l, "communication updated;");
	assert_int_equal(put(l, old.body, match, &r), 412);
	reply_reset(&r);
	reply_reset(&old);
}

static void test_make_me_available(void **state)
{
	struct lab *l = *state;

	l->token = lab_sign_in(l, "bob@lab.test", "pass+word%261");
	l->app = lab_application(l, l->token, "bobs-phone");
	assert_int_equal(
		lab_do(l, "POST", "/me/makeMeAvailable",
		       "{\"audioPreference\":\"PhoneAudio\",\"phoneNumber\":\"4255552222\","
		       "\"signInAs\":\"BeRightBack\",\"inactiveTimeout\":\"00:10:00\","
		       "\"voipFallbackToPhoneAudioTimeOut\":\"PT30S\","
		       "\"supportedMessageFormats\":[\"Plain\",\"Html\"],"
		       "\"supportedModalities\":[\"PhoneAudio\",\"Messaging\"]}"),
		204);
	check_get(l, "/communication", "/supportedModalities", "[ \"PhoneAudio\", \"Messaging\" ]");
	check_get(l, "/communication", "/supportedMessageFormats", "[ \"Plain\", \"Html\" ]");
	check_get(l, "/communication", "/audioPreference", "PhoneAudio");
	check_get(l, "/communication", "/phoneNumber", "4255552222");
	check_get(l, "/me/presence", "/availability", "BeRightBack");
	lab_next_packet(l, LAB_PRESENT);
}

int main(void)
{
#define TEST(name) cmocka_unit_test_setup_teardown(name, lab_setup, lab_teardown)
	const struct CMUnitTest tests[] = {
		TEST(test_not_available),     TEST(test_introduction),
		TEST(test_set_and_reset),     TEST(test_subscription),
		TEST(test_extended),          TEST(test_memberships),
		TEST(test_bad_subscriptions), TEST(test_communication),
		TEST(test_make_me_available),
	};

	return cmocka_run_group_tests(tests, NULL, NULL);
}
