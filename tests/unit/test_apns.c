/*
 * APNs: headers, reasons and payloads
 */
#include "proto/push/apns.h"

#include "proto/push/apns_payload.h"
#include "proto/text/mem.h"
#include "proto/text/text.h"

#include <errno.h>
#include <setjmp.h>
#include <stdarg.h>
#include <stddef.h>
#include <stdint.h>

#include <cmocka.h>

#define ID "123e4567-e89b-12d3-a456-426655440000"

static void test_reasons(void **state)
{
	(void)state;
	for (int i = 0; i < N_APNS_REASONS; i++) {
		const enum apns_reason reason = (enum apns_reason)i;
		CLEANUP(text_deinit) struct text body = TEXT_INIT;
		struct apns_answer a;

		apns_answer_encode(&body, reason, i == APNS_UNREGISTERED ? 1700000000123 : -1);
		a = apns_answer_decode(apns_reason_status(reason), body.data, body.n);
		assert_int_equal(a.reason, reason);
		assert_int_equal(a.is_named, i != APNS_ACCEPTED && i != APNS_UNKNOWN);
		assert_int_equal(a.timestamp_ms, i == APNS_UNREGISTERED ? 1700000000123 : -1);
	}
	assert_int_equal(apns_reason_status(APNS_PAYLOAD_TOO_LARGE), 413);
	assert_int_equal(apns_reason_of(200, NULL), APNS_ACCEPTED);
	assert_int_equal(apns_reason_of(429, "Whatever"), APNS_TOO_MANY_REQUESTS);
	assert_int_equal(apns_reason_of(429, "TooManyRequests"), APNS_TOO_MANY_REQUESTS);
	assert_int_equal(apns_reason_of(502, NULL), APNS_INTERNAL_SERVER_ERROR);
	assert_int_equal(apns_reason_of(418, NULL), APNS_UNKNOWN);
	assert_int_equal(apns_reason_of(302, "Forbidden"), APNS_UNKNOWN);
}

static void test_answers_of_others(void **state)
{
	static const char *const bodies[] = { "", "{", "[]", "{\"reason\":7}", "<html>" };
	struct apns_answer a;

	(void)state;
	for (size_t i = 0; i < ARRAY_SIZE(bodies); i++) {
		a = apns_answer_decode(410, bodies[i], strlen(bodies[i]));
		assert_int_equal(a.reason, APNS_UNREGISTERED);
		assert_false(a.is_named);
	}
	a = apns_answer_decode(410, "{\"timestamp\":\"x\"}", 17);
	assert_int_equal(a.reason, APNS_UNREGISTERED);
	assert_int_equal(a.timestamp_ms, -1);
}

/* A name with another status than its own is nobody's answer: only the status counts. */
static void test_names_with_other_statuses(void **state)
{
	static const struct {
		int status;
		enum apns_reason reason;
	} rows[] = {
		{ 200, APNS_ACCEPTED },
		{ 400, APNS_BAD_DEVICE_TOKEN },
		{ 403, APNS_INVALID_PROVIDER_TOKEN },
		{ 500, APNS_INTERNAL_SERVER_ERROR },
		{ 503, APNS_SERVICE_UNAVAILABLE },
		{ 302, APNS_UNKNOWN },
		{ 201, APNS_UNKNOWN },
	};
	static const char body[] = "{\"reason\":\"Unregistered\"}";

	(void)state;
	for (size_t i = 0; i < ARRAY_SIZE(rows); i++) {
		struct apns_answer a = apns_answer_decode(rows[i].status, body, strlen(body));

		assert_int_equal(a.reason, rows[i].reason);
		assert_false(a.is_named);
	}
}

static void test_headers(void **state)
{
	static const struct apns_values full = {
		.topic = "com.example.app",
		.id = ID,
		.collapse_id = "chat 7",
		.push_type = "background",
		.priority = "5",
		.expiration = "1700000000",
	};
	struct apns_headers h;
	char buffer[APNS_VALUE_SIZE];

	(void)state;
	assert_int_equal(apns_headers_decode(&full, &h), APNS_ACCEPTED);
	assert_int_equal(h.push_type, APNS_BACKGROUND);
	assert_int_equal(h.priority, 5);
	assert_int_equal(h.expiration_s, 1700000000);
	for (const char *const *name = apns_header_names; *name; name++)
		assert_non_null(apns_headers_value(&h, *name, buffer));
	assert_string_equal(apns_headers_value(&h, APNS_HEADER_PUSH_TYPE, buffer), "background");
	assert_string_equal(apns_headers_value(&h, APNS_HEADER_EXPIRATION, buffer), "1700000000");
	assert_string_equal(apns_headers_value(&h, APNS_HEADER_PRIORITY, buffer), "5");
	assert_string_equal(apns_headers_value(&h, APNS_HEADER_COLLAPSE_ID, buffer), "chat 7");

	assert_int_equal(apns_headers_decode(&(struct apns_values){ 0 }, &h), APNS_ACCEPTED);
	assert_int_equal(h.push_type, APNS_ALERT);
	assert_int_equal(h.priority, 10);
	assert_int_equal(h.expiration_s, -1);
	assert_null(apns_headers_value(&h, APNS_HEADER_EXPIRATION, buffer));
	assert_null(apns_headers_value(&h, APNS_HEADER_ID, buffer));
}

static void test_bad_headers(void **state)
{
#define LONG_ID "0123456789012345678901234567890123456789012345678901234567890123"
	static const struct {
		struct apns_values values;
		enum apns_reason reason;
	} rows[] = {
		{ { .id = "" }, APNS_BAD_MESSAGE_ID },
		{ { .id = "123e4567e89b12d3a456426655440000" }, APNS_BAD_MESSAGE_ID },
		{ { .id = "123e4567-e89b-12d3-a456-42665544000g" }, APNS_BAD_MESSAGE_ID },
		{ { .push_type = "Alert" }, APNS_INVALID_PUSH_TYPE },
		{ { .push_type = "" }, APNS_INVALID_PUSH_TYPE },
		{ { .priority = "7" }, APNS_BAD_PRIORITY },
		{ { .priority = "10x" }, APNS_BAD_PRIORITY },
		{ { .priority = "10", .push_type = "background" }, APNS_BAD_PRIORITY },
		{ { .push_type = "background" }, APNS_BAD_PRIORITY },
		{ { .expiration = "-1" }, APNS_BAD_EXPIRATION_DATE },
		{ { .expiration = "tomorrow" }, APNS_BAD_EXPIRATION_DATE },
		{ { .expiration = "99999999999999999999" }, APNS_BAD_EXPIRATION_DATE },
		{ { .collapse_id = "" }, APNS_BAD_COLLAPSE_ID },
		{ { .collapse_id = LONG_ID "4" }, APNS_BAD_COLLAPSE_ID },
		{ { .collapse_id = LONG_ID }, APNS_ACCEPTED },
		{ { .topic = "" }, APNS_BAD_TOPIC },
		{ { .topic = "com example" }, APNS_BAD_TOPIC },
	};
	struct apns_headers h;

	(void)state;
	for (size_t i = 0; i < ARRAY_SIZE(rows); i++)
		assert_int_equal(apns_headers_decode(&rows[i].values, &h), rows[i].reason);
	assert_true(apns_is_device_token(
		"00fc13adff785122b4ad28809a3420982341241421348097878e577c991de8f0"));
	assert_true(apns_is_device_token("AB"));
	assert_false(apns_is_device_token(""));
	assert_false(apns_is_device_token("abc"));
	assert_false(apns_is_device_token("xy"));
}

static int decode(const char *s, struct apns_payload *ret)
{
	const char *why = NULL;
	int r = apns_payload_decode(s, strlen(s), ret, &why);

	if (r < 0) {
		assert_non_null(why);
		assert_null(ret->title);
		assert_int_equal(ret->badge, -1);
	}
	return r;
}

static void test_payload(void **state)
{
	struct apns_payload p = {
		.title = mem_strdup("Alice"),
		.body = mem_strdup("2 < 3 / \"so\""),
		.sound = mem_strdup("default"),
		.id = mem_strdup("7"),
		.param = mem_strdup("/im?push=7"),
		.badge = 3,
	};
	CLEANUP(text_deinit) struct text t = TEXT_INIT;
	struct apns_payload back;

	(void)state;
	apns_payload_encode(&t, &p);
	assert_string_equal(
		text_str(&t),
		"{\"aps\":{\"alert\":{\"title\":\"Alice\",\"body\":\"2 < 3 / \\\"so\\\"\"},"
		"\"badge\":3,\"sound\":\"default\"},"
		"\"mcx\":{\"id\":\"7\",\"param\":\"/im?push=7\"}}");
	assert_int_equal(decode(text_str(&t), &back), 0);
	assert_string_equal(back.body, p.body);
	assert_string_equal(back.param, "/im?push=7");
	assert_int_equal(back.badge, 3);
	assert_false(back.content_available);
	apns_payload_deinit(&back);
	apns_payload_deinit(&p);

	text_reset(&t);
	p = (struct apns_payload){ .badge = -1,
				   .content_available = true,
				   .withdraws = mem_strdup("7") };
	apns_payload_encode(&t, &p);
	assert_string_equal(text_str(&t),
			    "{\"aps\":{\"content-available\":1},\"mcx\":{\"withdraws\":\"7\"}}");
	assert_int_equal(decode(text_str(&t), &back), 0);
	assert_true(back.content_available);
	assert_string_equal(back.withdraws, "7");
	apns_payload_deinit(&back);
	apns_payload_deinit(&p);
}

static void test_payloads_of_others(void **state)
{
	static const char *const bad[] = {
		"",
		"[]",
		"{\"aps\":7}",
		"{\"aps\":{\"alert\":7}}",
		"{\"aps\":{\"alert\":{\"title\":7}}}",
		"{\"aps\":{\"badge\":\"1\"}}",
		"{\"aps\":{\"badge\":-1}}",
		"{\"aps\":{\"badge\":99999999999}}",
		"{\"aps\":{\"badge\":1,\"badge\":2}}",
		"{\"aps\":{\"sound\":7}}",
		"{\"aps\":{\"sound\":{\"name\":7}}}",
		"{\"aps\":{},\"mcx\":{\"id\":7}}",
	};
	struct apns_payload p;

	(void)state;
	for (size_t i = 0; i < ARRAY_SIZE(bad); i++)
		assert_int_equal(decode(bad[i], &p), -EINVAL);
	assert_int_equal(
		decode("{\"aps\":{\"alert\":\"hello\",\"sound\":{\"critical\":1,\"name\":\"x\"},"
		       "\"other\":[1]},\"mine\":{\"a\":1},\"mcx\":7}",
		       &p),
		0);
	assert_string_equal(p.body, "hello");
	assert_string_equal(p.sound, "x");
	assert_null(p.title);
	apns_payload_deinit(&p);
	assert_int_equal(decode("{}", &p), 0);
	apns_payload_deinit(&p);
}

int main(void)
{
	const struct CMUnitTest tests[] = {
		cmocka_unit_test(test_reasons),
		cmocka_unit_test(test_answers_of_others),
		cmocka_unit_test(test_names_with_other_statuses),
		cmocka_unit_test(test_headers),
		cmocka_unit_test(test_bad_headers),
		cmocka_unit_test(test_payload),
		cmocka_unit_test(test_payloads_of_others),
	};

	return cmocka_run_group_tests(tests, NULL, NULL);
}
