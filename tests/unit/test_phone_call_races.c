/*
 * Phones that call each other and everything that can come between, in random order: every invitation that a phone
 * is told of has exactly one end, and nothing is left over.
 */
#include "tests/unit/core_fixture.h"

#include "mcxd/base/idtab.h"
#include "mcxd/base/limit.h"
#include "mcxd/base/list.h"
#include "mcxd/base/metric.h"
#include "mcxd/core/core.h"
#include "mcxd/core/delivery.h"
#include "mcxd/core/event.h"
#include "mcxd/core/metrics.h"
#include "mcxd/core/party.h"
#include "mcxd/core/phone.h"
#include "mcxd/core/phone_callee.h"
#include "mcxd/core/phone_caller.h"
#include "mcxd/core/phone_leg.h"
#include "mcxd/core/route.h"
#include "mcxd/core/session.h"
#include "mcxd/core/user.h"
#include "proto/text/mem.h"

#include <stdlib.h>

enum { N_PHONES = 4, N_STEPS = 4000, MAX_ID = 4096 };

struct race {
	struct fixture *f;
	struct phone *phones[N_PHONES]; /* two of Alice, two of Bob */
	int balance[N_PHONES][MAX_ID];  /* started minus completed, by conversation */
	unsigned short seed[3];
};

static long pick(struct race *r, long n)
{
	return nrand48(r->seed) % n;
}

static struct phone *sign_in(struct race *r, int i)
{
	static const char *const names[] = { "a", "b", "c", "d" };

	return fixture_phone(r->f, i % 2 ? r->f->bob : r->f->alice, names[i]);
}

/* Take and acknowledge what the phone has to be told. */
static void read_events(struct race *r, int i)
{
	static uint64_t poll_id = 100000;
	struct phone *p = r->phones[i];
	uint64_t packet, phone_id = p->id;

	if (!p->poll_id)
		assert_int_not_equal(delivery_poll(p, p->events.packet + 1, ++poll_id, 0),
				     POLL_WRONG_ACK);
	assert_int_equal(delivery_take(r->f->core, phone_id, p->poll_id, &packet), POLL_PACKET);
	list_for_each (node, &p->events.events) {
		const struct event *e = LIST_ENTRY(node, struct event, of_queue);

		assert_true(e->conversation < MAX_ID);
		if (e->kind == EVENT_INVITATION_STARTED)
			assert_int_equal(r->balance[i][e->conversation]++, 0);
		else if (e->kind == EVENT_INVITATION_COMPLETED)
			assert_int_equal(r->balance[i][e->conversation]--, 1);
	}
}

/* A conversation of this phone, or an old one. */
static uint64_t any_conversation(struct race *r, const struct phone *p)
{
	const struct phone_leg *l = NULL;
	uint64_t id = 1 + (uint64_t)pick(r, 5);

	while ((l = phone_leg_next(p, l)))
		if (pick(r, 2))
			id = phone_leg_conversation(l) ? l->conversation : id;
	return id;
}

static void call(struct race *r, struct phone *p)
{
	static const char *const to[] = { "alice@lab.test", "bob@lab.test", "bob@lab.test",
					  "nobody@lab.test" };
	uint64_t id;

	route_call(p, &(struct route_call){ .to = to[pick(r, 4)], .first_line = "Hi" }, &id);
}

static void sign_out(struct race *r, int i)
{
	session_sign_out(r->phones[i]);
	memset(r->balance[i], 0, sizeof(r->balance[i]));
	r->phones[i] = sign_in(r, i);
}

static void step(struct race *r)
{
	int i = (int)pick(r, N_PHONES);
	struct phone *p = r->phones[i];
	const struct im im = { .content_type = "text/plain", .body = "x", .n_body = 1 };
	uint64_t message, id = any_conversation(r, p);

	switch (pick(r, 13)) {
	case 0:
	case 1: call(r, p); break;
	case 2:
	case 3: phone_callee_accept(p, id); break;
	case 4: phone_callee_decline(p, id); break;
	case 5: phone_caller_cancel(p, id); break;
	case 6: phone_leg_terminate(p, id); break;
	case 7: phone_leg_say(p, id, &im, &message); break;
	case 8: fixture_advance(r->f, pick(r, 4000)); break;
	case 9: fixture_settle(r->f); break;
	case 10:
		if (!pick(r, 20))
			sign_out(r, i);
		break;
	default: read_events(r, i); break;
	}
}

static void end_all(struct race *r)
{
	for (int i = 0; i < N_PHONES; i++) {
		struct phone_leg *l;

		while ((l = phone_leg_next(r->phones[i], NULL))) {
			uint64_t id = l->conversation;

			if (phone_leg_terminate(r->phones[i], id) != PHONE_OK &&
			    phone_caller_cancel(r->phones[i], id) != PHONE_OK)
				phone_callee_decline(r->phones[i], id);
			fixture_settle(r->f);
		}
	}
}

static void run(struct fixture *f, unsigned short seed)
{
	struct race *r = MEM_NEW(struct race);

	r->f = f;
	r->seed[0] = seed;
	for (int i = 0; i < N_PHONES; i++)
		r->phones[i] = sign_in(r, i);
	for (int i = 0; i < N_STEPS && f->core->conversations.last < MAX_ID - 10; i++)
		step(r);
	end_all(r);
	for (int i = 0; i < N_PHONES; i++) {
		read_events(r, i);
		for (int id = 0; id < MAX_ID; id++)
			assert_int_equal(r->balance[i][id], 0);
		session_sign_out(r->phones[i]);
	}
	fixture_settle(f);
	assert_int_equal(f->core->metrics.conversations.value, 0);
	assert_int_equal(f->alice->conversations.used, 0);
	assert_int_equal(f->bob->conversations.used, 0);
	/* It was no idle run. */
	assert_true(f->core->metrics.answered_total.value > 20);
	assert_true(f->core->metrics.refused_total.value > 20);
	assert_true(f->core->metrics.cancelled_total.value > 20);
	assert_true(f->core->metrics.timeouts_total.value > 20);
	free(r);
}

static void test_races(void **state)
{
	struct fixture *f = *state;

	f->config.call_timeout_ms = 3000;
	run(f, 1);
}

static void test_other_races(void **state)
{
	struct fixture *f = *state;

	f->config.call_timeout_ms = 3000;
	fixture_register(f, "sip:bob@127.0.0.1:5062");
	run(f, 2);
}

#define TEST(name) cmocka_unit_test_setup_teardown(name, fixture_setup, fixture_teardown)

int main(void)
{
	const struct CMUnitTest tests[] = { TEST(test_races), TEST(test_other_races) };

	return cmocka_run_group_tests(tests, NULL, NULL);
}
