/*
 * HTTP routes and targets
 */
#include "proto/text/mem.h"
#include "proto/text/text.h"
#include "web/http/http.h"
#include "web/http/route.h"
#include "web/http/target.h"

/* cmocka.h needs these four before it. */
#include <setjmp.h>
#include <stdarg.h>
#include <stddef.h>
#include <stdint.h>

#include <cmocka.h>

static void on_request(void *magic, struct http_request *r)
{
	(void)magic;
	(void)r;
}

static const struct http_route routes[] = {
	{ "GET", "/", on_request, "root" },
	{ "GET", "/a", on_request, "a" },
	{ "GET", "/a/{x}", on_request, "a-x" },
	{ "POST", "/a/{x}", on_request, "post a-x" },
	{ "GET", "/a/b", on_request, "a-b" },
	{ "GET", "/{first}/b", on_request, "first-b" },
	{ "GET", "/a/{x}/c/{y}", on_request, "a-x-c-y" },
	{ "GET", "/a/b/{rest*}", on_request, "a-b-rest" },
	{ "GET", "/a/{x}/c/d", on_request, "a-x-c-d" },
	{ "GET", "/{}", on_request, "braces" },
	{ "PUT", "/put/{rest*}", on_request, "put" },
	{ "TELEPUT", "/put/{rest*}", on_request, "teleput" },
	{ "GET", "/folder", on_request, "folder" },
	{ "POST", "/folder", on_request, "post folder" },
	{ "GET", "/folder/", on_request, "contents" },
	{ "GET", "/tree", on_request, "tree" },
	{ "POST", "/tree", on_request, "post tree" },
	{ "GET", "/tree/{rest*}", on_request, "files" },
};

struct fixture {
	struct http_router *router;
	struct http_target target;
	const struct http_pattern *found;
	char *rest;
};

static void look_up(struct fixture *f, const char *method, const char *path)
{
	http_target_deinit(&f->target);
	free(f->rest);
	f->rest = NULL;
	assert_int_equal(http_target_parse(path, &f->target), 0);
	f->found = http_router_find(f->router, method, &f->target);
	if (f->found)
		f->rest = http_pattern_rest(f->found, &f->target);
}

static void expect(struct fixture *f, const char *method, const char *path, const char *help)
{
	look_up(f, method, path);
	if (!f->found || !help)
		assert_true(!f->found && !help);
	else
		assert_string_equal(http_pattern_route(f->found)->help, help);
}

static const char *param(const struct fixture *f, const char *name)
{
	return http_pattern_param(f->found, &f->target, name, f->rest);
}

static void expect_allow(struct fixture *f, const char *path, const char *allow)
{
	CLEANUP(mem_free_string) char *got = NULL;

	look_up(f, "NONE", path);
	assert_null(f->found);
	got = http_router_allow(f->router, &f->target);
	if (!got || !allow)
		assert_true(!got && !allow);
	else
		assert_string_equal(got, allow);
}

static int setup(void **state)
{
	struct fixture *f = MEM_NEW(struct fixture);

	f->router = http_router_new(routes, ARRAY_SIZE(routes));
	*state = f;
	return 0;
}

static int teardown(void **state)
{
	struct fixture *f = *state;

	http_target_deinit(&f->target);
	free(f->rest);
	http_router_free(f->router);
	free(f);
	return 0;
}

static void prefers_literals(void **state)
{
	struct fixture *f = *state;

	expect(f, "GET", "/", "root");
	expect(f, "GET", "/a", "a");
	expect(f, "GET", "/a/b", "a-b");
	expect(f, "GET", "/a/z", "a-x");
	expect(f, "GET", "/z/b", "first-b");
	expect(f, "GET", "/z/z", NULL);
	expect(f, "GET", "/a/q/c/d", "a-x-c-d");
	expect(f, "GET", "/a/q/c/e", "a-x-c-y");
	expect(f, "GET", "/a/b/c/d", "a-b-rest");
	expect(f, "POST", "/a/b", "post a-x");
	expect(f, "HEAD", "/a/b", "a-b");
	expect(f, "PUT", "/a/b", NULL);
	expect(f, "get", "/a/b", NULL);
	expect(f, "GET", "/A", "a");
	expect(f, "GET", "/A/Q/c/D", "a-x-c-d");
	expect(f, "GET", "/@", NULL);
	expect(f, "GET", "/{}", "braces");
}

static void needs_whole_paths(void **state)
{
	struct fixture *f = *state;

	expect(f, "GET", "/a/q/c", NULL);
	expect(f, "GET", "/a/q/c/", NULL);
	expect(f, "GET", "/a%2Fb", NULL);
}

static void takes_repeated_slashes(void **state)
{
	struct fixture *f = *state;

	expect(f, "GET", "//", "root");
	expect(f, "GET", "//a", "a");
	expect(f, "GET", "//a///b", "a-b");
	expect(f, "GET", "/a//%63/c/d", "a-x-c-d");
	expect(f, "GET", "/a//c/d", NULL);
	look_up(f, "GET", "/A//X1//c/%59");
	assert_string_equal(param(f, "x"), "X1");
	assert_string_equal(param(f, "y"), "Y");
	look_up(f, "GET", "/a/b//1//2%20//");
	assert_string_equal(param(f, "rest"), "1/2 /");
}

static void takes_a_slash_at_the_end(void **state)
{
	struct fixture *f = *state;

	expect(f, "GET", "/a/", "a");
	expect(f, "GET", "/a//", "a");
	expect(f, "GET", "//a/?q", "a");
	expect(f, "HEAD", "/A/B/", "a-b-rest");
	expect(f, "GET", "/z/b/", "first-b");
	expect(f, "POST", "/a/b/", "post a-x");
	expect(f, "GET", "/z/", NULL);
	expect(f, "PUT", "/a/b/", NULL);
	look_up(f, "GET", "/a/1/c/2/");
	assert_string_equal(param(f, "x"), "1");
	assert_string_equal(param(f, "y"), "2");
	look_up(f, "GET", "/a/%2f/");
	assert_string_equal(param(f, "x"), "/");
	expect_allow(f, "/a/z/", "GET, HEAD, POST, OPTIONS");
	expect_allow(f, "/z/", NULL);
}

static void knows_a_slash_that_means_something(void **state)
{
	struct fixture *f = *state;

	expect(f, "GET", "/folder", "folder");
	expect(f, "GET", "/folder/", "contents");
	expect(f, "HEAD", "/folder/", "contents");
	expect(f, "POST", "/folder/", "post folder");
	expect(f, "GET", "/tree", "tree");
	look_up(f, "GET", "/tree/");
	assert_string_equal(http_pattern_route(f->found)->help, "files");
	assert_string_equal(param(f, "rest"), "");
	look_up(f, "GET", "/tree/a/");
	assert_string_equal(param(f, "rest"), "a/");
	expect(f, "POST", "/tree/", "post tree");
	assert_null(f->rest);
	expect_allow(f, "/folder/", "GET, HEAD, POST, OPTIONS");
}

static void gives_params(void **state)
{
	struct fixture *f = *state;

	look_up(f, "GET", "/a/1%2f2/c/%C3%A9+");
	assert_string_equal(param(f, "x"), "1/2");
	assert_string_equal(param(f, "y"), "\xC3\xA9+");
	assert_null(param(f, "z"));
	assert_null(param(f, "a"));
	look_up(f, "GET", "/a/b/1/2%20/3/");
	assert_string_equal(param(f, "rest"), "1/2 /3/");
	look_up(f, "GET", "/a/b/");
	assert_string_equal(param(f, "rest"), "");
}

static void lists_methods(void **state)
{
	struct fixture *f = *state;

	expect_allow(f, "/a/b", "GET, HEAD, POST, OPTIONS");
	expect_allow(f, "/", "GET, HEAD, OPTIONS");
	expect_allow(f, "/put/x", "PUT, TELEPUT, OPTIONS");
	expect_allow(f, "/none/at/all", NULL);
	expect_allow(f, "*", "GET, HEAD, POST, PUT, TELEPUT, OPTIONS");
}

static void splits_queries(void **state)
{
	struct http_target t;

	(void)state;
	assert_int_equal(http_target_parse("/p%41th?a=1&b&&c=&d=x=y&e+f=%2b+&a=2", &t), 0);
	assert_string_equal(t.path, "/p%41th");
	assert_int_equal(t.n_segments, 1);
	assert_string_equal(http_target_segment(&t, 0), "pAth");
	assert_int_equal(t.n_query, 6);
	assert_string_equal(http_target_query(&t, "a"), "1");
	assert_string_equal(http_target_query(&t, "b"), "");
	assert_string_equal(http_target_query(&t, "c"), "");
	assert_string_equal(http_target_query(&t, "d"), "x=y");
	assert_string_equal(http_target_query(&t, "e f"), "+ ");
	assert_null(http_target_query(&t, "f"));
	assert_string_equal(http_target_query(&t, "A"), "1");
	http_target_deinit(&t);
}

static void knows_absolute_forms(void **state)
{
	static const struct {
		const char *raw, *authority, *path, *q;
	} forms[] = {
		{ "http://lab.test/a", "lab.test", "/a", NULL },
		{ "HTTPS://lab.test:8443/a/b?q", "lab.test:8443", "/a/b", "" },
		{ "http://lab.test", "lab.test", "/", NULL },
		{ "http://[::1]:80?q=1", "[::1]:80", "/", "1" },
	};

	(void)state;
	for (size_t i = 0; i < ARRAY_SIZE(forms); i++) {
		struct http_target t;

		assert_int_equal(http_target_parse(forms[i].raw, &t), 0);
		assert_string_equal(t.path, forms[i].path);
		assert_string_equal(t.authority, forms[i].authority);
		assert_string_equal(t.sent, forms[i].raw);
		assert_string_equal(http_target_segment(&t, 0), t.path[1] ? "a" : "");
		if (forms[i].q)
			assert_string_equal(http_target_query(&t, "q"), forms[i].q);
		else
			assert_int_equal(t.n_query, 0);
		http_target_deinit(&t);
	}
}

static void refuses_bad_targets(void **state)
{
	static const char *const bad[] = {
		"",           "a",        "**",      "?",           "ftp://x/",    "/ ",
		"/a b",       "/#",       "/\x7f",   "/\t",         "/%",          "/%1",
		"/%1g",       "/%00",     "/%0d%0a", "/%7f",        "/.",          "/..",
		"/a/../b",    "/%2e",     "/%2E./a", "/%ff",        "/%c3",        "/\xc0\x80",
		"/%ed%a0%80", "/?%",      "/?a=%00", "/?a=%ff",     "/?%4",        "/?a=%c3&b",
		"http:///..", "http:///", "http://", "http://a@b/", "http://a b/",
	};
	CLEANUP(text_deinit) struct text many = TEXT_INIT;

	(void)state;
	for (size_t i = 0; i < ARRAY_SIZE(bad); i++) {
		struct http_target t;

		if (http_target_parse(bad[i], &t) != 1)
			fail_msg("\"%s\" was taken", bad[i]);
		http_target_deinit(&t);
	}
	for (size_t i = 0; i <= HTTP_TARGET_SEGMENTS; i++) {
		struct http_target t;

		text_add(&many, "/a");
		assert_int_equal(http_target_parse(text_str(&many), &t), i == HTTP_TARGET_SEGMENTS);
		http_target_deinit(&t);
	}
	text_reset(&many);
	text_add(&many, "/?");
	for (size_t i = 0; i <= HTTP_TARGET_QUERY; i++) {
		struct http_target t;

		assert_int_equal(http_target_parse(text_str(&many), &t), i == HTTP_TARGET_QUERY);
		http_target_deinit(&t);
		text_add(&many, "&");
	}
}

int main(void)
{
	const struct CMUnitTest tests[] = {
		cmocka_unit_test_setup_teardown(prefers_literals, setup, teardown),
		cmocka_unit_test_setup_teardown(needs_whole_paths, setup, teardown),
		cmocka_unit_test_setup_teardown(takes_repeated_slashes, setup, teardown),
		cmocka_unit_test_setup_teardown(takes_a_slash_at_the_end, setup, teardown),
		cmocka_unit_test_setup_teardown(knows_a_slash_that_means_something, setup,
						teardown),
		cmocka_unit_test_setup_teardown(gives_params, setup, teardown),
		cmocka_unit_test_setup_teardown(lists_methods, setup, teardown),
		cmocka_unit_test(splits_queries),
		cmocka_unit_test(knows_absolute_forms),
		cmocka_unit_test(refuses_bad_targets),
	};

	return cmocka_run_group_tests(tests, NULL, NULL);
}
