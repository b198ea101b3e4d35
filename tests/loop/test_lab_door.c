/*
 * Lab API: what may come in by TCP
 */
#include "mcxd/base/loop.h"
#include "mcxd/base/metric.h"
#include "proto/text/mem.h"
#include "proto/text/text.h"
#include "tests/loop/lab_fixture.h"
#include "web/http/client.h"
#include "web/lab/lab.h"

#define JSON "Content-Type: application/json"

struct visit {
	bool done;
	int status;
	char *body, *type, *cookie, *location, *challenge, *policy;
};

static void on_visited(void *magic, const struct http_result *r)
{
	struct visit *v = magic;

	v->done = true;
	v->status = r->status;
	v->body = mem_memdup(r->body ? r->body : "", r->n_body);
	v->type = mem_strdup(r->header(r, "Content-Type"));
	v->cookie = mem_strdup(r->header(r, "Set-Cookie"));
	v->location = mem_strdup(r->header(r, "Location"));
	v->challenge = mem_strdup(r->header(r, "WWW-Authenticate"));
	v->policy = mem_strdup(r->header(r, "Content-Security-Policy"));
}

static void visit_deinit(struct visit *v)
{
	free(v->body);
	free(v->type);
	free(v->cookie);
	free(v->location);
	free(v->challenge);
	free(v->policy);
}

#define HEADERS(...) ((const char *const[]){ __VA_ARGS__, NULL })

static struct http_client *begin(struct fixture *f, const char *method, const char *path,
				 const char *const *headers, const char *body, struct visit *v)
{
	struct http_client *client = http_client_new(f->loop, &(struct http_client_config){ 0 });
	const char *port = strrchr(lab_listen(f->lab), ':');
	CLEANUP(mem_free_string) char *url = text_format("http://127.0.0.1%s%s", port, path);

	*v = (struct visit){ 0 };
	http_client_send(client,
			 &(struct http_exchange){ .method = method,
						  .url = url,
						  .headers = headers,
						  .body = body,
						  .n_body = body ? strlen(body) : 0 },
			 NULL, on_visited, v);
	return client;
}

static void finish(struct fixture *f, struct http_client *client, const struct visit *v)
{
	int64_t until = loop_real_ms(f->loop) + PATIENCE_MS;

	while (!v->done) {
		assert_true(loop_real_ms(f->loop) < until);
		loop_step(f->loop, 100);
	}
	http_client_free(client);
}

static void visit(struct fixture *f, const char *method, const char *path,
		  const char *const *headers, const char *body, struct visit *v)
{
	finish(f, begin(f, method, path, headers, body, v), v);
}

/* Its status has to be this one. */
static void comes(struct fixture *f, int status, const char *method, const char *header,
		  const char *second, const char *body)
{
	const char *path = *method == 'P' ? "/lab/v1/clock/advance" : "/lab/v1/clock";
	CLEANUP(visit_deinit) struct visit v;

	visit(f, method, path, HEADERS(header, header ? second : NULL), body, &v);
	if (v.status != status)
		print_error("%s %s %s: %s\n", method, header ? header : "", second ? second : "",
			    v.body);
	assert_int_equal(v.status, status);
	assert_non_null(strstr(v.policy, "default-src 'none'"));
	assert_string_equal(v.type, "application/json");
	assert_int_equal(strstr(v.body, "\"message\"") != NULL, status >= 400);
}

static int64_t count(struct fixture *f, const char *name)
{
	const struct metric *m = metrics_find(f->metrics, name);

	assert_non_null(m);
	return m->value;
}

static char *host_header(struct fixture *f, const char *host, bool with_port)
{
	return text_concat("Host: ", host, with_port ? strrchr(lab_listen(f->lab), ':') : "");
}

static void comes_as(struct fixture *f, int status, const char *host)
{
	for (int with_port = 0; with_port < 2; with_port++) {
		CLEANUP(mem_free_string) char *header = host_header(f, host, with_port);

		comes(f, status, "GET", header, NULL, NULL);
	}
}

static void test_host(void **state)
{
	static const char *const own[] = { "127.0.0.1", "localhost", "LOCALHOST",
					   "lab.test",  "Lab.Test",  "[2001:db8::1]" };
	static const char *const others[] = {
		"evil.test", "127.0.0.2", "lab.test.evil.test", "localhost.", "127.0.0.1.evil.test",
		"xlab.test", "[::1]",     "[2001:db8::11]",     "0x7f000001", "192.0.2.1"
	};
	struct fixture *f = *state;

	for (size_t i = 0; i < ARRAY_SIZE(own); i++)
		comes_as(f, 200, own[i]);
	assert_int_equal(count(f, "lab_hosts_refused_total"), 0);
	for (size_t i = 0; i < ARRAY_SIZE(others); i++)
		comes_as(f, 421, others[i]);
	assert_int_equal(count(f, "lab_hosts_refused_total"), 2 * ARRAY_SIZE(others));
}

/* Where it listens at every address, each of them is its own; a name can still be anybody's. */
static void test_host_everywhere(void **state)
{
	static const char *const own[] = { "127.0.0.1", "192.0.2.1", "localhost", "[2001:db8::5]" };
	static const char *const others[] = { "evil.test", "1.evil.test", "localhost.evil.test" };
	struct fixture *f = *state;

	for (size_t i = 0; i < ARRAY_SIZE(own); i++)
		comes_as(f, 200, own[i]);
	for (size_t i = 0; i < ARRAY_SIZE(others); i++)
		comes_as(f, 421, others[i]);
}

static void test_origin(void **state)
{
	static const char *const others[] = {
		"Origin: http://evil.test", "Origin: null", "Origin: http://127.0.0.1:1",
		"Origin: http://127.0.0.1", "Origin: x",    "Sec-Fetch-Site: cross-site",
		"Sec-Fetch-Site: same-site"
	};
	struct fixture *f = *state;
	CLEANUP(mem_free_string) char *own = text_concat("Origin: http://", lab_listen(f->lab));
	CLEANUP(mem_free_string) char *secure = text_concat("Origin: https://", lab_listen(f->lab));

	comes(f, 200, "GET", own, "Sec-Fetch-Site: same-origin", NULL);
	comes(f, 200, "GET", "Sec-Fetch-Site: none", NULL, NULL);
	comes(f, 200, "POST", own, JSON, "{\"ms\":1}");
	assert_int_equal(count(f, "lab_origins_refused_total"), 0);
	for (size_t i = 0; i < ARRAY_SIZE(others); i++) {
		comes(f, 403, "GET", others[i], NULL, NULL);
		comes(f, 403, "POST", others[i], JSON, "{\"ms\":1000}");
	}
	comes(f, 403, "GET", secure, NULL, NULL);
	assert_int_equal(count(f, "lab_origins_refused_total"), 2 * ARRAY_SIZE(others) + 1);
	assert_int_equal(loop_offset_ms(f->loop), 1);
}

/* A browser asks before it sends what is not simple. It must not be told that it may. */
static void test_preflight(void **state)
{
	struct fixture *f = *state;
	CLEANUP(visit_deinit) struct visit v;

	visit(f, "OPTIONS", "/lab/v1/clock/advance",
	      HEADERS("Origin: http://evil.test", "Access-Control-Request-Method: POST"), NULL, &v);
	assert_int_equal(v.status, 403);
}

static void test_type(void **state)
{
	static const char *const others[] = { "Content-Type: text/plain",
					      "Content-Type: application/x-www-form-urlencoded",
					      "Content-Type: multipart/form-data; boundary=x",
					      "Content-Type: text/plain; application/json",
					      "Content-Type: application/jsonx",
					      "Content-Type;" };
	struct fixture *f = *state;
	const char *body = "{\"ms\":1000}";

	for (size_t i = 0; i < ARRAY_SIZE(others); i++) {
		comes(f, 415, "POST", others[i], NULL, body);
		comes(f, 415, "POST", others[i], NULL, NULL);
		comes(f, 415, "GET", others[i], NULL, body);
	}
	comes(f, 415, "POST", NULL, NULL, NULL);
	assert_int_equal(count(f, "lab_types_refused_total"), 3 * ARRAY_SIZE(others) + 1);
	assert_int_equal(loop_offset_ms(f->loop), 0);
	comes(f, 200, "POST", JSON, NULL, "{\"ms\":1}");
	comes(f, 200, "POST", JSON "; charset=utf-8", NULL, "{\"ms\":1}");
	comes(f, 400, "POST", JSON, NULL, NULL); /* the clock itself wants a member */
	comes(f, 405, "DELETE", NULL, NULL, NULL);
}

static void test_push(void **state)
{
	struct fixture *f = *state;

	comes(f, 403, "POST", JSON, "Webhook-Id: 1", "{\"ms\":1000}");
	comes(f, 403, "GET", "Webhook-Id: 1", NULL, NULL);
	assert_int_equal(count(f, "lab_pushes_refused_total"), 2);
	assert_int_equal(loop_offset_ms(f->loop), 0);
}

/* A request by TCP and one by the socket wait at the same time; each gets its own answer. */
static void test_both_wait(void **state)
{
	static const char *const headers[] = { JSON, NULL };
	struct fixture *f = *state;
	struct visit v;
	struct http_client *client;
	struct call call;

	client = begin(f, "POST", "/lab/v1/wait", headers, "{\"kind\":\"user\",\"timeoutMs\":9000}",
		       &v);
	wait_for_metric(f, "http_lab_tcp_parked", 1);
	call_begin(f, &call, "POST", "wait", "{'kind':'link','timeoutMs':9000}");
	wait_for_metric(f, "http_lab_parked", 1);
	note(f, "link", "x", "y");
	call_finish(&call);
	assert_string_equal(str(item(call.json, "records", 0), "kind"), "link");
	assert_false(v.done);
	note(f, "user", "x", "y");
	finish(f, client, &v);
	assert_non_null(strstr(v.body, "\"kind\":\"user\""));
	visit_deinit(&v);
	call_deinit(&call);
}

/* ---- the token ---- */

static void test_bearer(void **state)
{
	static const char *const wrong[] = { "Authorization: Bearer 0123456789abcdeF",
					     "Authorization: Bearer 0123456789abcdef0",
					     "Authorization: Bearer ",
					     "Authorization: Basic " LAB_TOKEN,
					     "Cookie: mcxd_lab_0=" LAB_TOKEN };
	struct fixture *f = *state;
	CLEANUP(visit_deinit) struct visit v;
	struct call call;

	comes(f, 401, "GET", NULL, NULL, NULL);
	for (size_t i = 0; i < ARRAY_SIZE(wrong); i++)
		comes(f, 401, "GET", wrong[i], NULL, NULL);
	comes(f, 401, "POST", JSON, wrong[0], "{\"ms\":1}");
	assert_int_equal(count(f, "lab_tokens_refused_total"), 2 + ARRAY_SIZE(wrong));
	comes(f, 200, "GET", "Authorization: Bearer " LAB_TOKEN, NULL, NULL);
	comes(f, 200, "POST", "Authorization: bearer  " LAB_TOKEN, JSON, "{\"ms\":1}");
	visit(f, "GET", "/lab/v1/nowhere", NULL, NULL, &v);
	assert_int_equal(v.status, 401);
	assert_string_equal(v.challenge, "Bearer realm=\"lab\"");
	ask(f, &call, "GET", "clock", NULL); /* by the socket without */
	assert_int_equal(call.status, 200);
	call_deinit(&call);
}

static void test_sign_in(void **state)
{
	struct fixture *f = *state;
	CLEANUP(visit_deinit) struct visit form, wrong, in;
	CLEANUP(mem_free_string) char *cookie = NULL, *two = NULL;
	const char *type = "Content-Type: application/x-www-form-urlencoded";

	visit(f, "GET", "/lab/v1/", HEADERS("Accept: text/html,*/*"), NULL, &form);
	assert_int_equal(form.status, 401);
	assert_non_null(strstr(form.body, "action=\"/lab/v1/sign-in?to=/lab/v1/\""));
	visit(f, "POST", "/lab/v1/sign-in?to=//evil.test", HEADERS(type), "token=0123456789abcdee",
	      &wrong);
	assert_int_equal(wrong.status, 401);
	assert_null(wrong.cookie);
	assert_null(strstr(wrong.body, "evil"));
	visit(f, "POST", "/lab/v1/sign-in?to=//evil.test", HEADERS(type), "token=" LAB_TOKEN, &in);
	assert_int_equal(in.status, 303);
	assert_string_equal(in.location, LAB_CONSOLE);
	assert_non_null(strstr(in.cookie, "; HttpOnly; SameSite=Strict"));
	assert_null(strstr(in.cookie, LAB_TOKEN));
	cookie = text_concat("Cookie: ", in.cookie);
	*strchr(cookie, ';') = '\0';
	comes(f, 200, "GET", cookie, NULL, NULL);
	two = text_concat("Cookie: a=b; ", strchr(cookie, ' ') + 1, "; c=d");
	comes(f, 200, "GET", two, NULL, NULL);
	cookie[strlen(cookie) - 1] ^= 1;
	comes(f, 401, "GET", cookie, NULL, NULL);
}

static void test_sign_in_from_elsewhere(void **state)
{
	struct fixture *f = *state;
	CLEANUP(visit_deinit) struct visit v;

	visit(f, "POST", "/lab/v1/sign-in",
	      HEADERS("Content-Type: application/x-www-form-urlencoded",
		      "Origin: http://evil.test"),
	      "token=" LAB_TOKEN, &v);
	assert_int_equal(v.status, 403);
	assert_null(v.cookie);
}

/* What waits is answered when the lab ends, whichever way it came. */
static void test_end(void **state)
{
	static const char *const headers[] = { JSON, NULL };
	struct fixture *f = *state;
	struct visit v;
	struct http_client *client = begin(f, "POST", "/lab/v1/wait", headers,
					   "{\"kind\":\"user\",\"timeoutMs\":9000}", &v);
	struct call call;

	wait_for_metric(f, "http_lab_tcp_parked", 1);
	call_begin(f, &call, "POST", "wait", "{'kind':'link','timeoutMs':9000}");
	wait_for_metric(f, "http_lab_parked", 1);
	f->lab = lab_free(f->lab);
	finish(f, client, &v);
	call_finish(&call);
	assert_true(v.status);
	assert_int_equal(v.status, call.status);
	visit_deinit(&v);
	call_deinit(&call);
}

#define TEST(name, setup) cmocka_unit_test_setup_teardown(name, setup, lab_teardown)

int main(void)
{
	const struct CMUnitTest tests[] = {
		TEST(test_host, lab_setup_tcp),
		TEST(test_host_everywhere, lab_setup_tcp_everywhere),
		TEST(test_origin, lab_setup_tcp),
		TEST(test_preflight, lab_setup_tcp),
		TEST(test_type, lab_setup_tcp),
		TEST(test_push, lab_setup_tcp),
		TEST(test_both_wait, lab_setup_tcp),
		TEST(test_end, lab_setup_tcp),
		TEST(test_bearer, lab_setup_token),
		TEST(test_sign_in, lab_setup_token),
		TEST(test_sign_in_from_elsewhere, lab_setup_token),
	};

	return cmocka_run_group_tests(tests, NULL, NULL);
}
