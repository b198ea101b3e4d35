/*
 * HTTPS API: pages of other origins
 */
#include "ucwa_fixture.h"

#include "proto/text/mem.h"
#include "proto/text/text.h"
#include "raw.h"
#include "web/ucwa/ucwa.h"

#define ALLOWED      "http://app.lab.test:3000"
#define APPLICATIONS "/ucwa/oauth/v1/applications"

static void allow(struct ucwa_config *config)
{
	config->allowed_origins = "HTTP://App.Lab.test:3000, https://other.lab.test:443";
}

static int setup(void **state)
{
	return lab_setup_with(state, allow);
}

/* A request of a page. origin: NULL for none. */
static int call(struct lab *l, const char *method, const char *path, const char *origin,
		const char *more, struct reply *r)
{
	CLEANUP(mem_free_string) char *header = text_concat("Origin: ", origin ? origin : "");

	return lab_call(l,
			&(struct call){ .method = method,
					.path = path,
					.token = "",
					.header = origin ? header : more,
					.header2 = origin ? more : NULL },
			r);
}

static void expect_refused(struct lab *l, const char *method, const char *path, const char *origin)
{
	static const char start[] = "28070;source=\"fe.lab.test\";reason=\"";
	struct reply r;

	assert_int_equal(call(l, method, path, origin, "Access-Control-Request-Method: GET", &r),
			 403);
	assert_non_null(r.diagnostics);
	assert_int_equal(strncmp(r.diagnostics, start, strlen(start)), 0);
	assert_string_equal(reply_header(&r, "Vary"), "Origin");
	assert_string_equal(reply_header(&r, "Access-Control-Allow-Origin"), "");
	reply_reset(&r);
}

/* Of another origin nothing is let through, whatever it asks for. */
static void test_foreign(void **state)
{
	static const char *const origins[] = { "http://evil.test",
					       "null",
					       "http://app.lab.test",
					       "https://app.lab.test:3000",
					       "http://app.lab.test:30",
					       "http://app.lab.test:3000/",
					       "x",
					       "http://127.0.0.1:1" };
	struct lab *l = *state;

	for (size_t i = 0; i < ARRAY_SIZE(origins); i++) {
		expect_refused(l, "GET", "/", origins[i]);
		expect_refused(l, "OPTIONS", APPLICATIONS, origins[i]);
		expect_refused(l, "POST", "/WebTicket/oauthtoken", origins[i]);
		expect_refused(l, "GET", "/none", origins[i]);
	}
	assert_int_equal(lab_metric(l, "ucwa_origins_refused_total"), 4 * ARRAY_SIZE(origins));
}

static void test_none_allowed(void **state)
{
	struct lab *l = *state;
	struct reply r;

	expect_refused(l, "GET", "/", ALLOWED);
	assert_int_equal(call(l, "GET", "/", NULL, NULL, &r), 200);
	assert_string_equal(reply_header(&r, "Vary"), "");
	reply_reset(&r);
	assert_int_equal(call(l, "GET", "/xframe", NULL, NULL, &r), 200);
	assert_non_null(
		strstr(reply_header(&r, "Content-Security-Policy"), "frame-ancestors 'none'"));
	assert_non_null(strstr(r.body, "data-origins=\"\""));
	reply_reset(&r);
}

/* A page that came from this server. */
static void test_own(void **state)
{
	struct lab *l = *state;
	struct reply r;

	assert_int_equal(call(l, "GET", "/", l->base, NULL, &r), 200);
	assert_string_equal(reply_header(&r, "Access-Control-Allow-Origin"), "");
	assert_string_equal(reply_header(&r, "Vary"), "Origin");
	reply_reset(&r);
	assert_int_equal(call(l, "OPTIONS", APPLICATIONS, l->base, NULL, &r), 200);
	assert_string_equal(reply_header(&r, "Allow"), "GET, HEAD, POST, OPTIONS");
	reply_reset(&r);
	/* The name that the client used counts, and not that of the listener. */
	assert_int_equal(call(l, "GET", "/", "http://fe.lab.test", "Host: fe.lab.test", &r), 200);
	reply_reset(&r);
	expect_refused(l, "GET", "/", "https://127.0.0.1");
}

static void test_public_url(void **state)
{
	struct lab *l = *state;
	struct reply r;

	assert_int_equal(call(l, "GET", "/", "https://lyncweb.lab.test", NULL, &r), 200);
	reply_reset(&r);
	expect_refused(l, "GET", "/", "https://lyncweb.lab.test:8443");
}

static void expect_allowed(struct reply *r, const char *origin)
{
	assert_string_equal(reply_header(r, "Access-Control-Allow-Origin"), origin);
	assert_string_equal(reply_header(r, "Vary"), "Origin");
	assert_non_null(strstr(reply_header(r, "Access-Control-Expose-Headers"), "Location"));
	assert_non_null(
		strstr(reply_header(r, "Access-Control-Expose-Headers"), "WWW-Authenticate"));
}

/* The page may read every answer, errors of the server itself, too. */
static void test_allowed(void **state)
{
	static const struct {
		const char *method, *path;
		int status;
	} rows[] = {
		{ "GET", "/", 200 },
		{ "HEAD", "/", 200 },
		{ "GET", "/autodiscover/autodiscoverservice.svc/root/oauth/user", 401 },
		{ "GET", "/none", 404 },
		{ "DELETE", "/", 405 },
		{ "OPTIONS", "/", 204 },
		{ "POST", "/WebTicket/oauthtoken", 400 },
	};
	struct lab *l = *state;
	struct reply r;

	for (size_t i = 0; i < ARRAY_SIZE(rows); i++) {
		assert_int_equal(call(l, rows[i].method, rows[i].path, ALLOWED, NULL, &r),
				 rows[i].status);
		expect_allowed(&r, ALLOWED);
		reply_reset(&r);
	}
	assert_int_equal(call(l, "GET", "/", "https://other.lab.test", NULL, &r), 200);
	expect_allowed(&r, "https://other.lab.test");
	reply_reset(&r);
	assert_int_equal(call(l, "GET", "/", NULL, NULL, &r), 200);
	assert_string_equal(reply_header(&r, "Vary"), "Origin");
	assert_string_equal(reply_header(&r, "Access-Control-Allow-Origin"), "");
	reply_reset(&r);
}

/* Also what the HTTP server refuses before it knows the resource. */
static void test_refused_early(void **state)
{
	struct lab *l = *state;
	CLEANUP(mem_free_string) char *large = text_format("a=%03000d", 0);
	struct reply r;

	assert_int_equal(lab_call(l,
				  &(struct call){ .method = "POST",
						  .path = "/WebTicket/oauthtoken",
						  .token = "",
						  .body = large,
						  .header = "Origin: " ALLOWED },
				  &r),
			 413);
	expect_allowed(&r, ALLOWED);
	reply_reset(&r);
	assert_int_equal(call(l, "GET", "/%zz", ALLOWED, NULL, &r), 400);
	expect_allowed(&r, ALLOWED);
	reply_reset(&r);
	assert_int_equal(call(l, "GET", "/%zz", "http://evil.test", NULL, &r), 400);
	assert_string_equal(reply_header(&r, "Access-Control-Allow-Origin"), "");
	reply_reset(&r);
}

/* And what libmicrohttpd does not take. */
static void test_refused_earlier(void **state)
{
	static const struct {
		const char *status, *length, *code;
		int n_value;
	} rows[] = {
		{ "HTTP/1.1 400 ", "Content-Length: 2, 2\n", "\"code\":\"BadRequest\"", 1 },
		{ "HTTP/1.1 413 ", "Content-Length: 99999999999999999999\n",
		  "\"code\":\"EntityTooLarge\"", 1 },
		{ "HTTP/1.1 431 ", "", "\"code\":\"BadRequest\"", 20000 },
	};
	struct lab *l = *state;

	for (size_t i = 0; i < ARRAY_SIZE(rows); i++) {
		const char *answer;
		struct raw raw;

		raw_tcp(&raw, l->loop, l->base + strlen("http://"));
		raw_sendf(&raw,
			  "POST " APPLICATIONS " HTTP/1.1\nOrigin: " ALLOWED
			  "\nHost: x\n%sX: %0*d\n\n{}",
			  rows[i].length, rows[i].n_value, 1);
		assert_true(raw_wait_closed(&raw));
		answer = text_str(&raw.in);
		if (strncmp(answer, rows[i].status, strlen(rows[i].status)) != 0 ||
		    !strstr(answer, "\r\nAccess-Control-Allow-Origin: " ALLOWED "\r\n") ||
		    !strstr(answer, "\r\nContent-Type: application/json") ||
		    !strstr(answer, rows[i].code))
			fail_msg("%s: got \"%s\"", rows[i].status, answer);
		raw_close(&raw);
	}
}

static void test_preflight(void **state)
{
	struct lab *l = *state;
	struct reply r;

	assert_int_equal(
		lab_call(l,
			 &(struct call){ .method = "OPTIONS",
					 .path = APPLICATIONS,
					 .token = "",
					 .accept = "x/y\r\nAccess-Control-Request-Headers: "
						   "authorization,content-type",
					 .header = "Origin: " ALLOWED,
					 .header2 = "Access-Control-Request-Method: POST" },
			 &r),
		204);
	expect_allowed(&r, ALLOWED);
	assert_string_equal(reply_header(&r, "Access-Control-Allow-Methods"),
			    "GET, HEAD, POST, OPTIONS");
	assert_string_equal(reply_header(&r, "Access-Control-Allow-Headers"),
			    "authorization,content-type");
	assert_string_equal(reply_header(&r, "Access-Control-Max-Age"), "600");
	reply_reset(&r);
	/* Not one: a page's own OPTIONS, and a path that does not exist. */
	assert_int_equal(call(l, "OPTIONS", APPLICATIONS, ALLOWED, NULL, &r), 200);
	assert_string_equal(reply_header(&r, "Access-Control-Allow-Methods"), "");
	reply_reset(&r);
	assert_int_equal(
		call(l, "OPTIONS", "/none", ALLOWED, "Access-Control-Request-Method: GET", &r),
		404);
	expect_allowed(&r, ALLOWED);
	reply_reset(&r);
}

static void test_frame(void **state)
{
	static const char *const paths[] = { "/xframe", "/Autodiscover/XFrame/XFrame.html",
					     "/autodiscover/autodiscoverservice.svc/root/xframe" };
	struct lab *l = *state;
	struct reply r;

	for (size_t i = 0; i < ARRAY_SIZE(paths); i++) {
		assert_int_equal(call(l, "GET", paths[i], NULL, NULL, &r), 200);
		assert_string_equal(r.type, "text/html; charset=utf-8");
		assert_string_equal(
			reply_header(&r, "Content-Security-Policy"),
			"default-src 'none'; script-src 'self'; connect-src 'self'; base-uri "
			"'none'; form-action 'none'; frame-ancestors " ALLOWED
			" https://other.lab.test");
		assert_non_null(strstr(r.body, "<script src=\"/Autodiscover/XFrame/XFrame.js\" "
					       "data-origins=\"" ALLOWED
					       " https://other.lab.test\"></script>"));
		reply_reset(&r);
	}
	assert_int_equal(call(l, "GET", "/Autodiscover/XFrame/XFrame.js", NULL, NULL, &r), 200);
	assert_string_equal(r.type, "text/javascript; charset=utf-8");
	assert_int_equal(strncmp(r.body, "// Makes requests", 17), 0);
	assert_non_null(strstr(r.body, "`${spelled}: ${value}\\r\\n`"));
	reply_reset(&r);
}

static void set_public_url(struct ucwa_config *config)
{
	config->public_url = "https://lyncweb.lab.test:443";
}

static int setup_public(void **state)
{
	return lab_setup_with(state, set_public_url);
}

#define TEST(name) cmocka_unit_test_setup_teardown(name, setup, lab_teardown)

int main(void)
{
	const struct CMUnitTest tests[] = {
		TEST(test_foreign),
		TEST(test_own),
		TEST(test_allowed),
		TEST(test_refused_early),
		TEST(test_refused_earlier),
		TEST(test_preflight),
		TEST(test_frame),
		cmocka_unit_test_setup_teardown(test_none_allowed, lab_setup, lab_teardown),
		cmocka_unit_test_setup_teardown(test_public_url, setup_public, lab_teardown),
	};

	return cmocka_run_group_tests(tests, NULL, NULL);
}
