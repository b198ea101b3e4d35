/*
 * HTTPS API: a store that cannot keep what it is given: whoever waits for it is told 503.
 */
#include "ucwa_fixture.h"

#include "mcxd/base/loop.h"
#include "mcxd/core/conversation.h"
#include "mcxd/core/core.h"
#include "mcxd/core/ports.h"
#include "mcxd/core/store_row.h"
#include "mcxd/store/store.h"
#include "proto/text/mem.h"
#include "proto/text/text.h"

#include <errno.h>

/* ---- a store on a disk that may be full ---- */

struct failing {
	struct loop *loop;
	struct store *store;
	bool is_full;
};

static struct failing failing;

struct outcome {
	store_done_h *done;
	void *magic;
	int err;
};

static void on_outcome(void *magic)
{
	struct outcome *o = magic;

	o->done(o->magic, o->err);
	free(o);
}

static void save(void *adapter, const struct store_row *row, store_done_h *done, void *magic)
{
	struct failing *f = adapter;
	struct outcome *o;

	if (!f->is_full) {
		store_memory_port.save(f->store, row, done, magic);
		return;
	}
	if (!done)
		return;
	o = MEM_NEW(struct outcome);
	*o = (struct outcome){ done, magic, -ENOSPC };
	loop_post(f->loop, on_outcome, o);
}

static void remove_row(void *adapter, enum store_kind kind, uint64_t id, store_done_h *done,
		       void *magic)
{
	store_memory_port.remove(((struct failing *)adapter)->store, kind, id, done, magic);
}

static const struct store_port port = { .save = save, .remove = remove_row, .durable = true };

static int setup(void **state)
{
	int rc = lab_setup(state);
	struct lab *l = *state;

	failing = (struct failing){ .loop = l->loop, .store = l->store };
	l->core->ports.store = &port;
	l->core->ports.store_adapter = &failing;
	return rc;
}

/* ---- the tests ---- */

static void expect(struct lab *l, const char *method, const char *path, const char *body,
		   int status)
{
	struct reply reply;

	lab_call(l, &(struct call){ .method = method, .path = path, .body = body }, &reply);
	if (reply.status != status)
		fail_msg("%s %s: %d %s", method, path, reply.status, reply.body);
	if (status == 503)
		assert_non_null(strstr(reply.body, "ServiceUnavailable"));
	reply_reset(&reply);
}

static void test_an_application_is_refused(void **state)
{
	static const char body[] =
		"{\"UserAgent\":\"a test\",\"EndpointId\":\"e1\",\"Culture\":\"en-US\"}";
	struct lab *l = *state;

	l->token = lab_sign_in(l, "bob@lab.test", "pass+word%261");
	failing.is_full = true;
	expect(l, "POST", "/ucwa/oauth/v1/applications", body, 503);
	assert_int_equal(lab_metric(l, "core_phones"), 0);
	failing.is_full = false;
	expect(l, "POST", "/ucwa/oauth/v1/applications", body, 201);
	assert_int_equal(lab_metric(l, "core_phones"), 1);
}

static void test_a_subscription_is_refused(void **state)
{
	static const char body[] = "{\"platform\":\"windowsPhone\",\"notificationUri\":"
				   "\"http://127.0.0.1:9/x\"}";
	struct lab *l = *state;
	CLEANUP(mem_free_string) char *path = NULL;

	lab_bob(l);
	path = text_concat(l->app, "/pushSubscription");
	failing.is_full = true;
	expect(l, "PUT", path, body, 503);
	failing.is_full = false;
	expect(l, "PUT", path, body, 200);
	failing.is_full = true;
	expect(l, "DELETE", path, NULL, 503);
}

static void test_a_packet_is_not_sent(void **state)
{
	struct lab *l = *state;
	CLEANUP(mem_free_string) char *path = NULL;
	struct caller *caller;

	lab_bob(l);
	caller = caller_invite(l, "Hi");
	path = text_concat(l->app, "/events?ack=1");
	failing.is_full = true;
	expect(l, "GET", path, NULL, 503);
	failing.is_full = false;
	expect(l, "GET", path, NULL, 200);
	leg_on_cancelled(&caller->leg);
	lab_settle(l);
	caller_free(caller);
}

int main(void)
{
#define CASE(name) cmocka_unit_test_setup_teardown(test_##name, setup, lab_teardown)
	const struct CMUnitTest tests[] = {
		CASE(an_application_is_refused),
		CASE(a_subscription_is_refused),
		CASE(a_packet_is_not_sent),
	};

	return cmocka_run_group_tests(tests, NULL, NULL);
}
