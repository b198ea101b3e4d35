/*
 * HTTPS API: batches of requests
 */
#include "ucwa_fixture.h"
#include "ucwa_shape.h"

#include "mcxd/base/loop.h"
#include "proto/text/content_type.h"
#include "proto/text/mem.h"
#include "proto/text/multipart.h"
#include "proto/text/text.h"
#include "web/http/client.h"
#include "web/ucwa/ucwa.h"

#define TYPE "multipart/batching;boundary=b-1"

/* Requests as parts: "GET /me" is of Bob's application. */
static char *batch_of(const struct lab *l, const char *const *requests)
{
	struct text body = TEXT_INIT;

	for (; *requests; requests++) {
		const char *below = strchr(*requests, ' ') + 1;

		text_addf(&body,
			  "--b-1\r\nContent-Type: application/http; msgtype=request\r\n\r\n");
		text_addf(&body, "%.*s%s%s\r\n\r\n", (int)(below - *requests), *requests,
			  !strncmp(below, "/ucwa", 5) || *below == 'h' ? "" : l->app, below);
	}
	text_add(&body, "--b-1--\r\n");
	return text_take(&body);
}

static void post(struct lab *l, const char *type, const char *body, struct reply *r)
{
	CLEANUP(mem_free_string) char *path = text_concat(l->app, "/batch");

	lab_call(l,
		 &(struct call){ .method = "POST",
				 .path = path,
				 .type = type,
				 .body = body,
				 .accept = "multipart/batching" },
		 r);
}

/* Microsoft's sample clients take what follows this header for the body. */
static void check_type_is_last(const char *answer, const char *end)
{
	const char *type = strstr(answer, "\r\nContent-Type: ");

	if (type && type < end)
		assert_ptr_equal(strstr(type + 2, "\r\n"), end);
}

/* The statuses of the answers, "200 204 ", and the last resource. */
static void read_answers(const struct reply *r, struct text *ret, struct json_object **ret_last)
{
	struct multipart_part part;
	struct content_type type;
	struct multipart m;
	const char *why;

	assert_int_equal(r->status, 200);
	assert_int_equal(content_type_decode(r->type, &type, &why), 0);
	assert_string_equal(type.type, "multipart/batching");
	assert_int_equal(multipart_init(&m, type.boundary, r->body, strlen(r->body), 100, &why), 0);
	while (multipart_next(&m, &part, &why) == 0) {
		CLEANUP(mem_free_string) char *text = mem_memdup(part.p, part.n);
		char field[MULTIPART_FIELDS_SIZE];
		const char *body = strstr(text, "\r\n\r\n");

		assert_true(multipart_field(&part, "Content-Type", field));
		assert_string_equal(field, "application/http; msgtype=response");
		assert_int_equal(strncmp(text, "HTTP/1.1 ", 9), 0);
		assert_non_null(body);
		check_type_is_last(text, body);
		text_add_bytes(ret, text + 9, 4);
		json_object_put(*ret_last);
		*ret_last = json_tokener_parse(body + 4);
		if (*ret_last)
			shape_check(*ret_last);
	}
}

static void check(struct lab *l, const char *const *requests, const char *statuses,
		  const char *pointer, const char *expected)
{
	CLEANUP(mem_free_string) char *body = batch_of(l, requests);
	CLEANUP(text_deinit) struct text text = TEXT_INIT;
	struct json_object *last = NULL, *value;
	struct reply r;

	post(l, TYPE, body, &r);
	read_answers(&r, &text, &last);
	assert_string_equal(text_str(&text), statuses);
	value = pointer ? json_at(last, pointer) : NULL;
	if (pointer)
		assert_string_equal(value ? json_object_get_string(value) : "", expected);
	json_object_put(last);
	reply_reset(&r);
}

#define REQUESTS(...) ((const char *const[]){ __VA_ARGS__, NULL })

static void test_read_and_write(void **state)
{
	struct lab *l = *state;
	CLEANUP(mem_free_string) char *absolute = NULL;

	lab_bob(l);
	check(l,
	      REQUESTS("GET /people/contacts HTTP/1.1\r\nHost: x\r\nAccept: application/json",
		       "GET /me HTTP/1.1\r\nHost: x"),
	      "200 200 ", "/name", "Bob");
	check(l,
	      REQUESTS("POST /me/note HTTP/1.1\r\nContent-Type: application/json\r\n\r\n"
		       "{\"message\":\"Lunch\"}",
		       "GET /me/note HTTP/1.1"),
	      "204 200 ", "/message", "Lunch");
	absolute = text_concat("GET https://lyncweb.lab.test", l->app, "/me HTTP/1.1");
	check(l, REQUESTS(absolute), "200 ", "/name", "Bob");
	check(l, REQUESTS("PUT /communication HTTP/1.1\r\n\r\n{}"), "428 ", "/code",
	      "PreconditionRequired");
	check(l, REQUESTS("GET /me HTTP/1.1\r\nIf-None-Match: *", "HEAD /me HTTP/1.1"), "304 200 ",
	      "/name", "");
	check(l, REQUESTS("GET /me HTTP/1.1\r\nAccept: application/xml"), "406 ", "/code",
	      "NotAcceptable");
}

static void test_own_fate(void **state)
{
	struct lab *l = *state;

	lab_bob(l);
	check(l,
	      REQUESTS("GET /nothing HTTP/1.1", "PATCH /me HTTP/1.1",
		       "GET /ucwa/oauth/v1/applications/000000000000 HTTP/1.1", "GET /me HTTP/1.1"),
	      "404 405 404 200 ", "/name", "Bob");
	check(l, REQUESTS("GET /me HTTP/1.1\r\nAuthorization: Bearer guess"), "401 ", "/code",
	      "Unauthorized");
	check(l, REQUESTS("GET /me HTTP/1.1\r\nno header"), "400 ", "/code", "BadRequest");
	check(l, REQUESTS("GET /me"), "400 ", "/code", "BadRequest");
}

static void test_not_in_batches(void **state)
{
	struct lab *l = *state;
	static const char *const requests[] = { "GET /events?ack=1 HTTP/1.1",
						"POST /batch HTTP/1.1",
						"GET /photos/bob@lab.test HTTP/1.1", NULL };

	lab_bob(l);
	check(l, requests, "400 400 400 ", "/subcode", "OperationNotSupported");
}

/* A sign-in takes as long as the store does, so its request is parked; the answers stay in order. */
static void test_parked(void **state)
{
	struct lab *l = *state;

	lab_bob(l);
	check(l,
	      REQUESTS("POST /ucwa/oauth/v1/applications HTTP/1.1\r\n\r\n{\"UserAgent\":\"x\","
		       "\"EndpointId\":\"other\",\"Culture\":\"en-US\"}",
		       "GET /me HTTP/1.1"),
	      "201 200 ", "/name", "Bob");
	assert_int_equal(lab_metric(l, "core_phones"), 2);
}

static void test_client_hangs_up(void **state)
{
	struct lab *l = *state;
	CLEANUP(mem_free_string) char *path = NULL, *body = NULL;
	struct reply r;

	lab_bob(l);
	path = text_concat(l->app, "/batch");
	body = batch_of(l,
			REQUESTS("POST /ucwa/oauth/v1/applications HTTP/1.1\r\n\r\n"
				 "{\"UserAgent\":\"x\",\"EndpointId\":\"other\",\"Culture\":\"en-"
				 "US\"}"));
	for (int rounds = 0; rounds < 6; rounds++) {
		lab_send(l,
			 &(struct call){
				 .method = "POST", .path = path, .type = TYPE, .body = body },
			 &r);
		for (int i = 0; i < rounds; i++)
			loop_step(l->loop, 1);
		http_client_cancel(l->client, r.id);
		lab_settle(l);
		reply_reset(&r);
	}
	check(l, REQUESTS("GET /me HTTP/1.1"), "200 ", "/name", "Bob");
}

/* What comes after it in the batch finds no application. */
static void test_sign_out(void **state)
{
	struct lab *l = *state;

	lab_bob(l);
	check(l, REQUESTS("GET /me HTTP/1.1", "DELETE  HTTP/1.1", "GET /me HTTP/1.1"),
	      "200 204 404 ", "/subcode", "ApplicationNotFound");
}

static void test_limit(void **state)
{
	struct lab *l = *state;
	static const char one[] = "POST /me/note HTTP/1.1\r\n\r\n{\"message\":\"x\"}";
	static const char *const five[] = { one, one, one, one, one, NULL };
	CLEANUP(mem_free_string) char *body = NULL;
	struct reply r;

	lab_bob(l);
	body = batch_of(l, five);
	post(l, TYPE, body, &r);
	assert_int_equal(r.status, 429);
	assert_string_equal(reply_at(&r, "/code"), "TooManyRequests");
	reply_reset(&r);
	lab_call(l, &(struct call){ .method = "GET", .path = l->app }, &r);
	reply_reset(&r);
	check(l, REQUESTS("GET /me/note HTTP/1.1"), "200 ", "/message", "");
	check(l, five + 1, "204 204 204 204 ", NULL, NULL);
}

static void test_bad_batches(void **state)
{
	struct lab *l = *state;
	static const struct {
		const char *type, *body;
		int status;
	} rows[] = {
		{ "application/json", "{}", 415 },
		{ "multipart/batching", "--b-1--\r\n", 415 },
		{ TYPE, "nothing", 400 },
		{ TYPE, "--b-1--\r\n", 400 },
		{ TYPE, "--b-1\r\n\r\nGET / HTTP/1.1\r\n", 400 },
	};
	struct reply r;

	lab_bob(l);
	for (size_t i = 0; i < ARRAY_SIZE(rows); i++) {
		post(l, rows[i].type, rows[i].body, &r);
		if (r.status != rows[i].status)
			fail_msg("%s: %d", rows[i].body, r.status);
		assert_true(*reply_at(&r, "/code"));
		reply_reset(&r);
	}
	/* Another kind of part is refused on its own. */
	post(l, TYPE, "--b-1\r\nContent-Type: text/plain\r\n\r\nGET / HTTP/1.1\r\n\r\n--b-1--", &r);
	assert_int_equal(r.status, 200);
	assert_non_null(strstr(r.body, "HTTP/1.1 400 "));
	reply_reset(&r);
}

static void small_answers(struct ucwa_config *config)
{
	config->max_batch_bytes = 1500;
}

static int setup_small(void **state)
{
	return lab_setup_with(state, small_answers);
}

/* What was executed is answered in full; what comes after the limit is not executed. */
static void test_large_answers(void **state)
{
	static const char set_note[] =
		"POST /me/note HTTP/1.1\r\nContent-Type: application/json\r\n\r\n"
		"{\"message\":\"Lunch\"}";
	struct lab *l = *state;

	lab_bob(l);
	check(l,
	      REQUESTS("GET /me/phones HTTP/1.1", "GET /people/contacts HTTP/1.1", set_note,
		       "GET /me/note HTTP/1.1"),
	      "200 200 429 429 ", "/code", "TooManyRequests");
	check(l, REQUESTS("GET /me/note HTTP/1.1"), "200 ", "/message", "");
}

int main(void)
{
#define TEST(name) cmocka_unit_test_setup_teardown(name, lab_setup, lab_teardown)
	const struct CMUnitTest tests[] = {
		TEST(test_read_and_write),
		TEST(test_own_fate),
		TEST(test_not_in_batches),
		TEST(test_parked),
		TEST(test_client_hangs_up),
		TEST(test_sign_out),
		TEST(test_limit),
		TEST(test_bad_batches),
		cmocka_unit_test_setup_teardown(test_large_answers, setup_small, lab_teardown),
	};

	return cmocka_run_group_tests(tests, NULL, NULL);
}
