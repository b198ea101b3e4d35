/*
 * Forwarded
 */
#include "proto/text/forwarded.h"
#include "proto/text/mem.h"
#include "proto/text/text.h"

/* cmocka.h needs these four before it. */
#include <setjmp.h>
#include <stdarg.h>
#include <stddef.h>
#include <stdint.h>

#include <cmocka.h>

/* "node host proto;" for each hop. */
static char *summary(const char *value)
{
	CLEANUP(forwarded_deinit) struct forwarded f;
	struct text out = TEXT_INIT;

	if (forwarded_decode(value, &f))
		return mem_strdup("malformed");
	for (size_t i = 0; i < f.n_hops; i++) {
		const struct forwarded_hop *h = &f.hops[i];

		text_addf(&out, "%s %s %s;", h->node ? h->node : "-", h->host ? h->host : "-",
			  h->proto ? h->proto : "-");
	}
	return text_take(&out);
}

static void reads_elements(void **state)
{
	static const struct {
		const char *value, *hops;
	} rows[] = {
		{ "", "" },
		{ " , ;,", "" },
		{ "for=192.0.2.1", "192.0.2.1 - -;" },
		{ "For=\"[2001:db8:cafe::17]:4711\"", "[2001:db8:cafe::17]:4711 - -;" },
		{ "for=[2001:db8::1]:80", "[2001:db8::1]:80 - -;" },
		{ "for=a;proto=http;by=b;host=\"lab.test:8443\"", "a lab.test:8443 http;" },
		{ "for=a, for=b;PROTO=https ; ,host=c", "a - -;b - https;- c -;" },
		{ "for=_x;secret=\"a,b;c=d\",for=unknown", "_x - -;unknown - -;" },
		{ "for=\"a\\\"b\\\\c\"", "a\"b\\c - -;" },
		{ "host=\"\"", "-  -;" },
		{ ";;for=a;;;proto=x,,", "a - x;" },
	};

	(void)state;
	for (size_t i = 0; i < ARRAY_SIZE(rows); i++) {
		CLEANUP(mem_free_string) char *got = summary(rows[i].value);

		if (strcmp(got, rows[i].hops) != 0)
			fail_msg("\"%s\": got \"%s\"", rows[i].value, got);
	}
}

static void refuses_the_malformed(void **state)
{
	static const char *const bad[] = {
		"for",        "for=",      "=a",        "for =a",     "for= a",
		"for=\"a",    "for=\"a\\", "for=a b",   "for=a\"b\"", "for=a;for=b",
		"for=\"a\"b", "for=a\x01", "for=a\r\n", "for=a=b",
	};
	CLEANUP(text_deinit) struct text many = TEXT_INIT;

	(void)state;
	for (size_t i = 0; i < ARRAY_SIZE(bad); i++) {
		CLEANUP(mem_free_string) char *got = summary(bad[i]);

		if (strcmp(got, "malformed") != 0)
			fail_msg("\"%s\": got \"%s\"", bad[i], got);
	}
	for (int i = 0; i <= FORWARDED_MAX; i++) {
		CLEANUP(forwarded_deinit) struct forwarded f;

		text_add(&many, "for=a,");
		assert_int_equal(forwarded_decode(text_str(&many), &f) == 0, i < FORWARDED_MAX);
	}
}

int main(void)
{
	const struct CMUnitTest tests[] = {
		cmocka_unit_test(reads_elements),
		cmocka_unit_test(refuses_the_malformed),
	};

	return cmocka_run_group_tests(tests, NULL, NULL);
}
