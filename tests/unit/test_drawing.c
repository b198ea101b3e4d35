/*
 * Ladders for other programs, as SVG and Mermaid: whatever peers sent, it is text in them
 */
#include "mcxd/ladder/mermaid.h"
#include "mcxd/ladder/svg.h"
#include "proto/record.h"
#include "proto/text/mem.h"
#include "proto/text/text.h"
#include "proto/text/xml.h"

#include <setjmp.h>
#include <stdarg.h>
#include <stddef.h>

#include <cmocka.h>

#define ALICE "alice@lab.test"
#define FE    "front-end"
#define PHONE "phone:bob@lab.test"

#define HOSTILE "</text><script>alert(1)</script>\"'&;#35;\n end \x1b[2J \xE2\x80\xAE \xFF %%{init}"

static const struct record_field invite[] = { { "method", "INVITE" } };
static const struct record_field ringing[] = { { "method", "INVITE" },
					       { "status", "180" },
					       { "start_line", "SIP/2.0 180 Ringing" },
					       { "server", "WPLync <b>" } };
static const struct record_field message[] = { { "method", "MESSAGE" }, { "text", HOSTILE } };

static const struct record records[] = {
	{ .kind = "sip",
	  .from = ALICE,
	  .to = FE,
	  .incoming = true,
	  .lab_ms = 1000,
	  .fields = invite,
	  .n_fields = 1 },
	{ .kind = "sip",
	  .from = FE,
	  .to = ALICE,
	  .lab_ms = 1001,
	  .fields = ringing,
	  .n_fields = 4 },
	{ .kind = "state", .summary = "x", .lab_ms = 1001 },
	{ .kind = "fault", .summary = HOSTILE, .lab_ms = 61001 },
	{ .kind = "sip",
	  .from = "<i>\"end@x",
	  .to = FE,
	  .incoming = true,
	  .lab_ms = 61001,
	  .fields = message,
	  .n_fields = 2 },
	{ .kind = "tile", .from = "push-service", .to = PHONE, .lab_ms = 61002 },
	/* The other end's record of the message before. */
	{ .kind = "sip",
	  .from = FE,
	  .to = "edge",
	  .incoming = true,
	  .sent = 2,
	  .lab_ms = 61003,
	  .fields = invite,
	  .n_fields = 1 },
};

typedef void draw_h(struct text *out, const struct record *const *records, size_t n,
		    const char *title);

static void draw(draw_h *drawing, struct text *out)
{
	const struct record *pointers[ARRAY_SIZE(records)];

	for (size_t i = 0; i < ARRAY_SIZE(records); i++)
		pointers[i] = &records[i];
	drawing(out, pointers, ARRAY_SIZE(records), "Conversation 1: " HOSTILE);
}

static int count(const struct text *t, const char *piece)
{
	int n = 0;

	for (const char *p = text_str(t); (p = strstr(p, piece)); p++)
		n++;
	return n;
}

/* Elements of SVG, each with the number of those seen. */
static const char *on_element(void *magic, const struct xml_element *e)
{
	static const char *const known[] = { "svg",  "title", "desc", "style", "rect",
					     "text", "line",  "g",    "path" };
	int *n_seen = magic;

	for (size_t i = 0; i < ARRAY_SIZE(known); i++)
		if (strcmp(e->name, known[i]) == 0) {
			(*n_seen)++;
			return strcmp(e->ns, "http://www.w3.org/2000/svg") ? "another namespace"
									   : NULL;
		}
	return "an element that is not for drawing";
}

static void test_svg(void **state)
{
	CLEANUP(text_deinit) struct text out = TEXT_INIT;
	const char *why = NULL;
	int n_seen = 0;

	(void)state;
	draw(ladder_svg, &out);
	assert_int_equal(xml_read(text_str(&out), out.n,
				  &(struct xml_reader){ .on_start = on_element, .magic = &n_seen },
				  &why),
			 0);
	assert_in_range(n_seen, 30, 100);
	assert_int_equal(count(&out, "class=\"shaft\""), 4);
	assert_int_equal(count(&out, "<rect class=\"note\""), 2);
	assert_int_equal(count(&out, "<rect class=\"ring\""), 1);
	assert_int_equal(count(&out, "60.0 s pass"), 2);
	assert_int_equal(count(&out, "script"), count(&out, "script&gt;"));
	assert_int_equal(count(&out, "\xE2\x80\xAE"), 0);
	assert_int_equal(count(&out, "\x1b"), 0);
	assert_non_null(strstr(text_str(&out),
			       "0.001 s, front end to alice: 180 Ringing, WPLync &lt;b&gt;.\n"));
	assert_int_equal(count(&out, "http"), 1 + count(&out, "https"));
}

/* Mermaid's lexer ends a statement at a line feed or ';', and a comment begins with '#' or "%%", unless that is an entity
 * of the form #code;. */
static void check_statement(const char *line)
{
	static const char *const statements[] = { "sequenceDiagram", "  title ", "  participant p",
						  "  Note over p", "  p" };
	size_t i = 0;

	while (i < ARRAY_SIZE(statements) &&
	       strncmp(line, statements[i], strlen(statements[i])) != 0)
		i++;
	assert_in_range(i, 0, ARRAY_SIZE(statements) - 1);
	for (const char *p = line; *p; p++) {
		if (*p == '#') {
			size_t n = strspn(p + 1, "0123456789");

			assert_true(n > 0 && p[1 + n] == ';');
			p += 1 + n;
		} else {
			assert_null(strchr(";<\"%{}\\`", *p));
			assert_true((unsigned char)*p >= ' ' && *p != 0x7F);
		}
		assert_false(strncasecmp(p, " end", 4) == 0 && (p[4] == ' ' || !p[4]));
	}
}

static void test_mermaid(void **state)
{
	CLEANUP(text_deinit) struct text out = TEXT_INIT;
	char *copy, *line, *rest;
	int n = 0;

	(void)state;
	draw(ladder_mermaid, &out);
	assert_non_null(strstr(text_str(&out), "\n  participant p1 as front #101;nd\n"));
	assert_non_null(strstr(text_str(&out), "\n  p0->>p1: INVITE\n  p1->>p0: 180 Ringing\n"
					       "  Note over p0,p1: WPLync #60;b#62;\n"));
	assert_int_equal(count(&out, "60.0 s pass"), 1);
	copy = text_take(&out);
	rest = copy;
	while ((line = strsep(&rest, "\n")) && (*line || rest)) {
		check_statement(line);
		n++;
	}
	assert_int_equal(n, 2 + 5 + 8);
	free(copy);
}

static void test_nothing(void **state)
{
	CLEANUP(text_deinit) struct text svg = TEXT_INIT;
	CLEANUP(text_deinit) struct text mermaid = TEXT_INIT;

	(void)state;
	ladder_svg(&svg, NULL, 0, NULL);
	assert_int_equal(
		xml_read(text_str(&svg), svg.n, &(struct xml_reader){ 0 }, &(const char *){ NULL }),
		0);
	ladder_mermaid(&mermaid, NULL, 0, NULL);
	assert_string_equal(text_str(&mermaid),
			    "sequenceDiagram\n  participant p0 as front #101;nd\n");
}

int main(void)
{
	const struct CMUnitTest tests[] = {
		cmocka_unit_test(test_svg),
		cmocka_unit_test(test_mermaid),
		cmocka_unit_test(test_nothing),
	};

	return cmocka_run_group_tests(tests, NULL, NULL);
}
