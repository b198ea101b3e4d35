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
						       .users = { "bob@lab.test" },
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
	assert_string_equal(r->users[0], "bob@lab.test");
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

static void smaller_limits_hold_at_once(void **state)
{
	struct fixture *f = *state;

	for (int i = 0; i < 20; i++)
		add(f, "conv:1", NULL);
	journal_configure(f->journal, &(struct journal_config){ 5, 1000000 });
	assert_int_equal(journal_first(f->journal), 16);
	assert_int_equal(journal_last(f->journal), 20);
	journal_configure(f->journal, &(struct journal_config){ 5, 1 });
	assert_int_equal(journal_first(f->journal), 20);
	journal_configure(f->journal, &(struct journal_config){ 0, 1000000 });
	assert_int_equal(journal_first(f->journal), 21);
	assert_null(journal_get(f->journal, 20));
	assert_int_equal(add(f, NULL, NULL), 0);
	journal_configure(f->journal, &(struct journal_config){ 5, 1000000 });
	assert_int_equal(add(f, "conv:1", NULL), 21);
	assert_int_equal(journal_first(f->journal), 21);
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

/* ---- what a record learns from its keys ---- */

#define ALICE "alice@lab.test"
#define BOB   "bob@lab.test"

static const struct record *put(struct fixture *f, const struct record *r)
{
	return journal_get(f->journal, journal_add(f->journal, r));
}

/* In any order. */
static void assert_users(const struct record *r, const char *a, const char *b)
{
	size_t n = 0;

	for (size_t i = 0; i < RECORD_MAX_USERS; i++)
		n += r->users[i] != NULL;
	assert_int_equal(n, !!a + !!b);
	assert_true(!a || record_is_about(r, a));
	assert_true(!b || record_is_about(r, b));
}

/* The INVITE is recorded before there is a conversation, the toast by a role that knows nothing of it. */
static void a_story_names_its_conversation_parties_and_phone(void **state)
{
	struct fixture *f = *state;
	const struct record *invite, *push, *post, *toast, *move;

	invite = put(f, &(struct record){ .kind = "sip", .users = { ALICE, BOB }, .key = "sip:a" });
	assert_int_equal(invite->conversation, 0);
	put(f, &(struct record){ .kind = "conversation",
				 .users = { ALICE, BOB },
				 .key = "conv:7",
				 .link = "sip:a" });
	assert_int_equal(invite->conversation, 7);
	push = put(f, &(struct record){ .kind = "push",
					.users = { BOB },
					.phone = "p1",
					.key = "push:1",
					.link = "conv:7" });
	add(f, "push:1", "sip:b");
	put(f,
	    &(struct record){ .kind = "push", .phone = "p2", .key = "push:2", .link = "conv:7" });
	post = put(f, &(struct record){ .kind = "http", .key = "mpns:x", .link = "sip:b" });
	toast = put(f, &(struct record){ .kind = "toast", .to = "phone:Nokia", .key = "mpns:x" });
	move = put(f, &(struct record){ .kind = "state", .key = "conv:7" });
	assert_users(push, ALICE, BOB);
	assert_users(post, ALICE, BOB);
	assert_users(toast, ALICE, BOB);
	assert_users(move, ALICE, BOB);
	assert_int_equal(toast->conversation, 7);
	assert_string_equal(post->phone, "p1");
	assert_string_equal(toast->phone, "p1");
	assert_string_equal(toast->to, "phone:" BOB);
	assert_null(move->phone);
	move = put(f, &(struct record){ .kind = "state", .key = "conv:8" });
	assert_int_equal(move->conversation, 8);
	assert_users(move, NULL, NULL);
	toast = put(f, &(struct record){ .kind = "toast", .to = "phone:Nokia", .key = "mpns:y" });
	assert_string_equal(toast->to, "phone:Nokia");
	toast = put(f, &(struct record){
			       .kind = "toast", .to = "phone:carol@lab.test", .key = "mpns:x" });
	assert_string_equal(toast->to, "phone:carol@lab.test");
}

/* A Call-ID of an earlier conversation: what came since the message that began the new one belongs to that. */
static void a_call_id_may_be_used_again(void **state)
{
	struct fixture *f = *state;
	struct record message = { .kind = "sip", .from = ALICE, .to = "front-end", .key = "sip:a" };
	const struct record *old, *bye, *invite, *trying;

	old = put(f, &message);
	put(f, &(struct record){ .kind = "conversation",
				 .users = { ALICE, BOB },
				 .key = "conv:1",
				 .link = "sip:a" });
	message.incoming = true;
	bye = put(f, &message);
	assert_int_equal(bye->conversation, 1);
	invite = put(f, &message);
	message.incoming = false;
	trying = put(f, &message);
	put(f, &(struct record){ .kind = "conversation",
				 .users = { ALICE, "carol@lab.test" },
				 .key = "conv:2",
				 .link = "sip:a" });
	assert_int_equal(old->conversation, 1);
	assert_int_equal(bye->conversation, 1);
	assert_int_equal(invite->conversation, 2);
	assert_int_equal(trying->conversation, 2);
	assert_users(put(f, &message), ALICE, "carol@lab.test");
}

static void both_ends_of_a_message_are_one(void **state)
{
	struct fixture *f = *state;
	struct record sent = { .kind = "sip",
			       .from = "front-end",
			       .to = "edge",
			       .key = "sip:a",
			       .raw = "MESSAGE",
			       .n_raw = 7 };
	struct record received = sent;

	received.incoming = true;
	put(f, &sent);
	received.raw = "MESSAGe";
	assert_int_equal(put(f, &received)->sent, 0);
	received.raw = sent.raw;
	received.key = "sip:b";
	assert_int_equal(put(f, &received)->sent, 0);
	received.key = sent.key;
	received.from = "clearing-house";
	assert_int_equal(put(f, &received)->sent, 0);
	received.from = sent.from;
	assert_int_equal(put(f, &received)->sent, 1);
	/* A retransmission is a message of its own, and one that is lost takes nobody's place. */
	assert_int_equal(put(f, &received)->sent, 0);
	put(f, &sent);
	assert_int_equal(put(f, &received)->sent, 7);
	assert_int_equal(journal_get(f->journal, 7)->sent, 0);
	/* A fault struck it where it came; it is the same message. */
	put(f, &sent);
	received.fault = "Fault 1: drop";
	assert_int_equal(put(f, &received)->sent, 9);
	assert_string_equal(journal_get(f->journal, 9)->fault, received.fault);
	assert_null(journal_get(f->journal, 7)->fault);
	sent.n_raw = 0;
	put(f, &sent);
	assert_int_equal(put(f, &received)->sent, 11);
}

/* What is known of a key does not depend on its oldest records, and is forgotten with its last one. */
static void what_is_known_goes_with_the_last_record(void **state)
{
	struct fixture *f = *state;
	struct journal *usual = f->journal;
	const struct record *r;

	f->journal = journal_new(f->loop, &(struct journal_config){ 4, 1000000 });
	put(f, &(struct record){ .kind = "conversation",
				 .users = { ALICE, BOB },
				 .key = "conv:7",
				 .link = "sip:a" });
	for (int i = 0; i < 100; i++) {
		char key[16];

		snprintf(key, sizeof(key), "k:%d", i);
		add(f, key, NULL);
		r = put(f, &(struct record){ .kind = "sip", .key = "sip:a" });
		assert_int_equal(r->conversation, 7);
		assert_users(r, ALICE, BOB);
	}
	for (int i = 0; i < 4; i++)
		add(f, NULL, NULL);
	r = put(f, &(struct record){ .kind = "sip", .key = "sip:a" });
	assert_int_equal(r->conversation, 0);
	assert_users(r, NULL, NULL);
	journal_free(f->journal);
	f->journal = usual;
}

/* Bytes that come late count for the limit, go with their record, and are refused once it has gone. */
static void test_complete(void **state)
{
	char bytes[600];
	struct loop *l;
	struct journal *j;

	(void)state;
	memset(bytes, 'x', sizeof(bytes));
	assert_int_equal(loop_new(&l), 0);
	j = journal_new(l, &(struct journal_config){ 100, 2000 });
	for (int i = 0; i < 3; i++)
		journal_add(j, &(struct record){ .kind = "http" });
	journal_complete(j, 2, bytes, 5);
	journal_complete(j, 2, bytes, sizeof(bytes));
	assert_int_equal(journal_get(j, 2)->n_raw, sizeof(bytes));
	assert_memory_equal(journal_get(j, 2)->raw, bytes, sizeof(bytes));
	assert_null(journal_get(j, 1) ? journal_get(j, 1)->raw : NULL);
	journal_complete(j, 4, bytes, sizeof(bytes));
	journal_complete(j, 3, bytes, sizeof(bytes));
	journal_complete(j, 3, bytes, 10);
	for (int i = 0; i < 20; i++)
		journal_add(j, &(struct record){ .kind = "http" });
	assert_null(journal_get(j, 2));
	journal_complete(j, 2, bytes, sizeof(bytes));
	assert_true(journal_first(j) > 3);
	journal_free(j);
	loop_free(l);
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
		JOURNAL_TEST(smaller_limits_hold_at_once),
		JOURNAL_TEST(a_story_follows_all_links),
		JOURNAL_TEST(a_long_story),
		JOURNAL_TEST(a_story_names_its_conversation_parties_and_phone),
		JOURNAL_TEST(a_call_id_may_be_used_again),
		JOURNAL_TEST(both_ends_of_a_message_are_one),
		JOURNAL_TEST(what_is_known_goes_with_the_last_record),
		cmocka_unit_test(test_complete),
	};

	return cmocka_run_group_tests(tests, NULL, NULL);
}
