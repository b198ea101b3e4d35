/*
 * HTTPS API: tokens
 */
#include "ucwa_fixture.h"

#include "mcxd/base/loop.h"
#include "mcxd/core/life.h"
#include "mcxd/core/user.h"
#include "proto/text/mem.h"
#include "proto/text/text.h"
#include "web/http/client.h"

#define GET(path_, token_) (&(struct call){ .method = "GET", .path = (path_), .token = (token_) })
#define APPLICATIONS       "/ucwa/oauth/v1/applications"
#define TOKEN              "/WebTicket/oauthtoken"
#define FORM               "application/x-www-form-urlencoded"
#define PASSWORD           "&password=pass+word%261"
#define RIGHT              "grant_type=password&username=bob@lab.test" PASSWORD
#define WRONG              "grant_type=password&username=bob@lab.test&password=x"

static void post_later(struct lab *l, const char *type, const char *body, struct reply *r)
{
	lab_send(l,
		 &(struct call){
			 .method = "POST", .path = TOKEN, .token = "", .type = type, .body = body },
		 r);
}

static void post(struct lab *l, const char *type, const char *body, struct reply *r)
{
	post_later(l, type, body, r);
	lab_wait(l, r);
}

static void expect_token(struct reply *r)
{
	assert_int_equal(r->status, 200);
	assert_int_equal(strncmp(reply_at(r, "/access_token"), "cwt=", 4), 0);
	assert_string_equal(reply_at(r, "/expires_in"), "28800");
	assert_string_equal(reply_at(r, "/ms_rtc_identityscope"), "local");
	assert_string_equal(reply_at(r, "/token_type"), "Bearer");
	assert_string_equal(reply_header(r, "Cache-Control"), "no-store");
	assert_string_equal(reply_header(r, "Pragma"), "no-cache");
	reply_reset(r);
}

/* RFC 6749 5.2, and what Microsoft adds. */
static void expect_error(struct reply *r, int status, const char *error)
{
	const char *start = strcmp(error, "unsupported_grant_type") != 0
				    ? "28020;source=\"fe.lab.test\";reason=\""
				    : "28029;source=\"fe.lab.test\";reason=\"";

	assert_int_equal(r->status, status);
	assert_string_equal(reply_at(r, "/error"), error);
	assert_string_not_equal(reply_at(r, "/error_description"), "");
	assert_non_null(r->diagnostics);
	assert_int_equal(strncmp(r->diagnostics, start, strlen(start)), 0);
	assert_string_equal(reply_header(r, "Cache-Control"), "no-store");
	assert_string_equal(reply_header(r, "Pragma"), "no-cache");
	reply_reset(r);
}

static void test_names(void **state)
{
	static const char *const names[] = { "bob@lab.test", "sip:Bob@Lab.test", "LAB%5Cbob",
					     "lab.test%5CBob", "bob" };
	static const char *const others[] = { "eve@lab.test", "TEST%5Cbob", "LAB%5Ceve", "bob@lab",
					      "LAB%5Cbob@lab.test" };
	struct lab *l = *state;
	struct reply r;

	for (size_t i = 0; i < ARRAY_SIZE(names); i++) {
		CLEANUP(mem_free_string)
		char *body = text_concat("grant_type=password&username=", names[i], PASSWORD);

		post(l, FORM, body, &r);
		expect_token(&r);
	}
	for (size_t i = 0; i < ARRAY_SIZE(others); i++) {
		CLEANUP(mem_free_string)
		char *body = text_concat("grant_type=password&username=", others[i], PASSWORD);

		post_later(l, FORM, body, &r);
		lab_settle(l);
		loop_jump(l->loop, 1000);
		lab_wait(l, &r);
		expect_error(&r, 400, "invalid_grant");
	}
}

/* A name without a domain that two users have means neither. */
static void test_ambiguous_name(void **state)
{
	struct lab *l = *state;
	struct reply r;

	user_add(l->core,
		 &(struct user_spec){ .aor = "bob@lab.example", .password = "pass word&1" }, NULL);
	post(l, FORM, "grant_type=password&username=lab.test%5Cbob" PASSWORD, &r);
	expect_token(&r);
	post_later(l, FORM, "grant_type=password&username=bob" PASSWORD, &r);
	lab_settle(l);
	loop_jump(l->loop, 1000);
	lab_wait(l, &r);
	expect_error(&r, 400, "invalid_grant");
}

#define PART(name) "--b\r\nContent-Disposition: form-data; name=\"" name "\"\r\n\r\n"

static void test_multipart(void **state)
{
	struct lab *l = *state;
	struct reply r;

	post(l, "multipart/form-data; boundary=b",
	     PART("grant_type") "password\r\n" PART("username") "LAB\\bob\r\n" PART(
		     "password") "pass word&1\r\n--b--\r\n",
	     &r);
	expect_token(&r);
	post(l, "multipart/form-data; boundary=b", PART("grant_type") "password\r\n", &r);
	expect_error(&r, 400, "invalid_request");
}

static void test_errors(void **state)
{
	static const struct {
		const char *type, *body, *error;
	} rows[] = {
		{ FORM, "grant_type=password&username=bob@lab.test", "invalid_request" },
		{ FORM, "grant_type=password&password=x", "invalid_request" },
		{ FORM, "grant_type=password&username=&password=x", "invalid_request" },
		{ FORM, "username=bob", "invalid_request" },
		{ FORM, "grant_type=%zz", "invalid_request" },
		{ FORM, RIGHT "&password=x", "invalid_request" },
		{ FORM, RIGHT "&scope=none", "invalid_scope" },
		{ FORM, "grant_type=urn:microsoft.rtc:windows", "unsupported_grant_type" },
		{ "application/json", "{\"grant_type\":\"password\"}", "invalid_request" },
		{ "", RIGHT, "invalid_request" },
		{ FORM, "", "invalid_request" },
	};
	struct lab *l = *state;
	struct reply r;

	for (size_t i = 0; i < ARRAY_SIZE(rows); i++) {
		post(l, rows[i].type, rows[i].body, &r);
		expect_error(&r, 400, rows[i].error);
	}
	assert_int_equal(lab_metric(l, "ucwa_grants_refused_total"), ARRAY_SIZE(rows));
	post(l, FORM, RIGHT "&scope=all", &r);
	expect_token(&r);
}

/* What the HTTP server refuses before a handler sees it has the same form. */
static void test_http_errors(void **state)
{
	struct lab *l = *state;
	CLEANUP(mem_free_string) char *large = text_format("a=%03000d", 0);
	struct reply r;

	lab_call(l, GET("/webticket//OAuthToken", ""), &r);
	assert_string_equal(reply_header(&r, "Allow"), "POST, OPTIONS");
	expect_error(&r, 405, "invalid_request");
	post(l, FORM, large, &r);
	expect_error(&r, 413, "invalid_request");
}

/* ---- guesses ---- */

static void test_guess_is_delayed(void **state)
{
	struct lab *l = *state;
	struct reply wrong, right, alice;

	post_later(l, FORM, WRONG, &wrong);
	lab_settle(l);
	post_later(l, FORM, RIGHT, &right);
	post(l, FORM, "grant_type=password&username=alice@lab.test" PASSWORD, &alice);
	expect_token(&alice);
	loop_jump(l->loop, 300);
	lab_settle(l);
	assert_false(wrong.done || right.done);
	loop_jump(l->loop, 700);
	lab_wait(l, &wrong);
	expect_error(&wrong, 400, "invalid_grant");
	lab_wait(l, &right);
	expect_token(&right);
	assert_int_equal(lab_metric(l, "guess_wrong_total"), 1);
	assert_int_equal(lab_metric(l, "guess_delayed_total"), 2);
}

static void test_too_many_guesses(void **state)
{
	struct lab *l = *state;
	struct reply r[8], more;

	for (size_t i = 0; i < ARRAY_SIZE(r); i++)
		post_later(l, FORM, WRONG, &r[i]);
	lab_settle(l);
	post(l, FORM, RIGHT, &more);
	assert_string_equal(reply_header(&more, "Retry-After"), "1");
	expect_error(&more, 429, "temporarily_unavailable");
	assert_int_equal(lab_metric(l, "guess_refused_total"), 1);
	/* The answers come one by one. */
	loop_jump(l->loop, 1000);
	lab_wait(l, &r[0]);
	lab_settle(l);
	assert_false(r[1].done);
	loop_jump(l->loop, 2000);
	lab_wait(l, &r[1]);
	for (size_t i = 2; i < ARRAY_SIZE(r); i++) {
		loop_jump(l->loop, 30000);
		lab_wait(l, &r[i]);
	}
	for (size_t i = 0; i < ARRAY_SIZE(r); i++)
		expect_error(&r[i], 400, "invalid_grant");
	post(l, FORM, RIGHT, &more);
	expect_token(&more);
}

/* Whoever hangs up is not answered, and the delay stays. */
static void test_guesser_hangs_up(void **state)
{
	struct lab *l = *state;
	struct reply gone, right;

	post_later(l, FORM, WRONG, &gone);
	lab_settle(l);
	http_client_cancel(l->client, gone.id);
	lab_settle(l);
	post_later(l, FORM, RIGHT, &right);
	lab_settle(l);
	assert_false(right.done);
	loop_jump(l->loop, 1000);
	lab_wait(l, &right);
	expect_token(&right);
	reply_reset(&gone);
}

/* The server is stopped while guesses wait: the fixture's teardown does it. */
static void test_stop_while_waiting(void **state)
{
	static struct reply r[2];
	struct lab *l = *state;

	post_later(l, FORM, WRONG, &r[0]);
	post_later(l, FORM, WRONG, &r[1]);
	lab_settle(l);
	assert_false(r[0].done || r[1].done);
}

/* ---- the life of a token ---- */

static void test_token_ends(void **state)
{
	struct lab *l = *state;
	struct reply r;

	lab_bob(l);
	loop_jump(l->loop, 28799000);
	assert_int_equal(lab_do(l, "GET", "", NULL), 200);
	loop_jump(l->loop, 1001);
	assert_int_equal(lab_call(l, GET(l->app, NULL), &r), 401);
	assert_string_equal(reply_at(&r, "/message"), "The token is unknown or has expired.");
	assert_non_null(strstr(r.www[0], "Bearer trusted_issuers="));
	assert_non_null(strstr(r.www[1], "/WebTicket/oauthtoken\""));
	reply_reset(&r);
}

/* A user's third token replaces the first one; the tokens of all users together are limited. */
static void test_token_limits(void **state)
{
	struct lab *l = *state;
	CLEANUP(mem_free_string) char *first = lab_sign_in(l, "bob@lab.test", "pass+word%261");
	CLEANUP(mem_free_string) char *second = lab_sign_in(l, "bob@lab.test", "pass+word%261");
	CLEANUP(mem_free_string) char *third = lab_sign_in(l, "bob@lab.test", "pass+word%261");
	CLEANUP(mem_free_string) char *a = lab_sign_in(l, "alice@lab.test", "pass+word%261");
	CLEANUP(mem_free_string) char *b = lab_sign_in(l, "alice@lab.test", "pass+word%261");
	int64_t seconds;
	struct reply r;

	assert_true(*third && *a && *b);
	assert_int_equal(lab_metric(l, "auth_tokens"), 4);
	assert_int_equal(lab_call(l, GET(APPLICATIONS "/000000000000", first), &r), 401);
	reply_reset(&r);
	assert_int_equal(lab_call(l, GET(APPLICATIONS "/000000000000", second), &r), 404);
	reply_reset(&r);
	post(l, FORM, "grant_type=password&username=carol@lab.test&password=pass+word%261", &r);
	assert_true(text_to_int(reply_header(&r, "Retry-After"), 28000, 28800, &seconds));
	expect_error(&r, 503, "temporarily_unavailable");
}

static void test_new_password_ends_tokens(void **state)
{
	struct lab *l = *state;
	CLEANUP(mem_free_string) char *token = lab_sign_in(l, "bob@lab.test", "pass+word%261");
	struct user *bob = user_find(l->core, "bob@lab.test");
	struct user_spec spec = { .aor = "bob@lab.test",
				  .password = "other",
				  .policy = bob->policy };
	struct reply r;

	user_update(bob, &spec);
	assert_int_equal(lab_call(l, GET(APPLICATIONS "/000000000000", token), &r), 401);
	reply_reset(&r);
	user_remove(bob);
	user_add(l->core, &spec, NULL);
	assert_int_equal(lab_call(l, GET(APPLICATIONS "/000000000000", token), &r), 401);
	reply_reset(&r);
}

#define TEST(name) cmocka_unit_test_setup_teardown(name, lab_setup, lab_teardown)

int main(void)
{
	const struct CMUnitTest tests[] = {
		TEST(test_names),
		TEST(test_ambiguous_name),
		TEST(test_multipart),
		TEST(test_errors),
		TEST(test_http_errors),
		TEST(test_guess_is_delayed),
		TEST(test_too_many_guesses),
		TEST(test_guesser_hangs_up),
		TEST(test_stop_while_waiting),
		TEST(test_token_ends),
		TEST(test_token_limits),
		TEST(test_new_password_ends_tokens),
	};

	return cmocka_run_group_tests(tests, NULL, NULL);
}
