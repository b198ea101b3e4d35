/*
 * Journal: records that are put back are as they were, and those that follow build on them
 */
#include "mcxd/base/journal.h"

#include "mcxd/base/loop.h"
#include "proto/record.h"
#include "proto/text/mem.h"

/* cmocka.h needs these four before it. */
#include <setjmp.h>
#include <stdarg.h>
#include <stddef.h>
#include <stdint.h>

#include <cmocka.h>

#define ALICE "alice@lab.test"
#define BOB   "bob@lab.test"

enum { MAX_TAKEN = 64 };

struct fixture {
	struct loop *loop;
	struct journal *from, *to;
	struct record *taken[MAX_TAKEN];
	size_t n;
};

static const struct journal_config config = { .max_records = 20, .max_bytes = 1000000 };

static int setup(void **state)
{
	struct fixture *f = MEM_NEW(struct fixture);

	assert_int_equal(loop_new(&f->loop), 0);
	f->from = journal_new(f->loop, &config);
	f->to = journal_new(f->loop, &config);
	*state = f;
	return 0;
}

static int teardown(void **state)
{
	struct fixture *f = *state;

	for (size_t i = 0; i < f->n; i++)
		free(f->taken[i]);
	journal_free(f->from);
	journal_free(f->to);
	loop_free(f->loop);
	free(f);
	return 0;
}

/* An invitation that an edge passes on, of which both ends have a record. */
static void play(struct journal *j)
{
	const struct record sent = { .kind = "sip",
				     .from = "front-end",
				     .to = "edge",
				     .key = "sip:call",
				     .link = "conv:7",
				     .raw = "MESSAGE",
				     .n_raw = 7 };
	struct record received = sent;

	received.incoming = true;
	received.link = NULL;
	journal_add(j, &(struct record){
			       .kind = "conversation", .users = { ALICE, BOB }, .key = "conv:7" });
	journal_add(j, &sent);
	journal_add(j, &received);
}

static void take(struct fixture *f)
{
	for (uint64_t seq = journal_first(f->from); seq <= journal_last(f->from); seq++)
		f->taken[f->n++] = record_copy(journal_get(f->from, seq));
}

static void assert_same(const struct record *a, const struct record *b)
{
	struct json_object *one = record_encode(a), *two = record_encode(b);

	assert_string_equal(json_object_to_json_string(one), json_object_to_json_string(two));
	json_object_put(one);
	json_object_put(two);
}

static void add_key(void *magic, const struct record *r)
{
	assert_non_null(r);
	++*(int *)magic;
}

static void records_are_as_they_were(void **state)
{
	struct fixture *f = *state;
	int n_before = 0, n_after = 0;

	for (int i = 0; i < 3; i++)
		journal_add(f->from, &(struct record){ .kind = "state" });
	play(f->from);
	for (int i = 0; i < 17; i++)
		journal_add(f->from, &(struct record){ .kind = "state" });
	take(f);
	assert_int_equal(f->taken[0]->seq, 4);
	journal_add(f->to, &(struct record){ .kind = "lab", .key = "conv:7" });
	journal_replace(f->to, f->taken, f->n);
	assert_int_equal(journal_first(f->to), 4);
	assert_int_equal(journal_last(f->to), 23);
	for (size_t i = 0; i < f->n; i++)
		assert_same(journal_get(f->to, f->taken[i]->seq), f->taken[i]);
	journal_story(f->from, "conv:7", add_key, &n_before);
	journal_story(f->to, "conv:7", add_key, &n_after);
	assert_int_equal(n_before, 3);
	assert_int_equal(n_after, n_before);
}

static void what_follows_belongs_to_them(void **state)
{
	struct fixture *f = *state;
	const struct record *r;
	uint64_t seq;

	play(f->from);
	take(f);
	journal_replace(f->to, f->taken, f->n);
	seq = journal_add(f->to, &(struct record){ .kind = "sip", .key = "sip:call" });
	assert_int_equal(seq, 4);
	r = journal_get(f->to, seq);
	assert_int_equal(r->conversation, 7);
	assert_true(record_is_about(r, ALICE) && record_is_about(r, BOB));
	/* A second message of the same bytes is not received where the first was. */
	seq = journal_add(f->to, &(struct record){ .kind = "sip",
						   .from = "front-end",
						   .to = "edge",
						   .incoming = true,
						   .key = "sip:call",
						   .raw = "MESSAGE",
						   .n_raw = 7 });
	assert_int_equal(journal_get(f->to, seq)->sent, 0);
}

static void nobody_completes_them(void **state)
{
	struct fixture *f = *state;
	uint64_t seq;

	play(f->from);
	take(f);
	journal_replace(f->to, f->taken, f->n);
	journal_complete(f->to, 1, "late", 4);
	assert_null(journal_get(f->to, 1)->raw);
	seq = journal_add(f->to, &(struct record){ .kind = "http" });
	journal_complete(f->to, seq, "late", 4);
	assert_int_equal(journal_get(f->to, seq)->n_raw, 4);
}

static void limits_hold(void **state)
{
	struct fixture *f = *state;
	const struct journal_config small = { .max_records = 2, .max_bytes = 1000000 };

	play(f->from);
	take(f);
	journal_configure(f->to, &small);
	journal_replace(f->to, f->taken, f->n);
	assert_int_equal(journal_first(f->to), 2);
	assert_int_equal(journal_last(f->to), 3);
	journal_replace(f->to, NULL, 0);
	assert_int_equal(journal_last(f->to), 0);
	assert_int_equal(journal_add(f->to, &(struct record){ .kind = "lab" }), 1);
	journal_configure(f->to, &(struct journal_config){ 0 });
	journal_replace(f->to, f->taken, f->n);
	assert_int_equal(journal_last(f->to), 1);
}

int main(void)
{
#define JOURNAL_TEST(fn) cmocka_unit_test_setup_teardown(fn, setup, teardown)
	const struct CMUnitTest tests[] = {
		JOURNAL_TEST(records_are_as_they_were),
		JOURNAL_TEST(what_follows_belongs_to_them),
		JOURNAL_TEST(nobody_completes_them),
		JOURNAL_TEST(limits_hold),
	};

	return cmocka_run_group_tests(tests, NULL, NULL);
}
