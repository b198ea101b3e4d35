/*
 * mcxctl: aligned columns
 */
#include "mcxd/tools/mcxctl/table.h"

#include "mcxd/ladder/canvas.h"
#include "mcxd/tools/mcxctl/output.h"
#include "proto/text/mem.h"
#include "proto/text/text.h"

#include <stdarg.h>
#include <unistd.h>

#define GAP            2
#define MAX_COLUMNS    16
#define MIN_TEXT_WIDTH 30
#define INDENT         4

void ctl_table_init(struct ctl_table *t, const char *const *headings)
{
	*t = (struct ctl_table){ 0 };
	for (; t->n_columns < MAX_COLUMNS && headings[t->n_columns]; t->n_columns++)
		ctl_table_add(t, headings[t->n_columns]);
}

void ctl_table_deinit(struct ctl_table *t)
{
	for (int i = 0; i < t->n_cells; i++)
		free(t->cells[i]);
	free((void *)t->cells);
}

void ctl_table_add(struct ctl_table *t, const char *s)
{
	size_t size = (size_t)(t->n_cells + 1) * sizeof(t->cells[0]);

	t->cells = (char **)mem_realloc((void *)t->cells, size);
	t->cells[t->n_cells++] = mem_strdup(s ? s : "");
}

void ctl_table_addf(struct ctl_table *t, const char *fmt, ...)
{
	CLEANUP(text_deinit) struct text s = TEXT_INIT;
	va_list args;

	va_start(args, fmt);
	text_vaddf(&s, fmt, args);
	va_end(args);
	ctl_table_add(t, text_str(&s));
}

static int column_width(const struct ctl_table *t, int column)
{
	int widest = 0;

	for (int i = column; i < t->n_cells; i += t->n_columns) {
		int width = canvas_text_width(t->cells[i]);

		if (width > widest)
			widest = width;
	}
	return widest;
}

static bool is_empty(const struct ctl_table *t, int column)
{
	for (int i = t->n_columns + column; i < t->n_cells; i += t->n_columns)
		if (t->cells[i][strspn(t->cells[i], " ")])
			return false;
	return true;
}

static void drop_column(struct ctl_table *t, int column)
{
	int n = 0;

	for (int i = 0; i < t->n_cells; i++)
		if (i % t->n_columns == column)
			free(t->cells[i]);
		else
			t->cells[n++] = t->cells[i];
	t->n_cells = n;
	t->n_columns--;
}

static int total_width(const int *widths, int n)
{
	int width = 0;

	for (int i = 0; i < n; i++)
		width += widths[i] + GAP;
	return width - GAP;
}

/* The widest word of a column: with less, words are broken. */
static int longest_word(const struct ctl_table *t, int column)
{
	int widest = 0;

	for (int i = column; i < t->n_cells; i += t->n_columns) {
		CLEANUP(mem_free_string) char *words = mem_strdup(t->cells[i]);
		char *rest = words, *word;

		while ((word = strsep(&rest, " "))) {
			int width = canvas_text_width(word);

			if (width > widest)
				widest = width;
		}
	}
	return widest;
}

/* Take from the widest column, down to its floor, as long as that helps. */
static void fit(int *widths, const int *floors, int n, int width)
{
	while (total_width(widths, n) > width) {
		int widest = -1;

		for (int i = 0; i < n; i++)
			if (widths[i] > floors[i] && (widest < 0 || widths[i] > widths[widest]))
				widest = i;
		if (widest < 0)
			return;
		widths[widest]--;
	}
}

/* What a column needs at least so that it can be read: no word is broken, and text has some room. */
static int floor_of(const struct ctl_table *t, int column, int natural)
{
	int word = longest_word(t, column),
	    text = natural < MIN_TEXT_WIDTH ? natural : MIN_TEXT_WIDTH;

	return word == natural || word > text ? word : text;
}

/* Columns from the right that find no room stand below their row. Returns how many stand in it. */
static int fit_terminal(const struct ctl_table *t, int *widths, int width)
{
	int floors[MAX_COLUMNS], n = t->n_columns;

	for (int i = 0; i < n; i++)
		floors[i] = floor_of(t, i, widths[i]);
	while (n > 1 && total_width(floors, n) > width)
		n--;
	fit(widths, floors, n, width);
	if (widths[0] > width)
		widths[0] = width;
	return n;
}

/* One line of a row: what fits of each cell. Returns whether something is left. */
static bool print_line(struct canvas *line, const int *widths, int n, const char **rest)
{
	bool is_left = false;
	int x = 0;

	canvas_clear(line);
	for (int i = 0; i < n; i++) {
		size_t n_bytes = canvas_fitting(rest[i], widths[i]);
		CLEANUP(mem_free_string) char *words = mem_memdup(rest[i], n_bytes);

		canvas_text(line, x, widths[i], words);
		rest[i] += n_bytes;
		rest[i] += *rest[i] == ' ';
		is_left = is_left || *rest[i];
		x += widths[i] + GAP;
	}
	return is_left;
}

static void print_cells(char *const *cells, const int *widths, int n, struct canvas *line,
			struct text *out)
{
	const char *rest[MAX_COLUMNS];
	bool is_left = true;

	for (int i = 0; i < n; i++)
		rest[i] = cells[i];
	while (is_left) {
		is_left = print_line(line, widths, n, rest);
		canvas_flush(line, false, out);
	}
}

/* ---- below a row ---- */

/* Break what is collected into lines, indented. */
static void flush_below(struct text *collected, struct canvas *line, struct text *out)
{
	const char *p = text_str(collected);
	int room = line->width - INDENT;

	while (*p) {
		size_t n = canvas_fitting(p, room);
		CLEANUP(mem_free_string) char *words = mem_memdup(p, n);

		canvas_clear(line);
		canvas_text(line, INDENT, room, words);
		canvas_flush(line, false, out);
		p += n;
		p += *p == ' ';
	}
	text_reset(collected);
}

/* Each cell with its heading, as many on a line as it takes. */
static void print_below(const struct ctl_table *t, char *const *cells, int first,
			struct canvas *line, struct text *out)
{
	CLEANUP(text_deinit) struct text collected = TEXT_INIT;

	for (int i = first; i < t->n_columns; i++) {
		CLEANUP(mem_free_string) char *pair = text_concat(t->cells[i], " ", cells[i]);

		if (!cells[i][strspn(cells[i], " ")])
			continue;
		if (collected.n &&
		    canvas_text_width(text_str(&collected)) + GAP + canvas_text_width(pair) >
			    line->width - INDENT)
			flush_below(&collected, line, out);
		text_add_all(&collected, collected.n ? "  " : "", pair);
	}
	flush_below(&collected, line, out);
}

/* The natural widths. Where they do not fit, a column that says nothing goes. */
static void measure(struct ctl_table *t, int *widths, int terminal)
{
	for (int i = 0; i < t->n_columns; i++)
		widths[i] = column_width(t, i);
	for (int i = t->n_columns; terminal && i-- > 0;) {
		if (t->n_columns == 1 || total_width(widths, t->n_columns) <= terminal ||
		    !is_empty(t, i))
			continue;
		drop_column(t, i);
		memmove(&widths[i], &widths[i + 1], (size_t)(t->n_columns - i) * sizeof(*widths));
	}
}

void ctl_table_print(struct ctl_table *t, const struct ctl_options *o, const char *if_empty)
{
	CLEANUP(text_deinit) struct text out = TEXT_INIT;
	int widths[MAX_COLUMNS] = { 0 }, terminal = ctl_terminal_width(STDOUT_FILENO);
	struct canvas line;
	int n_shown;

	if (t->n_cells <= t->n_columns) {
		puts(if_empty);
		return;
	}
	measure(t, widths, terminal);
	n_shown = terminal ? fit_terminal(t, widths, terminal) : t->n_columns;
	canvas_init(&line, n_shown < t->n_columns ? terminal : total_width(widths, n_shown));
	line.color = ctl_is_colored(o);
	for (int first = 0; first < t->n_cells; first += t->n_columns) {
		line.style = first ? CANVAS_PLAIN : CANVAS_BOLD;
		print_cells(&t->cells[first], widths, n_shown, &line, &out);
		if (first)
			print_below(t, &t->cells[first], n_shown, &line, &out);
	}
	canvas_deinit(&line);
	ctl_write_drawn(&out);
}

const char *ctl_time_of_day(const char *stamp, char *ret, size_t n)
{
	const char *t = strchr(stamp, 'T');

	snprintf(ret, n, "%.12s", t ? t + 1 : "");
	return ret;
}
