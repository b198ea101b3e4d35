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
#define MIN_CELL_WIDTH 6

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

/* Text is broken first, words only if that is not enough. */
static void fit_terminal(const struct ctl_table *t, int *widths, int width)
{
	int words[MAX_COLUMNS], least[MAX_COLUMNS];

	for (int i = 0; i < t->n_columns; i++) {
		words[i] = longest_word(t, i);
		least[i] = MIN_CELL_WIDTH;
	}
	fit(widths, words, t->n_columns, width);
	fit(widths, least, t->n_columns, width);
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

static void print_row(const struct ctl_table *t, int row, const int *widths, struct canvas *line,
		      struct text *out)
{
	const char *rest[MAX_COLUMNS];
	bool is_left = true;

	for (int i = 0; i < t->n_columns; i++)
		rest[i] = t->cells[row * t->n_columns + i];
	while (is_left) {
		is_left = print_line(line, widths, t->n_columns, rest);
		canvas_flush(line, false, out);
	}
}

void ctl_table_print(const struct ctl_table *t, const struct ctl_options *o, const char *if_empty)
{
	CLEANUP(text_deinit) struct text out = TEXT_INIT;
	int widths[MAX_COLUMNS], terminal = ctl_terminal_width(STDOUT_FILENO);
	struct canvas line;

	if (t->n_cells <= t->n_columns) {
		puts(if_empty);
		return;
	}
	for (int i = 0; i < t->n_columns; i++)
		widths[i] = column_width(t, i);
	if (terminal)
		fit_terminal(t, widths, terminal);
	canvas_init(&line, total_width(widths, t->n_columns));
	line.color = ctl_is_colored(o);
	for (int row = 0; row < t->n_cells / t->n_columns; row++) {
		line.style = row ? CANVAS_PLAIN : CANVAS_BOLD;
		print_row(t, row, widths, &line, &out);
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
