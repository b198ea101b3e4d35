/*
 * HTTPS API: the event channel
 */
#include "mcxd/base/loop.h"
#include "mcxd/core/conversation.h"
#include "mcxd/core/core.h"
#include "mcxd/core/delivery.h"
#include "mcxd/core/phone.h"
#include "proto/text/mem.h"
#include "proto/text/text.h"
#include "ucwa_fixture.h"
#include "web/http/client.h"
#include "web/ucwa/ucwa.h"

/* An answer with nothing but this link. */
static void expect_resync(struct lab *l, uint64_t ack, const char *expected)
{
	struct reply r;

	l->ack = ack;
	lab_poll(l, &r);
	lab_wait(l, &r);
	assert_int_equal(r.status, 200);
	assert_string_equal(reply_at(&r, "/_links/resync/href") + strlen(l->app), expected);
	assert_int_equal(json_object_object_length(json_at(r.json, "/_links")), 1);
	assert_int_equal(json_object_object_length(r.json), 1);
	reply_reset(&r);
}

/* HEAD neither waits nor acknowledges. */
static void test_head(void **state)
{
	struct lab *l = *state;
	CLEANUP(mem_free_string) char *path = NULL;
	struct caller *c;
	struct reply r;

	lab_bob(l);
	path = text_concat(l->app, "/events?ack=2");
	assert_int_equal(lab_do(l, "HEAD", "/events?ack=1", NULL), 200);
	c = caller_invite(l, "Hi");
	lab_next_packet(l, LAB_STARTED);
	assert_int_equal(lab_call(l, &(struct call){ .method = "HEAD", .path = path }, &r), 200);
	assert_string_equal(r.body, "");
	reply_reset(&r);
	l->ack = 1;
	lab_next_packet(l, LAB_STARTED);
	leg_on_cancelled(&c->leg);
	lab_settle(l);
	caller_free(c);
}

static void test_ack(void **state)
{
	struct lab *l = *state;
	CLEANUP(text_deinit) struct text events = TEXT_INIT;
	struct caller *c;
	struct reply r;

	lab_bob(l);
	expect_resync(l, 5, "/events?ack=1");
	expect_resync(l, 0, "/events?ack=1");
	l->ack = 1;
	c = caller_invite(l, "Hi Brendan");
	lab_next_packet(l, LAB_STARTED);
	/* The answer was lost: the same packet again, and a restarted application is led back to it. */
	l->ack = 1;
	lab_next_packet(l, LAB_STARTED);
	assert_int_equal(lab_call(l, &(struct call){ .method = "GET", .path = l->app }, &r), 200);
	assert_non_null(strstr(reply_at(&r, "/_links/events/href"), "/events?ack=1"));
	reply_reset(&r);
	expect_resync(l, 3, "/events?ack=1");
	l->ack = 2;
	lab_poll(l, &r);
	assert_false(r.done);
	expect_resync(l, 3, "/events?ack=2");
	expect_resync(l, 1, "/events?ack=2");
	l->ack = 2;
	assert_false(r.done);
	leg_on_cancelled(&c->leg);
	lab_packet(l, &r, &events);
	reply_reset(&r);
	caller_free(c);
}

static void test_bad_parameters(void **state)
{
	static const char *const bad[] = {
		"",
		"?ack=-1",
		"?ack=x",
		"?ack=99999999999999999999",
		"?ack=1&timeout=179",
		"?ack=1&timeout=1801",
		"?ack=1&timeout=",
		"?ack=1&low=4",
		"?ack=1&low=1801",
		"?ack=1&medium=4",
		"?ack=1&medium=1801",
		"?ack=1&medium=x",
		"?ack=1&priority=-1",
	};
	struct lab *l = *state;

	lab_bob(l);
	for (size_t i = 0; i < ARRAY_SIZE(bad); i++) {
		CLEANUP(mem_free_string) char *path = text_format("/events%s", bad[i]);

		assert_int_equal(lab_do(l, "GET", path, NULL), 400);
	}
}

static void test_replaced(void **state)
{
	struct lab *l = *state;
	CLEANUP(mem_free_string) char *low = NULL;
	CLEANUP(mem_free_string) char *high = NULL;
	struct reply first, second, third;

	lab_bob(l);
	lab_poll(l, &first);
	high = text_format("%s/events?ack=1&priority=5", l->app);
	low = text_format("%s/events?ack=1&priority=4", l->app);
	lab_send(l, &(struct call){ .method = "GET", .path = high }, &second);
	lab_wait(l, &first);
	assert_int_equal(first.status, 409);
	assert_string_equal(reply_at(&first, "/subcode"), "PGetReplaced");
	reply_reset(&first);
	assert_int_equal(lab_call(l, &(struct call){ .method = "GET", .path = low }, &third), 409);
	reply_reset(&third);
	lab_settle(l);
	assert_false(second.done);
	assert_int_equal(lab_do(l, "DELETE", "", NULL), 204);
	lab_wait(l, &second);
	assert_int_equal(second.status, 404);
	assert_string_equal(reply_at(&second, "/subcode"), "ApplicationNotFound");
	reply_reset(&second);
	assert_int_equal(lab_metric(l, "ucwa_polls"), 0);
}

static void test_hang_up(void **state)
{
	struct lab *l = *state;
	struct phone *p;
	struct reply r;

	lab_bob(l);
	p = phone_find(l->core, strrchr(l->app, '/') + 1);
	lab_poll(l, &r);
	assert_false(delivery_is_away(p));
	http_client_cancel(l->client, r.id);
	for (int i = 0; i < 500 && lab_metric(l, "ucwa_polls"); i++)
		loop_step(l->loop, 1);
	assert_int_equal(lab_metric(l, "ucwa_polls"), 0);
	assert_false(delivery_is_away(p));
	loop_jump(l->loop, 2001);
	lab_settle(l);
	assert_true(delivery_is_away(p));
	reply_reset(&r);
}

/* How long news may wait for others is remembered until the client says otherwise. */
static void test_aggregation(void **state)
{
	struct lab *l = *state;
	CLEANUP(text_deinit) struct text events = TEXT_INIT;
	CLEANUP(mem_free_string) char *path = NULL;
	struct reply r;

	lab_bob(l);
	l->core_config.medium_delay_ms = 5000;
	path = text_format("%s/events?ack=%llu&medium=10&low=20", l->app,
			   (unsigned long long)l->ack);
	lab_send(l, &(struct call){ .method = "GET", .path = path }, &r);
	for (int i = 0; i < 2; i++) {
		lab_settle(l);
		assert_int_equal(lab_do(l, "POST", "/me/note",
					i ? "{\"message\":\"b\"}" : "{\"message\":\"a\"}"),
				 204);
		loop_jump(l->loop, 9900);
		lab_settle(l);
		assert_false(r.done);
		loop_jump(l->loop, 101);
		lab_packet(l, &r, &events);
		assert_string_equal(text_str(&events), "note updated;");
		reply_reset(&r);
		lab_poll(l, &r);
	}
	http_client_cancel(l->client, r.id);
	reply_reset(&r);
}

/* While the phone counts as in the foreground, no push is sent, and the journal says so. */
static void test_grace(void **state)
{
	struct lab *l = *state;
	CLEANUP(text_deinit) struct text story = TEXT_INIT;
	struct caller *c;
	struct reply r;

	lab_bob(l);
	lab_poll(l, &r);
	http_client_cancel(l->client, r.id);
	for (int i = 0; i < 500 && lab_metric(l, "ucwa_polls"); i++)
		loop_step(l->loop, 1);
	reply_reset(&r);
	loop_jump(l->loop, 500);
	c = caller_invite(l, "Hi Brendan");
	lab_story(l, "push", &story);
	assert_non_null(strstr(text_str(&story),
			       "no push: the phone counts as in the foreground for another 1."));
	loop_jump(l->loop, 2000);
	lab_settle(l);
	lab_story(l, "push", &story);
	if (!strstr(text_str(&story), " s; no push: No push subscription for target device; "))
		fail_msg("%s", text_str(&story));
	leg_on_cancelled(&c->leg);
	lab_settle(l);
	caller_free(c);
}

/* A link of its own says that conversations were ended while nobody asked. */
static void test_resume(void **state)
{
	struct lab *l = *state;
	struct caller *c;
	struct reply r;

	l->core_config.channel_expiry_ms = 600000;
	c = caller_connected(l);
	loop_jump(l->loop, 600001);
	lab_settle(l);
	assert_non_null(strstr(text_str(&c->told), "end "));
	for (int i = 0; i < 2; i++) {
		lab_poll(l, &r);
		lab_wait(l, &r);
		assert_false(reply_has(&r, "/_links/next"));
		assert_non_null(strstr(reply_at(&r, "/_links/resume/href"), "/events?ack="));
		assert_true(reply_has(&r, "/sender/0/events/0"));
		reply_reset(&r);
	}
	l->ack++;
	lab_poll(l, &r);
	loop_jump(l->loop, 180001);
	lab_wait(l, &r);
	assert_true(reply_has(&r, "/_links/next"));
	assert_false(reply_has(&r, "/_links/resume"));
	reply_reset(&r);
	caller_free(c);
}

static void test_poll_timeout(void **state)
{
	struct lab *l = *state;
	CLEANUP(mem_free_string) char *path = NULL;
	CLEANUP(text_deinit) struct text events = TEXT_INIT;
	struct reply r;

	lab_bob(l);
	lab_poll(l, &r);
	loop_jump(l->loop, 180001);
	lab_packet(l, &r, &events);
	assert_string_equal(text_str(&events), "");
	reply_reset(&r);
	/* The timeout that was given once applies to the requests that follow. */
	path = text_format("%s/events?ack=2&timeout=600", l->app);
	lab_send(l, &(struct call){ .method = "GET", .path = path }, &r);
	lab_settle(l);
	loop_jump(l->loop, 600001);
	lab_packet(l, &r, &events);
	reply_reset(&r);
	lab_poll(l, &r);
	loop_jump(l->loop, 599000);
	lab_settle(l);
	assert_false(r.done);
	loop_jump(l->loop, 1001);
	lab_packet(l, &r, &events);
	reply_reset(&r);
}

/* WPLync sessions last for three days without any request. */
static void test_session_expiry(void **state)
{
	struct lab *l = *state;

	lab_bob(l);
	l->core_config.session_expiry_ms = 7200000;
	assert_int_equal(
		lab_do(l, "PUT", "/pushSubscription",
		       "{\"platform\":\"webhook\",\"notificationUri\":\"http://127.0.0.1/\"}"),
		201);
	loop_jump(l->loop, 7100000);
	lab_settle(l);
	assert_int_equal(lab_do(l, "GET", "", NULL), 200);
	loop_jump(l->loop, 7100000);
	lab_settle(l);
	assert_int_equal(lab_do(l, "GET", "", NULL), 200);
	loop_jump(l->loop, 7200001);
	lab_settle(l);
	assert_int_equal(lab_do(l, "GET", "", NULL), 404);
}

/* An event request that is held open when the API closes is answered. */
static void test_close(void **state)
{
	struct lab *l = *state;
	struct reply r;

	lab_bob(l);
	lab_poll(l, &r);
	l->ucwa = ucwa_free(l->ucwa);
	lab_wait(l, &r);
	assert_int_equal(r.status, 503);
	assert_string_equal(reply_at(&r, "/code"), "ServiceUnavailable");
	assert_string_equal(reply_at(&r, "/message"), "The server is shutting down.");
	reply_reset(&r);
}

/* Send an event request of a further application. */
static void hold(struct lab *l, const char *token, const char *endpoint_id, struct reply *r)
{
	CLEANUP(mem_free_string) char *app = lab_application(l, token, endpoint_id);
	CLEANUP(mem_free_string) char *path = text_concat(app, "/events?ack=1");

	lab_send(l, &(struct call){ .method = "GET", .path = path, .token = token }, r);
	lab_settle(l);
}

static void test_too_many_held(void **state)
{
	struct lab *l = *state;
	CLEANUP(mem_free_string) char *alices = lab_sign_in(l, "alice@lab.test", "pass+word%261");
	struct reply own[2], second, third, first_of_alice, second_of_alice;

	lab_bob(l);
	lab_poll(l, &own[0]);
	hold(l, l->token, "two", &second);
	hold(l, l->token, "three", &third);
	lab_wait(l, &third);
	assert_int_equal(third.status, 429);
	assert_string_equal(reply_at(&third, "/code"), "TooManyRequests");
	assert_string_equal(reply_header(&third, "Retry-After"), "5");
	/* What takes another's place is not one more. */
	lab_poll(l, &own[1]);
	lab_wait(l, &own[0]);
	assert_int_equal(own[0].status, 409);
	lab_settle(l);
	assert_false(own[1].done);
	hold(l, alices, "one", &first_of_alice);
	hold(l, alices, "two", &second_of_alice);
	lab_wait(l, &second_of_alice);
	assert_int_equal(second_of_alice.status, 503);
	assert_string_equal(reply_header(&second_of_alice, "Retry-After"), "5");
	assert_int_equal(lab_metric(l, "ucwa_polls_refused_total"), 2);
	assert_int_equal(lab_metric(l, "ucwa_polls"), 3);
	l->ucwa = ucwa_free(l->ucwa);
	lab_wait(l, &own[1]);
	lab_wait(l, &second);
	lab_wait(l, &first_of_alice);
	reply_reset(&own[0]);
	reply_reset(&own[1]);
	reply_reset(&second);
	reply_reset(&third);
	reply_reset(&first_of_alice);
	reply_reset(&second_of_alice);
}

#define TEST(name) cmocka_unit_test_setup_teardown(name, lab_setup, lab_teardown)

int main(void)
{
	const struct CMUnitTest tests[] = {
		TEST(test_ack),
		TEST(test_head),
		TEST(test_bad_parameters),
		TEST(test_replaced),
		TEST(test_hang_up),
		TEST(test_poll_timeout),
		TEST(test_session_expiry),
		TEST(test_close),
		TEST(test_too_many_held),
		TEST(test_grace),
		TEST(test_aggregation),
		TEST(test_resume),
	};

	return cmocka_run_group_tests(tests, NULL, NULL);
}
