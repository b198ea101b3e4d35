/*
 * Record: its form as JSON, and copies
 */
#include "proto/record.h"

#include "proto/text/json_in.h"
#include "proto/text/mem.h"
#include "proto/text/text.h"

#include <setjmp.h>
#include <stdarg.h>
#include <stddef.h>
#include <stdint.h>

#include <cmocka.h>

#include <errno.h>

/* 9999-12-31T23:59:59.999999Z */
#define LAST_US INT64_C(253402300799999999)

static const struct record full = {
	.seq = 41,
	.wall_us = 1311595200123456,
	.lab_ms = 1001,
	.kind = "sip",
	.from = "phone:bob@lab.test",
	.to = "front-end",
	.incoming = true,
	.users = { "bob@lab.test", "alice@lab.test" },
	.phone = "5ab1f0c2d3e4",
	.fault = "drop",
	.conversation = 17,
	.sent = 40,
	.key = "conv:17",
	.link = "sip:1@test",
	.summary = "\"Hi\", h\xC3\xA4",
	.raw = "INVITE\r\n\r\n",
	.n_raw = 10,
	.fields =
		(const struct record_field[]){
			{ "method", "INVITE" },
			{ "from", "alice@lab.test" },
			{ "empty", "" },
		},
	.n_fields = 3,
};

static void assert_same_string(const char *a, const char *b)
{
	if (a && b)
		assert_string_equal(a, b);
	else
		assert_true(!a && !b);
}

static void assert_same(const struct record *a, const struct record *b)
{
	assert_int_equal(a->seq, b->seq);
	assert_int_equal(a->wall_us, b->wall_us);
	assert_int_equal(a->lab_ms, b->lab_ms);
	assert_string_equal(a->kind, b->kind);
	assert_same_string(a->from, b->from);
	assert_same_string(a->to, b->to);
	assert_int_equal(a->incoming, b->incoming);
	for (size_t i = 0; i < RECORD_MAX_USERS; i++)
		assert_same_string(a->users[i], b->users[i]);
	assert_same_string(a->phone, b->phone);
	assert_same_string(a->fault, b->fault);
	assert_int_equal(a->conversation, b->conversation);
	assert_int_equal(a->sent, b->sent);
	assert_same_string(a->key, b->key);
	assert_same_string(a->link, b->link);
	assert_same_string(a->summary, b->summary);
	assert_int_equal(!a->raw, !b->raw);
	assert_int_equal(a->n_raw, b->n_raw);
	assert_memory_equal(a->raw ? a->raw : "", b->raw ? b->raw : "", a->n_raw);
	assert_int_equal(a->n_fields, b->n_fields);
	for (size_t i = 0; i < a->n_fields; i++) {
		assert_string_equal(a->fields[i].name, b->fields[i].name);
		assert_string_equal(a->fields[i].value, b->fields[i].value);
	}
}

/* To JSON, as text through the strict parser, and back. */
static void check_round_trip(const struct record *r)
{
	CLEANUP(text_deinit) struct text why = TEXT_INIT;
	struct json_object *o = record_encode(r), *parsed = NULL;
	const char *json = json_object_to_json_string_ext(o, JSON_C_TO_STRING_PLAIN);
	const char *parse_error = NULL;
	struct record *again = NULL;

	assert_int_equal(json_in_object(json, strlen(json), 2, &parsed, &parse_error), 0);
	assert_int_equal(record_decode(parsed, &again, &why), 0);
	assert_string_equal(text_str(&why), "");
	json_object_put(parsed);
	json_object_put(o);
	assert_same(r, again);
	free(again);
}

static void test_every_kind(void **state)
{
	struct record r = full;

	(void)state;
	for (size_t i = 0; i < N_RECORD_KINDS; i++) {
		r.kind = record_kinds[i].name;
		assert_int_equal(record_kind_of(r.kind), i);
		check_round_trip(&r);
	}
	assert_int_equal(record_kind_of("toasts"), N_RECORD_KINDS);
	assert_int_equal(record_kind_of(""), N_RECORD_KINDS);
}

static void test_every_member_absent(void **state)
{
	struct record r = full;
	const char **const strings[] = { &r.from,  &r.to,  &r.users[1], &r.phone,
					 &r.fault, &r.key, &r.link,     &r.summary };

	(void)state;
	check_round_trip(&full);
	for (size_t i = 0; i < ARRAY_SIZE(strings); i++) {
		const char *value = *strings[i];

		*strings[i] = NULL;
		check_round_trip(&r);
		*strings[i] = "";
		check_round_trip(&r);
		*strings[i] = value;
	}
	r.wall_us = 0;
	check_round_trip(&r);
	r.incoming = false;
	check_round_trip(&r);
	r.raw = NULL;
	r.n_raw = 0;
	check_round_trip(&r);
	r.n_fields = 0;
	check_round_trip(&r);
	check_round_trip(&(struct record){ .kind = "clock" });
}

/* Without hops there is no direction. */
static void test_incoming_needs_a_hop(void **state)
{
	struct json_object *o = record_encode(&(struct record){ .kind = "user", .incoming = true });

	(void)state;
	assert_false(json_object_object_get_ex(o, "incoming", NULL));
	json_object_put(o);
}

static void test_raw(void **state)
{
	struct record r = { .seq = 1, .kind = "sip" };
	static const struct {
		const char *bytes;
		size_t n;
		const char *member;
	} rows[] = {
		{ "", 0, "raw" },
		{ "h\xC3\xA4\r\n\t", 6, "raw" },
		{ "\xFF\0\x01", 3, "rawBase64" },
		{ "a\0b", 3, "rawBase64" },
		{ "\xC3", 1, "rawBase64" },
		{ "\xED\xA0\x80", 3, "rawBase64" },
	};

	(void)state;
	for (size_t i = 0; i < ARRAY_SIZE(rows); i++) {
		struct json_object *o;

		r.raw = rows[i].bytes;
		r.n_raw = rows[i].n;
		check_round_trip(&r);
		o = record_encode(&r);
		assert_true(json_object_object_get_ex(o, rows[i].member, NULL));
		json_object_put(o);
	}
}

static void test_extreme_numbers(void **state)
{
	struct record r = { .kind = "clock" };
	static const int64_t lab_ms[] = { 0, -1, -INT64_MAX, INT64_MAX };
	static const int64_t wall_us[] = { -1, 1, INT64_C(-62167219200000000), LAST_US };

	(void)state;
	for (size_t i = 0; i < 4; i++) {
		r.seq = i % 2 ? INT64_MAX : 0;
		r.lab_ms = lab_ms[i];
		r.wall_us = wall_us[i];
		check_round_trip(&r);
	}
}

static struct json_object *parse(const char *s)
{
	struct json_object *o = json_tokener_parse(s);

	assert_true(o || strcmp(s, "null") == 0);
	return o;
}

static void test_ignored_members(void **state)
{
	CLEANUP(text_deinit) struct text why = TEXT_INIT;
	struct json_object *o = parse("{\"seq\":7,\"kind\":\"newer\",\"more\":[{}],\"users\":null,"
				      "\"time\":null,\"labMs\":null,\"incoming\":null,"
				      "\"raw\":null,\"fields\":{\"a\":null,\"b\":\"c\"}}");
	struct record *r;

	(void)state;
	assert_int_equal(record_decode(o, &r, &why), 0);
	json_object_put(o);
	assert_int_equal(r->seq, 7);
	assert_string_equal(r->kind, "newer");
	assert_null(r->users[0]);
	assert_null(r->raw);
	assert_int_equal(r->n_fields, 1);
	assert_string_equal(record_value(r, "b"), "c");
	free(r);
}

static void check_refused(const char *json, const char *expected)
{
	CLEANUP(text_deinit) struct text why = TEXT_INIT;
	struct json_object *o = parse(json);
	struct record *r = (void *)1;

	assert_int_equal(record_decode(o, &r, &why), -EINVAL);
	assert_null(r);
	assert_string_equal(text_str(&why), expected);
	json_object_put(o);
}

static void test_refusals(void **state)
{
	static const char number[] = "\"seq\" must be an integer, 0 or more.";
	static const char time[] =
		"\"time\" must be a time in UTC, such as 2011-07-25T12:00:00.000000Z.";
	static const char fields[] = "\"fields\" must have strings without NUL as values.";
	static const char users[] = "\"users\" must be an array of at most 4 strings without NUL.";
	static const char *const strings[] = {
#define X(member) #member,
		RECORD_MEMBERS(X)
#undef X
	};

	(void)state;
	check_refused("null", "A record must be an object.");
	check_refused("[]", "A record must be an object.");
	check_refused("{\"kind\":\"sip\"}", "\"seq\" is missing.");
	check_refused("{\"seq\":1}", "\"kind\" is missing.");
	check_refused("{\"seq\":1,\"kind\":null}", "\"kind\" is missing.");
	check_refused("{\"seq\":-1}", number);
	check_refused("{\"seq\":1.5}", number);
	check_refused("{\"seq\":\"1\"}", number);
	check_refused("{\"seq\":1,\"labMs\":\"1\"}", "\"labMs\" must be an integer.");
	check_refused("{\"seq\":1,\"labMs\":0.5}", "\"labMs\" must be an integer.");
	check_refused("{\"seq\":1,\"time\":0}", time);
	check_refused("{\"seq\":1,\"time\":\"today\"}", time);
	check_refused("{\"seq\":1,\"time\":\"2011-02-30T00:00:00.000Z\"}", time);
	check_refused("{\"seq\":1,\"incoming\":1}", "\"incoming\" must be true or false.");
	check_refused("{\"seq\":1,\"kind\":\"a\",\"users\":\"b\"}", users);
	check_refused("{\"seq\":1,\"kind\":\"a\",\"users\":[1]}", users);
	check_refused("{\"seq\":1,\"kind\":\"a\",\"users\":[null]}", users);
	check_refused("{\"seq\":1,\"kind\":\"a\",\"users\":[\"a\\u0000b\"]}", users);
	check_refused("{\"seq\":1,\"kind\":\"a\",\"users\":[\"\",\"\",\"\",\"\",\"\"]}", users);
	check_refused("{\"seq\":1,\"sent\":-1}", "\"sent\" must be an integer, 0 or more.");
	check_refused("{\"seq\":1,\"conversation\":\"1\"}",
		      "\"conversation\" must be an integer, 0 or more.");
	check_refused("{\"seq\":1,\"kind\":\"a\",\"fields\":[]}", "\"fields\" must be an object.");
	check_refused("{\"seq\":1,\"kind\":\"a\",\"fields\":{\"x\":1}}", fields);
	check_refused("{\"seq\":1,\"kind\":\"a\",\"fields\":{\"x\":{}}}", fields);
	check_refused("{\"seq\":1,\"kind\":\"a\",\"fields\":{\"x\":\"a\\u0000b\"}}", fields);
	check_refused("{\"seq\":1,\"kind\":\"a\",\"raw\":1}", "\"raw\" must be a string.");
	check_refused("{\"seq\":1,\"kind\":\"a\",\"rawBase64\":1}",
		      "\"rawBase64\" must be a string in base64.");
	check_refused("{\"seq\":1,\"kind\":\"a\",\"rawBase64\":\"*\"}",
		      "\"rawBase64\" must be a string in base64.");
	check_refused("{\"seq\":1,\"kind\":\"a\",\"raw\":\"\",\"rawBase64\":\"\"}",
		      "\"raw\" and \"rawBase64\" exclude each other.");
	for (size_t i = 0; i < ARRAY_SIZE(strings); i++) {
		CLEANUP(text_deinit) struct text json = TEXT_INIT, why = TEXT_INIT;

		text_addf(&why, "\"%s\" must be a string without NUL.", strings[i]);
		text_addf(&json, "{\"seq\":1,\"%s\":1}", strings[i]);
		check_refused(text_str(&json), text_str(&why));
		text_reset(&json);
		text_addf(&json, "{\"seq\":1,\"%s\":\"a\\u0000b\"}", strings[i]);
		check_refused(text_str(&json), text_str(&why));
	}
}

static void test_number_of_fields(void **state)
{
	CLEANUP(text_deinit) struct text json = TEXT_INIT;

	(void)state;
	text_add(&json, "{\"seq\":1,\"kind\":\"a\",\"fields\":{");
	for (int i = 0; i < RECORD_MAX_FIELDS; i++)
		text_addf(&json, "\"%d\":\"\",", i);
	text_add(&json, "\"more\":\"\"}}");
	check_refused(text_str(&json), "\"fields\" has too many members.");
}

/* The limits of a copy are those of a record: strings, fields and raw bytes in one block. */
static void test_copy(void **state)
{
	const struct record_field fields[] = { { "a", NULL }, { "b", "c" } };
	struct record r = full;
	struct record *copy;

	(void)state;
	copy = record_copy(&full);
	assert_same(&full, copy);
	assert_ptr_not_equal(full.kind, copy->kind);
	assert_int_equal(((const char *)copy->raw)[copy->n_raw], '\0');
	free(copy);
	r.fields = fields;
	r.n_fields = ARRAY_SIZE(fields);
	r.users[0] = NULL;
	copy = record_copy(&r);
	assert_int_equal(copy->n_fields, 1);
	assert_string_equal(copy->fields[0].name, "b");
	assert_string_equal(copy->users[0], "alice@lab.test");
	assert_null(copy->users[1]);
	free(copy);
}

int main(void)
{
	const struct CMUnitTest tests[] = {
		cmocka_unit_test(test_every_kind),
		cmocka_unit_test(test_every_member_absent),
		cmocka_unit_test(test_incoming_needs_a_hop),
		cmocka_unit_test(test_raw),
		cmocka_unit_test(test_extreme_numbers),
		cmocka_unit_test(test_ignored_members),
		cmocka_unit_test(test_refusals),
		cmocka_unit_test(test_number_of_fields),
		cmocka_unit_test(test_copy),
	};

	return cmocka_run_group_tests(tests, NULL, NULL);
}
