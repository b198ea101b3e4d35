/*
 * The clearing house: what waits for push services, and what is repeated
 */
#include "mcxd/base/backoff.h"
#include "mcxd/base/journal.h"
#include "mcxd/base/loop.h"
#include "mcxd/clearing_house/clearing_house.h"
#include "mcxd/clearing_house/dead.h"
#include "mcxd/clearing_house/outbox.h"
#include "proto/diag.h"
#include "proto/record.h"
#include "proto/text/mem.h"
#include "proto/text/text.h"
#include "tests/loop/clearing_house_fixture.h"
#include "web/http/http.h"

#include <string.h>

#define ALICES_PHONE "\"Alice\"<sip:McxUser00112233445566778899aabbccddeeffalice@lab.test>"

static const struct reply received = { 200, false, "Received", "Active", NULL, NULL };

static void script(struct fixture *f, const struct reply *replies, int n)
{
	f->script = replies;
	f->n_script = n;
}

static void begin(struct fixture *f, struct call *c, const char *uri, int n)
{
	CLEANUP(mem_free_string) char *body = make_numbered(uri, n);

	begin_call(f, c, &(struct request){ .body = body });
}

/* The text of a toast; "" for a tile. */
static void check_post(const struct fixture *f, int i, const char *text)
{
	CLEANUP(mem_free_string) char *element = text_concat("Text2>", text, "<");

	assert_true(i < f->n_posts);
	assert_string_equal(f->posts[i].target, *text ? "toast" : "token");
	if (*text)
		assert_non_null(strstr(f->posts[i].body, element));
}

/* Toast, tile, toast, tile: also of pushes that come while the first is under way. */
static void test_order(void **state)
{
	static const struct reply replies[] = { { .park = true } };
	struct fixture *f = *state;
	struct call calls[3] = { 0 };

	script(f, replies, 1);
	for (int i = 0; i < 3; i++)
		begin(f, &calls[i], f->uri, i + 1);
	run_until(f, NULL, 1);
	settle(f, 3);
	assert_int_equal(f->n_posts, 1);
	answer_parked(f, 0, &received);
	for (int i = 0; i < 3; i++)
		check_answer(f, &calls[i], DIAG_SUCCESS);
	run_until(f, NULL, 6);
	for (int i = 0; i < 3; i++) {
		char text[2] = { (char)('1' + i), '\0' };

		check_post(f, 2 * i, text);
		check_post(f, 2 * i + 1, "");
	}
}

/* The second is for another phone, the third for the first one. */
static void test_retry(void **state)
{
	static const struct reply replies[] = { { 200, false, "QueueFull", "Active", NULL, NULL },
						{ 200, false, "Received", "Active", NULL, NULL },
						{ 200, false, "Received", "Active", NULL, NULL },
						{ 503, false, NULL, NULL, NULL, NULL } };
	struct fixture *f = *state;
	CLEANUP(mem_free_string) char *other = text_concat(f->uri, "2");
	struct call calls[3] = { 0 };

	f->config.backoff = (struct backoff){ .max_attempts = 3, .first_ms = 1000, .max_ms = 2000 };
	script(f, replies, 4);
	loop_freeze(f->loop);
	begin(f, &calls[0], f->uri, 1);
	run_until(f, NULL, 1);
	begin(f, &calls[1], other, 2);
	check_answer(f, &calls[1], DIAG_SUCCESS);
	begin(f, &calls[2], f->uri, 3);
	settle(f, 2);
	assert_int_equal(f->n_posts, 3);
	assert_non_null(calls[0].orq);
	advance(f, 1000); /* attempt 2, and then nothing for 1 to 2 s */
	run_until(f, NULL, 4);
	check_post(f, 3, "1");
	assert_in_range(f->posts[3].at_ms - f->posts[0].at_ms, 500, 1000);
	settle(f, 2);
	advance(f, 2000);
	check_answer(f, &calls[0], DIAG_SUCCESS);
	check_answer(f, &calls[2], DIAG_SUCCESS);
	run_until(f, NULL, 8);
	check_post(f, 4, "1");
	check_post(f, 5, "");
	check_post(f, 6, "3");
	check_post(f, 7, "");
	assert_in_range(f->posts[4].at_ms - f->posts[3].at_ms, 1000, 2000);
	assert_int_equal(metric_of(f, "clearing_house_retries_total"), 2);
	assert_int_equal(metric_of(f, "clearing_house_given_up_total"), 0);
	loop_resume(f->loop);
}

static void test_retry_after(void **state)
{
	static const struct reply replies[] = { { 429, false, NULL, NULL, "2", NULL },
						{ 200, false, "Received", "Active", NULL, NULL } };
	struct fixture *f = *state;
	struct call c = { 0 };

	f->config.backoff = (struct backoff){ .max_attempts = 3, .first_ms = 100, .max_ms = 100 };
	script(f, replies, 2);
	loop_freeze(f->loop);
	begin(f, &c, f->uri, 1);
	run_until(f, NULL, 1);
	advance(f, 2000);
	assert_int_equal(f->n_posts, 1);
	advance(f, 150);
	check_answer(f, &c, DIAG_SUCCESS);
	assert_in_range(f->posts[1].at_ms - f->posts[0].at_ms, 2050, 2100);
	loop_resume(f->loop);
}

/* Nobody has to wait for what would come too late anyway. */
static void test_retry_after_the_deadline(void **state)
{
	const struct reply reply = { 500, .retry_after = "Wed, 21 Oct 2093 07:28:00 GMT" };
	struct fixture *f = *state;
	struct call c = { 0 };

	f->config.backoff = (struct backoff){ .max_attempts = 3, .first_ms = 100, .max_ms = 100 };
	script(f, &reply, 1);
	loop_freeze(f->loop);
	begin(f, &c, f->uri, 1);
	check_answer(f, &c, DIAG_PUSH_UNAVAILABLE);
	assert_int_equal(metric_of(f, "clearing_house_given_up_total"), 1);
	assert_int_equal(metric_of(f, "clearing_house_retries_total"), 0);
	loop_resume(f->loop);
}

static void test_attempts(void **state)
{
	struct fixture *f = *state;
	struct call c = { 0 };

	f->config.backoff = (struct backoff){ .max_attempts = 3 };
	f->http_status = 503;
	begin(f, &c, f->uri, 1);
	check_answer(f, &c, DIAG_PUSH_UNAVAILABLE);
	assert_int_equal(f->n_posts, 3);
	assert_int_equal(metric_of(f, "clearing_house_retries_total"), 2);
	assert_int_equal(metric_of(f, "clearing_house_given_up_total"), 1);
}

/* What cannot be better a moment later is not repeated. */
static void test_no_retry(void **state)
{
	static const struct reply replies[] = { { 406, false, "Dropped", "Active", NULL, NULL },
						{ 412, false, "Dropped", NULL, NULL, NULL },
						{ 401, false, NULL, NULL, NULL, NULL },
						{ 500, false, NULL, NULL, NULL, NULL },
						{ 400, false, NULL, NULL, NULL, NULL },
						{ 307, false, NULL, NULL, NULL,
						  "http://127.0.0.1:9/" } };
	static const enum diag_code codes[] = { DIAG_PUSH_THROTTLED,   DIAG_PUSH_INACTIVE,
						DIAG_PUSH_CREDENTIALS, DIAG_PUSH_UNAVAILABLE,
						DIAG_PUSH_REFUSED,     DIAG_PUSH_REFUSED };
	struct fixture *f = *state;
	struct call c = { 0 };

	f->config.backoff = (struct backoff){ .max_attempts = 3 };
	script(f, replies, (int)ARRAY_SIZE(replies));
	for (int i = 0; i < (int)ARRAY_SIZE(codes); i++) {
		begin(f, &c, f->uri, i);
		check_answer(f, &c, codes[i]);
		assert_int_equal(f->n_posts, i + 1);
	}
}

static void on_story(void *magic, const struct record *r)
{
	struct text *t = magic;
	const char *push_state = record_value(r, "state");

	if (!strcmp(r->kind, "push"))
		text_addf(t, "%s ", push_state);
}

/* Those that wait for a channel that turns out to be dead are told, and it is not asked again for a while. */
static void test_dead(void **state)
{
	static const struct reply replies[] = { { .park = true } };
	static const struct reply gone = { 404, false, "Dropped", "Expired", NULL, NULL };
	struct fixture *f = *state;
	CLEANUP(text_deinit) struct text story = TEXT_INIT;
	struct call calls[3] = { 0 };

	script(f, replies, 1);
	begin(f, &calls[0], f->uri, 1);
	begin(f, &calls[1], f->uri, 2);
	run_until(f, NULL, 1);
	settle(f, 2);
	answer_parked(f, 0, &gone);
	check_answer(f, &calls[0], DIAG_PUSH_NO_CHANNEL);
	check_answer(f, &calls[1], DIAG_PUSH_NO_CHANNEL);
	begin(f, &calls[2], f->uri, 3);
	check_answer(f, &calls[2], DIAG_PUSH_NO_CHANNEL);
	assert_int_equal(f->n_posts, 1);
	assert_int_equal(metric_of(f, "clearing_house_dead_total"), 1);
	assert_int_equal(metric_of(f, "clearing_house_pending"), 0);
	journal_story(f->journal, "mpns:00000001-7e3d-4c5a-9a53-0f6a5f1f7c11", on_story, &story);
	assert_string_equal(text_str(&story), "forwarded expired ");
	advance(f, f->config.dead.memory_ms);
	begin(f, &calls[2], f->uri, 4);
	check_answer(f, &calls[2], DIAG_SUCCESS);
}

/* What is on its way to a user's phones is dropped, whether it waits, is under way or is to be repeated; others go on. */
static void test_forget(void **state)
{
	static const struct reply replies[] = { { 503, false, NULL, NULL, NULL, NULL },
						{ .park = true },
						{ .park = true } };
	struct fixture *f = *state;
	CLEANUP(mem_free_string) char *second = text_concat(f->uri, "2");
	CLEANUP(mem_free_string) char *third = text_concat(f->uri, "3");
	CLEANUP(mem_free_string) char *body = make_numbered(third, 5);
	const struct request of_alice = { .from = ALICES_PHONE, .body = body };
	struct call calls[4] = { 0 }, other = { 0 };

	f->config.exchange_timeout_ms = 60000;
	f->config.backoff = (struct backoff){ .max_attempts = 9, .first_ms = 1000, .max_ms = 1000 };
	script(f, replies, 3);
	loop_freeze(f->loop);
	begin(f, &calls[0], f->uri, 1);
	run_until(f, NULL, 1);
	begin(f, &calls[1], f->uri, 2);
	begin(f, &calls[2], second, 3);
	begin(f, &calls[3], second, 4);
	run_until(f, NULL, 2);
	begin_call(f, &other, &of_alice);
	run_until(f, NULL, 3);
	settle(f, 5);
	assert_int_equal(metric_of(f, "clearing_house_retries_total"), 1);
	clearing_house_forget(f->clearing_house, "bob@lab.test");
	for (int i = 0; i < 4; i++)
		check_answer(f, &calls[i], DIAG_PUSH_UNAVAILABLE);
	assert_int_equal(metric_of(f, "clearing_house_pending"), 1);
	assert_non_null(other.orq);
	advance(f, 2000);
	assert_int_equal(f->n_posts, 3);
	clearing_house_forget(f->clearing_house, NULL);
	check_answer(f, &other, DIAG_PUSH_UNAVAILABLE);
	assert_int_equal(metric_of(f, "clearing_house_pending"), 0);
	begin(f, &calls[0], f->uri, 6);
	check_answer(f, &calls[0], DIAG_SUCCESS);
	loop_resume(f->loop);
}

/* ---- a push service that does not answer ---- */

static void on_silent(void *magic, struct http_request *r)
{
	int *n = magic;

	++*n;
	http_park(r, NULL, NULL);
}

static const struct http_route silent_routes[] = { { "POST", "/{rest*}", on_silent, 0,
						     "Silence." } };

static struct http *start_silent(struct fixture *f, int *n)
{
	static const struct http_config config = { .listen = "127.0.0.1:0",
						   .max_connections = 100,
						   .max_body_bytes = 65536,
						   .idle_timeout_ms = 60000 };
	struct http *h;

	assert_int_equal(http_new(&(struct http_args){ .loop = f->loop,
						       .name = "silent",
						       .config = &config,
						       .routes = silent_routes,
						       .n_routes = 1,
						       .magic = n },
				  &h),
			 0);
	return h;
}

/* It gets as many requests as it may, and fills its own part of the outbox. */
static void test_silence(void **state)
{
	struct fixture *f = *state;
	int n_silent = 0;
	struct http *silent = start_silent(f, &n_silent);
	struct call calls[4] = { 0 }, other = { 0 };

	f->config.exchange_timeout_ms = 60000;
	f->config.outbox = (struct outbox_limits){ .per_host = 3, .per_channel = 9, .requests = 2 };
	loop_freeze(f->loop);
	for (int i = 0; i < 4; i++) {
		CLEANUP(mem_free_string)
		char *uri = text_format("http://%s/%d", http_listen(silent), i);

		begin(f, &calls[i], uri, i);
	}
	check_answer(f, &calls[3], DIAG_PUSH_BUSY);
	assert_int_equal(metric_of(f, "clearing_house_host_full_total"), 1);
	begin(f, &other, f->uri, 5);
	check_answer(f, &other, DIAG_SUCCESS);
	run_until(f, NULL, 2);
	settle(f, 3);
	assert_int_equal(n_silent, 2);
	/* By then their senders are told, and so is the one that was never sent. */
	advance(f, f->config.deadline_ms);
	for (int i = 0; i < 3; i++)
		check_answer(f, &calls[i], DIAG_PUSH_UNREACHABLE);
	assert_int_equal(metric_of(f, "clearing_house_pending"), 2);
	assert_int_equal(metric_of(f, "clearing_house_late_total"), 3);
	loop_resume(f->loop);
	http_free(silent);
}

/* As many connections as requests at once, and they serve later requests, too. */
static void test_connections(void **state)
{
	struct fixture *f = *state;
	struct call calls[8] = { 0 };

	f->config.outbox.requests = 3;
	for (int round = 0; round < 3; round++) {
		for (int i = 0; i < (int)ARRAY_SIZE(calls); i++) {
			CLEANUP(mem_free_string) char *uri = text_format("%s%d", f->uri, i);

			begin(f, &calls[i], uri, i);
		}
		for (int i = 0; i < (int)ARRAY_SIZE(calls); i++)
			check_answer(f, &calls[i], DIAG_SUCCESS);
		settle(f, 0);
		assert_in_range(metric_of(f, "http_test_connections"), 1, 3);
	}
	assert_int_equal(f->n_posts, 3 * 2 * (int)ARRAY_SIZE(calls));
	assert_int_equal(metric_of(f, "http_test_requests_total"), f->n_posts);
}

static void test_full_channel(void **state)
{
	static const struct reply replies[] = { { .park = true } };
	struct fixture *f = *state;
	struct call calls[3] = { 0 };

	f->config.outbox.per_channel = 2;
	script(f, replies, 1);
	begin(f, &calls[0], f->uri, 1);
	begin(f, &calls[1], f->uri, 2);
	begin(f, &calls[2], f->uri, 3);
	check_answer(f, &calls[2], DIAG_PUSH_BUSY);
	assert_int_equal(metric_of(f, "clearing_house_channel_full_total"), 1);
	run_until(f, NULL, 1);
	answer_parked(f, 0, &received);
	check_answer(f, &calls[0], DIAG_SUCCESS);
	check_answer(f, &calls[1], DIAG_SUCCESS);
}

/* The sender is told in time. A request that is under way goes on, and those behind it wait for it. */
static void test_late(void **state)
{
	static const struct reply replies[] = { { .park = true } };
	struct fixture *f = *state;
	struct call calls[2] = { 0 };

	f->config.exchange_timeout_ms = 60000;
	script(f, replies, 1);
	loop_freeze(f->loop);
	begin(f, &calls[0], f->uri, 1);
	run_until(f, NULL, 1);
	advance(f, f->config.deadline_ms);
	check_answer(f, &calls[0], DIAG_PUSH_UNREACHABLE);
	begin(f, &calls[1], f->uri, 2);
	settle(f, 2);
	assert_int_equal(f->n_posts, 1);
	answer_parked(f, 0, &received);
	check_answer(f, &calls[1], DIAG_SUCCESS);
	run_until(f, NULL, 4);
	check_post(f, 1, "");
	check_post(f, 2, "2");
	check_post(f, 3, "");
	assert_int_equal(metric_of(f, "clearing_house_failed_total"), 1);
	assert_int_equal(metric_of(f, "clearing_house_accepted_total"), 1);
	loop_resume(f->loop);
}

/* The last word of a push service that says "later" until it is too late. */
static void test_deadline_between_attempts(void **state)
{
	static const struct reply replies[] = { { 503, false, NULL, NULL, NULL, NULL },
						{ .park = true } };
	struct fixture *f = *state;
	struct call c = { 0 };

	f->config.exchange_timeout_ms = 60000;
	f->config.backoff = (struct backoff){ .max_attempts = 9, .first_ms = 100, .max_ms = 100 };
	script(f, replies, 2);
	loop_freeze(f->loop);
	begin(f, &c, f->uri, 1);
	run_until(f, NULL, 1);
	advance(f, 200);
	run_until(f, NULL, 2);
	advance(f, f->config.deadline_ms);
	check_answer(f, &c, DIAG_PUSH_UNAVAILABLE);
	loop_resume(f->loop);
}

/* The second one was not sent in time, because the push service puts the first one off: its sender hears what it says. */
static void test_deadline_behind_another(void **state)
{
	static const struct reply replies[] = { { 200, false, "QueueFull", "Active", NULL, NULL },
						{ .park = true } };
	struct fixture *f = *state;
	struct call calls[2] = { 0 };

	f->config.exchange_timeout_ms = 60000;
	f->config.backoff = (struct backoff){ .max_attempts = 9, .first_ms = 100, .max_ms = 100 };
	script(f, replies, 2);
	loop_freeze(f->loop);
	begin(f, &calls[0], f->uri, 1);
	run_until(f, NULL, 1);
	begin(f, &calls[1], f->uri, 2);
	settle(f, 2);
	advance(f, 200);
	run_until(f, NULL, 2);
	advance(f, f->config.deadline_ms);
	check_answer(f, &calls[0], DIAG_PUSH_QUEUE_FULL);
	check_answer(f, &calls[1], DIAG_PUSH_QUEUE_FULL);
	loop_resume(f->loop);
}

/* The same where the first one has just given up, and the second one is sent in its last moment. */
static void test_deadline_after_another(void **state)
{
	static const struct reply replies[] = { { 429, false, NULL, NULL, NULL, NULL },
						{ .park = true } };
	struct fixture *f = *state;
	struct call calls[2] = { 0 };

	f->config.exchange_timeout_ms = 60000;
	f->config.backoff = (struct backoff){ .max_attempts = 2, .first_ms = 100, .max_ms = 100 };
	script(f, replies, 2);
	loop_freeze(f->loop);
	begin(f, &calls[0], f->uri, 1);
	run_until(f, NULL, 1);
	begin(f, &calls[1], f->uri, 2);
	settle(f, 2);
	advance(f, 200);
	run_until(f, NULL, 2);
	f->park = true;
	answer_parked(f, 1, &replies[0]);
	check_answer(f, &calls[0], DIAG_PUSH_THROTTLED);
	run_until(f, NULL, 3);
	advance(f, f->config.deadline_ms);
	check_answer(f, &calls[1], DIAG_PUSH_THROTTLED);
	loop_resume(f->loop);
}

#define TEST(name)                                                                                 \
	cmocka_unit_test_setup_teardown(name, clearing_house_set_up, clearing_house_tear_down)

int main(void)
{
	const struct CMUnitTest tests[] = {
		TEST(test_order),
		TEST(test_retry),
		TEST(test_retry_after),
		TEST(test_retry_after_the_deadline),
		TEST(test_attempts),
		TEST(test_no_retry),
		TEST(test_dead),
		TEST(test_silence),
		TEST(test_full_channel),
		TEST(test_connections),
		TEST(test_forget),
		TEST(test_deadline_behind_another),
		TEST(test_deadline_after_another),
		TEST(test_late),
		TEST(test_deadline_between_attempts),
	};

	return cmocka_run_group_tests(tests, NULL, NULL);
}
