/*
 * HTTPS API: people: search, contacts, groups; what of a user is only read
 */
#include "ucwa_fixture.h"

#include "proto/text/mem.h"
#include "proto/text/text.h"

static int get(struct lab *l, const char *below, struct reply *r)
{
	CLEANUP(mem_free_string) char *path = text_concat(l->app, below);

	return lab_call(l, &(struct call){ .method = "GET", .path = path }, r);
}

static void add_uris(struct text *ret, struct json_object *contacts)
{
	for (size_t i = 0; contacts && i < json_object_array_length(contacts); i++)
		text_addf(ret, "%s ",
			  json_object_get_string(
				  json_at(json_object_array_get_idx(contacts, i), "/uri")));
}

static void check_contacts(struct lab *l, const char *below, const char *expected)
{
	CLEANUP(text_deinit) struct text uris = TEXT_INIT;
	struct reply r;

	assert_int_equal(get(l, below, &r), 200);
	add_uris(&uris, json_at(r.json, "/_embedded/contact"));
	assert_string_equal(text_str(&uris), expected);
	reply_reset(&r);
}

static void test_search(void **state)
{
	struct lab *l = *state;
	struct reply r;

	lab_bob(l);
	check_contacts(l, "/people/search?query=ALI", "sip:alice@lab.test ");
	check_contacts(l, "/people/search?query=sip:alice@lab.test", "sip:alice@lab.test ");
	check_contacts(l, "/people/search?query=lab.test&limit=3",
		       "sip:alice@lab.test sip:bob@lab.test sip:carol@lab.test ");
	check_contacts(l, "/people/search?Mail=carol@lab.test", "sip:carol@lab.test ");
	check_contacts(l, "/people/search?mail=carol", "");
	check_contacts(l, "/people/search?query=carol&mail=bob@lab.test", "");
	assert_int_equal(get(l, "/people/search?query=lab&limit=2", &r), 200);
	assert_string_equal(reply_at(&r, "/moreResultsAvailable"), "true");
	assert_int_equal(json_object_array_length(json_at(r.json, "/_embedded/contact")), 2);
	reply_reset(&r);
	assert_int_equal(get(l, "/people/search?query=lab&limit=3", &r), 200);
	assert_string_equal(reply_at(&r, "/moreResultsAvailable"), "false");
	reply_reset(&r);
}

static void test_bad_searches(void **state)
{
	struct lab *l = *state;
	static const char *const bad[] = { "", "?query=", "?query=a&limit=0", "?query=a&limit=101",
					   "?query=a&limit=x" };
	struct reply r;

	lab_bob(l);
	/* 256 characters are taken. */
	for (int n = 256; n <= 257; n++) {
		CLEANUP(text_deinit) struct text below = TEXT_INIT;

		text_add(&below, "/people/search?query=");
		for (int i = 0; i < n; i++)
			text_add(&below, "%C3%A9");
		assert_int_equal(lab_do(l, "GET", text_str(&below), NULL), n > 256 ? 400 : 200);
	}
	for (size_t i = 0; i < ARRAY_SIZE(bad); i++) {
		CLEANUP(mem_free_string) char *below = text_concat("/people/search", bad[i]);

		assert_int_equal(get(l, below, &r), 400);
		assert_string_equal(reply_at(&r, "/subcode"), "ParameterValidationFailure");
		reply_reset(&r);
	}
}

static void test_contacts(void **state)
{
	struct lab *l = *state;
	struct reply r;

	lab_bob(l);
	check_contacts(l, "/people/contacts", "sip:alice@lab.test sip:carol@lab.test ");
	check_contacts(l, "/people/contacts?groupId=default",
		       "sip:alice@lab.test sip:carol@lab.test ");
	check_contacts(l, "/people/subscribedContacts", "");
	assert_int_equal(get(l, "/people/contacts?expand=false", &r), 200);
	assert_false(reply_has(&r, "/_embedded"));
	assert_non_null(strstr(reply_at(&r, "/_links/contact/0/href"), "/people/alice@lab.test"));
	reply_reset(&r);
	assert_int_equal(get(l, "/people/contacts?groupId=pinned", &r), 404);
	reply_reset(&r);
	assert_int_equal(get(l, "/people/groups", &r), 200);
	assert_string_equal(reply_at(&r, "/_embedded/defaultGroup/id"), "default");
	reply_reset(&r);
	assert_int_equal(get(l, "/people/groups/default", &r), 200);
	reply_reset(&r);
	assert_int_equal(get(l, "/people/groups/x", &r), 404);
	reply_reset(&r);
}

static void test_contact(void **state)
{
	struct lab *l = *state;
	static const char *const parts[] = { "",          "/presence",       "/note",
					     "/location", "/supportedMedia", "/nothing" };
	struct reply r;

	lab_bob(l);
	assert_int_equal(get(l, "/people/alice@lab.test", &r), 200);
	assert_string_equal(reply_at(&r, "/name"), "Alice");
	assert_int_equal(*r.etag, '"');
	assert_int_equal(strncmp(r.etag + 1, reply_at(&r, "/etag"), strlen(reply_at(&r, "/etag"))),
			 0);
	reply_reset(&r);
	for (size_t i = 0; i < ARRAY_SIZE(parts); i++) {
		CLEANUP(mem_free_string)
		char *below = text_concat("/people/nobody@lab.test", parts[i]);

		assert_int_equal(get(l, below, &r), 404);
		assert_string_equal(reply_at(&r, "/subcode"), "ResourceNotFound");
		reply_reset(&r);
	}
}

static void test_read_only(void **state)
{
	struct lab *l = *state;
	static const char *const photos[] = { "/photo", "/photos/alice@lab.test",
					      "/photos/alice@lab.test?size=HR64X64" };
	struct reply r;

	lab_bob(l);
	for (size_t i = 0; i < ARRAY_SIZE(photos); i++) {
		assert_int_equal(get(l, photos[i], &r), 404);
		assert_string_equal(reply_at(&r, "/code"), "NotFound");
		assert_string_equal(reply_at(&r, "/message"), "The user has no photo.");
		reply_reset(&r);
	}
	assert_int_equal(get(l, "/me/phones", &r), 200);
	reply_reset(&r);
	assert_int_equal(get(l, "/me/callForwardingSettings", &r), 200);
	assert_string_equal(reply_at(&r, "/_embedded/unansweredCallSettings/target"), "None");
	reply_reset(&r);
	assert_int_equal(get(l, "/me/callForwardingSettings/simultaneousRingSettings", &r), 200);
	reply_reset(&r);
	assert_int_equal(lab_do(l, "PUT", "/me/callForwardingSettings", "{}"), 403);
	assert_int_equal(lab_do(l, "POST", "/me/phones", "{}"), 405);
}

int main(void)
{
#define TEST(name) cmocka_unit_test_setup_teardown(name, lab_setup, lab_teardown)
	const struct CMUnitTest tests[] = {
		TEST(test_search),  TEST(test_bad_searches), TEST(test_contacts),
		TEST(test_contact), TEST(test_read_only),
	};

	return cmocka_run_group_tests(tests, NULL, NULL);
}
