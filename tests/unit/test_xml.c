/*
 * XML
 */
#include "proto/text/mem.h"
#include "proto/text/text.h"
#include "proto/text/xml.h"

#include <errno.h>
#include <setjmp.h>
#include <stdarg.h>
#include <stddef.h>
#include <stdint.h>

#include <cmocka.h>

/* The calls of the handlers, as text: "<ns|name a=value" and ">name:text". */
static const char *on_start(void *magic, const struct xml_element *e)
{
	struct text *seen = magic;
	const char *a = xml_attribute(e, "a");

	text_addf(seen, "<%u %s|%s", e->depth, e->ns, e->name);
	if (a)
		text_addf(seen, " a=%s", a);
	assert_int_equal(e->n_text, 0);
	return strcmp(e->name, "stop") ? NULL : "The test stops here";
}

static const char *on_end(void *magic, const struct xml_element *e)
{
	struct text *seen = magic;

	assert_int_equal(strlen(e->text), e->n_text);
	assert_null(xml_attribute(e, "a"));
	text_addf(seen, ">%u %s|%s:%s", e->depth, e->ns, e->name, e->text);
	return strcmp(e->text, "stop") ? NULL : "The test stops at an end";
}

static int read_document(const char *document, size_t max_bytes, struct text *seen,
			 const char **why)
{
	const struct xml_reader reader = {
		.max_bytes = max_bytes, .on_start = on_start, .on_end = on_end, .magic = seen
	};

	*why = NULL;
	return xml_read(document, strlen(document), &reader, why);
}

static void check(const char *document, const char *expected)
{
	CLEANUP(text_deinit) struct text seen = TEXT_INIT;
	const char *why;

	assert_int_equal(read_document(document, 0, &seen, &why), 0);
	assert_string_equal(text_str(&seen), expected);
	assert_null(why);
}

static void check_refused(const char *document, const char *sentence)
{
	CLEANUP(text_deinit) struct text seen = TEXT_INIT;
	const char *why;

	assert_int_equal(read_document(document, 0, &seen, &why), -EINVAL);
	assert_string_equal(why, sentence);
}

static void test_elements(void **state)
{
	(void)state;
	check("<r/>", "<1 |r>1 |r:");
	check("<r a='1'>x<c>y</c>z</r>", "<1 |r a=1<2 |c>2 |c:y>1 |r:xz");
	check("<r><c>1</c><c>2</c></r>", "<1 |r<2 |c>2 |c:1<2 |c>2 |c:2>1 |r:");
	check("<?xml version='1.0' encoding='ISO-8859-1'?><r>\xE9</r>", "<1 |r>1 |r:\xC3\xA9");
	check("<r>&lt;&amp;&#65;<![CDATA[<x>]]></r>", "<1 |r>1 |r:<&A<x>");
}

static void test_namespaces(void **state)
{
	(void)state;
	check("<p:r xmlns:p='urn:a' xmlns='urn:b'><c/><p:c/></p:r>",
	      "<1 urn:a|r<2 urn:b|c>2 urn:b|c:<2 urn:a|c>2 urn:a|c:>1 urn:a|r:");
	/* An attribute in a namespace is not the one without. */
	check("<r xmlns:p='urn:a' p:a='1'/>", "<1 |r>1 |r:");
	check_refused("<p:r/>",
		      "The XML document uses a namespace prefix that it does not declare");
	/* The separator between namespace and name cannot be part of a document. */
	check_refused("<r xmlns='urn:a&#31;b'/>", "The XML document is not well-formed");
}

static void test_is(void **state)
{
	const struct xml_element e = { .ns = "urn:a", .name = "r" };

	(void)state;
	assert_true(xml_is(&e, "urn:a", "r"));
	assert_true(xml_is(&e, NULL, "r"));
	assert_false(xml_is(&e, "", "r"));
	assert_false(xml_is(&e, "urn:a", "R"));
}

static void test_refused(void **state)
{
	(void)state;
	check_refused("", "The XML document is empty or ends too early");
	check_refused("<r>", "The XML document is empty or ends too early");
	check_refused("text", "The XML document is not well-formed");
	check_refused("<r></s>",
		      "The XML document has an end tag that does not match its start tag");
	check_refused("<r a='1' a='2'/>", "An element of the XML document has an attribute twice");
	check_refused("<r/><s/>", "The XML document is followed by something else");
	check_refused("<r>&no;</r>", "The XML document uses an entity that does not exist");
	check_refused("<?xml version='1.0' encoding='EBCDIC-9'?><r/>",
		      "The XML document has an encoding that is not supported");
	check_refused("<r>\xFF</r>", "The XML document is not well-formed");
	check_refused("<r>\x01</r>", "The XML document is not well-formed");
	check_refused("<r>&#0;</r>", "The XML document is not well-formed");
}

static void test_doctype(void **state)
{
	static const char sentence[] = "The XML document has a DOCTYPE, which is not allowed";

	(void)state;
	check_refused("<!DOCTYPE r><r/>", sentence);
	check_refused("<!DOCTYPE r [<!ENTITY a 'aa'><!ENTITY b '&a;&a;'>]><r>&b;</r>", sentence);
	check_refused("<!DOCTYPE r SYSTEM 'file:///etc/passwd'><r/>", sentence);
}

static void test_handlers_stop(void **state)
{
	(void)state;
	check_refused("<r><stop><never/></stop></r>", "The test stops here");
	check_refused("<r><c>stop</c><never/></r>", "The test stops at an end");
	/* The first sentence counts, and no handler is called after it. */
	check_refused("<r><stop/><broken", "The test stops here");
}

static void add_nested(struct text *t, unsigned depth)
{
	for (unsigned i = 0; i < depth; i++)
		text_add(t, "<r>");
	for (unsigned i = 0; i < depth; i++)
		text_add(t, "</r>");
}

static void test_depth(void **state)
{
	static const unsigned too_deep[] = { XML_MAX_DEPTH + 1, 10000 };
	CLEANUP(text_deinit) struct text t = TEXT_INIT;
	CLEANUP(text_deinit) struct text seen = TEXT_INIT;
	const char *why;

	(void)state;
	add_nested(&t, XML_MAX_DEPTH);
	assert_int_equal(read_document(text_str(&t), 0, &seen, &why), 0);
	for (size_t i = 0; i < ARRAY_SIZE(too_deep); i++) {
		text_reset(&t);
		add_nested(&t, too_deep[i]);
		check_refused(text_str(&t), "The XML document is nested too deeply");
	}
}

static void test_size(void **state)
{
	CLEANUP(text_deinit) struct text seen = TEXT_INIT;
	const char *why;

	(void)state;
	assert_int_equal(read_document("<r>12</r>", 9, &seen, &why), 0);
	assert_int_equal(read_document("<r>12</r>", 8, &seen, &why), -EINVAL);
	assert_string_equal(why, "The XML document is too large");
}

static void test_nul(void **state)
{
	CLEANUP(text_deinit) struct text seen = TEXT_INIT;
	const struct xml_reader reader = { .on_start = on_start, .on_end = on_end, .magic = &seen };
	const char *why = NULL;

	(void)state;
	assert_int_equal(xml_read("<r>a\0b</r>", 10, &reader, &why), -EINVAL);
	assert_non_null(why);
}

int main(void)
{
	const struct CMUnitTest tests[] = {
		cmocka_unit_test(test_elements), cmocka_unit_test(test_namespaces),
		cmocka_unit_test(test_is),       cmocka_unit_test(test_refused),
		cmocka_unit_test(test_doctype),  cmocka_unit_test(test_handlers_stop),
		cmocka_unit_test(test_depth),    cmocka_unit_test(test_size),
		cmocka_unit_test(test_nul),
	};

	return cmocka_run_group_tests(tests, NULL, NULL);
}
