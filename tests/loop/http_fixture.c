/*
 * A site for the tests of web/http
 */
#include "http_fixture.h"

#include "mcxd/base/loop.h"
#include "mcxd/base/metric.h"
#include "proto/text/mem.h"
#include "proto/text/text.h"
#include "web/http/client.h"
#include "web/http/http.h"

/* cmocka.h needs these four before it. */
#include <setjmp.h>
#include <stdarg.h>
#include <stddef.h>
#include <stdint.h>

#include <cmocka.h>

/* The `extra` of routes for which a password is needed. */
static const char needs_password[] = "password";

static void on_hello(void *magic, struct http_request *r)
{
	(void)magic;
	http_answer(r, 200, "text/plain", "hello", 5);
}

static void on_echo(void *magic, struct http_request *r)
{
	CLEANUP(text_deinit) struct text t = TEXT_INIT;
	const char *q = http_query(r, "q");
	const char *h = http_header(r, "X-Test");

	(void)magic;
	text_addf(&t, "%s|%s|%s|%s", http_method(r), http_param(r, "name"), q ? q : "-",
		  h ? h : "-");
	http_answer(r, 200, "text/plain", t.data, t.n);
}

static void on_rest(void *magic, struct http_request *r)
{
	const char *path = http_param(r, "path");

	(void)magic;
	http_answer(r, 200, "text/plain", path, strlen(path));
}

static void on_help(void *magic, struct http_request *r)
{
	const struct http_route *route = http_route(r);

	(void)magic;
	http_answer(r, 200, "text/plain", route->help, strlen(route->help));
}

static void on_body(void *magic, struct http_request *r)
{
	size_t n;
	const char *body = http_body(r, &n);

	(void)magic;
	assert_int_equal(body[n], 0);
	http_answer(r, 200, "text/plain", body, n);
}

/* A body of as many bytes as the query says. */
static void on_letters(void *magic, struct http_request *r)
{
	CLEANUP(text_deinit) struct text t = TEXT_INIT;
	int64_t n = 0;

	(void)magic;
	http_query_int(r, "n", 0, 100000, &n);
	for (int64_t i = 0; i < n; i++)
		text_add(&t, i % 3 ? "a" : "b");
	if (http_query(r, "vary"))
		http_set_header(r, "Vary", "Origin");
	http_answer(r, 200, "text/plain", text_str(&t), t.n);
}

static void on_peer(void *magic, struct http_request *r)
{
	(void)magic;
	http_answer(r, 200, "text/plain", http_peer(r), strlen(http_peer(r)));
}

static void on_origin(void *magic, struct http_request *r)
{
	CLEANUP(text_deinit) struct text t = TEXT_INIT;
	const char *host = http_host(r);

	(void)magic;
	text_addf(&t, "%s %s %s://%s", http_peer(r), http_peer_host(r),
		  http_is_tls(r) ? "https" : "http", host ? host : "-");
	http_answer(r, 200, "text/plain", t.data, t.n);
}

static void on_gone(void *magic, uint64_t id)
{
	struct site *s = magic;

	s->n_gone++;
	s->last_gone = id;
	if (!s->closed)
		assert_null(http_parked(s->http, id));
}

static void free_context(void *context)
{
	struct site *s = context;

	s->n_contexts--;
}

static void remember(struct site *s, struct http_request *r, uint64_t id)
{
	assert_int_not_equal(id, 0);
	assert_true(s->n_waiting < MAX_WAITING);
	s->waiting[s->n_waiting++] = id;
	s->n_contexts++;
	http_set_context(r, s, free_context);
}

static void on_park(void *magic, struct http_request *r)
{
	remember(magic, r, http_park(r, on_gone, magic));
}

static void on_park_and_answer(void *magic, struct http_request *r)
{
	http_park(r, on_gone, magic);
	http_answer(r, 200, NULL, "at once", 7);
}

static void on_stream(void *magic, struct http_request *r)
{
	remember(magic, r, http_stream(r, 200, "application/x-ndjson", on_gone, magic));
}

static void on_nothing(void *magic, struct http_request *r)
{
	(void)magic;
	(void)r;
}

static void on_headers(void *magic, struct http_request *r)
{
	(void)magic;
	http_set_header(r, "X-Good", "first");
	http_set_header(r, "X-Good", "second");
	http_set_header(r, "X-Evil", "a\r\nX-Injected: yes");
	http_set_header(r, "X Evil", "a");
	http_set_header(r, "Cache-Control", "max-age=60");
	http_set_header(r, "WWW-Authenticate", "Bearer");
	http_set_header(r, "WWW-Authenticate", "Basic");
	http_answer(r, 204, NULL, NULL, 0);
}

static const struct http_route routes[] = {
	{ "GET", "/hello", on_hello, "Says hello." },
	{ "GET", "/echo/{name}", on_echo, "Echoes." },
	{ "POST", "/echo/{name}", on_echo, "Echoes." },
	{ "GET", "/files/{path*}", on_rest, "A file." },
	{ "GET", "/items/{id}", on_help, "any" },
	{ "DELETE", "/items/{id}", on_help, "delete" },
	{ "GET", "/items/list", on_help, "list" },
	{ "GET", "/secret", on_hello, "Says hello to those with a password.", needs_password },
	{ "POST", "/body", on_body, "Echoes." },
	{ "GET", "/letters", on_letters, "As many letters as asked for." },
	{ "GET", "/peer", on_peer, "Names the client." },
	{ "GET", "/origin", on_origin, "Names the client, and what it asked for." },
	{ "GET", "/park", on_park, "Parks the request." },
	{ "POST", "/park", on_park, "Parks the request." },
	{ "GET", "/park-and-answer", on_park_and_answer, "Parks and answers at once." },
	{ "GET", "/stream", on_stream, "Starts a stream." },
	{ "GET", "/nothing", on_nothing, "Forgets to answer." },
	{ "GET", "/headers", on_headers, "Sets headers." },
};

static bool before(void *magic, struct http_request *r, const struct http_route *route)
{
	(void)magic;
	if (route->extra != needs_password || http_header(r, "Authorization"))
		return true;
	http_answer(r, 401, NULL, NULL, 0);
	return false;
}

static void after(void *magic, const struct http_request *r, int status)
{
	struct site *s = magic;

	text_addf(&s->after, "%s %s %d;", http_method(r), http_path(r), status);
}

static void on_fault(void *magic, const char *peer, const char *what)
{
	struct site *s = magic;

	assert_true(*peer && *what);
	s->n_faults++;
}

static void on_error(void *magic, struct http_request *r, int status, const char *why)
{
	CLEANUP(text_deinit) struct text t = TEXT_INIT;

	(void)magic;
	assert_null(http_route(r));
	text_addf(&t, "error %d %s", status, why);
	http_answer(r, status, "text/plain", t.data, t.n);
}

static void on_any_error(void *magic, struct http_request *r, int status, const char *why)
{
	/* Also for requests that have got as far as a handler. */
	if (!http_route(r))
		on_error(magic, r, status, why);
}

int site_listen(struct site *s, const struct http_config *config)
{
	struct http_config c = *config;
	struct http_args args = {
		.loop = s->loop,
		.metrics = s->metrics,
		.name = "test",
		.config = &c,
		.routes = routes,
		.n_routes = ARRAY_SIZE(routes),
		.before = before,
		.after = after,
		.on_error = on_any_error,
		.on_fault = on_fault,
		.magic = s,
	};
	int err;

	if (!c.listen)
		c.listen = "127.0.0.1:0";
	err = http_new(&args, &s->http);
	if (!err)
		s->base = c.listen[0] == '/'
				  ? mem_strdup("http://localhost")
				  : text_format("%s://%s", c.cert_file ? "https" : "http",
						http_listen(s->http));
	return err;
}

void site_open(struct site *s, const struct http_config *config,
	       const struct http_client_config *client)
{
	const struct http_client_config plain = { 0 };

	*s = (struct site){ 0 };
	assert_int_equal(loop_new(&s->loop), 0);
	s->metrics = metrics_new();
	s->client = http_client_new(s->loop, client ? client : &plain);
	assert_int_equal(site_listen(s, config), 0);
}

void site_close(struct site *s)
{
	http_client_free(s->client);
	s->closed = true;
	http_free(s->http);
	metrics_free(s->metrics);
	assert_int_equal(s->n_contexts, 0);
	text_deinit(&s->after);
	free(s->base);
	loop_free(s->loop);
}

int64_t site_metric(const struct site *s, const char *name)
{
	CLEANUP(mem_free_string) char *whole = text_format("http_test_%s", name);
	const struct metric *m = metrics_find(s->metrics, whole);

	assert_non_null(m);
	return m->value;
}

static char *copy_header(const struct http_result *result, const char *name)
{
	return mem_strdup(result->header(result, name));
}

static void on_result(void *magic, const struct http_result *result)
{
	struct reply *r = magic;

	assert_false(r->done);
	r->done = true;
	r->status = result->status;
	r->error = mem_strdup(result->error);
	r->body = result->body ? mem_memdup(result->body, result->n_body) : NULL;
	r->n_body = result->n_body;
	r->allow = copy_header(result, "Allow");
	r->cache_control = copy_header(result, "cache-control");
	r->date = copy_header(result, "Date");
	r->length = copy_header(result, "Content-Length");
}

uint64_t site_send(struct site *s, const char *method, const char *path, const char *body,
		   struct reply *reply)
{
	static const char *const headers[] = { "X-Test: yes", "Content-Type: text/plain", NULL };
	CLEANUP(mem_free_string) char *url = text_format("%s%s", s->base, path);
	const struct http_exchange x = {
		.method = method,
		.url = url,
		.headers = headers,
		.body = body,
		.n_body = body ? strlen(body) : 0,
		.timeout_ms = 20000,
	};

	*reply = (struct reply){ 0 };
	return http_client_send(s->client, &x, NULL, on_result, reply);
}

void site_get(struct site *s, const char *method, const char *path, const char *body,
	      struct reply *reply)
{
	site_send(s, method, path, body, reply);
	RUN_UNTIL(s->loop, reply->done);
}

void reply_deinit(struct reply *r)
{
	free(r->error);
	free(r->body);
	free(r->allow);
	free(r->cache_control);
	free(r->date);
	free(r->length);
	*r = (struct reply){ 0 };
}

void site_step(struct loop *l, int64_t until_ms, const char *what)
{
	if (loop_real_ms(l) > until_ms)
		fail_msg("never happened: %s", what);
	loop_step(l, 1);
}

void site_expect(struct site *s, const char *method, const char *path, int status, const char *body)
{
	struct reply r;

	site_get(s, method, path, NULL, &r);
	if (r.status != status || (body && strcmp(r.body, body) != 0))
		fail_msg("%s %s: got %d \"%s\" %s", method, path, r.status, r.body, r.error);
	assert_non_null(r.date);
	assert_string_equal(r.cache_control, "no-store");
	reply_deinit(&r);
}
