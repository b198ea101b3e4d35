/*
 * Ladder
 */
#include "mcxd/ladder/ladder.h"

#include "mcxd/ladder/canvas.h"
#include "mcxd/ladder/label.h"
#include "mcxd/ladder/layout.h"
#include "proto/record.h"
#include "proto/text/mem.h"
#include "proto/text/text.h"

#define DEFAULT_WIDTH 110
#define MIN_WIDTH     60
#define NOTE_MARGIN   4
#define MAX_NOTE      40
#define PASSAGE_MS    3000 /* a silence of this length gets a row of its own */

enum {
	LINE = 0x2502,
	DASH = 0x2500,
	CROSS = 0x253C,
	LEFT_END = 0x251C,
	RIGHT_END = 0x2524,
	TO_RIGHT = 0x25BA,
	TO_LEFT = 0x25C4,
	DOTTED = 0x250A
};

struct ladder {
	struct ladder_layout layout;
	int64_t began_ms;
	int64_t last_ms;
	struct canvas line;
	struct text *out;
};

static void begin_row(struct ladder *l, uint32_t line)
{
	canvas_clear(&l->line);
	for (int i = 0; i < l->layout.n_columns; i++)
		canvas_put(&l->line, l->layout.columns[i].x, line);
}

static void end_row(struct ladder *l)
{
	canvas_flush(&l->line, l->layout.ascii, l->out);
}

static void put_time(struct ladder *l, const struct record *r)
{
	char stamp[32];
	int64_t ms = r->lab_ms - l->began_ms;

	snprintf(stamp, sizeof(stamp), "%5lld.%03d", (long long)(ms / 1000), (int)(ms % 1000));
	canvas_text(&l->line, 0, LADDER_MARGIN - 2, stamp);
}

/* How many bytes of a text, up to a space, fit into a line; all of them if there is no such space. */
static size_t fitting(const char *s, int width)
{
	size_t n = strlen(s), end = n;
	CLEANUP(mem_free_string) char *words = mem_strdup(s);

	while (end && canvas_text_width(words) > width) {
		while (end && s[--end] != ' ')
			;
		words[end] = '\0';
	}
	return end ? end : n;
}

static void put_title(struct ladder *l, const char *title)
{
	while (*title) {
		size_t n = fitting(title, l->layout.width);
		CLEANUP(mem_free_string) char *words = mem_memdup(title, n);

		canvas_clear(&l->line);
		canvas_text(&l->line, 0, l->layout.width, words);
		end_row(l);
		title += n + (title[n] == ' ');
	}
	text_add(l->out, "\n");
}

static void put_names(struct ladder *l, bool first)
{
	canvas_clear(&l->line);
	for (int i = 0; i < l->layout.n_columns; i++) {
		size_t n = strlen(l->layout.columns[i].name);
		const char *s = l->layout.columns[i].name;
		CLEANUP(mem_free_string) char *words = NULL;
		int width;

		if (l->layout.tall)
			s = ladder_layout_name_row(s, first, &n);
		words = mem_memdup(s, n);
		width = canvas_text_width(words);
		canvas_text(&l->line, l->layout.columns[i].x - width / 2, width, words);
	}
	end_row(l);
}

static void put_header(struct ladder *l)
{
	if (l->layout.tall)
		put_names(l, true);
	put_names(l, false);
	begin_row(l, LINE);
	end_row(l);
}

static void put_passage(struct ladder *l, const struct record *r)
{
	int64_t ms = r->lab_ms - l->last_ms;
	char words[48];

	l->last_ms = r->lab_ms;
	if (ms < PASSAGE_MS)
		return;
	ms = (ms + 50) / 100;
	snprintf(words, sizeof(words), " %lld.%d s pass ", (long long)(ms / 10), (int)(ms % 10));
	begin_row(l, DOTTED);
	canvas_text(&l->line, l->layout.columns[0].x + 2, l->layout.width, words);
	end_row(l);
}

/* How many bytes of a label stay on an arrow that has this much space. Of one that is too long, such as
 * toast "Hi" or message completed: Hi, it is the part before the text. */
static size_t words_on_arrow(const char *label, int space)
{
	const char *quote = strstr(label, " \""), *colon = strstr(label, ": ");

	if (canvas_text_width(label) <= space || (!quote && !colon))
		return strlen(label);
	if (!quote || (colon && colon < quote))
		quote = colon;
	return (size_t)(quote - label);
}

/* The part that goes below the arrow; empty if all of it is on the arrow. */
static const char *words_below(const char *label, int space)
{
	label += words_on_arrow(label, space);
	if (*label == ':')
		label++;
	return *label ? label + 1 : label;
}

static void put_arrow(struct ladder *l, int from, int to, const char *label)
{
	int low = l->layout.columns[from < to ? from : to].x,
	    high = l->layout.columns[from < to ? to : from].x;
	int space = high - low - LADDER_LABEL_MARGIN, width;
	CLEANUP(mem_free_string) char *words = mem_memdup(label, words_on_arrow(label, space));

	for (int x = low + 1; x < high; x++)
		canvas_put(&l->line, x, l->line.cells[x] == LINE ? CROSS : DASH);
	canvas_put(&l->line, from < to ? low : high, from < to ? LEFT_END : RIGHT_END);
	canvas_put(&l->line, from < to ? high - 1 : low + 1, from < to ? TO_RIGHT : TO_LEFT);
	width = canvas_text_width(words);
	if (width > space)
		width = space;
	if (width <= 0)
		return;
	low += (from < to ? 2 : 3) + (space - width) / 2;
	canvas_put(&l->line, low - 1, ' ');
	low += canvas_text(&l->line, low, width, words);
	canvas_put(&l->line, low, ' ');
}

static void put_note(struct ladder *l, int column, const char *label)
{
	int width = canvas_text_width(label), x;

	if (width > MAX_NOTE)
		width = MAX_NOTE;
	x = l->layout.columns[column].x - width / 2;
	if (x + width + NOTE_MARGIN / 2 > l->layout.width)
		x = l->layout.width - width - NOTE_MARGIN / 2;
	if (x < LADDER_MARGIN + 1)
		x = LADDER_MARGIN + 1;
	canvas_put(&l->line, x - 2, '[');
	canvas_put(&l->line, x - 1, ' ');
	x += canvas_text(&l->line, x, width, label);
	canvas_put(&l->line, x, ' ');
	canvas_put(&l->line, x + 1, ']');
}

/* A line below an arrow, from the left end of the arrow if there is room. */
static void put_words(struct ladder *l, int from, int to, const char *words)
{
	int width = canvas_text_width(words);
	int x = l->layout.columns[from < to ? from : to].x + 2;

	if (x + width + 2 > l->layout.width)
		x = l->layout.width - width - 2;
	if (x < l->layout.columns[0].x + 2)
		x = l->layout.columns[0].x + 2;
	begin_row(l, LINE);
	canvas_put(&l->line, x++, ' ');
	x += canvas_text(&l->line, x, l->layout.width - x - 1, words);
	canvas_put(&l->line, x, ' ');
	end_row(l);
}

static void put_details(struct ladder *l, const struct record *r, const char *label)
{
	CLEANUP(text_deinit) struct text detail = TEXT_INIT;
	int from = ladder_layout_find(&l->layout, r->from),
	    to = ladder_layout_find(&l->layout, r->to);
	int space = abs(l->layout.columns[to].x - l->layout.columns[from].x) - LADDER_LABEL_MARGIN;

	label = words_below(label, space);
	if (*label)
		put_words(l, from, to, label);
	ladder_detail(r, &detail);
	if (detail.n)
		put_words(l, from, to, text_str(&detail));
}

static void draw_record(struct ladder *l, const struct record *r)
{
	CLEANUP(text_deinit) struct text label = TEXT_INIT;
	int from, to;
	enum ladder_shape shape = ladder_layout_place(&l->layout, r, &from, &to);

	if (shape == LADDER_SKIP)
		return;
	put_passage(l, r);
	begin_row(l, LINE);
	put_time(l, r);
	ladder_layout_label(&l->layout, r, &label);
	if (shape == LADDER_ARROW)
		put_arrow(l, from, to, text_str(&label));
	else
		put_note(l, from, text_str(&label));
	end_row(l);
	if (shape == LADDER_ARROW)
		put_details(l, r, text_str(&label));
}

void ladder_draw(struct text *out, const struct record *const *records, size_t n,
		 const struct ladder_options *options)
{
	struct ladder l = { .out = out };
	int width = options->width ? options->width : DEFAULT_WIDTH;

	ladder_layout_init(&l.layout, records, n, width < MIN_WIDTH ? MIN_WIDTH : width,
			   options->ascii);
	canvas_init(&l.line, l.layout.width);
	if (options->title)
		put_title(&l, options->title);
	if (n) {
		l.began_ms = l.last_ms = records[0]->lab_ms;
		put_header(&l);
		for (size_t i = 0; i < n; i++)
			draw_record(&l, records[i]);
		begin_row(&l, LINE);
		end_row(&l);
	} else {
		text_add(out, "Nothing was recorded.\n");
	}
	canvas_deinit(&l.line);
	ladder_layout_deinit(&l.layout);
}
