/*
 * Journal
 */
#include "mcxd/base/journal.h"

#include "mcxd/base/loop.h"
#include "proto/record.h"
#include "proto/text/mem.h"
#include "proto/text/text.h"

/* cmocka.h needs these four before it. */
#include <setjmp.h>
#include <stdarg.h>
#include <stddef.h>
#include <stdint.h>

#include <cmocka.h>

struct fixture {
	struct loop *loop;
	struct journal *journal;
	struct text told;
	int64_t n_to_add; /* records that the listener adds itself */
};

static int setup(void **state)
{
	struct fixture *f = MEM_NEW(struct fixture);
	const struct journal_config config = { .max_records = 1000, .max_bytes = 1000000 };

	assert_int_equal(loop_new(&f->loop), 0);
	f->journal = journal_new(f->loop, &config);
	*state = f;
	return 0;
}

static int teardown(void **state)
{
	struct fixture *f = *state;

	journal_free(f->journal);
	loop_free(f->loop);
	text_deinit(&f->told);
	free(f);
	return 0;
}

static uint64_t add(struct fixture *f, const char *key, const char *link)
{
	return journal_add(f->journal,
			   &(struct record){ .kind = "state", .key = key, .link = link });
}

static void a_record_is_a_copy(void **state)
{
	struct fixture *f = *state;
	char value[] = "INVITE", raw[] = { 'a', '\0', 'b' };
	const struct record_field fields[] = { { "method", value },
					       { "status", NULL },
					       { "from", "alice@lab.test" } };
	const struct record *r;
	uint64_t seq = journal_add(f->journal, &(struct record){
						       .kind = "sip",
						       .from = "phone:bob@lab.test",
						       .to = "front-end",
						       .incoming = true,
						       .user = "bob@lab.test",
						       .key = "conv:17",
						       .summary = "INVITE",
						       .raw = raw,
						       .n_raw = sizeof(raw),
						       .fields = fields,
						       .n_fields = ARRAY_SIZE(fields),
					       });

	value[0] = raw[0] = 'x';
	assert_int_equal(seq, 1);
	r = journal_get(f->journal, 1);
	assert_int_equal(r->seq, 1);
	assert_in_range(loop_now_ms(f->loop) - r->lab_ms, 0, 10000);
	assert_in_range(loop_wall_us(f->loop) - r->wall_us, 0, 10000000);
	assert_true(r->incoming);
	assert_int_equal(r->n_raw, 3);
	assert_memory_equal(r->raw, "a\0b", 4);
	assert_int_equal(r->n_fields, 2);
	assert_string_equal(record_value(r, "method"), "INVITE");
	assert_null(record_value(r, "status"));
	assert_null(record_value(r, "link"));
	assert_null(record_value(r, "nonsense"));
	assert_string_equal(record_value(r, "kind"), "sip");
	assert_string_equal(record_value(r, "to"), "front-end");
	assert_string_equal(record_value(r, "user"), "bob@lab.test");
	assert_string_equal(record_value(r, "key"), "conv:17");
	assert_string_equal(record_value(r, "summary"), "INVITE");
	/* A field goes before the member of the same name. */
	assert_string_equal(record_value(r, "from"), "alice@lab.test");
	assert_string_equal(r->from, "phone:bob@lab.test");
}

static void an_empty_record(void **state)
{
	struct fixture *f = *state;
	const struct record *r;

	assert_int_equal(journal_first(f->journal), 1);
	assert_int_equal(journal_last(f->journal), 0);
	assert_null(journal_get(f->journal, 0));
	assert_null(journal_get(f->journal, 1));
	assert_int_equal(add(f, NULL, NULL), 1);
	r = journal_get(f->journal, 1);
	assert_null(r->from);
	assert_null(r->raw);
	assert_int_equal(r->n_raw, 0);
	assert_int_equal(r->n_fields, 0);
	assert_int_equal(journal_add(NULL, r), 0);
}

static void the_oldest_records_go(void **state)
{
	struct fixture *f = *state;

	for (int i = 0; i < 3000; i++)
		add(f, NULL, NULL);
	assert_int_equal(journal_last(f->journal), 3000);
	assert_int_equal(journal_first(f->journal), 2001);
	assert_null(journal_get(f->journal, journal_first(f->journal) - 1));
	for (uint64_t seq = journal_first(f->journal); seq <= 3000; seq++)
		assert_int_equal(journal_get(f->journal, seq)->seq, seq);
}

static void bytes_are_limited(void **state)
{
	struct fixture *f = *state;
	static char raw[300000];
	const struct record big = { .kind = "state", .raw = raw, .n_raw = sizeof(raw) };
	char *huge = mem_zalloc(2000000);

	for (int i = 0; i < 10; i++)
		journal_add(f->journal, &big);
	assert_int_equal(journal_first(f->journal), 8);
	assert_int_equal(journal_last(f->journal), 10);
	/* A record that exceeds the limit by itself stays until the next one comes. */
	journal_add(f->journal, &(struct record){ .kind = "state", .raw = huge, .n_raw = 2000000 });
	free(huge);
	assert_int_equal(journal_first(f->journal), 11);
	assert_non_null(journal_get(f->journal, 11));
	add(f, NULL, NULL);
	assert_int_equal(journal_first(f->journal), 12);
}

static void on_record(void *magic, const struct record *r)
{
	struct fixture *f = magic;

	text_addf(&f->told, "%d ", (int)r->seq);
	if (f->n_to_add-- > 0)
		add(f, NULL, NULL);
	assert_string_equal(r->kind, "state");
}

static void limit_0_turns_it_off(void **state)
{
	struct fixture *f = *state;
	struct journal *off = journal_new(f->loop, &(struct journal_config){ 0, 1000 });

	assert_true(journal_is_on(f->journal));
	assert_false(journal_is_on(off));
	assert_false(journal_is_on(NULL));
	assert_int_equal(journal_add(off, &(struct record){ .kind = "state" }), 0);
	assert_int_equal(journal_last(off), 0);
	assert_null(journal_get(off, 1));
	journal_free(off);
}

static void listeners_are_told_of_every_record(void **state)
{
	struct fixture *f = *state;
	struct journal_listener *a = journal_listen(f->journal, on_record, f);
	struct journal_listener *b = journal_listen(f->journal, on_record, f);

	add(f, NULL, NULL);
	assert_null(journal_unlisten(b));
	add(f, NULL, NULL);
	assert_string_equal(text_str(&f->told), "1 1 2 ");
	journal_unlisten(a);
	add(f, NULL, NULL);
	assert_string_equal(text_str(&f->told), "1 1 2 ");
	assert_null(journal_unlisten(NULL));
}

/* The record that listeners are told of must not be dropped meanwhile. */
static void a_listener_may_record(void **state)
{
	struct fixture *f = *state;
	const struct journal_config one = { .max_records = 1, .max_bytes = 1 };
	struct journal *usual = f->journal;
	struct journal_listener *a;

	f->journal = journal_new(f->loop, &one);
	a = journal_listen(f->journal, on_record, f);
	f->n_to_add = 3;
	add(f, NULL, NULL);
	assert_string_equal(text_str(&f->told), "1 2 3 4 ");
	assert_int_equal(journal_first(f->journal), 4);
	journal_unlisten(a);
	journal_free(f->journal);
	f->journal = usual;
}

static void write_number(void *magic, const struct record *r)
{
	text_addf(magic, "%d ", (int)r->seq);
}

static void assert_story(struct fixture *f, const char *key, const char *expected)
{
	CLEANUP(text_deinit) struct text story = TEXT_INIT;

	journal_story(f->journal, key, write_number, &story);
	assert_string_equal(text_str(&story), expected);
}

static void a_story_follows_all_links(void **state)
{
	struct fixture *f = *state;

	add(f, "push:1", NULL);
	add(f, "mpns:x", NULL);
	add(f, "conv:2", NULL);
	add(f, "sip:b", "conv:2");
	/* Links that lead back to earlier records, over two steps. */
	add(f, "push:1", "mpns:x");
	add(f, "sip:a", NULL);
	add(f, "conv:1", "push:1");
	add(f, "sip:a", "conv:1");
	add(f, NULL, NULL);
	add(f, NULL, "sip:a");
	assert_story(f, "conv:1", "1 2 5 6 7 8 10 ");
	assert_story(f, "mpns:x", "1 2 5 6 7 8 10 ");
	assert_story(f, "conv:2", "3 4 ");
	assert_story(f, "conv:3", "");
	assert_story(f, "test", "");
}

/* More keys than the set has room for at first, in a chain whose links come in the wrong order. */
static void a_long_story(void **state)
{
	struct fixture *f = *state;
	CLEANUP(text_deinit) struct text story = TEXT_INIT;
	char key[16], link[16];
	int n = 300;

	for (int i = n; i > 0; i--) {
		snprintf(key, sizeof(key), "k:%d", i);
		snprintf(link, sizeof(link), "k:%d", i - 1);
		add(f, key, link);
		add(f, "other:1", NULL);
	}
	journal_story(f->journal, "k:150", write_number, &story);
	for (const char *at = text_str(&story); (at = strchr(at, ' ')); at++)
		n--;
	assert_int_equal(n, 0);
}

int main(void)
{
#define JOURNAL_TEST(fn) cmocka_unit_test_setup_teardown(fn, setup, teardown)
	const struct CMUnitTest tests[] = {
		JOURNAL_TEST(a_record_is_a_copy),
		JOURNAL_TEST(an_empty_record),
		JOURNAL_TEST(the_oldest_records_go),
		JOURNAL_TEST(bytes_are_limited),
		JOURNAL_TEST(limit_0_turns_it_off),
		JOURNAL_TEST(listeners_are_told_of_every_record),
		JOURNAL_TEST(a_listener_may_record),
		JOURNAL_TEST(a_story_follows_all_links),
		JOURNAL_TEST(a_long_story),
	};

	return cmocka_run_group_tests(tests, NULL, NULL);
}
