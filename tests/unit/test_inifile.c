/*
 * INI files
 */
#include "mcxd/base/inifile.h"

#include "proto/text/mem.h"
#include "proto/text/text.h"

/* cmocka.h needs these four before it. */
#include <setjmp.h>
#include <stdarg.h>
#include <stddef.h>
#include <stdint.h>

#include <cmocka.h>

#include <errno.h>

/* Notes a line in a struct text, and refuses a key or section named "bad". */
static int note_line(void *magic, const struct inifile_line *l, struct text *why)
{
	const char *key = l->key ? l->key : "(begins)";

	text_addf(magic, "%s:%d %s|%s|%s=%s\n", l->file, l->line, l->section, l->name, key,
		  l->value);
	if (strcmp(key, "bad") != 0 && strcmp(l->section, "bad") != 0)
		return 0;
	text_add(why, "is bad");
	return 1;
}

static void assert_parsed(const char *contents, const char *expected, const char *expected_errors)
{
	CLEANUP(text_deinit) struct text seen = TEXT_INIT;
	CLEANUP(text_deinit) struct text errors = TEXT_INIT;
	int err = inifile_parse("x", contents, note_line, &seen, &errors);

	assert_string_equal(text_str(&errors), expected_errors);
	if (expected)
		assert_string_equal(text_str(&seen), expected);
	assert_int_equal(err, *expected_errors ? -EINVAL : 0);
}

static void sections_carry_names(void **state)
{
	(void)state;
	assert_parsed("first = 1\n"
		      "[user bob@lab.test]\n"
		      "password = a b\n"
		      "bad = \n"
		      "[user\t  alice@lab.test ] \n"
		      "mail = x\n"
		      "[bad]\n"
		      "key = of no interest\n"
		      "[user dave@lab.test]",
		      "x:1 ||first=1\n"
		      "x:2 user|bob@lab.test|(begins)=\n"
		      "x:3 user|bob@lab.test|password=a b\n"
		      "x:4 user|bob@lab.test|bad=\n"
		      "x:5 user|alice@lab.test|(begins)=\n"
		      "x:6 user|alice@lab.test|mail=x\n"
		      "x:7 bad||(begins)=\n"
		      "x:9 user|dave@lab.test|(begins)=\n",
		      "x:4: is bad\nx:7: is bad\n");
}

static void assert_value(const char *line, const char *expected)
{
	CLEANUP(mem_free_string) char *contents = text_format("[a]\nkey =%s\n", line);
	CLEANUP(mem_free_string)
	char *seen = text_format("x:1 a||(begins)=\nx:2 a||key=%s\n", expected);

	assert_parsed(contents, seen, "");
}

static void values_may_be_quoted(void **state)
{
	(void)state;
	assert_value(" a b \t\r", "a b");
	assert_value(" s3 ;cret ; # !", "s3 ;cret ; # !");
	assert_value("a;b;c", "a;b;c");
	assert_value(" ;a", ";a");
	assert_value(" #a#b # c", "#a#b # c");
	assert_value("a\\b \"c\"", "a\\b \"c\"");
	assert_value(" \"\"", "");
	assert_value("\" a ; b \" ", " a ; b ");
	assert_value(" \"\\\"a\\\\\\\"\"", "\"a\\\"");
}

static void lines_that_are_wrong(void **state)
{
	static const struct {
		const char *contents, *errors;
	} rows[] = {
		{ "[a]\nkey = \"b\n", "x:2: the closing quote is missing\n" },
		{ "key = \"b\\\"\n", "x:1: the closing quote is missing\n" },
		{ "key = \"b\\", "x:1: in quotes, a backslash must be followed by \" or \\\n" },
		{ "key = \"b\" c\n", "x:1: unexpected text after the closing quote\n" },
		{ "key = \"b\" ; c\n", "x:1: unexpected text after the closing quote\n" },
		{ "[a] ; b\n", "x:1: neither \"[section]\" nor \"key = value\"\n" },
		{ "key = \"\\n\"\n", "x:1: in quotes, a backslash must be followed by \" or \\\n" },
		{ "\n\nkey\n", "x:3: neither \"[section]\" nor \"key = value\"\n" },
		{ " = value\n", "x:1: neither \"[section]\" nor \"key = value\"\n" },
		{ "[a\n", "x:1: neither \"[section]\" nor \"key = value\"\n" },
		{ "[a] b\n", "x:1: neither \"[section]\" nor \"key = value\"\n" },
		{ "[a b c]\n", "x:1: a section is a word, or a word and a name\n" },
		{ "[s]\nAb = 1\n[t]\nab = 2\n[s]\naB = 3\n",
		  "x:6: aB was already set in line 2\n" },
		/* the section with a name is another one */
		{ "a = 1\n[s]\na = 2\n[s n]\na = 3\n[s]\na = 4\n[s n]\na = 5\n",
		  "x:7: a was already set in line 3\nx:9: a was already set in line 5\n" },
	};

	(void)state;
	for (size_t i = 0; i < ARRAY_SIZE(rows); i++)
		assert_parsed(rows[i].contents, NULL, rows[i].errors);
}

static void assert_round_trip(const char *value)
{
	CLEANUP(text_deinit) struct text file = TEXT_INIT;
	CLEANUP(mem_free_string)
	char *seen = text_format("x:1 a||(begins)=\nx:2 a||key=%s\n", value);

	text_add(&file, "[a]\nkey = ");
	inifile_add_value(&file, value);
	assert_parsed(text_str(&file), seen, "");
}

/* Whatever is written is read back unchanged. */
static void quotes_round_trip(void **state)
{
	static const char *const values[] = {
		"",     " ",      ";",   "a;b", "a ; b",  "#",     "a # b",    "\"",
		"\"\"", "\"a\"b", "a\"", "\\",  " \\\" ", "a\\",   "[a]",      "a = b",
		"a\\;", "=",      ":",   "x ",  " x",     "'a b'", "\303\244", "\302\240x",
	};
	CLEANUP(text_deinit) struct text all = TEXT_INIT;

	(void)state;
	for (size_t i = 0; i < ARRAY_SIZE(values); i++) {
		assert_round_trip(values[i]);
		text_add(&all, values[i]);
	}
	while (all.n < 5000)
		text_add(&all, "; long\\ ");
	assert_round_trip(text_str(&all));
}

int main(void)
{
	const struct CMUnitTest tests[] = {
		cmocka_unit_test(sections_carry_names),
		cmocka_unit_test(values_may_be_quoted),
		cmocka_unit_test(lines_that_are_wrong),
		cmocka_unit_test(quotes_round_trip),
	};

	return cmocka_run_group_tests(tests, NULL, NULL);
}
