/*
 * Snapshots: what was taken can be put back, and says the same; whatever a row says, it is taken or refused.
 */
#include "tests/unit/core_fixture.h"

#include "mcxd/base/idtab.h"
#include "mcxd/base/list.h"
#include "mcxd/core/binding.h"
#include "mcxd/core/core.h"
#include "mcxd/core/life.h"
#include "mcxd/core/party.h"
#include "mcxd/core/phone.h"
#include "mcxd/core/phone_callee.h"
#include "mcxd/core/phone_leg.h"
#include "mcxd/core/presence.h"
#include "mcxd/core/push.h"
#include "mcxd/core/route.h"
#include "mcxd/core/snapshot.h"
#include "mcxd/core/store_row.h"
#include "mcxd/core/watch.h"
#include "proto/text/mem.h"
#include "proto/text/text.h"
#include "web/lab/snapshot/snapshot.h"

#include <json-c/json.h>

static const struct im hello = { .content_type = "text/plain", .body = "Hello", .n_body = 5 };

/* Two phones that talk, one message not fetched, an invitation missed, a contact, a watch, and presence. */
static void play(struct fixture *f)
{
	struct phone *a = fixture_phone(f, f->alice, "a"), *b = fixture_phone(f, f->bob, "b");
	CLEANUP(text_deinit) struct text events = TEXT_INIT;
	uint64_t id = 0, message;

	fixture_subscribe(b);
	fixture_invite(f, "missed", NULL);
	fixture_settle(f);
	push_on_answer(f->core, f->last_push, &(struct push_answer){ .sip_status = 200 });
	fixture_advance(f, 60001);
	assert_int_equal(route_call(a,
				    &(struct route_call){ .to = "bob@lab.test",
							  .first_line = "Hi",
							  .first_line_type = "text/plain" },
				    &id),
			 PHONE_OK);
	fixture_settle(f);
	push_on_answer(f->core, f->last_push,
		       &(struct push_answer){ .sip_status = 403, .diag_id = 7, .reason = "No" });
	assert_int_equal(phone_callee_accept(b, id), PHONE_OK);
	fixture_events(f, a, &events);
	fixture_events(f, b, &events);
	assert_int_equal(phone_leg_say(a, id, &hello, &message), PHONE_OK);
	fixture_register(f, "sip:bob@127.0.0.1:1");
	assert_non_null(watch_new(a, 600000, &f->bob, 1));
	presence_set_note(f->bob, "at work");
	fixture_settle(f);
}

static int setup(void **state)
{
	int result = fixture_setup(state);

	play(*state);
	return result;
}

struct document {
	struct json_object *users, *rows;
};

static struct document take(struct fixture *f)
{
	return (struct document){ snapshot_users_json(f->core, true),
				  snapshot_rows_json(f->core, snapshot_moment_us(f->core), true) };
}

static void drop(struct document *d)
{
	json_object_put(d->users);
	json_object_put(d->rows);
}

static bool read(struct fixture *f, const struct document *d, struct snapshot *ret,
		 struct text *why)
{
	return snapshot_read(ret, &(struct snapshot_parts){ d->users, d->rows },
			     snapshot_moment_us(f->core), why);
}

static struct json_object *rows_of(const struct document *d, enum store_kind kind)
{
	return json_object_object_get(d->rows, store_tables[kind].name);
}

static void test_what_was_taken_is_put_back(void **state)
{
	static const enum store_kind kinds[] = {
		STORE_BINDING, STORE_PHONE,        STORE_QUEUE,     STORE_EVENT,    STORE_MISSED,
		STORE_COUNTER, STORE_CONVERSATION, STORE_PHONE_LEG, STORE_PRESENCE, STORE_WATCH,
		STORE_ENDED,   STORE_PUSH,         STORE_SAID
	};
	struct fixture *f = *state;
	CLEANUP(text_deinit) struct text why = TEXT_INIT;
	struct document first = take(f), second;
	struct snapshot s;

	for (size_t i = 0; i < ARRAY_SIZE(kinds); i++)
		if (!json_object_array_length(rows_of(&first, kinds[i])))
			fail_msg("no %s", store_tables[kinds[i]].name);
	assert_true(read(f, &first, &s, &why));
	assert_null(snapshot_check(f->core, &s));
	core_reset(f->core);
	fixture_settle(f);
	assert_true(snapshot_has_room(f->core));
	assert_null(snapshot_load(f->core, &s));
	second = take(f);
	for (int kind = STORE_USER + 1; kind < N_ROW_KINDS; kind++)
		assert_string_equal(
			json_object_to_json_string(rows_of(&second, (enum store_kind)kind)),
			json_object_to_json_string(rows_of(&first, (enum store_kind)kind)));
	assert_string_equal(json_object_to_json_string(second.users),
			    json_object_to_json_string(first.users));
	snapshot_deinit(&s);
	drop(&first);
	drop(&second);
}

/* One whose answer has not come will not get it, and its number is not given again. */
static void test_a_push_that_waits(void **state)
{
	struct fixture *f = *state;
	CLEANUP(text_deinit) struct text why = TEXT_INIT;
	struct document d;
	struct snapshot s;
	const struct push *p;
	uint64_t id;

	id = f->last_push;
	fixture_advance(f, 60001); /* nobody asks for events */
	fixture_answer_pushes(f);
	fixture_invite(f, "now", NULL);
	fixture_settle(f);
	assert_true(f->last_push > id);
	id = f->last_push;
	d = take(f);
	assert_true(read(f, &d, &s, &why));
	core_reset(f->core);
	fixture_settle(f);
	assert_null(snapshot_load(f->core, &s));
	push_on_answer(f->core, id, &(struct push_answer){ .sip_status = 200 });
	p = LIST_ENTRY(f->core->push_log.prev, struct push, of_log);
	assert_int_equal(p->id, id);
	assert_string_equal(p->state, "unanswered");
	assert_string_equal(p->reason, "The lab was imported before the answer came");
	fixture_invite(f, "then", NULL);
	fixture_advance(f, 60001);
	assert_true(f->last_push > id);
	snapshot_deinit(&s);
	drop(&d);
}

static void test_times_count_from_the_snapshot(void **state)
{
	struct fixture *f = *state;
	CLEANUP(text_deinit) struct text why = TEXT_INIT;
	struct document d = take(f);
	const struct binding *b;
	struct snapshot s;
	uint64_t cursor = 0;
	int64_t left;

	b = idtab_next(&f->core->bindings, &cursor);
	left = binding_expires_s(b);
	core_reset(f->core);
	fixture_advance(f, (int64_t)30 * 86400 * 1000);
	assert_true(read(f, &d, &s, &why));
	assert_null(snapshot_load(f->core, &s));
	cursor = 0;
	b = idtab_next(&f->core->bindings, &cursor);
	assert_int_equal(binding_expires_s(b), left);
	snapshot_deinit(&s);
	drop(&d);
}

/* Owned by the caller. */
static struct json_object *value_of(int i)
{
	switch (i) {
	case 0: return NULL;
	case 1: return json_object_new_string("");
	case 2: return json_object_new_string("x");
	case 3: return json_object_new_string("alice@lab.test");
	case 4: return json_object_new_int64(0);
	case 5: return json_object_new_int64(1);
	case 6: return json_object_new_int64((INT64_C(1) << 53) - 1);
	case 7: return json_object_new_int64(-1);
	case 8: return json_object_new_int64(INT64_MIN);
	case 9: return json_object_new_boolean(true);
	case 10: return json_object_new_boolean(false);
	case 11: return json_object_new_double(1.5);
	default: return json_object_new_array();
	}
}

enum { N_VALUES_TRIED = 13 };

/* Whether it is taken with this value in the first row of a kind. */
static bool is_taken(struct fixture *f, const struct document *d, struct json_object *row,
		     const char *column, int value)
{
	CLEANUP(text_deinit) struct text why = TEXT_INIT;
	struct json_object *before = json_object_get(json_object_object_get(row, column));
	struct snapshot s;
	bool taken;

	json_object_object_add(row, column, value_of(value));
	taken = read(f, d, &s, &why);
	assert_true(taken == (why.n == 0));
	taken = taken && !snapshot_check(f->core, &s);
	snapshot_deinit(&s);
	json_object_object_add(row, column, before);
	return taken;
}

static void test_no_value_does_harm(void **state)
{
	struct fixture *f = *state;
	struct document d = take(f), after;
	size_t n_taken = 0, n_refused = 0;

	for (int kind = STORE_USER + 1; kind < N_ROW_KINDS; kind++) {
		struct json_object *list = rows_of(&d, (enum store_kind)kind);
		const struct store_table *table = &store_tables[kind];

		for (size_t i = 0; json_object_array_length(list) && i < table->n_columns; i++)
			for (int value = 0; value < N_VALUES_TRIED; value++)
				if (is_taken(f, &d, json_object_array_get_idx(list, 0),
					     table->columns[i].name, value))
					n_taken++;
				else
					n_refused++;
	}
	assert_true(n_taken > 0);
	assert_true(n_refused > n_taken);
	/* Trying has changed nothing. */
	after = take(f);
	assert_string_equal(json_object_to_json_string(after.rows),
			    json_object_to_json_string(d.rows));
	drop(&after);
	drop(&d);
}

static void test_a_reference_to_nothing(void **state)
{
	static const enum store_kind owners[] = { STORE_PHONE, STORE_CONVERSATION };
	struct fixture *f = *state;

	for (size_t i = 0; i < ARRAY_SIZE(owners); i++) {
		CLEANUP(text_deinit) struct text why = TEXT_INIT;
		struct document d = take(f);
		struct snapshot s;

		json_object_object_add(d.rows, store_tables[owners[i]].name,
				       json_object_new_array());
		assert_true(read(f, &d, &s, &why));
		assert_non_null(snapshot_check(f->core, &s));
		snapshot_deinit(&s);
		drop(&d);
	}
}

static void test_limits_hold(void **state)
{
	struct fixture *f = *state;
	CLEANUP(text_deinit) struct text why = TEXT_INIT;
	struct document d = take(f);
	struct snapshot s;

	assert_true(read(f, &d, &s, &why));
	f->config.max_endpoints = 1;
	assert_non_null(snapshot_check(f->core, &s));
	f->config.max_endpoints = 4;
	assert_null(snapshot_check(f->core, &s));
	snapshot_deinit(&s);
	drop(&d);
}

int main(void)
{
	const struct CMUnitTest tests[] = {
		cmocka_unit_test_setup_teardown(test_what_was_taken_is_put_back, setup,
						fixture_teardown),
		cmocka_unit_test_setup_teardown(test_a_push_that_waits, setup, fixture_teardown),
		cmocka_unit_test_setup_teardown(test_times_count_from_the_snapshot, setup,
						fixture_teardown),
		cmocka_unit_test_setup_teardown(test_no_value_does_harm, setup, fixture_teardown),
		cmocka_unit_test_setup_teardown(test_a_reference_to_nothing, setup,
						fixture_teardown),
		cmocka_unit_test_setup_teardown(test_limits_hold, setup, fixture_teardown),
	};

	return cmocka_run_group_tests(tests, NULL, NULL);
}
