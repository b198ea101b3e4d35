/*
 * Ladder
 */
#include "mcxd/ladder/ladder.h"

#include "mcxd/ladder/canvas.h"
#include "mcxd/ladder/label.h"
#include "mcxd/ladder/layout.h"
#include "proto/record.h"
#include "proto/text/chars.h"
#include "proto/text/mem.h"
#include "proto/text/text.h"

#define DEFAULT_WIDTH 110
#define MIN_WIDTH     60
#define NOTE_MARGIN   4
#define MAX_NOTE      40   /* characters in a line of a note */
#define MAX_BOX       60   /* the same of the box that says why there was no push */
#define PASSAGE_MS    3000 /* a silence of this length gets a row of its own */

enum {
	LINE = 0x2502,
	DASH = 0x2500,
	CROSS = 0x253C,
	LEFT_END = 0x251C,
	RIGHT_END = 0x2524,
	TO_RIGHT = 0x25BA,
	TO_LEFT = 0x25C4,
	DOTTED = 0x250A,
	BOX_TOP_LEFT = 0x250C,
	BOX_TOP_RIGHT = 0x2510,
	BOX_LOW_LEFT = 0x2514,
	BOX_LOW_RIGHT = 0x2518
};

struct ladder {
	struct ladder_layout layout;
	char *title; /* may be NULL */
	bool has_begun;
	int64_t began_ms;
	int64_t last_ms;
	struct canvas line;
	struct text *out;
};

static void begin_row(struct ladder *l, uint32_t line)
{
	canvas_clear(&l->line);
	l->line.style = CANVAS_DIM;
	for (int i = 0; i < l->layout.n_columns; i++)
		canvas_put(&l->line, l->layout.columns[i].x, line);
	l->line.style = CANVAS_PLAIN;
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
	l->line.style = CANVAS_DIM;
	canvas_text(&l->line, 0, LADDER_MARGIN - 2, stamp);
	l->line.style = CANVAS_PLAIN;
}

/* The next line of a text that is broken to this width; free() it. */
static char *next_line(const char **rest, int width)
{
	size_t n = canvas_fitting(*rest, width);
	char *line = mem_memdup(*rest, n);

	*rest += n;
	*rest += strspn(*rest, " ");
	return line;
}

static void put_title(struct ladder *l, const char *title)
{
	while (*title) {
		CLEANUP(mem_free_string) char *words = next_line(&title, l->layout.width);

		canvas_clear(&l->line);
		l->line.style = CANVAS_BOLD;
		canvas_text(&l->line, 0, l->layout.width, words);
		end_row(l);
	}
	text_add(l->out, "\n");
}

static void put_names(struct ladder *l, bool first)
{
	canvas_clear(&l->line);
	l->line.style = CANVAS_BOLD;
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
 * toast "Hi" or message completed: Hi, it is the part before the text, of a response its number, or else the words that fit. */
static size_t words_on_arrow(const struct record *r, const char *label, int space)
{
	const char *quote = strstr(label, " \""), *colon = strstr(label, ": ");
	size_t n = strlen(label);

	if (canvas_text_width(label) <= space)
		return n;
	if (record_value(r, "status") && chars_is_digit(*label))
		return strcspn(label, " ");
	if (quote && (!colon || quote < colon))
		n = (size_t)(quote - label);
	else if (colon)
		n = (size_t)(colon - label);
	if (space > 0 && canvas_fitting(label, space) < n)
		n = canvas_fitting(label, space);
	return n;
}

/* The part that goes below the arrow; empty if all of it is on the arrow. The words of a response that is none of a failure
 * follow from its number, and that a MESSAGE is a push from where it goes. */
static const char *words_below(const struct record *r, const char *label, int space)
{
	size_t n = words_on_arrow(r, label, space);
	const char *rest = label + n, *quote = strchr(rest, '"');
	const char *status = record_value(r, "status");

	if (record_kind_of(r->kind) == RECORD_SIP && (!status || *status < '3'))
		return quote ? quote : "";
	/* A word was broken: all of it is said. */
	if (*rest && *rest != ' ' && *rest != ':')
		return label;
	return rest + strspn(rest, ": ");
}

/* SIP by its outcome, all else by its kind. */
static enum canvas_style style_of(const struct record *r)
{
	static const enum canvas_style kinds[N_RECORD_KINDS] = {
		[RECORD_HTTP] = CANVAS_BLUE,      [RECORD_EVENT] = CANVAS_CYAN,
		[RECORD_TOAST] = CANVAS_MAGENTA,  [RECORD_TILE] = CANVAS_MAGENTA,
		[RECORD_RAW] = CANVAS_MAGENTA,    [RECORD_FAULT] = CANVAS_RED,
		[RECORD_DIAGNOSTIC] = CANVAS_RED,
	};
	enum record_kind kind = record_kind_of(r->kind);
	const char *status = record_value(r, "status");

	if (kind == RECORD_SIP && status)
		return *status == '1' ? CANVAS_YELLOW : *status == '2' ? CANVAS_GREEN : CANVAS_RED;
	if (kind == RECORD_HTTP && status && *status >= '4')
		return CANVAS_RED;
	return kind < N_RECORD_KINDS ? kinds[kind] : CANVAS_PLAIN;
}

static void put_arrow(struct ladder *l, const struct record *r, int from, int to, const char *label)
{
	int low = l->layout.columns[from < to ? from : to].x,
	    high = l->layout.columns[from < to ? to : from].x;
	int space = high - low - LADDER_LABEL_MARGIN, width;
	CLEANUP(mem_free_string) char *words = mem_memdup(label, words_on_arrow(r, label, space));

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

/* The rows of a note, which has "[ " and " ]" beside each of its lines, or a frame. The first stands beside the time. */
struct note {
	int x, width;
	bool is_box;
};

static struct note place_note(const struct ladder *l, int column, const char *label, int max)
{
	int room = l->layout.width - LADDER_MARGIN - NOTE_MARGIN;
	struct note note = { .width = canvas_text_width(label) };

	if (max > room)
		max = room;
	if (note.width > max)
		note.width = max;
	note.x = l->layout.columns[column].x - note.width / 2;
	if (note.x + note.width + NOTE_MARGIN / 2 > l->layout.width)
		note.x = l->layout.width - note.width - NOTE_MARGIN / 2;
	if (note.x < LADDER_MARGIN + 1)
		note.x = LADDER_MARGIN + 1;
	return note;
}

static void put_note_line(struct ladder *l, const struct note *note, const char *words)
{
	int x = note->x + canvas_text(&l->line, note->x, note->width, words);

	for (; x < note->x + note->width; x++)
		canvas_put(&l->line, x, ' ');
	canvas_put(&l->line, note->x - 2, note->is_box ? LINE : '[');
	canvas_put(&l->line, note->x - 1, ' ');
	canvas_put(&l->line, x, ' ');
	canvas_put(&l->line, x + 1, note->is_box ? LINE : ']');
}

static void put_edge(struct ladder *l, const struct note *note, uint32_t left, uint32_t right)
{
	canvas_put(&l->line, note->x - 2, left);
	for (int x = note->x - 1; x <= note->x + note->width; x++)
		canvas_put(&l->line, x, DASH);
	canvas_put(&l->line, note->x + note->width + 1, right);
}

/* The rest of a story hangs on a push that was not sent, or not at once: this one has a frame. */
static bool is_no_push(const struct record *r)
{
	const char *state = record_value(r, "state");

	return record_kind_of(r->kind) == RECORD_PUSH && state &&
	       (strcmp(state, "none") == 0 || strcmp(state, "held-back") == 0 ||
		strcmp(state, "dropped") == 0);
}

static void put_note(struct ladder *l, const struct record *r, int column, const char *label)
{
	bool is_box = is_no_push(r), is_first = true;
	struct note note = place_note(l, column, label, is_box ? MAX_BOX : MAX_NOTE);
	enum canvas_style style = is_box ? CANVAS_YELLOW : style_of(r);

	note.is_box = is_box;
	l->line.style = style;
	if (is_box) {
		put_edge(l, &note, BOX_TOP_LEFT, BOX_TOP_RIGHT);
		is_first = false;
	}
	while (*label) {
		CLEANUP(mem_free_string) char *words = next_line(&label, note.width);

		if (!is_first) {
			end_row(l);
			begin_row(l, LINE);
			l->line.style = style;
		}
		is_first = false;
		put_note_line(l, &note, words);
	}
	if (is_box) {
		end_row(l);
		begin_row(l, LINE);
		l->line.style = style;
		put_edge(l, &note, BOX_LOW_LEFT, BOX_LOW_RIGHT);
	}
	end_row(l);
}

/* Lines below an arrow, from the left end of the arrow if there is room. */
static void put_words(struct ladder *l, int from, int to, const char *words)
{
	int width = canvas_text_width(words), least = l->layout.columns[0].x + 2;
	int x = l->layout.columns[from < to ? from : to].x + 2;

	if (x + width + 2 > l->layout.width)
		x = l->layout.width - width - 2;
	if (x < least)
		x = least;
	while (*words) {
		CLEANUP(mem_free_string)
		char *line = next_line(&words, l->layout.width - x - 2);
		int end;

		begin_row(l, LINE);
		canvas_put(&l->line, x, ' ');
		end = x + 1 + canvas_text(&l->line, x + 1, l->layout.width - x - 2, line);
		canvas_put(&l->line, end, ' ');
		end_row(l);
	}
}

static void put_details(struct ladder *l, const struct record *r, const char *label)
{
	CLEANUP(text_deinit) struct text detail = TEXT_INIT;
	int from = ladder_layout_find(&l->layout, r, r->from),
	    to = ladder_layout_find(&l->layout, r, r->to);
	int space = abs(l->layout.columns[to].x - l->layout.columns[from].x) - LADDER_LABEL_MARGIN;

	label = words_below(r, label, space);
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
	if (shape == LADDER_NOTE) {
		put_note(l, r, from, text_str(&label));
		return;
	}
	l->line.style = style_of(r);
	put_arrow(l, r, from, to, text_str(&label));
	end_row(l);
	put_details(l, r, text_str(&label));
}

static int width_of(const struct ladder_options *options)
{
	int width = options->width ? options->width : DEFAULT_WIDTH;

	return width < MIN_WIDTH ? MIN_WIDTH : width;
}

static void begin_canvas(struct ladder *l, bool color)
{
	canvas_init(&l->line, l->layout.width);
	l->line.color = color;
}

void ladder_draw(struct text *out, const struct record *const *records, size_t n,
		 const struct ladder_options *options)
{
	struct ladder l = { .out = out };

	ladder_layout_init(&l.layout, records, n, width_of(options), options->ascii);
	begin_canvas(&l, options->color);
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

/* ---- while it happens ---- */

struct ladder *ladder_open(struct text *out, const struct ladder_options *options,
			   const char *const *hops, size_t n_hops)
{
	struct ladder *l = MEM_NEW(struct ladder);

	l->out = out;
	ladder_layout_open(&l->layout, hops, n_hops, width_of(options), options->ascii);
	begin_canvas(l, options->color);
	l->title = options->title ? mem_strdup(options->title) : NULL;
	return l;
}

void ladder_head(struct ladder *l)
{
	if (l->title)
		put_title(l, l->title);
	put_header(l);
}

void ladder_add(struct ladder *l, const struct record *r)
{
	bool color = l->line.color;

	if (!l->has_begun)
		l->began_ms = l->last_ms = r->lab_ms;
	l->has_begun = true;
	if (ladder_layout_admit(&l->layout, r)) {
		text_add(l->out, "\n");
		canvas_deinit(&l->line);
		begin_canvas(l, color);
		put_header(l);
	}
	draw_record(l, r);
}

struct ladder *ladder_close(struct ladder *l)
{
	if (!l)
		return NULL;
	canvas_deinit(&l->line);
	ladder_layout_deinit(&l->layout);
	free(l->title);
	free(l);
	return NULL;
}
