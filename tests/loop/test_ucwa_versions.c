/*
 * HTTPS API: what a client can find out about resources: their revisions ("Versioning"), and by OPTIONS
 */
#include "ucwa_fixture.h"

#include "proto/text/mem.h"
#include "proto/text/text.h"

static int get(struct lab *l, const char *below, const char *header, struct reply *r)
{
	CLEANUP(mem_free_string) char *path = text_concat(l->app, below);

	return lab_call(l, &(struct call){ .method = "GET", .path = path, .header = header }, r);
}

/* search and applications are those whose second page is here. */
static void test_revisions(void **state)
{
	struct lab *l = *state;
	static const struct {
		const char *below, *wanted, *has;
		int status;
	} rows[] = {
		{ "/me", NULL, "1", 200 },
		{ "/me", "1", "1", 200 },
		{ "/me", "1.0", "1", 200 },
		{ "/me", "1.5", "1", 404 },
		{ "/me", "4.0", "1", 404 },
		{ "/me", "new", "1", 404 },
		{ "/people/search?query=alice", "2", "2", 200 },
		{ "/people/search?query=alice", "3", "2", 404 },
	};
	struct reply r;

	lab_bob(l);
	for (size_t i = 0; i < ARRAY_SIZE(rows); i++) {
		CLEANUP(mem_free_string)
		char *header = rows[i].wanted ? text_concat("X-MS-RequiresMinResourceVersion: ",
							    rows[i].wanted)
					      : NULL;

		if (get(l, rows[i].below, header, &r) != rows[i].status)
			fail_msg("%s %s: %d", rows[i].below, rows[i].wanted, r.status);
		assert_string_equal(reply_header(&r, "X-MS-UcwaVersion"), rows[i].has);
		assert_string_equal(reply_at(&r, "/subcode"),
				    r.status == 404 ? "APIVersionNotSupported" : "");
		reply_reset(&r);
	}
	assert_int_equal(get(l, "/people", NULL, &r), 200);
	assert_string_equal(reply_at(&r, "/_links/search/revision"), "2");
	assert_false(reply_has(&r, "/_links/myContacts/revision"));
	reply_reset(&r);
}

/* The page of applications has the form of the answer. */
static void test_options(void **state)
{
	struct lab *l = *state;
	CLEANUP(mem_free_string) char *path = NULL;
	struct reply r;

	lab_bob(l);
	assert_int_equal(lab_call(l,
				  &(struct call){ .method = "OPTIONS",
						  .path = "/ucwa/oauth/v1/applications" },
				  &r),
			 200);
	assert_string_equal(reply_header(&r, "Allow"), "GET, HEAD, POST, OPTIONS");
	assert_string_equal(reply_at(&r, "/metadata/1/httpMethod"), "POST");
	assert_string_equal(reply_at(&r, "/metadata/1/parameters/0/name"), "UserAgent");
	reply_reset(&r);
	path = text_concat(l->app, "/me/presence");
	assert_int_equal(lab_call(l, &(struct call){ .method = "OPTIONS", .path = path }, &r), 200);
	assert_string_equal(reply_at(&r, "/metadata/0/httpMethod"), "GET");
	assert_string_equal(reply_at(&r, "/metadata/1/httpMethod"), "POST");
	assert_string_equal(reply_at(&r, "/metadata/1/parameters/0/name"), "availability");
	assert_string_equal(reply_at(&r, "/metadata/1/parameters/0/supportedValues/2"), "Busy");
	reply_reset(&r);
	free(path);
	path = text_concat(l->app, "/people/search");
	assert_int_equal(lab_call(l, &(struct call){ .method = "OPTIONS", .path = path }, &r), 200);
	assert_string_equal(reply_at(&r, "/metadata/0/parameters/0/name"), "query");
	reply_reset(&r);
	assert_int_equal(lab_call(l, &(struct call){ .method = "OPTIONS", .path = "/health" }, &r),
			 204);
	reply_reset(&r);
}

int main(void)
{
	const struct CMUnitTest tests[] = {
		cmocka_unit_test_setup_teardown(test_revisions, lab_setup, lab_teardown),
		cmocka_unit_test_setup_teardown(test_options, lab_setup, lab_teardown),
	};

	return cmocka_run_group_tests(tests, NULL, NULL);
}
