/*
 * mcxctl: aligned columns
 */
#include "mcxd/tools/mcxctl/table.h"

#include "mcxd/ladder/canvas.h"
#include "proto/text/mem.h"
#include "proto/text/text.h"

#include <stdarg.h>

#define GAP            2
#define MAX_COLUMNS    16
#define MAX_CELL_WIDTH 60

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
	return widest < MAX_CELL_WIDTH ? widest : MAX_CELL_WIDTH;
}

void ctl_table_print(const struct ctl_table *t, const char *if_empty)
{
	CLEANUP(text_deinit) struct text out = TEXT_INIT;
	struct canvas line;
	int widths[MAX_COLUMNS], width = 0;

	if (t->n_cells <= t->n_columns) {
		puts(if_empty);
		return;
	}
	for (int i = 0; i < t->n_columns; i++) {
		widths[i] = column_width(t, i);
		width += widths[i] + GAP;
	}
	canvas_init(&line, width);
	for (int row = 0; row < t->n_cells / t->n_columns; row++) {
		int x = 0;

		canvas_clear(&line);
		for (int i = 0; i < t->n_columns; i++) {
			canvas_text(&line, x, widths[i], t->cells[row * t->n_columns + i]);
			x += widths[i] + GAP;
		}
		canvas_flush(&line, false, &out);
	}
	canvas_deinit(&line);
	fputs(text_str(&out), stdout);
}

const char *ctl_time_of_day(const char *stamp, char *ret, size_t n)
{
	const char *t = strchr(stamp, 'T');

	snprintf(ret, n, "%.12s", t ? t + 1 : "");
	return ret;
}
