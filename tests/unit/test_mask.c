/*
 * Mask: what is secret is covered, its length stays, and nothing else changes
 */
#include "proto/mask.h"
#include "proto/record.h"
#include "proto/text/mem.h"

#include <setjmp.h>
#include <stdarg.h>
#include <stddef.h>

#include <cmocka.h>

static void expect(const char *from, const char *to)
{
	CLEANUP(mem_free_string) char *copy = mem_strdup(from);

	assert_int_equal(strlen(from), strlen(to));
	mask_secrets(copy, strlen(copy));
	assert_string_equal(copy, to);
	/* What is covered stays as it is. */
	mask_secrets(copy, strlen(copy));
	assert_string_equal(copy, to);
}

static void test_headers(void **state)
{
	(void)state;
	expect("GET / HTTP/1.1\r\nAuthorization: Bearer abc.def\r\nHost: a\r\n\r\n",
	       "GET / HTTP/1.1\r\nAuthorization: Bearer *******\r\nHost: a\r\n\r\n");
	expect("INVITE x SIP/2.0\r\nproxy-authorization :\tNTLM opaque=\"a\",\r\n "
	       "response=\"b\"\r\nTo: c\r\n",
	       "INVITE x SIP/2.0\r\nproxy-authorization :\tNTLM "
	       "***********\r\n ************\r\nTo: c\r\n");
	expect("A: b\nAuthorization: secret\nB: c", "A: b\nAuthorization: ******\nB: c");
	expect("A: b\r\nCookie: lab=1; x=2\r\nSet-Cookie: lab=3\r\n\r\n",
	       "A: b\r\nCookie: **********\r\nSet-Cookie: *****\r\n\r\n");
	/* In a part of a batch as well; but not in the middle of a line, nor another header. */
	expect("--x\r\n\r\nGET /a HTTP/1.1\r\nAUTHORIZATION: Bearer t\r\n",
	       "--x\r\n\r\nGET /a HTTP/1.1\r\nAUTHORIZATION: Bearer *\r\n");
	expect("X-Authorization: a b\r\nAllow: Authorization: a b\r\nAuthorization",
	       "X-Authorization: a b\r\nAllow: Authorization: a b\r\nAuthorization");
}

static void test_members(void **state)
{
	(void)state;
	expect("grant_type=password&username=bob&password=p%40ss+1&x=1",
	       "grant_type=password&username=bob&password=********&x=1");
	expect("PASS%57ord=geheim", "PASS%57ord=******");
	expect("POST /a?access_token=abc HTTP/1.1\r\n", "POST /a?access_token=*** HTTP/1.1\r\n");
	expect("{\"access_token\" : \"a\\\"b\",\"expires_in\":1,\"token_type\":\"Bearer\"}",
	       "{\"access_token\" : \"****\",\"expires_in\":1,\"token_type\":\"Bearer\"}");
	expect("{\"password\":1,\"refresh_token\":\"x", "{\"password\":1,\"refresh_token\":\"*");
	expect("<input name=\"password\" type=\"password\">",
	       "<input name=\"password\" type=\"password\">");
}

#define PART "\r\n--b\r\nContent-Disposition: form-data; "

static void test_parts(void **state)
{
	(void)state;
	expect("A: b\r\n" PART "name=\"username\"\r\n\r\nbob" PART
	       "name=\"password\"\r\n\r\na\r\n b-\"c"
	       "\r\n--b--\r\npassword",
	       "A: b\r\n" PART "name=\"username\"\r\n\r\nbob" PART
	       "name=\"password\"\r\n\r\n*\r\n ****"
	       "\r\n--b--\r\npassword");
	expect(PART "filename=x;NAME=Password\r\nContent-Type: text/plain\r\n\r\n--secret\r\nx" PART
		    "name=x\r\n\r\n--y",
	       PART "filename=x;NAME=Password\r\nContent-Type: text/plain\r\n\r\n********\r\n*" PART
		    "name=x\r\n\r\n--y");
	expect("content-disposition:form-data;name=token;x=y\nA: b\n\nsecret\nmore",
	       "content-disposition:form-data;name=token;x=y\nA: b\n\n******\n****");
	expect(PART "name=\"pass%77ord\"\r\n\r\nsecret", PART "name=\"pass%77ord\"\r\n\r\n******");
	expect(PART "name=\"passwords\"\r\n\r\nplain" PART "name=password",
	       PART "name=\"passwords\"\r\n\r\nplain" PART "name=password");
	expect("X: name=password\r\n\r\nplain", "X: name=password\r\n\r\nplain");
	/* A string of JSON that does not end leaves the parts behind it as they are. */
	expect("{\"token\":\"a\n" PART "name=x\r\n\r\ny",
	       "{\"token\":\"*\n" PART "name=x\r\n\r\ny");
}

static void test_record(void **state)
{
	static const char raw[] = "A: b\r\nAuthorization: Basic eHg6eXk=\r\n\r\n";
	struct record *copy =
		mask_record(&(struct record){ .kind = "sip", .raw = raw, .n_raw = strlen(raw) });

	(void)state;
	assert_int_equal(copy->n_raw, strlen(raw));
	assert_null(strstr(copy->raw, "eHg6"));
	assert_non_null(strstr(raw, "eHg6"));
	free(copy);
	copy = mask_record(&(struct record){ .kind = "clock" });
	assert_null(copy->raw);
	free(copy);
}

int main(void)
{
	const struct CMUnitTest tests[] = {
		cmocka_unit_test(test_headers),
		cmocka_unit_test(test_members),
		cmocka_unit_test(test_parts),
		cmocka_unit_test(test_record),
	};

	return cmocka_run_group_tests(tests, NULL, NULL);
}
