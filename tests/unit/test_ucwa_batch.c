/*
 * Requests in a batch.
 */
#include <setjmp.h>
#include <stdarg.h>
#include <stddef.h>
#include <stdint.h>

#include <cmocka.h>

#include "proto/ucwa/batch.h"

#include <string.h>

static void decode(const char *text, struct ucwa_batch_request *ret)
{
	const char *why;

	if (ucwa_batch_request_decode(text, strlen(text), ret, &why) < 0)
		fail_msg("%s: %s", text, why);
}

static void test_get(void **state)
{
	static const char *const same[] = {
		"GET /me?a=1 HTTP/1.1\r\nHost: lab.test\r\nAccept:  application/json \r\n\r\n",
		"GET /me?a=1 HTTP/1.1\nHost: lab.test\nAccept: application/json\n\n",
		"\r\nGET /me?a=1 HTTP/1.1\r\nHost:lab.test\r\nAccept:application/json\r\n",
		"get /me?a=1 HTTP/1.1\r\nHost: lab.test\r\nAccept: application/json\r\n\r\n",
		"Get /me?a=1 HTTP/1.0\r\nHost: lab.test\r\nAccept: application/json\r\n\r\n\r\n",
	};
	struct ucwa_batch_request r;

	(void)state;
	for (size_t i = 0; i < sizeof(same) / sizeof(*same); i++) {
		decode(same[i], &r);
		assert_string_equal(r.method, "GET");
		assert_string_equal(r.target, "/me?a=1");
		assert_int_equal(r.n_fields, 2);
		assert_string_equal(r.fields[1].name, "Accept");
		assert_string_equal(r.fields[1].value, "application/json");
		assert_int_equal(r.n_body, 0);
		ucwa_batch_request_deinit(&r);
	}
}

static void test_absolute(void **state)
{
	struct ucwa_batch_request r;

	(void)state;
	decode("GET HTTPS://lab.test:8443/me HTTP/1.1\r\n\r\n", &r);
	assert_string_equal(r.target, "HTTPS://lab.test:8443/me");
	ucwa_batch_request_deinit(&r);
}

static void test_body(void **state)
{
	struct ucwa_batch_request r;

	(void)state;
	decode("POST /me/note HTTP/1.1\r\n\r\n{\"message\":\"x\"}\r\n\r\n", &r);
	assert_int_equal(r.n_body, 15);
	ucwa_batch_request_deinit(&r);
	decode("POST /messages HTTP/1.1\r\nContent-Length: 4\r\n\r\na\nb\n\r\n", &r);
	assert_int_equal(r.n_body, 4);
	assert_memory_equal(r.body, "a\nb\n", 4);
	ucwa_batch_request_deinit(&r);
}

static void test_bad(void **state)
{
	static const char *const bad[] = {
		"",
		"\r\n\r\n",
		"GET /me HTTP/1.1",
		"GET /me\r\n\r\n",
		"GET me HTTP/1.1\r\n\r\n",
		"GET ftp://lab.test/me HTTP/1.1\r\n\r\n",
		" /me HTTP/1.1\r\n\r\n",
		"G\tET /me HTTP/1.1\r\n\r\n",
		"GET /me FTP/1.1\r\n\r\n",
		"GET /me HTTP/1.1\r\nno colon\r\n\r\n",
		"GET /me HTTP/1.1\r\n: value\r\n\r\n",
		"GET /me HTTP/1.1\r\nA: 1\r\n folded\r\n\r\n",
		"GET /me HTTP/1.1\r\nA: 1",
		"POST /me HTTP/1.1\r\nContent-Length: 5\r\n\r\n1234",
		"POST /me HTTP/1.1\r\nContent-Length: 1\r\nContent-Length: 1\r\n\r\n1234",
		"POST /me HTTP/1.1\r\nContent-Length: -1\r\n\r\n1234",
	};
	struct ucwa_batch_request r;
	const char *why;

	(void)state;
	for (size_t i = 0; i < sizeof(bad) / sizeof(*bad); i++) {
		if (ucwa_batch_request_decode(bad[i], strlen(bad[i]), &r, &why) != -22)
			fail_msg("%s", bad[i]);
		assert_non_null(why);
		assert_null(r.text);
	}
	assert_int_equal(ucwa_batch_request_decode("GET /\0 HTTP/1.1\r\n\r\n", 19, &r, &why), -22);
}

int main(void)
{
	const struct CMUnitTest tests[] = {
		cmocka_unit_test(test_get),
		cmocka_unit_test(test_absolute),
		cmocka_unit_test(test_body),
		cmocka_unit_test(test_bad),
	};

	return cmocka_run_group_tests(tests, NULL, NULL);
}
