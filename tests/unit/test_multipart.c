/*
 * Multipart bodies
 */
#include "proto/text/content_type.h"
#include "proto/text/mem.h"
#include "proto/text/multipart.h"
#include "proto/text/text.h"

#include <errno.h>
#include <setjmp.h>
#include <stdarg.h>
#include <stddef.h>
#include <stdint.h>

#include <cmocka.h>

enum { MAX_PARTS = 8 };

static void init(struct multipart *m, const char *body)
{
	const char *why = NULL;

	assert_int_equal(multipart_init(m, "b", body, strlen(body), MAX_PARTS, &why), 0);
	assert_null(why);
}

static void expect_part(struct multipart *m, struct multipart_part *part, const char *fields,
			const char *body)
{
	const char *why = NULL;

	assert_int_equal(multipart_next(m, part, &why), 0);
	assert_int_equal(part->n_fields, strlen(fields));
	assert_memory_equal(part->fields, fields, part->n_fields);
	assert_int_equal(part->n, strlen(body));
	assert_memory_equal(part->p, body, part->n);
}

static void expect_end(struct multipart *m)
{
	struct multipart_part part;
	const char *why;

	assert_int_equal(multipart_next(m, &part, &why), 1);
	assert_int_equal(multipart_next(m, &part, &why), 1);
}

static void test_parts(void **state)
{
	struct multipart_part part;
	struct multipart m;

	(void)state;
	init(&m,
	     "preamble\r\n--bb\r\n--b \t\r\nX: 1\r\nY: 2\r\n\r\none\r\n\r\n--b\r\n\r\ntwo --b\r\n"
	     "--b\r\nX: 3\r\n--b\n\r\n\r\n--b\r\n--b--\r\nepilogue\r\n--b\r\n\r\nthree\r\n--b--");
	expect_part(&m, &part, "X: 1\r\nY: 2\r\n", "one\r\n");
	expect_part(&m, &part, "", "two --b");
	expect_part(&m, &part, "X: 3", ""); /* without an empty line: all of it is fields */
	expect_part(&m, &part, "", "");
	expect_part(&m, &part, "", "");
	expect_end(&m);

	init(&m, "--b\nX: 1\n\none\n--b--");
	expect_part(&m, &part, "X: 1\n", "one");
	expect_end(&m);
	init(&m, "--b--");
	expect_end(&m);
}

static void expect_refused(const char *boundary, const char *p, size_t n)
{
	struct multipart m;
	struct multipart_part part;
	const char *why = NULL;
	int r = multipart_init(&m, boundary, p, n, MAX_PARTS, &why);

	while (!r)
		r = multipart_next(&m, &part, &why);
	assert_int_equal(r, -EINVAL);
	assert_non_null(why);
}

static void test_refusals(void **state)
{
	static const char *const bad[] = { "", "x", "--a\r\n\r\nx\r\n--a--", "--b\r\n\r\nx",
					   "--b\r\n\r\nx--b--" };
	static const char nul[] = "--b\r\nX: a\0b\r\n\r\nx\r\n--b--";
	CLEANUP(text_deinit) struct text many = TEXT_INIT;
	CLEANUP(text_deinit) struct text large = TEXT_INIT;
	char boundary[CONTENT_TYPE_BOUNDARY_SIZE + 1];

	(void)state;
	for (size_t i = 0; i < ARRAY_SIZE(bad); i++)
		expect_refused("b", bad[i], strlen(bad[i]));
	expect_refused("b", nul, sizeof(nul) - 1);
	expect_refused("", "--\r\n\r\nx\r\n----", 14);
	memset(boundary, 'b', sizeof(boundary));
	boundary[sizeof(boundary) - 1] = '\0';
	expect_refused(boundary, "--b--", 5);

	for (unsigned i = 0; i <= MAX_PARTS; i++)
		text_add(&many, "--b\r\n\r\nx\r\n");
	text_add(&many, "--b--");
	expect_refused("b", text_str(&many), many.n);
	text_addf(&large, "--b\r\nX: %0*d\r\n\r\nx\r\n--b--", MULTIPART_FIELDS_SIZE, 0);
	expect_refused("b", text_str(&large), large.n);
}

static void test_limits_are_exact(void **state)
{
	CLEANUP(text_deinit) struct text many = TEXT_INIT;
	CLEANUP(text_deinit) struct text large = TEXT_INIT;
	char value[MULTIPART_FIELDS_SIZE];
	struct multipart_part part;
	struct multipart m;

	(void)state;
	for (unsigned i = 0; i < MAX_PARTS; i++)
		text_add(&many, "--b\r\n\r\nx\r\n");
	text_add(&many, "--b--");
	init(&m, text_str(&many));
	for (unsigned i = 0; i < MAX_PARTS; i++)
		expect_part(&m, &part, "", "x");
	expect_end(&m);

	text_addf(&large, "--b\r\nX:%0*d\r\n\r\nx\r\n--b--", MULTIPART_FIELDS_SIZE - 5, 7);
	init(&m, text_str(&large));
	assert_int_equal(multipart_next(&m, &part, &(const char *){ NULL }), 0);
	assert_int_equal(part.n_fields, MULTIPART_FIELDS_SIZE - 1);
	assert_true(multipart_field(&part, "X", value));
	assert_int_equal(strlen(value), MULTIPART_FIELDS_SIZE - 5);
}

static void expect_field(const struct multipart_part *part, const char *name, const char *expected)
{
	char value[MULTIPART_FIELDS_SIZE] = "";

	assert_int_equal(multipart_field(part, name, value), expected != NULL);
	if (expected)
		assert_string_equal(value, expected);
}

static void test_fields(void **state)
{
	struct multipart_part part;
	struct multipart m;
	struct content_type type;
	const char *why;

	(void)state;
	init(&m,
	     "--b\r\nContent-Type: Multipart/Mixed;\r\n\tboundary=\"a  b\"\r\nX:\r\n y \r\n   \r\n"
	     "content-type: a/b\r\nXX: z\r\n\r\nZ: no\r\n--b\r\n\r\n--b--");
	assert_int_equal(multipart_next(&m, &part, &why), 0);
	expect_field(&part, "content-type", "Multipart/Mixed; boundary=\"a  b\"");
	expect_field(&part, "x", "y");
	expect_field(&part, "XX", "z");
	expect_field(&part, "Z", NULL);
	expect_field(&part, "", NULL);
	assert_int_equal(multipart_type(&part, &type, &why), 0);
	assert_string_equal(type.type, "multipart/mixed");
	assert_string_equal(type.boundary, "a  b");

	assert_int_equal(multipart_next(&m, &part, &why), 0);
	expect_field(&part, "X", NULL);
	assert_int_equal(multipart_type(&part, &type, &why), 0);
	assert_string_equal(type.type, "text/plain");
}

static void test_nested(void **state)
{
	struct multipart_part part;
	struct multipart m;
	const char *why = NULL;

	(void)state;
	init(&m, "--b\r\n\r\n--c\r\n\r\n1\r\n--c\r\n\r\n2\r\n--c--\r\n--b\r\n\r\n3\r\n--b--");
	assert_int_equal(multipart_next(&m, &part, &why), 0);
	assert_int_equal(multipart_enter(&m, &part, "c", &why), 0);
	expect_part(&m, &part, "", "1");
	assert_int_equal(multipart_enter(&m, &part, "d", &why), -EINVAL);
	assert_non_null(why);
	expect_part(&m, &part, "", "2");
	expect_part(&m, &part, "", "3");
	expect_end(&m);
}

static void test_depth(void **state)
{
	struct multipart_part part;
	struct multipart m;
	const char *why = NULL;

	(void)state;
	init(&m,
	     "--b\r\n\r\n--c\r\n\r\n--d\r\n\r\n--e\r\n\r\n--f\r\n\r\n--f--\r\n--e--\r\n--d--\r\n"
	     "--c--\r\n--b--");
	for (char boundary[] = "c"; *boundary < 'f'; ++*boundary) {
		assert_int_equal(multipart_next(&m, &part, &why), 0);
		assert_int_equal(multipart_enter(&m, &part, boundary, &why), 0);
	}
	assert_int_equal(multipart_next(&m, &part, &why), 0);
	assert_int_equal(multipart_enter(&m, &part, "f", &why), -EINVAL);
	assert_non_null(why);
	expect_end(&m);
}

int main(void)
{
	const struct CMUnitTest tests[] = {
		cmocka_unit_test(test_parts),
		cmocka_unit_test(test_refusals),
		cmocka_unit_test(test_limits_are_exact),
		cmocka_unit_test(test_fields),
		cmocka_unit_test(test_nested),
		cmocka_unit_test(test_depth),
	};

	return cmocka_run_group_tests(tests, NULL, NULL);
}
