/*
 * HTTPS API with a store on disk: what says that something has been done waits for the disk, and a disk that takes nothing
 * is 503.
 */
#include "stored_fixture.h"
#include "synced_vfs.h"
#include "ucwa_fixture.h"

#include "mcxd/base/loop.h"
#include "mcxd/core/conversation.h"
#include "mcxd/core/core.h"
#include "proto/text/mem.h"
#include "proto/text/text.h"

static int setup(void **state)
{
	int rc = lab_setup(state);
	struct lab *l = *state;

	stored_open(l->core, l->loop, l->metrics);
	l->core_config.max_events = 100;
	return rc;
}

static int teardown(void **state)
{
	struct lab *l = *state;

	stored_close(l->core, l->store);
	return lab_teardown(state);
}

/* The writer finds that out by itself. */
static void wait_until_it_writes(struct lab *l)
{
	int64_t until_ms = loop_real_ms(l->loop) + 20000;

	while (lab_metric(l, "store_failing") > 0) {
		assert_true(loop_real_ms(l->loop) < until_ms);
		loop_step(l->loop, 10);
	}
}

/* ---- waiting ---- */

/* below: Bob's application, with a number for "#". */
struct request {
	const char *method, *below, *body, *type;
	int status;
};

static void send(struct lab *l, const struct request *q, uint64_t number, struct reply *ret)
{
	CLEANUP(text_deinit) struct text url = TEXT_INIT;
	const char *below = q->below;
	size_t n = strcspn(below, "#");

	if (l->app)
		text_add(&url, l->app);
	text_add_bytes(&url, below, n);
	if (below[n]) {
		text_add_number(&url, number);
		text_add(&url, below + n + 1);
	}
	lab_send(l,
		 &(struct call){ .method = q->method,
				 .path = text_str(&url),
				 .type = q->type,
				 .body = q->body },
		 ret);
}

static void expect_status(const struct request *q, const struct reply *r, int status)
{
	if (r->status != status)
		fail_msg("%s %s: %d %s", q->method, q->below, r->status, r->body);
}

/* While somebody else has the file, nothing can be committed. */
static void waits_for_the_disk(struct lab *l, const struct request *q, uint64_t number, bool waits)
{
	struct reply reply;

	stored_run_sql("BEGIN IMMEDIATE");
	send(l, q, number, &reply);
	if (waits) {
		lab_settle(l);
		lab_settle(l);
		if (reply.done)
			fail_msg("%s %s: answered before it was stored", q->method, q->below);
	} else {
		lab_wait(l, &reply);
	}
	stored_run_sql("ROLLBACK");
	lab_wait(l, &reply);
	expect_status(q, &reply, q->status);
	reply_reset(&reply);
}

#define SUBSCRIPTION "{\"platform\":\"windowsPhone\",\"notificationUri\":\"http://127.0.0.1:9/x\"}"
#define CALLS        "/communication/messagingInvitations"
#define WATCHES      "/people/presenceSubscriptions"

static void test_what_was_done_is_stored_first(void **state)
{
	static const struct request own[] = {
		{ "POST", "/me/presence", "{\"availability\":\"Busy\"}", NULL, 204 },
		{ "POST", "/me/note", "{\"message\":\"at lunch\"}", NULL, 204 },
		{ "POST", "/me/location", "{\"location\":\"here\"}", NULL, 204 },
		{ "PUT", "/pushSubscription", SUBSCRIPTION, NULL, 201 },
		{ "PUT", "/pushSubscription", SUBSCRIPTION, NULL, 200 },
		{ "DELETE", "/pushSubscription", NULL, NULL, 204 },
		{ "POST", WATCHES, "{\"duration\":11,\"uris\":[\"sip:alice@lab.test\"]}", NULL,
		  201 },
		{ "POST", CALLS, "{\"to\":\"sip:alice@lab.test\",\"operationId\":\"1\"}", NULL,
		  201 },
	};
	struct lab *l = *state;

	lab_bob(l);
	for (size_t i = 0; i < ARRAY_SIZE(own); i++)
		waits_for_the_disk(l, &own[i], 0, true);
	waits_for_the_disk(l, &(struct request){ "GET", "/me/note", NULL, NULL, 200 }, 0, false);
	waits_for_the_disk(l, &(struct request){ "POST", "/me/note", "{", NULL, 400 }, 0, false);
	waits_for_the_disk(l, &(struct request){ "DELETE", "", NULL, NULL, 204 }, 0, true);
}

static void test_a_token_and_availability_are_stored_first(void **state)
{
	static const char body[] =
		"grant_type=password&username=bob@lab.test&password=pass+word%261";
	struct lab *l = *state;
	const struct request token = { "POST", "/WebTicket/oauthtoken", body,
				       "application/x-www-form-urlencoded", 200 };

	waits_for_the_disk(l, &token, 0, true);
	l->token = lab_sign_in(l, "bob@lab.test", "pass+word%261");
	l->app = lab_application(l, l->token, "bobs-phone");
	waits_for_the_disk(l, &(struct request){ "POST", "/me/makeMeAvailable", "{}", NULL, 204 },
			   0, true);
	waits_for_the_disk(l, &(struct request){ "POST", "/me/makeMeAvailable", "{}", NULL, 409 },
			   0, false);
}

#define CONVERSATION "/communication/conversations/#"

static void test_what_is_done_in_a_conversation_is_stored_first(void **state)
{
	struct lab *l = *state;
	struct caller *first, *second;

	lab_bob(l);
	first = caller_invite(l, "Hi");
	waits_for_the_disk(l, &(struct request){ "POST", CALLS "/#/accept", NULL, NULL, 204 },
			   first->conversation, true);
	waits_for_the_disk(l,
			   &(struct request){ "POST", CONVERSATION "/messaging/messages", "Hello",
					      "text/plain", 201 },
			   first->conversation, true);
	waits_for_the_disk(
		l, &(struct request){ "POST", CONVERSATION "/messaging/typing", NULL, NULL, 204 },
		first->conversation, false);
	waits_for_the_disk(
		l,
		&(struct request){ "POST", CONVERSATION "/messaging/terminate", NULL, NULL, 204 },
		first->conversation, true);
	second = caller_invite(l, "Hi again");
	waits_for_the_disk(l, &(struct request){ "POST", CALLS "/#/decline", NULL, NULL, 204 },
			   second->conversation, true);
	caller_free(first);
	caller_free(second);
}

/* Each part waits, and so does the whole. */
static void test_a_batch_is_stored_first(void **state)
{
	static const char body[] = "--b\r\nContent-Type: application/http; msgtype=request\r\n\r\n"
				   "POST %s/me/note HTTP/1.1\r\nHost: x\r\n"
				   "Content-Type: application/json\r\n\r\n{\"message\":\"x\"}\r\n"
				   "--b--\r\n";
	struct lab *l = *state;
	CLEANUP(mem_free_string) char *text = NULL;

	lab_bob(l);
	text = text_format(body, l->app);
	waits_for_the_disk(
		l,
		&(struct request){ "POST", "/batch", text, "multipart/batching; boundary=b", 200 },
		0, true);
}

/* ---- refusing ---- */

static void expect(struct lab *l, const struct request *q, uint64_t number)
{
	int64_t n = lab_metric(l, "ucwa_not_stored_total");
	struct reply reply;

	send(l, q, number, &reply);
	lab_wait(l, &reply);
	expect_status(q, &reply, q->status);
	if (q->status == 503) {
		assert_string_equal(reply_at(&reply, "/code"), "ServiceUnavailable");
		assert_true(*reply_header(&reply, "Retry-After"));
		assert_null(reply.location);
		assert_int_equal(lab_metric(l, "ucwa_not_stored_total"), n + 1);
	}
	reply_reset(&reply);
}

#define EXPECT(l, number, ...) expect(l, &(struct request){ __VA_ARGS__ }, number)

static void test_an_application_is_refused(void **state)
{
	static const char body[] =
		"{\"UserAgent\":\"a test\",\"EndpointId\":\"e1\",\"Culture\":\"en-US\"}";
	struct lab *l = *state;

	l->token = lab_sign_in(l, "bob@lab.test", "pass+word%261");
	synced_vfs_set_full(true);
	EXPECT(l, 0, "POST", "/ucwa/oauth/v1/applications", body, NULL, 503);
	assert_int_equal(lab_metric(l, "core_phones"), 0);
	synced_vfs_set_full(false);
	wait_until_it_writes(l);
	EXPECT(l, 0, "POST", "/ucwa/oauth/v1/applications", body, NULL, 201);
	assert_int_equal(lab_metric(l, "core_phones"), 1);
}

/* Two requests for one application at the same time: none is answered before it is stored, and both fail if it cannot be. */
static void test_a_repeated_sign_in(void **state)
{
	static const char body[] =
		"{\"UserAgent\":\"a test\",\"EndpointId\":\"e1\",\"Culture\":\"en-US\"}";
	static const struct request q = { "POST", "/ucwa/oauth/v1/applications", body, NULL, 0 };
	struct lab *l = *state;
	struct reply first, second;

	l->token = lab_sign_in(l, "bob@lab.test", "pass+word%261");
	stored_run_sql("BEGIN IMMEDIATE");
	send(l, &q, 0, &first);
	send(l, &q, 0, &second);
	lab_settle(l);
	lab_settle(l);
	assert_false(first.done || second.done);
	stored_run_sql("ROLLBACK");
	lab_wait(l, &first);
	lab_wait(l, &second);
	assert_int_equal(first.status + second.status, 201 + 200);
	assert_string_equal(reply_at(&first, "/_links/self/href"),
			    reply_at(&second, "/_links/self/href"));
	l->app = mem_strdup(reply_at(&first, "/_links/self/href"));
	reply_reset(&first);
	reply_reset(&second);
	EXPECT(l, 0, "DELETE", "", NULL, NULL, 204);
	free(l->app);
	l->app = NULL;

	synced_vfs_set_full(true);
	send(l, &q, 0, &first);
	send(l, &q, 0, &second);
	lab_wait(l, &first);
	lab_wait(l, &second);
	expect_status(&q, &first, 503);
	expect_status(&q, &second, 503);
	assert_int_equal(lab_metric(l, "core_phones"), 0);
	reply_reset(&first);
	reply_reset(&second);
	synced_vfs_set_full(false);
	wait_until_it_writes(l);
}

/* The first request finds out, and what it has done is done, though not said; the next ones are not begun. */
static void test_nothing_is_begun_on_a_full_disk(void **state)
{
	struct lab *l = *state;
	struct caller *c;

	lab_bob(l);
	c = caller_invite(l, "Hi");
	synced_vfs_set_full(true);
	EXPECT(l, c->conversation, "POST", CALLS "/#/accept", NULL, NULL, 503);
	assert_int_equal(lab_metric(l, "store_failing"), 1);
	EXPECT(l, c->conversation, "POST", CONVERSATION "/messaging/messages", "lost?",
	       "text/plain", 503);
	EXPECT(l, 0, "POST", "/me/note", "{\"message\":\"lost?\"}", NULL, 503);
	EXPECT(l, 0, "PUT", "/pushSubscription", SUBSCRIPTION, NULL, 503);
	EXPECT(l, 0, "POST", CALLS, "{\"to\":\"sip:alice@lab.test\"}", NULL, 503);
	EXPECT(l, 0, "GET", "/me/presence", NULL, NULL, 200);
	assert_null(strstr(text_str(&c->told), "say("));
	synced_vfs_set_full(false);
	wait_until_it_writes(l);
	EXPECT(l, 0, "GET", "/pushSubscription", NULL, NULL, 404);
	EXPECT(l, c->conversation, "POST", CONVERSATION "/messaging/messages", "here", "text/plain",
	       201);
	assert_non_null(strstr(text_str(&c->told), "say(here)"));
	EXPECT(l, c->conversation, "DELETE", CONVERSATION, NULL, NULL, 204);
	caller_free(c);
}

static void test_a_packet_is_not_sent(void **state)
{
	struct lab *l = *state;
	struct caller *c;

	lab_bob(l);
	c = caller_invite(l, "Hi");
	synced_vfs_set_full(true);
	EXPECT(l, 0, "GET", "/events?ack=1", NULL, NULL, 503);
	synced_vfs_set_full(false);
	wait_until_it_writes(l);
	EXPECT(l, 0, "GET", "/events?ack=1", NULL, NULL, 200);
	leg_on_cancelled(&c->leg);
	lab_settle(l);
	caller_free(c);
}

int main(void)
{
#define CASE(name) cmocka_unit_test_setup_teardown(test_##name, setup, teardown)
	const struct CMUnitTest tests[] = {
		CASE(what_was_done_is_stored_first),
		CASE(a_token_and_availability_are_stored_first),
		CASE(a_repeated_sign_in),
		CASE(what_is_done_in_a_conversation_is_stored_first),
		CASE(a_batch_is_stored_first),
		CASE(an_application_is_refused),
		CASE(nothing_is_begun_on_a_full_disk),
		CASE(a_packet_is_not_sent),
	};

	return cmocka_run_group_tests(tests, NULL, NULL);
}
