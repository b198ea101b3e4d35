/*
 * Frames, and answers to what cannot be parsed
 */
#include "proto/sip/frame.h"
#include "proto/sip/unparsed.h"
#include "proto/text/mem.h"
#include "proto/text/text.h"

#include <setjmp.h>
#include <stdarg.h>
#include <stddef.h>
#include <stdint.h>

#include <cmocka.h>

#define LINE "OPTIONS sip:a@lab.test SIP/2.0\r\n"
#define VIA  "Via: SIP/2.0/TCP 127.0.0.1;branch=z9hG4bKx\r\n"

static struct frame find(const char *s)
{
	size_t scanned = 0;

	return frame_find(s, strlen(s), &scanned);
}

/* The same, byte by byte: no other result may come before the last byte. */
static struct frame find_slowly(const char *s)
{
	size_t scanned = 0, n = strlen(s);
	struct frame f = { 0 };

	for (size_t i = 1; i <= n; i++) {
		f = frame_find(s, i, &scanned);
		if (i < n)
			assert_int_equal(f.kind, FRAME_MORE);
	}
	return f;
}

static void whole_messages(void **state)
{
	static const struct {
		const char *text;
		size_t n_body;
	} rows[] = {
		{ LINE VIA "\r\n", 0 },
		{ LINE VIA "Content-Length: 0\r\n\r\n", 0 },
		{ LINE VIA "Content-Length: 5\r\n\r\nhello", 5 },
		{ LINE VIA "CONTENT-LENGTH:5\r\n\r\nhello", 5 },
		{ LINE VIA "l: 5\r\n\r\nhello", 5 },
		{ LINE VIA "L :\t5 \r\n\r\nhello", 5 },
		{ LINE VIA "Content-Length:\r\n  5\r\n\r\nhello", 5 },
		{ LINE VIA "Content-Length: 5\r\n \r\n\r\nhello", 5 },
		{ LINE VIA "Content-Length: 005\r\n\r\nhello", 5 },
		{ LINE VIA "Content-Length: 5\r\nl: 5\r\n\r\nhello", 5 },
		{ LINE "X-Content-Length: 9\r\n" VIA "l: 5\r\n\r\nhello", 5 },
		{ LINE "Subject: a\r\n Content-Length: 9\r\nl: 5\r\n\r\nhello", 5 },
		{ "SIP/2.0 200 OK\r\n" VIA "l: 4\r\n\r\n\r\n\r\n", 4 },
	};

	(void)state;
	for (size_t i = 0; i < ARRAY_SIZE(rows); i++) {
		struct frame f = find(rows[i].text);

		assert_int_equal(f.kind, FRAME_MESSAGE);
		assert_int_equal(f.n, strlen(rows[i].text));
		assert_int_equal(f.n - f.n_head, rows[i].n_body);
		f = find_slowly(rows[i].text);
		assert_int_equal(f.kind, FRAME_MESSAGE);
		assert_int_equal(f.n, strlen(rows[i].text));
	}
}

static void what_follows_is_not_taken(void **state)
{
	struct frame f = find(LINE "l: 2\r\n\r\nhello");

	(void)state;
	assert_int_equal(f.kind, FRAME_MESSAGE);
	assert_int_equal(f.n, strlen(LINE "l: 2\r\n\r\nhe"));
}

static void what_is_missing_is_told(void **state)
{
	struct frame f = find(LINE "l: 100\r\n\r\nhello");

	(void)state;
	assert_int_equal(f.kind, FRAME_MORE);
	assert_int_equal(f.n, f.n_head + 100);
	assert_int_equal(find(LINE VIA).n, 0);
	assert_int_equal(find("").kind, FRAME_MORE);
	assert_int_equal(find("OPT").kind, FRAME_MORE);
}

static void unknown_ends(void **state)
{
	static const char *const rows[] = {
		LINE "Content-Length: -1\r\n\r\n",
		LINE "Content-Length: x\r\n\r\n",
		LINE "Content-Length: 5x\r\n\r\n",
		LINE "Content-Length: 5 5\r\n\r\n",
		LINE "Content-Length: \r\n\r\n",
		LINE "Content-Length:\r\nVia: x\r\n\r\n",
		LINE "l: 1\r\nContent-Length: 2\r\n\r\n",
		LINE "l: 1, 1\r\n\r\n",
		LINE "Content-Length: 9999999999999\r\n\r\n",
		LINE " " VIA "l: 0\r\n\r\n",
		LINE " l: 5\r\n" VIA "\r\n",
		LINE "\t\r\n" VIA "\r\n",
	};

	(void)state;
	for (size_t i = 0; i < ARRAY_SIZE(rows); i++) {
		struct frame f = find(rows[i]);

		assert_int_equal(f.kind, FRAME_UNFRAMED);
		assert_int_equal(f.n_head, strlen(rows[i]));
		assert_non_null(f.why);
	}
}

/* Also where the line before it ends as only lenient parsers see it. */
static void a_fold_of_nothing(void **state)
{
	static const char *const folded[] = { LINE " a", LINE "\t\r\n\r\n", "M x SIP/2.0\r b: 1",
					      "M x SIP/2.0\n b: 1" };
	static const char *const others[] = { "",   " ",          LINE,           "M x SIP/2.0",
					      "\r", LINE "\r\n ", LINE "a:\r\n b" };

	(void)state;
	for (size_t i = 0; i < ARRAY_SIZE(folded); i++)
		assert_true(frame_begins_folded(folded[i], strlen(folded[i])));
	for (size_t i = 0; i < ARRAY_SIZE(others); i++)
		assert_false(frame_begins_folded(others[i], strlen(others[i])));
}

static void a_huge_length_is_a_length(void **state)
{
	struct frame f = find(LINE "l: 999999999999\r\n\r\n");

	(void)state;
	assert_int_equal(f.kind, FRAME_MORE);
	assert_int_equal(f.n - f.n_head, 999999999999);
}

static void junk(void **state)
{
	static const char *const rows[] = {
		"GET / HTTP/1.1\r\n", "\x16\x03\x01\x02", "@",
		"<xml/>\r\n",         "hello\n",          "SIP 2.0 200\r\n"
	};

	(void)state;
	for (size_t i = 0; i < ARRAY_SIZE(rows); i++)
		assert_int_equal(find(rows[i]).kind, FRAME_JUNK);
	assert_int_equal(frame_find("\0\0\0\0", 4, &(size_t){ 0 }).kind, FRAME_JUNK);
}

#define LF_LINE "OPTIONS sip:a@lab.test SIP/2.0\n"

static void lines_that_end_in_lf(void **state)
{
	static const char head[] = LF_LINE "To: <sip:a@b>\nl: 0\n\n";
	size_t scanned = 0, n = sizeof(head) - 1;
	struct frame f;

	(void)state;
	for (size_t i = 0; i < n; i++)
		assert_int_equal(frame_find(head, i, &scanned).kind, FRAME_MORE);
	f = frame_find(head, n, &scanned);
	assert_int_equal(f.kind, FRAME_BARE_LF);
	assert_int_equal(f.n_head, n);
	assert_string_equal(f.why, "Lines end in LF alone, not in CRLF");
	f = find(LF_LINE "\nbody\r\n");
	assert_int_equal(f.kind, FRAME_BARE_LF);
	assert_int_equal(f.n_head, sizeof(LF_LINE));
	/* one LF may be a slip, and two may be in a body */
	assert_int_equal(find(LF_LINE "l: 0\r\n\r\n").kind, FRAME_MESSAGE);
	assert_int_equal(find(LINE "l: 2\r\n\r\n\n\n").kind, FRAME_MESSAGE);
	assert_int_equal(find(LF_LINE "l: 2\r\n\r\n\n\n").kind, FRAME_MESSAGE);
	/* the end that comes first counts */
	f = find(LF_LINE "l: 0\n\n" LINE "l: 0\r\n\r\n");
	assert_int_equal(f.kind, FRAME_BARE_LF);
	assert_int_equal(f.n_head, sizeof(LF_LINE "l: 0\n\n") - 1);
}

static void blanks(void **state)
{
	struct frame f = find("\r\n\r\n" LINE "\r\n");

	(void)state;
	assert_int_equal(f.kind, FRAME_BLANK);
	assert_int_equal(f.n, 4);
	assert_true(f.is_ping);
	f = find("\r\n");
	assert_int_equal(f.kind, FRAME_BLANK);
	assert_false(f.is_ping);
	assert_int_equal(find("\n\n\n\n\n").is_ping, false);
}

static void nul_in_a_head(void **state)
{
	static const char text[] = LINE "To: \"\\\0\" <sip:a@b>\r\nl: 1\r\n\r\nx";
	size_t scanned = 0;
	struct frame f = frame_find(text, sizeof(text) - 1, &scanned);

	(void)state;
	assert_int_equal(f.kind, FRAME_MESSAGE);
	assert_int_equal(f.n, sizeof(text) - 1);
}

static void bare_nul(void **state)
{
#define NUL(before, after)                                                                         \
	{                                                                                          \
		before "\0" after, sizeof(before "\0" after) - 1                                   \
	}
	static const struct {
		const char *text;
		size_t n;
	} good[] = {
		NUL(LINE "To: \"a\\", "b\" <sip:a@b>\r\n\r\n"),
		NUL(LINE "To: \"\\\\\\", "\" <sip:a@b>\r\n\r\n"),
		NUL(LINE "To: \"a\r\n b\\", "\" <sip:a@b>\r\n\r\n"),
		NUL(LINE "To: \"a (\\\" \\", "\" <sip:a@b>\r\n\r\n"),
		NUL(LINE "User-Agent: a (b (c) \\", ")\r\n\r\n"),
		NUL(LINE "To: <sip:a@b>\r\n\r\nbody", ""),
		{ LINE "To: <sip:a@b>\r\n\r\n", sizeof(LINE "To: <sip:a@b>\r\n\r\n") - 1 },
		{ "", 0 },
	}, bad[] = {
		NUL("OPTIONS sip:a", "b SIP/2.0\r\nTo: <sip:a@b>\r\n\r\n"),
		NUL("OPTIONS sip:\"a\\", "b\" SIP/2.0\r\nTo: <sip:a@b>\r\n\r\n"),
		NUL("OPTIONS sip:a", "b"),
		NUL(LINE "Subject: a", "b\r\n\r\n"),
		NUL(LINE "Subject: a\\", "b\r\n\r\n"),
		NUL(LINE "Sub", "ject: a\r\n\r\n"),
		NUL(LINE "To: \"a", "b\" <sip:a@b>\r\n\r\n"),
		NUL(LINE "To: \"a\\\\", "b\" <sip:a@b>\r\n\r\n"),
		NUL(LINE "To: \"a\" <sip:a\\", "@b>\r\n\r\n"),
		NUL(LINE "To: \"a\r\nSubject: \\", "\r\n\r\n"),
		NUL(LINE "User-Agent: (a) \\", "\r\n\r\n"),
		NUL(LINE "To: <sip:a@b>\r\n", "\r\n"),
	};
#undef NUL

	(void)state;
	for (size_t i = 0; i < ARRAY_SIZE(good); i++)
		if (frame_has_bare_nul(good[i].text, good[i].n))
			fail_msg("good row %zu", i);
	for (size_t i = 0; i < ARRAY_SIZE(bad); i++)
		if (!frame_has_bare_nul(bad[i].text, bad[i].n))
			fail_msg("bad row %zu", i);
}

/* ---- unparsed ---- */

#define REST                                                                                       \
	"Max-Forwards: 70\r\n"                                                                     \
	"t: sip:bob@lab.test\r\n"                                                                  \
	"From: <sip:alice@lab.test>;tag=1\r\n"                                                     \
	"CSeq: 7 INVITE\r\n"                                                                       \
	"Call-ID: c1\r\n"                                                                          \
	"v: SIP/2.0/TCP 127.0.0.1;branch=z9hG4bKa\r\n"                                             \
	"VIA: SIP/2.0/TCP 127.0.0.2;branch=z9hG4bKb,\r\n SIP/2.0/TCP 127.0.0.3\r\n"
#define TAIL "Content-Length: 0\r\n\r\n"

static const struct unparsed_answer answer = { .why = "The request line is malformed",
					       .server = "RTC/4.0",
					       .tag = "t1",
					       .host = "127.0.0.1",
					       .port = "5099" };

static bool refuse(const char *request, struct text *ret)
{
	text_reset(ret);
	return unparsed_refuse(ret, request, strlen(request), &answer);
}

static void an_answer_from_text(void **state)
{
	CLEANUP(text_deinit) struct text out = TEXT_INIT;

	(void)state;
	assert_true(refuse("INVITE sip:bob@lab.test; x SIP/2.0\r\n" REST TAIL, &out));
	assert_string_equal(text_str(&out),
			    "SIP/2.0 400 Bad Request\r\n"
			    "Via: SIP/2.0/TCP 127.0.0.1;branch=z9hG4bKa\r\n"
			    "Via: SIP/2.0/TCP 127.0.0.2;branch=z9hG4bKb, SIP/2.0/TCP 127.0.0.3\r\n"
			    "From: <sip:alice@lab.test>;tag=1\r\n"
			    "To: sip:bob@lab.test;tag=t1\r\n"
			    "Call-ID: c1\r\n"
			    "CSeq: 7 INVITE\r\n"
			    "Server: RTC/4.0\r\n"
			    "ms-diagnostics: 31001;reason=\"The request is malformed\";"
			    "info=\"The request line is malformed\"\r\n"
			    "Content-Length: 0\r\n\r\n");
}

/* RFC 3261 18.2.1 and RFC 3581 4; only the topmost Via is touched. */
static void where_it_came_from(void **state)
{
	static const struct {
		const char *via, *answered;
	} rows[] = {
		{ "SIP/2.0/UDP 127.0.0.1:5060;branch=b", NULL },
		{ "SIP/2.0/UDP 127.0.0.1;rport;branch=b",
		  "SIP/2.0/UDP 127.0.0.1;rport=5099;branch=b;received=127.0.0.1" },
		{ "SIP/2.0/UDP 10.0.0.1:5060;branch=b",
		  "SIP/2.0/UDP 10.0.0.1:5060;branch=b;received=127.0.0.1" },
		{ "SIP/2.0/UDP 127.0.0.12;branch=b",
		  "SIP/2.0/UDP 127.0.0.12;branch=b;received=127.0.0.1" },
		{ "SIP/2.0/UDP host.test;branch=b; rport",
		  "SIP/2.0/UDP host.test;branch=b; rport=5099;received=127.0.0.1" },
		{ "SIP/2.0/UDP a.test;RPORT=1;branch=b",
		  "SIP/2.0/UDP a.test;RPORT=5099;branch=b;received=127.0.0.1" },
		{ "SIP/2.0/UDP 127.0.0.1;x=\"a,;rport\", SIP/2.0/UDP b.test;rport", NULL },
		{ "SIP/2.0/UDP a.test;rporter, SIP/2.0/UDP b.test;rport",
		  "SIP/2.0/UDP a.test;rporter;received=127.0.0.1, SIP/2.0/UDP b.test;rport" },
		{ "x", "x;received=127.0.0.1" },
	};
	CLEANUP(text_deinit) struct text out = TEXT_INIT;

	(void)state;
	for (size_t i = 0; i < ARRAY_SIZE(rows); i++) {
		CLEANUP(mem_free_string)
		char *request =
			text_format("X y z SIP/2.0\r\nVia: %s\r\nVia: second;rport\r\nFrom: "
				    "a\r\nTo: b\r\nCall-ID: c\r\nCSeq: 1 X\r\n\r\n",
				    rows[i].via);
		CLEANUP(mem_free_string)
		char *lines = text_format("\r\nVia: %s\r\nVia: second;rport\r\nFrom: ",
					  rows[i].answered ? rows[i].answered : rows[i].via);

		assert_true(refuse(request, &out));
		if (!strstr(text_str(&out), lines))
			fail_msg("\"%s\" is not in \"%s\"", lines, text_str(&out));
	}
}

static void what_gets_no_answer(void **state)
{
	static const char *const rows[] = {
		"ACK sip:bob@lab.test; x SIP/2.0\r\n" REST TAIL,
		"SIP/2.0 200 OK; x SIP/2.0\r\n" REST TAIL,
		"INVITE sip:bob@lab.test; x SIP/3.0\r\n" REST TAIL,
		"INVITE x SIP/2.0\r\nFrom: a\r\nTo: b\r\nCall-ID: c\r\nCSeq: 1 INVITE\r\n\r\n",
		"INVITE x SIP/2.0",
		"",
	};
	CLEANUP(text_deinit) struct text out = TEXT_INIT;

	(void)state;
	for (size_t i = 0; i < ARRAY_SIZE(rows); i++) {
		assert_false(refuse(rows[i], &out));
		assert_int_equal(out.n, 0);
	}
}

/* What a request lacks is lacking in its answer, and what is there twice is answered once. */
static void what_is_not_as_it_should_be(void **state)
{
	CLEANUP(text_deinit) struct text out = TEXT_INIT;

	(void)state;
	assert_true(refuse("INVITE x SIP/2.0\r\nVia: v\r\nCSeq: 1 INVITE\r\n\r\n", &out));
	assert_string_equal(text_str(&out),
			    "SIP/2.0 400 Bad Request\r\n"
			    "Via: v;received=127.0.0.1\r\n"
			    "CSeq: 1 INVITE\r\n"
			    "Server: RTC/4.0\r\n"
			    "ms-diagnostics: 31001;reason=\"The request is malformed\";"
			    "info=\"The request line is malformed\"\r\n"
			    "Content-Length: 0\r\n\r\n");
	assert_true(refuse("INVITE x SIP/2.0\r\n" REST "From: another\r\n" TAIL, &out));
	assert_non_null(strstr(text_str(&out), "\r\nFrom: <sip:alice@lab.test>;tag=1\r\n"));
	assert_null(strstr(text_str(&out), "another"));
}

/* RFC 4475 3.1.1.2: any character may be in a quoted pair. */
static void control_characters_are_repeated(void **state)
{
	static const char request[] = "INVITE x y SIP/2.0\r\nVia: v\r\n"
				      "To: \"BEL:\\\x07 NUL:\\\0 DEL:\\\x7F\" <sip:a@b>\r\n\r\n";
	static const char line[] =
		"\r\nTo: \"BEL:\\\x07 NUL:\\\0 DEL:\\\x7F\" <sip:a@b>;tag=t1\r\n";
	CLEANUP(text_deinit) struct text out = TEXT_INIT;

	(void)state;
	assert_true(unparsed_refuse(&out, request, sizeof(request) - 1, &answer));
	assert_non_null(memmem(out.data, out.n, line, sizeof(line) - 1));
}

int main(void)
{
	const struct CMUnitTest tests[] = {
		cmocka_unit_test(whole_messages),
		cmocka_unit_test(what_follows_is_not_taken),
		cmocka_unit_test(what_is_missing_is_told),
		cmocka_unit_test(unknown_ends),
		cmocka_unit_test(a_fold_of_nothing),
		cmocka_unit_test(a_huge_length_is_a_length),
		cmocka_unit_test(junk),
		cmocka_unit_test(blanks),
		cmocka_unit_test(lines_that_end_in_lf),
		cmocka_unit_test(nul_in_a_head),
		cmocka_unit_test(bare_nul),
		cmocka_unit_test(an_answer_from_text),
		cmocka_unit_test(where_it_came_from),
		cmocka_unit_test(what_gets_no_answer),
		cmocka_unit_test(what_is_not_as_it_should_be),
		cmocka_unit_test(control_characters_are_repeated),
	};

	return cmocka_run_group_tests_name("frame", tests, NULL, NULL);
}
