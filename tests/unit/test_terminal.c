/*
 * mcxctl: what reaches a terminal
 *
 * Whatever a peer has sent, no control character, no mark that turns the direction of text and no invalid UTF-8 gets there, by none
 * of the ways in which mcxctl prints. Standard output is a pseudo-terminal here; what is printed is random bytes among which
 * there is much that would play tricks.
 */
#include "mcxd/ladder/ladder.h"
#include "mcxd/tools/mcxctl/options.h"
#include "mcxd/tools/mcxctl/output.h"
#include "mcxd/tools/mcxctl/table.h"
#include "proto/record.h"
#include "proto/text/mem.h"
#include "proto/text/text.h"
#include "proto/text/utf8.h"

#include <fcntl.h>
#include <json-c/json.h>
#include <pty.h>
#include <setjmp.h>
#include <stdarg.h>
#include <stddef.h>
#include <termios.h>
#include <unistd.h>

#include <cmocka.h>

enum { N_ROUNDS = 400, MAX_PIECES = 24 };

/* A generator of our own, so that a failure comes again. */
static uint32_t seed = 1;

static uint32_t draw(uint32_t n)
{
	seed = seed * 1664525 + 1013904223;
	return (seed >> 8) % n;
}

static void add_hostile(struct text *out)
{
	static const char *const pieces[] = {
		"\x1b[2J",
		"\x1b]0;title\x07",
		"\23331m",
		"\302\23331m",
		"\r",
		"\n",
		"\t",
		"\b",
		"\x7F",
		"\xE2\x80\xAE",
		"\xE2\x81\xA6",
		"\xE2\x80\x8F",
		"\xD8\x9C",
		"\xE2\x80\xA8",
		"\xEF\xBB\xBF",
		"\xFF",
		"\xC0\xAF",
		"\xED\xA0\x80",
		"\xF4\x90\x80\x80",
		"\xE2\x82",
		"\xF0\x9F\x98\x80",
		"\xE4\xBD\xA0",
		"e\xCC\x81",
		" ",
		"words",
		"\"",
		": ",
		", ",
		"%s%n",
	};

	for (uint32_t n = draw(MAX_PIECES); n; n--)
		if (draw(3))
			text_add(out, pieces[draw(ARRAY_SIZE(pieces))]);
		else
			text_addf(out, "%c", (int)(1 + draw(255)));
}

static char *hostile(void)
{
	CLEANUP(text_deinit) struct text out = TEXT_INIT;

	add_hostile(&out);
	return text_take(&out);
}

/* ---- the terminal ---- */

struct terminal {
	int master, saved;
	struct text seen;
};

static void begin(struct terminal *t)
{
	struct termios raw;
	struct winsize size = { .ws_row = 24, .ws_col = 80 };
	int slave;

	*t = (struct terminal){ .saved = dup(STDOUT_FILENO) };
	assert_int_equal(openpty(&t->master, &slave, NULL, NULL, &size), 0);
	assert_int_equal(tcgetattr(slave, &raw), 0);
	cfmakeraw(&raw);
	assert_int_equal(tcsetattr(slave, TCSANOW, &raw), 0);
	assert_int_equal(fcntl(t->master, F_SETFL, O_NONBLOCK), 0);
	fflush(stdout);
	assert_true(dup2(slave, STDOUT_FILENO) >= 0);
	close(slave);
}

static void take(struct terminal *t)
{
	char buffer[4096];
	ssize_t n;

	fflush(stdout);
	while ((n = read(t->master, buffer, sizeof(buffer))) > 0)
		text_add_bytes(&t->seen, buffer, (size_t)n);
}

static void end(struct terminal *t)
{
	take(t);
	assert_true(dup2(t->saved, STDOUT_FILENO) >= 0);
	close(t->saved);
	close(t->master);
	text_deinit(&t->seen);
}

/* Nothing but text, line feeds and, if colour was asked for, the escape sequences that set it. */
static void check(struct terminal *t, bool is_colored)
{
	const char *p, *eot;

	take(t);
	eot = text_str(&t->seen) + t->seen.n;
	for (p = text_str(&t->seen); p < eot;) {
		size_t n = utf8_sequence(p, (size_t)(eot - p));

		if (is_colored && p[0] == '\033' && p[1] == '[') {
			n = strspn(p + 2, "0123456789") + 2;
			assert_int_equal(p[n], 'm');
			p += n + 1;
			continue;
		}
		if (!n || (*p != '\n' && utf8_steers(p, n)))
			fail_msg("byte %zu steers the terminal, of: %s",
				 (size_t)(p - text_str(&t->seen)), text_str(&t->seen));
		p += n;
	}
	text_reset(&t->seen);
}

/* ---- the ways ---- */

static void test_lines(void **state)
{
	struct terminal t;

	(void)state;
	begin(&t);
	for (int i = 0; i < N_ROUNDS; i++) {
		CLEANUP(text_deinit) struct text lines = TEXT_INIT;
		CLEANUP(mem_free_string) char *words = hostile();
		struct json_object *o = json_object_new_string(words);

		ctl_print("%s: %s", words, words);
		add_hostile(&lines);
		text_add_bytes(&lines, "\0\r\n", draw(4));
		ctl_write(&lines);
		ctl_print_json(o);
		json_object_put(o);
		check(&t, false);
	}
	end(&t);
}

static void test_tables(void **state)
{
	struct ctl_options o = { 0 };
	struct terminal t;

	(void)state;
	ctl_options_init(&o);
	begin(&t);
	for (int i = 0; i < N_ROUNDS; i++) {
		struct ctl_table table;

		mem_set_string(&o.color, i & 1 ? "always" : "never");
		ctl_table_init(&table, (const char *const[]){ "ONE", "TWO", "THREE", NULL });
		for (int cell = 0; cell < 6; cell++) {
			CLEANUP(mem_free_string) char *words = hostile();

			ctl_table_add(&table, words);
		}
		ctl_table_print(&table, &o, "");
		ctl_table_deinit(&table);
		check(&t, i & 1);
	}
	end(&t);
	ctl_options_deinit(&o);
}

/* At 80 columns: an address is in one piece, text that has no room stands below its row, and an empty column is not shown. */
static void test_narrow_tables(void **state)
{
	static const char address[] = "alice.with.a.long.name@lab.test";
	static const char text[] =
		"A first line that is as long as people write, in whole sentences";
	struct ctl_options o = { 0 };
	struct ctl_table table;
	struct terminal t;

	(void)state;
	ctl_options_init(&o);
	mem_set_string(&o.color, "never");
	begin(&t);
	ctl_table_init(&table, (const char *const[]){ "ID", "FROM", "EMPTY", "TO", "RESULT", "LINE",
						      NULL });
	for (int row = 0; row < 2; row++) {
		ctl_table_addf(&table, "%d", row);
		ctl_table_add(&table, address);
		ctl_table_add(&table, " ");
		ctl_table_add(&table, address);
		ctl_table_add(&table, row ? "408 Request Timeout" : "");
		ctl_table_add(&table, text);
	}
	ctl_table_print(&table, &o, "");
	ctl_table_deinit(&table);
	take(&t);
	assert_string_equal(
		text_str(&t.seen),
		"ID  FROM                             TO\n"
		"0   alice.with.a.long.name@lab.test  alice.with.a.long.name@lab.test\n"
		"    LINE A first line that is as long as people write, in whole sentences\n"
		"1   alice.with.a.long.name@lab.test  alice.with.a.long.name@lab.test\n"
		"    RESULT 408 Request Timeout\n"
		"    LINE A first line that is as long as people write, in whole sentences\n");
	end(&t);
	ctl_options_deinit(&o);
}

/* A record of any kind whose every word is a peer's. */
static struct record *random_record(int i)
{
	static const char *const names[] = { "text",   "text1",  "start_line", "server",
					     "status", "method", "diagnostics" };
	static const char *const hops[] = { "front-end", "edge", "push-service" };
	struct record_field fields[ARRAY_SIZE(names)];
	char *words[ARRAY_SIZE(names) + 3];
	struct record r, *copy;

	for (size_t k = 0; k < ARRAY_SIZE(words); k++)
		words[k] = hostile();
	for (size_t k = 0; k < ARRAY_SIZE(names); k++)
		fields[k] = (struct record_field){ names[k], words[k] };
	r = (struct record){
		.seq = (uint64_t)i + 1,
		.lab_ms = i * INT64_C(1000),
		.kind = record_kinds[draw(N_RECORD_KINDS)].name,
		.from = draw(2) ? words[ARRAY_SIZE(names)] : hops[draw(ARRAY_SIZE(hops))],
		.to = draw(2) ? words[ARRAY_SIZE(names) + 1] : hops[draw(ARRAY_SIZE(hops))],
		.summary = words[ARRAY_SIZE(names) + 2],
		.fields = fields,
		.n_fields = ARRAY_SIZE(names),
	};
	copy = record_copy(&r);
	for (size_t k = 0; k < ARRAY_SIZE(words); k++)
		free(words[k]);
	return copy;
}

static void test_ladders(void **state)
{
	struct terminal t;

	(void)state;
	begin(&t);
	for (int i = 0; i < N_ROUNDS; i++) {
		CLEANUP(text_deinit) struct text out = TEXT_INIT;
		CLEANUP(mem_free_string) char *title = hostile();
		struct ladder_options options = { .width = 60 + (int)draw(60),
						  .ascii = draw(4) == 0,
						  .color = i & 1,
						  .title = title };
		struct ladder *live =
			ladder_open(&out, &options, (const char *const[]){ title }, 1);
		struct record *records[4];

		ladder_head(live);
		for (int k = 0; k < 4; k++) {
			records[k] = random_record(k);
			ladder_add(live, records[k]);
		}
		ladder_close(live);
		ladder_draw(&out, (const struct record *const *)records, 4, &options);
		ctl_write_drawn(&out);
		check(&t, i & 1);
		for (int k = 0; k < 4; k++)
			free(records[k]);
	}
	end(&t);
}

int main(void)
{
	const struct CMUnitTest tests[] = {
		cmocka_unit_test(test_lines),
		cmocka_unit_test(test_tables),
		cmocka_unit_test(test_narrow_tables),
		cmocka_unit_test(test_ladders),
	};

	return cmocka_run_group_tests(tests, NULL, NULL);
}
