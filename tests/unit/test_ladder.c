/*
 * Ladder: the drawing of a story, against a golden file for each character set
 *
 * MCXD_GOLDEN_PRINT=1 prints what is drawn.
 */
#include "golden.h"

#include "mcxd/ladder/canvas.h"
#include "mcxd/ladder/ladder.h"
#include "proto/push/body.h"
#include "proto/record.h"
#include "proto/text/mem.h"
#include "proto/text/text.h"

#include <setjmp.h>
#include <stdarg.h>
#include <stddef.h>

#include <cmocka.h>

#define ALICE "alice@lab.test"
#define BOB   "phone:bob@lab.test"
#define FE    "front-end"
#define EDGE  "edge"
#define CH    "clearing-house"
#define PS    "push-service"

#define FIELDS(...)                                                                                \
	(const struct record_field[])                                                              \
	{                                                                                          \
		__VA_ARGS__,                                                                       \
		{                                                                                  \
			0                                                                          \
		}                                                                                  \
	}

/* When, what, between which hops, in which direction; then its contents. */
struct line {
	int64_t ms;
	const char *kind, *from, *to;
	bool incoming;
	const char *summary;
	const struct record_field *fields;
};

static const struct line ignored[] = {
	{ 0, "sip", ALICE, FE, true, NULL,
	  FIELDS({ "method", "INVITE" }, { "start_line", "INVITE sip:bob@lab.test SIP/2.0" }) },
	{ 1, "sip", FE, ALICE, false, NULL,
	  FIELDS({ "method", "INVITE" }, { "status", "100" },
		 { "start_line", "SIP/2.0 100 Trying" }) },
	{ 1, "push", NULL, NULL, false, "push sent: Hi Brendan", FIELDS({ "push", "1" }) },
	{ 2, "sip", FE, ALICE, false, NULL,
	  FIELDS({ "method", "INVITE" }, { "status", "180" },
		 { "start_line", "SIP/2.0 180 Ringing" },
		 { "server", "RTCC/4.0.0.0 McxService/4.0.0.0 WPLync/4.1.7947.0 "
			     "(Microsoft Windows CE 7.10.7720)" }) },
	{ 2, "sip", FE, EDGE, false, NULL,
	  FIELDS({ "method", "MESSAGE" }, { "content_type", PUSH_BODY_CONTENT_TYPE },
		 { "start_line", "MESSAGE sip:push@push.lync.com SIP/2.0" }) },
	{ 3, "sip", FE, EDGE, true, NULL,
	  FIELDS({ "method", "MESSAGE" },
		 { "start_line", "MESSAGE sip:push@push.lync.com SIP/2.0" }) },
	{ 3, "sip", EDGE, CH, false, NULL,
	  FIELDS({ "method", "MESSAGE" }, { "content_type", PUSH_BODY_CONTENT_TYPE },
		 { "start_line", "MESSAGE sip:push@push.lync.com SIP/2.0" }) },
	{ 5, "http", CH, PS, false, "POST http://127.0.0.1:1/throttledthirdparty/01.00/1",
	  FIELDS({ "method", "POST" }, { "resource", "toast" }) },
	{ 5, "http", CH, PS, true, "POST /throttledthirdparty/01.00/1",
	  FIELDS({ "method", "POST" }, { "resource", "mpns" }) },
	{ 5, "toast", PS, BOB, false, NULL,
	  FIELDS({ "text1", "Alice" }, { "text2", "Hi Brendan" }) },
	{ 5, "tile", PS, BOB, false, NULL, FIELDS({ "count", "1" }) },
	{ 5, "http", PS, CH, false, "200 Received", FIELDS({ "status", "200" }) },
	{ 5, "link", NULL, NULL, false, "goes out as a MESSAGE", NULL },
	{ 6, "sip", CH, EDGE, false, NULL,
	  FIELDS({ "method", "MESSAGE" }, { "status", "200" }, { "start_line", "SIP/2.0 200 OK" },
		 { "diagnostics", "30000;Reason=\"Success\"" }) },
	{ 7, "sip", EDGE, FE, false, NULL,
	  FIELDS({ "method", "MESSAGE" }, { "status", "200" },
		 { "start_line", "SIP/2.0 200 OK" }) },
	{ 60002, "state", NULL, NULL, false, "conv(1) ALERTING -> ENDED",
	  FIELDS({ "machine", "conv" }, { "from_state", "ALERTING" }, { "event", "timeout" },
		 { "to_state", "ENDED" }) },
	{ 60002, "conversation", NULL, NULL, false, "408 The client did not respond", NULL },
	{ 60002, "sip", FE, ALICE, false, NULL,
	  FIELDS({ "method", "INVITE" }, { "status", "408" },
		 { "start_line", "SIP/2.0 408 Request Timeout" },
		 { "diagnostics",
		   "30010;Reason=\"The client did not respond to the invitation\"" }) },
	{ 60003, "sip", ALICE, FE, true, NULL,
	  FIELDS({ "method", "ACK" }, { "start_line", "ACK sip:bob@lab.test SIP/2.0" }) },
	{ 61003, "http", BOB, FE, true, "GET …/events → 200", FIELDS({ "status", "200" }) },
	{ 61003, "event", FE, BOB, false, "missedItems updated",
	  FIELDS({ "kind", "missedItems" }, { "type", "updated" }, { "packet", "3" }) },
};

static void fill(struct record *r, const struct line *line, size_t i)
{
	size_t n_fields = 0;

	while (line->fields && line->fields[n_fields].name)
		n_fields++;
	*r = (struct record){
		.seq = i + 1,
		.lab_ms = 1000 + line->ms,
		.kind = line->kind,
		.from = line->from,
		.to = line->to,
		.incoming = line->incoming,
		.sent = line->incoming && !strchr(line->from, '@'),
		.summary = line->summary,
		.fields = line->fields,
		.n_fields = n_fields,
	};
}

static void draw(const struct line *lines, size_t n, const struct ladder_options *options,
		 struct text *out)
{
	struct record *records = mem_zalloc(n * sizeof(records[0]));
	const struct record **pointers = mem_zalloc(n * sizeof(void *));

	for (size_t i = 0; i < n; i++) {
		fill(&records[i], &lines[i], i);
		pointers[i] = &records[i];
	}
	ladder_draw(out, pointers, n, options);
	free(pointers);
	free(records);
}

static void check_golden(const struct ladder_options *options, const char *name)
{
	CLEANUP(text_deinit) struct text out = TEXT_INIT;

	draw(ignored, ARRAY_SIZE(ignored), options, &out);
	if (getenv("MCXD_GOLDEN_PRINT"))
		fputs(text_str(&out), stdout);
	golden_check(name, text_str(&out), out.n);
}

static void test_golden(void **state)
{
	(void)state;
	check_golden(&(struct ladder_options){ .title = "Conversation 1: alice → bob" },
		     "ladder.txt");
}

static void test_golden_ascii(void **state)
{
	(void)state;
	check_golden(&(struct ladder_options){ .ascii = true, .width = 100 }, "ladder_ascii.txt");
}

/* Whatever is in the records, no line is longer than was asked for and only printable characters come out. */
static void test_fits_and_is_harmless(void **state)
{
	const struct line hostile[] = {
		{ 0, "sip", ALICE, FE, true, NULL,
		  FIELDS({ "method", "MESSAGE" },
			 { "text", "\x1b[2J\x07 and a text that is much too long for the arrow "
				   "that carries it, "
				   "with \xE2\x80\xAE"
				   "a turned end \xFF\xFE and a cut \xE2\x82" }) },
		{ 5, "fault", NULL, NULL, false, "a\nb\tc \x9b", NULL },
		{ 6, "toast", PS, BOB, false, NULL,
		  FIELDS({ "text1", "\xE4\xBD\xA0\xE5\xA5\xBD" }) },
	};
	CLEANUP(text_deinit) struct text out = TEXT_INIT;
	char *copy, *line, *rest;

	(void)state;
	draw(hostile, ARRAY_SIZE(hostile), &(struct ladder_options){ .width = 90 }, &out);
	for (size_t i = 0; i < out.n; i++) {
		unsigned char c = (unsigned char)out.data[i];

		assert_true(c == '\n' || c >= 0x20);
		assert_int_not_equal(c, 0x7F);
	}
	assert_null(strstr(text_str(&out), "\xE2\x80\xAE"));
	assert_non_null(strstr(text_str(&out), "\xE4\xBD\xA0\xE5\xA5\xBD"));
	copy = text_take(&out);
	rest = copy;
	while ((line = strsep(&rest, "\n")))
		assert_in_range(canvas_text_width(line), 0, 90);
	free(copy);
}

static void test_title_is_wrapped(void **state)
{
	static const char expected[] =
		"Conversation 1: alice@lab.test -> bob@lab.test, \"Hi\": 408\n"
		"The client did not respond\n"
		"\n";
	const struct line one[] = { { 0, "sip", ALICE, FE, true, NULL,
				      FIELDS({ "method", "MESSAGE" }) } };
	CLEANUP(text_deinit) struct text out = TEXT_INIT;

	(void)state;
	draw(one, ARRAY_SIZE(one),
	     &(struct ladder_options){ .width = 60,
				       .title = "Conversation 1: alice@lab.test -> bob@lab.test, "
						"\"Hi\": 408 The client did not respond" },
	     &out);
	assert_memory_equal(text_str(&out), expected, strlen(expected));
}

static struct record *record_of(const struct line *line, size_t i)
{
	struct record r;

	fill(&r, line, i);
	r.phone = line->from && line->to &&
				  (!strncmp(line->to, "phone:", 6) ||
				   !strncmp(line->from, "phone:", 6))
			  ? "86cb8631cbb1"
			  : NULL;
	return record_copy(&r);
}

/* The front end and the push service know it by other names. */
static void test_a_phone_is_one_column(void **state)
{
	const struct line lines[] = {
		{ 0, "toast", PS, "phone:Bob's Lumia", false, NULL, FIELDS({ "text1", "Alice" }) },
		{ 1, "http", BOB, FE, true, "POST accept \u2192 204", FIELDS({ "status", "204" }) },
	};
	struct record *records[2];
	CLEANUP(text_deinit) struct text out = TEXT_INIT;

	(void)state;
	for (size_t i = 0; i < ARRAY_SIZE(lines); i++)
		records[i] = record_of(&lines[i], i);
	ladder_draw(&out, (const struct record *const *)records, ARRAY_SIZE(lines),
		    &(struct ladder_options){ .width = 80 });
	assert_non_null(strstr(text_str(&out), "Lumia"));
	assert_null(strstr(text_str(&out), "bob"));
	for (size_t i = 0; i < ARRAY_SIZE(lines); i++)
		free(records[i]);
}

static const struct line not_pushed = {
	3,
	"push",
	NULL,
	NULL,
	false,
	"no push: the phone counts as in the foreground for another "
	"9.954 s, and nothing more is said",
	FIELDS({ "state", "held-back" })
};

static void test_why_no_push_was_sent_has_a_box(void **state)
{
	const struct line lines[] = { ignored[0], not_pushed };
	CLEANUP(text_deinit) struct text out = TEXT_INIT;

	(void)state;
	draw(lines, ARRAY_SIZE(lines), &(struct ladder_options){ .width = 80 }, &out);
	assert_non_null(strstr(text_str(&out), "\u250C\u2500\u2500"));
	assert_non_null(strstr(text_str(&out), "\u2502 no push: the phone counts"));
	assert_non_null(strstr(text_str(&out), "nothing more is said"));
	assert_non_null(strstr(text_str(&out), "\u2500\u2500\u2518"));
}

/* Words are never cut, only broken. */
static void test_narrow_labels_go_below(void **state)
{
	const struct line lines[] = {
		{ 0, "http", PS, CH, false, "200 Received, Connected, Active",
		  FIELDS({ "status", "200" }) },
		{ 1, "sip", FE, ALICE, false, NULL,
		  FIELDS({ "method", "INVITE" }, { "status", "603" },
			 { "start_line", "SIP/2.0 603 Decline" },
			 { "diagnostics", "31028;reason=\"The user has declined the invitation\";"
					  "source=\"fe.lab.test\"" }) },
		ignored[6],
		ignored[11],
	};
	CLEANUP(text_deinit) struct text out = TEXT_INIT;

	(void)state;
	draw(lines, ARRAY_SIZE(lines), &(struct ladder_options){ .width = 60 }, &out);
	assert_null(strstr(text_str(&out), "\u2026"));
	for (const char *const *word =
		     (const char *const[]){ "200", "Received,", "Connected,", "Active", "603",
					    "31028", "declined", "invitation", NULL };
	     *word; word++)
		assert_non_null(strstr(text_str(&out), *word));
}

static void test_color_is_only_what_was_asked_for(void **state)
{
	CLEANUP(text_deinit) struct text plain = TEXT_INIT;
	CLEANUP(text_deinit) struct text colored = TEXT_INIT;
	CLEANUP(text_deinit) struct text stripped = TEXT_INIT;
	bool has_red = false;

	(void)state;
	draw(ignored, ARRAY_SIZE(ignored), &(struct ladder_options){ .width = 100 }, &plain);
	draw(ignored, ARRAY_SIZE(ignored), &(struct ladder_options){ .width = 100, .color = true },
	     &colored);
	assert_null(memchr(plain.data, '\033', plain.n));
	for (size_t i = 0; i < colored.n; i++) {
		if (colored.data[i] != '\033') {
			text_add_bytes(&stripped, &colored.data[i], 1);
			continue;
		}
		has_red = has_red || !strncmp(&colored.data[i], "\033[31m", 5);
		i += strcspn(&colored.data[i], "m");
	}
	assert_string_equal(text_str(&stripped), text_str(&plain));
	assert_true(has_red);
}

/* The columns stand before anything has come; one more is a new row of names. */
static void test_live(void **state)
{
	const char *const hops[] = { ALICE, FE, EDGE, CH, PS, BOB };
	const struct line late = { 70000,
				   "sip",
				   FE,
				   "carol@lab.test",
				   false,
				   NULL,
				   FIELDS({ "method", "INVITE" },
					  { "start_line", "INVITE sip:carol@lab.test SIP/2.0" }) };
	CLEANUP(text_deinit) struct text out = TEXT_INIT;
	struct ladder *l = ladder_open(
		&out, &(struct ladder_options){ .width = 80, .title = "Conversation 1" }, hops,
		ARRAY_SIZE(hops));
	int n_heads = 0;

	(void)state;
	ladder_head(l);
	for (size_t i = 0; i <= ARRAY_SIZE(ignored); i++) {
		struct record *r = record_of(i < ARRAY_SIZE(ignored) ? &ignored[i] : &late, i);

		ladder_add(l, r);
		free(r);
	}
	ladder_close(l);
	for (const char *p = text_str(&out); (p = strstr(p, "clearing")); p++)
		n_heads++;
	assert_int_equal(n_heads, 2);
	assert_non_null(strstr(text_str(&out), "60.0 s pass"));
	assert_non_null(strstr(text_str(&out), "carol"));
	for (const char *p = text_str(&out); *p; p += strcspn(p, "\n") + 1) {
		CLEANUP(mem_free_string) char *line = mem_memdup(p, strcspn(p, "\n"));

		assert_in_range(canvas_text_width(line), 0, 80);
	}
}

static void test_nothing(void **state)
{
	CLEANUP(text_deinit) struct text out = TEXT_INIT;

	(void)state;
	ladder_draw(&out, NULL, 0, &(struct ladder_options){ 0 });
	assert_string_equal(text_str(&out), "Nothing was recorded.\n");
}

int main(void)
{
	const struct CMUnitTest tests[] = {
		cmocka_unit_test(test_golden),
		cmocka_unit_test(test_golden_ascii),
		cmocka_unit_test(test_fits_and_is_harmless),
		cmocka_unit_test(test_title_is_wrapped),
		cmocka_unit_test(test_a_phone_is_one_column),
		cmocka_unit_test(test_why_no_push_was_sent_has_a_box),
		cmocka_unit_test(test_narrow_labels_go_below),
		cmocka_unit_test(test_color_is_only_what_was_asked_for),
		cmocka_unit_test(test_live),
		cmocka_unit_test(test_nothing),
	};

	return cmocka_run_group_tests(tests, NULL, NULL);
}
