/*
 * Record: what it says, and the README's table of kinds
 */
#include "contents.h"

#include "proto/record.h"

#include "proto/text/mem.h"
#include "proto/text/text.h"

#include <setjmp.h>
#include <stdarg.h>
#include <stddef.h>
#include <stdint.h>

#include <cmocka.h>

static const struct record full = {
	.kind = "sip",
	.from = "phone:bob@lab.test",
	.to = "front-end",
	.summary = "Hi",
	.raw = "INVITE",
	.n_raw = 6,
	.fields = (const struct record_field[]){ { "method", "INVITE" },
						 { "from", "alice@lab.test" } },
	.n_fields = 2,
};

static void test_value(void **state)
{
	(void)state;
	assert_string_equal(record_value(&full, "method"), "INVITE");
	assert_string_equal(record_value(&full, "kind"), "sip");
	assert_string_equal(record_value(&full, "to"), "front-end");
	assert_string_equal(record_value(&full, "summary"), full.summary);
	/* A field goes before the member of the same name. */
	assert_string_equal(record_value(&full, "from"), "alice@lab.test");
	assert_null(record_value(&full, "raw"));
	assert_null(record_value(&full, "nonsense"));
}

static void test_users_of_a_record(void **state)
{
	const struct record r = { .kind = "http",
				  .from = "alice@lab.test",
				  .to = "phone:Bob@lab.test",
				  .users = { "carol@lab.test", "dave@lab.test" },
				  .key = "conv:1",
				  .link = "push:2" };

	(void)state;
	assert_true(record_is_about(&r, "Alice@lab.test"));
	assert_true(record_is_about(&r, "bob@lab.test"));
	assert_true(record_is_about(&r, "carol@LAB.test"));
	assert_true(record_is_about(&r, "dave@lab.test"));
	assert_false(record_is_about(&r, "ave@lab.test"));
	assert_false(record_is_about(&r, "lab.test"));
	assert_true(record_has_key(&r, "conv:1"));
	assert_true(record_has_key(&r, "push:2"));
	assert_false(record_has_key(&r, "conv:10"));
	assert_false(record_has_key(&(struct record){ .kind = "user" }, "conv:1"));
}

static void test_adding_users(void **state)
{
	struct record r = { .kind = "sip", .users = { NULL, "bob@lab.test" } };

	(void)state;
	record_add_user(&r, NULL);
	record_add_user(&r, "Bob@lab.test");
	assert_null(r.users[0]);
	record_add_user(&r, "alice@lab.test");
	assert_string_equal(r.users[0], "alice@lab.test");
	record_add_user(&r, "carol@lab.test");
	record_add_user(&r, "dave@lab.test");
	record_add_user(&r, "erin@lab.test");
	assert_true(record_is_about(&r, "dave@lab.test"));
	assert_false(record_is_about(&r, "erin@lab.test"));
}

static void test_places_of_a_record(void **state)
{
	(void)state;
	assert_true(record_is_at(&full, "front-end"));
	assert_true(record_is_at(&full, "phone:Bob@lab.test"));
	assert_false(record_is_at(&full, "edge"));
	assert_false(record_is_at(&(struct record){ .kind = "user" }, "edge"));
	assert_int_equal(record_conversation_of("conv:17"), 17);
	assert_int_equal(record_conversation_of("conv:"), 0);
	assert_int_equal(record_conversation_of("conv:1x"), 0);
	assert_int_equal(record_conversation_of("push:17"), 0);
}

static void check_label(const char *kind, const struct record_field *fields, const char *expected)
{
	CLEANUP(text_deinit) struct text label = TEXT_INIT;
	struct record r = { .kind = kind, .fields = fields };

	while (fields[r.n_fields].name)
		r.n_fields++;
	record_label(&r, &label);
	assert_string_equal(text_str(&label), expected);
}

static void test_labels(void **state)
{
#define FIELDS(...) ((const struct record_field[]){ __VA_ARGS__, { NULL, NULL } })
	(void)state;
	check_label("sip", FIELDS({ "method", "INVITE" }), "INVITE");
	check_label("sip",
		    FIELDS({ "method", "INVITE" }, { "status", "180" },
			   { "start_line", "SIP/2.0 180 Ringing" }),
		    "180 Ringing");
	check_label("sip", FIELDS({ "method", "BYE" }, { "status", "200" }), "200 (BYE)");
	check_label("http",
		    FIELDS({ "method", "POST" }, { "resource", "accept" }, { "status", "204" }),
		    "POST accept");
	check_label("http", FIELDS({ "status", "200" }, { "notification", "Received" }),
		    "200 Received");
	check_label("event", FIELDS({ "kind", "messagingInvitation" }, { "type", "started" }),
		    "event invitation started");
	check_label("toast", FIELDS({ "text1", "Alice" }), "toast");
	check_label("tile", FIELDS({ "count", "3" }), "tile 3");
	check_label("push", FIELDS({ "state", "sent" }), "push sent");
	check_label("push", FIELDS({ "platform", "apple" }), "push");
	check_label("newer", FIELDS({ "a", "b" }), "newer");
#undef FIELDS
}

/* ---- kinds ---- */

static void test_kinds_are_sound(void **state)
{
	(void)state;
	for (size_t i = 0; i < N_RECORD_KINDS; i++) {
		CLEANUP(mem_free_string) char *fields = mem_strdup(record_kinds[i].fields);
		char *rest = *record_kinds[i].fields ? fields : NULL, *field;
		size_t n = 0;

		assert_int_equal(record_kind_of(record_kinds[i].name), i);
		assert_true(*record_kinds[i].when);
		while ((field = strsep(&rest, ","))) {
			assert_true(n == 0 || *field == ' ');
			field += n > 0;
			assert_int_equal(strspn(field, "abcdefghijklmnopqrstuvwxyz_12"),
					 strlen(field));
			n++;
		}
		assert_in_range(n, 0, RECORD_MAX_FIELDS);
	}
}

static void test_readme_has_the_kinds(void **state)
{
	CLEANUP(mem_free_string) char *printed = contents_between(README, "kinds");
	CLEANUP(text_deinit) struct text table = TEXT_INIT;

	(void)state;
	text_add(&table, "| Kind | Is recorded when | Fields |\n|---|---|---|\n");
	for (size_t i = 0; i < N_RECORD_KINDS; i++)
		text_addf(&table, "| `%s` | %s | %s |\n", record_kinds[i].name,
			  record_kinds[i].when, record_kinds[i].fields);
	/* If this fails, put the expected table between the two marks. */
	assert_string_equal(printed, text_str(&table));
}

static void test_kind_has_fields(void **state)
{
	(void)state;
	assert_true(record_kind_has(RECORD_SIP, "method"));
	assert_true(record_kind_has(RECORD_SIP, "text"));
	assert_true(record_kind_has(RECORD_LINK, "key"));
	assert_true(record_kind_has(RECORD_LINK, "summary"));
	assert_false(record_kind_has(RECORD_LINK, ""));
	assert_false(record_kind_has(RECORD_SIP, "foo"));
	assert_false(record_kind_has(RECORD_SIP, "method,"));
}

int main(void)
{
	const struct CMUnitTest tests[] = {
		cmocka_unit_test(test_value),
		cmocka_unit_test(test_users_of_a_record),
		cmocka_unit_test(test_adding_users),
		cmocka_unit_test(test_places_of_a_record),
		cmocka_unit_test(test_labels),
		cmocka_unit_test(test_kinds_are_sound),
		cmocka_unit_test(test_readme_has_the_kinds),
		cmocka_unit_test(test_kind_has_fields),
	};

	return cmocka_run_group_tests(tests, NULL, NULL);
}
