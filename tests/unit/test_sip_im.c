/*
 * Instant messages in SIP
 */
#include "proto/sip/im.h"
#include "proto/text/content_type.h"
#include "proto/text/mem.h"
#include "proto/text/message_format.h"
#include "proto/text/multipart.h"
#include "proto/text/text.h"

#include <errno.h>
#include <setjmp.h>
#include <stdarg.h>
#include <stddef.h>
#include <stdint.h>

#include <cmocka.h>

static void test_content_type(void **state)
{
	struct content_type t;
	const char *why = NULL;

	(void)state;
	assert_int_equal(content_type_decode("Text/Plain", &t, &why), 0);
	assert_string_equal(t.type, "text/plain");
	assert_string_equal(t.charset, "");
	assert_int_equal(
		content_type_decode(" text / plain ; Charset = \"UTF-8\" ;msgr=WAA=+/", &t, &why),
		0);
	assert_string_equal(t.charset, "utf-8");
	assert_int_equal(
		content_type_decode("multipart/alternative;boundary=\"a b\\\"c\"", &t, &why), 0);
	assert_string_equal(t.boundary, "a b\"c");
	assert_null(why);
}

static void test_content_type_refusals(void **state)
{
	static const char *const bad[] = {
		"",
		"text",
		"text/",
		"/plain",
		"text plain",
		"text/plain;",
		"text/plain;=a",
		"text/plain;charset",
		"text/plain;charset=\"utf-8",
		"text/plain x",
		"text/plain;charset=0123456789012345678901234567890123456789",
		"text/plain;boundary=\"a\nb\"",
	};
	struct content_type t;
	const char *why;

	(void)state;
	for (size_t i = 0; i < ARRAY_SIZE(bad); i++) {
		why = NULL;
		assert_int_equal(content_type_decode(bad[i], &t, &why), -EINVAL);
		assert_non_null(why);
	}
}

static void test_content_type_limits(void **state)
{
	char value[2 * CONTENT_TYPE_SIZE];
	struct content_type t;
	const char *why;

	(void)state;
	snprintf(value, sizeof(value), "text/plain;boundary=%0*d", CONTENT_TYPE_BOUNDARY_SIZE - 1,
		 0);
	assert_int_equal(content_type_decode(value, &t, &why), 0);
	snprintf(value, sizeof(value), "text/plain;boundary=%0*d", CONTENT_TYPE_BOUNDARY_SIZE, 0);
	assert_int_equal(content_type_decode(value, &t, &why), -EINVAL);
	snprintf(value, sizeof(value), "x/%0*d", CONTENT_TYPE_SIZE - 3, 0);
	assert_int_equal(content_type_decode(value, &t, &why), 0);
	snprintf(value, sizeof(value), "x/%0*d", CONTENT_TYPE_SIZE - 2, 0);
	assert_int_equal(content_type_decode(value, &t, &why), -EINVAL);
}

/* Decode for who reads plain text, and compare; expected NULL: only r counts. */
static void check(const char *type, const char *body, int r, const char *expected_type,
		  const char *expected)
{
	CLEANUP(sip_im_body_deinit) struct sip_im_body b = { 0 };
	const char *why = NULL;

	assert_int_equal(sip_im_decode(type, body, strlen(body), MESSAGE_PLAIN, &b, &why), r);
	if (r) {
		assert_non_null(why);
		assert_null(b.p);
		return;
	}
	assert_string_equal(b.content_type, expected_type);
	assert_int_equal(b.n, strlen(expected));
	assert_memory_equal(b.p, expected, b.n);
}

static void test_single(void **state)
{
	struct sip_im_body b;
	const char *why = NULL;

	(void)state;
	check("text/plain;charset=UTF-8", "Hi \xE2\x82\xAC", 0, "text/plain", "Hi \xE2\x82\xAC");
	check("text/plain", "", 0, "text/plain", "");
	check("Text/HTML;charset=us-ascii", "<b>x</b>", 0, "text/html", "<b>x</b>");
	check("application/rtf", "{\\rtf1}", 0, "text/rtf", "{\\rtf1}");
	check("text/plain;charset=ISO-8859-1", "caf\xE9", 0, "text/plain", "caf\u00E9");
	check("text/html; charset=\"windows-1251\"", "\xCF", 0, "text/html", "\u041F");
	check("text/plain;charset=utf-7", "x", 1, NULL, NULL);
	check("image/gif", "GIF89a", 1, NULL, NULL);
	check("text/plain", "\xE9", -EINVAL, NULL, NULL);
	check("text", "x", -EINVAL, NULL, NULL);
	assert_int_equal(sip_im_decode("text/plain", "a\0b", 3, 0, &b, &why), -EINVAL);
	assert_int_equal(
		sip_im_decode("text/plain;charset=utf-16", "\xFF\xFEH\0i\0", 6, 0, &b, &why), 0);
	assert_string_equal(b.p, "Hi");
	sip_im_body_deinit(&b);
}

#define ALTERNATIVE "multipart/alternative; boundary=\"=_x y\""

static void test_alternative(void **state)
{
	(void)state;
	check(ALTERNATIVE,
	      "preamble\r\n--=_x y\r\nContent-Type: text/html\r\n\r\n<b>Hi</b>\r\n"
	      "--=_x y  \r\ncontent-type:text/plain; charset=UTF-8\r\nX: "
	      "y\r\n\r\nHi\r\n--not\r\n\r\n"
	      "--=_x y--\r\nepilogue --=_x y",
	      0, "text/plain", "Hi\r\n--not\r\n");
	/* Bare line feeds, and a part without headers. */
	check(ALTERNATIVE, "--=_x y\n\nplain\n--=_x y--", 0, "text/plain", "plain");
	/* No plain text: the first part that we carry. */
	check(ALTERNATIVE,
	      "--=_x y\r\nContent-Type: image/gif\r\n\r\nGIF\r\n--=_x y\r\nContent-Type: "
	      "text/html\r\n"
	      "\r\n1\r\n--=_x y\r\nContent-Type: text/rtf\r\n\r\n2\r\n--=_x y--",
	      0, "text/html", "1");
	/* A part in an unknown encoding is skipped. */
	check(ALTERNATIVE,
	      "--=_x y\r\nContent-Transfer-Encoding: uuencode\r\n\r\nx\r\n"
	      "--=_x y\r\nContent-Transfer-Encoding: 8BIT\r\n\r\nHi\r\n--=_x y--",
	      0, "text/plain", "Hi");
	check(ALTERNATIVE, "--=_x y\r\nContent-Type: text/plain\r\n\r\n\r\n--=_x y--", 0,
	      "text/plain", "");
}

static void test_encodings(void **state)
{
	(void)state;
	check(ALTERNATIVE,
	      "--=_x y\r\nContent-Type: text/plain; charset=utf-8\r\n"
	      "Content-Transfer-Encoding: quoted-printable\r\n\r\ncaf=C3=A9\r\n"
	      "--=_x y\r\nContent-Type: text/html; charset=utf-8\r\n"
	      "Content-Transfer-Encoding: quoted-printable\r\n\r\n<b>caf=C3=A9</b>\r\n--=_x y--",
	      0, "text/plain", "caf\u00E9");
	check(ALTERNATIVE,
	      "--=_x y\r\nContent-Type: text/plain;\r\n charset=\"utf-8\"\r\n"
	      "Content-Transfer-Encoding: BASE64\r\n\r\nY2Fm\r\nw6k=\r\n\r\n--=_x y--",
	      0, "text/plain", "caf\u00E9");
	check(ALTERNATIVE,
	      "--=_x y\r\nContent-Type: text/plain; charset=iso-8859-1\r\n"
	      "Content-Transfer-Encoding: quoted-printable\r\n\r\ncaf=E9\r\n--=_x y--",
	      0, "text/plain", "caf\u00E9");
	check(ALTERNATIVE, "--=_x y\r\nContent-Transfer-Encoding: base64\r\n\r\n???\r\n--=_x y--",
	      -EINVAL, NULL, NULL);
	/* decoded as far as it is good */
	check(ALTERNATIVE,
	      "--=_x y\r\nContent-Transfer-Encoding: base64\r\n\r\nPGI+???\r\n--=_x y--", -EINVAL,
	      NULL, NULL);
}

static void test_best_alternative(void **state)
{
	static const char body[] = "--x\r\nContent-Type: text/plain\r\n\r\nplain\r\n"
				   "--x\r\nContent-Type: text/html\r\n\r\nhtml\r\n"
				   "--x\r\nContent-Type: text/rtf\r\n\r\nrtf\r\n"
				   "--x\r\nContent-Type: image/gif\r\n\r\ngif\r\n--x--";
	static const struct {
		unsigned reads;
		const char *type;
	} rows[] = {
		{ 0, "text/plain" },
		{ MESSAGE_PLAIN, "text/plain" },
		{ MESSAGE_PLAIN | MESSAGE_HTML, "text/html" },
		{ MESSAGE_HTML, "text/html" },
		{ MESSAGE_PLAIN | MESSAGE_HTML | MESSAGE_RTF, "text/rtf" },
	};

	(void)state;
	for (size_t i = 0; i < ARRAY_SIZE(rows); i++) {
		CLEANUP(sip_im_body_deinit) struct sip_im_body b = { 0 };
		const char *why;

		assert_int_equal(sip_im_decode("multipart/alternative;boundary=x", body,
					       strlen(body), rows[i].reads, &b, &why),
				 0);
		assert_string_equal(b.content_type, rows[i].type);
	}
}

static void test_alternative_nested(void **state)
{
	(void)state;
	check(ALTERNATIVE,
	      "--=_x y\r\nContent-Type: multipart/alternative;\r\n boundary=z\r\n\r\n"
	      "--z\r\nContent-Type: text/html\r\n\r\n<b>Hi</b>\r\n--z--\r\n"
	      "--=_x y\r\n\r\nHi\r\n--=_x y--",
	      0, "text/plain", "Hi");
	check(ALTERNATIVE,
	      "--=_x y\r\nContent-Type: multipart/alternative;boundary=z\r\n\r\n"
	      "--z\r\n\r\nHi\r\n--z--\r\n--=_x y--",
	      0, "text/plain", "Hi");
	check(ALTERNATIVE,
	      "--=_x y\r\nContent-Type: multipart/alternative;boundary=z\r\n\r\nHi\r\n--=_x y--",
	      -EINVAL, NULL, NULL);
}

static void test_alternative_without(void **state)
{
	(void)state;
	check(ALTERNATIVE, "--=_x y--\r\n", 1, NULL, NULL);
	check(ALTERNATIVE, "--=_x y\r\nContent-Type: image/gif\r\n\r\nGIF\r\n--=_x y--", 1, NULL,
	      NULL);
	check(ALTERNATIVE,
	      "--=_x y\r\nContent-Type: "
	      "multipart/alternative;boundary=z\r\n\r\n--z\r\nContent-Type: a/b\r\n\r\nHi\r\n--z--"
	      "\r\n--=_x y--",
	      1, NULL, NULL);
}

static void test_alternative_refusals(void **state)
{
	(void)state;
	check("multipart/alternative", "--\r\n\r\nx\r\n----", -EINVAL, NULL, NULL);
	check(ALTERNATIVE, "", -EINVAL, NULL, NULL);
	check(ALTERNATIVE, "--=_x yz\r\n\r\nx", -EINVAL, NULL, NULL);
	check(ALTERNATIVE, "--=_x y\r\n\r\nnever ends", -EINVAL, NULL, NULL);
	check(ALTERNATIVE, "--=_x y\r\nContent-Type: text\r\n\r\nx\r\n--=_x y--", -EINVAL, NULL,
	      NULL);
}

static void test_alternative_limits(void **state)
{
	CLEANUP(text_deinit) struct text parts = TEXT_INIT;
	CLEANUP(text_deinit) struct text header = TEXT_INIT;

	(void)state;
	for (unsigned i = 0; i <= SIP_IM_MAX_PARTS; i++)
		text_add(&parts, "--=_x y\r\nContent-Type: image/gif\r\n\r\nx\r\n");
	text_add(&parts, "--=_x y--");
	check(ALTERNATIVE, text_str(&parts), -EINVAL, NULL, NULL);

	text_addf(&header, "--=_x y\r\nX: %0*d\r\n\r\nx\r\n--=_x y--", MULTIPART_FIELDS_SIZE, 0);
	check(ALTERNATIVE, text_str(&header), -EINVAL, NULL, NULL);
}

static void test_first_line(void **state)
{
	struct sip_im_first_line f;
	const char *why = NULL;

	(void)state;
	assert_int_equal(
		sip_im_first_line_decode("text/plain; charset=UTF-8;msgr=WAAtAE0ALQBJAE0A==;"
					 "ms-body=SGkgQnJlbmRhbg==",
					 100, &f, &why),
		0);
	assert_string_equal(f.content_type, "text/plain");
	assert_string_equal(f.text, "Hi Brendan");
	assert_int_equal(f.n, 10);
	sip_im_first_line_deinit(&f);
	assert_null(f.text);
	/* A format without a line. */
	assert_int_equal(sip_im_first_line_decode("text/html", 100, &f, &why), 0);
	assert_string_equal(f.content_type, "text/html");
	assert_null(f.text);
	assert_int_equal(sip_im_first_line_decode("text/plain;MS-Body=\"\"", 100, &f, &why), 0);
	assert_string_equal(f.text, "");
	sip_im_first_line_deinit(&f);
	assert_null(why);
}

static void check_first_line(const char *value, size_t max, int r)
{
	struct sip_im_first_line f;
	const char *why = NULL;

	assert_int_equal(sip_im_first_line_decode(value, max, &f, &why), r);
	assert_null(f.text);
	assert_true(r == 0 || why);
}

static void test_first_line_refusals(void **state)
{
	(void)state;
	check_first_line("multipart/alternative;boundary=x;ms-body=SGk=", 100, 1);
	check_first_line("image/gif;ms-body=SGk=", 100, 1);
	check_first_line("text/plain;charset=utf-7;ms-body=SGk=", 100, 1);
	check_first_line("text/plain;charset=iso-8859-1;ms-body=6enp", 5, -EMSGSIZE);
	check_first_line("text/plain;ms-body=S", 100, -EINVAL);
	check_first_line("text/plain;ms-body=S*k=", 100, -EINVAL);
	check_first_line("text/plain;ms-body=6Q==", 100, -EINVAL); /* not UTF-8 */
	check_first_line("text/plain;ms-body=YQBi", 100, -EINVAL); /* a NUL */
	check_first_line("text/plain;ms-body=\"SGk=", 100, -EINVAL);
	check_first_line("text/plain;ms-body", 100, -EINVAL);
	check_first_line("", 100, -EINVAL);
	check_first_line("text/plain;ms-body=SGkgQnJlbmRhbg==", 9, -EMSGSIZE);
	check_first_line("text/plain;ms-body=SGkgQnJlbmRhbkhpIEJyZW5kYW5IaSBCcmVuZGFu", 2,
			 -EMSGSIZE);
}

static void test_first_line_limit_is_exact(void **state)
{
	struct sip_im_first_line f;
	const char *why = NULL;

	(void)state;
	assert_int_equal(
		sip_im_first_line_decode("text/plain;ms-body=SGkgQnJlbmRhbg==", 10, &f, &why), 0);
	assert_string_equal(f.text, "Hi Brendan");
	sip_im_first_line_deinit(&f);
}

static void test_first_line_round_trip(void **state)
{
	CLEANUP(text_deinit) struct text t = TEXT_INIT;
	struct sip_im_first_line f;
	const char *why = NULL;

	(void)state;
	sip_im_first_line_encode(&t, "text/plain", "H\xC3\xA9 \xF0\x9F\x98\x80", 8);
	assert_string_equal(text_str(&t), "text/plain; charset=UTF-8;ms-body=SMOpIPCfmIA=");
	assert_int_equal(sip_im_first_line_decode(text_str(&t), 8, &f, &why), 0);
	assert_string_equal(f.text, "H\xC3\xA9 \xF0\x9F\x98\x80");
	sip_im_first_line_deinit(&f);
}

static int decode_typing(const char *s, bool *ret)
{
	const char *why = NULL;
	int r = sip_im_typing_decode(s, strlen(s), ret, &why);

	assert_true((r == 0) == (why == NULL));
	return r;
}

static void test_typing(void **state)
{
	CLEANUP(text_deinit) struct text t = TEXT_INIT;
	bool typing = false;

	(void)state;
	sip_im_typing_encode(&t, true);
	assert_string_equal(text_str(&t), "<?xml version=\"1.0\"?><KeyboardActivity><status "
					  "status=\"type\"/></KeyboardActivity>");
	assert_int_equal(decode_typing(text_str(&t), &typing), 0);
	assert_true(typing);
	text_reset(&t);
	sip_im_typing_encode(&t, false);
	assert_int_equal(decode_typing(text_str(&t), &typing), 0);
	assert_false(typing);
	assert_int_equal(
		decode_typing("<KeyboardActivity xmlns='urn:x'>\n <status status='type' />\n"
			      "</KeyboardActivity>",
			      &typing),
		0);
	assert_true(typing);
}

static void test_typing_refusals(void **state)
{
	static const char *const bad[] = {
		"",
		"<KeyboardActivity/>",
		"<KeyboardActivity><status/></KeyboardActivity>",
		"<KeyboardActivity><status status=''/></KeyboardActivity>",
		"<KeyboardActivity><status status='typing'/></KeyboardActivity>",
		"<KeyboardActivity><x><status status='type'/></x></KeyboardActivity>",
		"<isComposing><state>active</state></isComposing>",
		"<KeyboardActivity><status status='type'/>",
		"<!DOCTYPE a><KeyboardActivity><status status='type'/></KeyboardActivity>",
	};
	CLEANUP(text_deinit) struct text t = TEXT_INIT;
	bool typing = true;

	(void)state;
	for (size_t i = 0; i < ARRAY_SIZE(bad); i++)
		assert_int_equal(decode_typing(bad[i], &typing), -EINVAL);
	text_addf(&t, "<KeyboardActivity><status status='idle'/>%*s</KeyboardActivity>",
		  SIP_IM_TYPING_MAX_BYTES, "");
	assert_int_equal(decode_typing(text_str(&t), &typing), -EINVAL);
	assert_true(typing);
}

int main(void)
{
	const struct CMUnitTest tests[] = {
		cmocka_unit_test(test_content_type),
		cmocka_unit_test(test_content_type_refusals),
		cmocka_unit_test(test_content_type_limits),
		cmocka_unit_test(test_single),
		cmocka_unit_test(test_alternative),
		cmocka_unit_test(test_encodings),
		cmocka_unit_test(test_best_alternative),
		cmocka_unit_test(test_alternative_nested),
		cmocka_unit_test(test_alternative_without),
		cmocka_unit_test(test_alternative_refusals),
		cmocka_unit_test(test_alternative_limits),
		cmocka_unit_test(test_first_line),
		cmocka_unit_test(test_first_line_refusals),
		cmocka_unit_test(test_first_line_limit_is_exact),
		cmocka_unit_test(test_first_line_round_trip),
		cmocka_unit_test(test_typing),
		cmocka_unit_test(test_typing_refusals),
	};

	return cmocka_run_group_tests(tests, NULL, NULL);
}
