/*
 * HTML of instant messages
 */
#include "proto/text/html.h"
#include "proto/text/html_entity.h"
#include "proto/text/mem.h"
#include "proto/text/text.h"

#include <setjmp.h>
#include <stdarg.h>
#include <stddef.h>
#include <stdint.h>

#include <cmocka.h>

struct row {
	const char *from, *to;
};

static void check_plain(const struct row *rows, size_t n)
{
	for (size_t i = 0; i < n; i++) {
		CLEANUP(text_deinit) struct text out = TEXT_INIT;

		text_add(&out, "\n");
		html_to_plain(&out, rows[i].from, strlen(rows[i].from));
		assert_string_equal(text_str(&out) + 1, rows[i].to);
	}
}

static void test_lines(void **state)
{
	static const struct row rows[] = {
		{ "", "" },
		{ "Hi", "Hi" },
		{ "one<br>two<BR/>three<br />four", "one\ntwo\nthree\nfour" },
		{ "one<br><br>three", "one\n\nthree" },
		{ "<p>one</p><p>two</p>", "one\ntwo" },
		{ "<div>one</div><div>two</div>three", "one\ntwo\nthree" },
		{ "<div>one<br></div><div>two</div>", "one\ntwo" },
		{ "<div>one</div><br><div>three</div>", "one\n\nthree" },
		{ "<DIV STYLE=\"a:b>c\">\r\n  one\r\n two </DIV>\r\n", "one two" },
		{ "<ul><li>a</li><li>b</ul>c", "a\nb\nc" },
		{ "<table><tr><td>a</td><td>b</td></tr><tr><td>c</table>", "a b\nc" },
		{ "a <b>b</b> <i>c</i>d", "a b cd" },
		{ "a <b> b </b> c", "a b c" },
		{ "<br>\n<p>one</p>\n<br>", "one" },
		{ "<pre>a  b\r\n\tc\rd</pre>e f", "a  b\n\tc\nd\ne f" },
		{ "</pre></div>x", "x" },
	};

	(void)state;
	check_plain(rows, ARRAY_SIZE(rows));
}

static void test_tags(void **state)
{
	static const struct row rows[] = {
		{ "<a href=\"http://h.test/?a=1&amp;b=1\">http://h.test/?a=1&amp;b=1</a>",
		  "http://h.test/?a=1&b=1" },
		{ "<b title='>'>x</b>", "x" },
		{ "<b title = \">\" x>y</b>", "y" },
		{ "<script>if (a < b) alert('<b>')</script>x", "x" },
		{ "<STYLE>p { a: b }</Style >x", "x" },
		{ "<head><title>t</title></head>x", "x" },
		{ "x<script>rest", "x" },
		{ "<!DOCTYPE html><!-- <b>no</b> --><?xml ?></ >x", "x" },
		{ "a<!-->b<!---->c", "abc" },
		{ "a < b <3 <- <", "a < b <3 <- <" },
		{ "a<b", "a" },
		{ "a<b title=\"", "a" },
		{ "a<!-- b", "a" },
		{ "<scripted>x</scripted>", "x" },
		{ "<brr>x<b\nr>y", "xy" },
	};

	(void)state;
	check_plain(rows, ARRAY_SIZE(rows));
}

static void test_entities(void **state)
{
	static const struct row rows[] = {
		{ "&lt;b&gt; &amp;amp; &quot;&apos;", "<b> &amp; \"'" },
		{ "&auml;&Auml;&euro;&hellip;&thetasym;", "\u00E4\u00C4\u20AC\u2026\u03D1" },
		{ "&#228;&#xe4;&#XE4;&#x1F600;", "\u00E4\u00E4\u00E4\U0001F600" },
		{ "&#128;&#150;", "\u20AC\u2013" },
		{ "&#0;&#xD800;&#x110000;&#99999999999;&#1;", "\uFFFD\uFFFD\uFFFD\uFFFD\uFFFD" },
		{ "a&nbsp;&nbsp;b", "a\u00A0\u00A0b" },
		{ "&ampx &amp &copy2 &copy,", "&ampx & &copy2 \u00A9," },
		{ "&hellip &nothing; &; & &# &#; &#x; &#xg",
		  "&hellip &nothing; &; & &# &#; &#x; &#xg" },
		{ "?a=1&b=2", "?a=1&b=2" },
		{ "a&#10;b&#x9;c", "a b c" },
		{ "&am<i>p;</i>", "&amp;" },
	};

	(void)state;
	check_plain(rows, ARRAY_SIZE(rows));
}

/* Every name is found, so the table is in order. */
static void test_entity_order(void **state)
{
	static const char *const names[] = {
		"AElig",  "Zeta", "aacute", "acirc", "alpha", "apos",
		"atilde", "zeta", "zwj",    "zwnj",  "sup1",  "there4"
	};

	(void)state;
	for (size_t i = 0; i < ARRAY_SIZE(names); i++) {
		CLEANUP(text_deinit) struct text out = TEXT_INIT;
		CLEANUP(mem_free_string) char *s = text_concat("&", names[i], ";");

		assert_int_equal(html_entity_add(&out, s, strlen(s)), strlen(s));
		assert_int_not_equal(out.n, 0);
	}
}

static void test_from_plain(void **state)
{
	static const struct row rows[] = {
		{ "Hi", "Hi" },
		{ "a < b & \"c\" > 'd'", "a &lt; b &amp; &quot;c&quot; &gt; 'd'" },
		{ "one\ntwo\r\nthree\rfour", "one<br>two<br>three<br>four" },
		{ " a  b   c\n d", "&nbsp;a &nbsp;b &nbsp; c<br>&nbsp;d" },
		{ "\u00E4&amp;", "\u00E4&amp;amp;" },
	};

	(void)state;
	for (size_t i = 0; i < ARRAY_SIZE(rows); i++) {
		CLEANUP(text_deinit) struct text out = TEXT_INIT;

		html_from_plain(&out, rows[i].from, strlen(rows[i].from));
		assert_string_equal(text_str(&out), rows[i].to);
	}
}

int main(void)
{
	const struct CMUnitTest tests[] = {
		cmocka_unit_test(test_lines),      cmocka_unit_test(test_tags),
		cmocka_unit_test(test_entities),   cmocka_unit_test(test_entity_order),
		cmocka_unit_test(test_from_plain),
	};

	return cmocka_run_group_tests(tests, NULL, NULL);
}
