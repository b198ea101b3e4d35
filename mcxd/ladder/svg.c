/*
 * Ladder as SVG
 */
#include "mcxd/ladder/svg.h"

#include "mcxd/ladder/canvas.h"
#include "mcxd/ladder/label.h"
#include "mcxd/ladder/layout.h"
#include "proto/record.h"
#include "proto/text/mem.h"
#include "proto/text/text.h"

/* Lengths in user units, for text of 13. No font is measured: a character is taken to be 8 wide, as the widest of the
 * fonts that may be used has them. */
enum {
	LANE = 190,
	LEFT = 150, /* of the first line */
	TOP = 92,
	ROW = 34,
	SMALL_ROW = 22,
	CHARACTER = 8,
	MAX_CHARACTERS = 400,
	PASSAGE_MS = 3000
};

static const char style[] =
	"svg{--paper:#fff;--ink:#14202c;--soft:#4a5766;--line:#8592a3;--sip:#0a56a6;--https:#"
	"7434ad;"
	"--push:#9a4200;--carrier:#00685f;--ring:#fff0c2;--fail:#fde1e4;--good:#d9f2e0;"
	"font:13px 'Segoe UI',system-ui,'Noto Sans','DejaVu Sans',sans-serif}\n"
	"@media(prefers-color-scheme:dark){svg{--paper:#151d27;--ink:#f0f4f9;--soft:#adb9c8;"
	"--line:#8494a8;--sip:#74b9ff;--https:#cda4ff;--push:#ffab5e;--carrier:#55d6c5;"
	"--ring:#3a2e08;--fail:#47171e;--good:#103620}}\n"
	".paper{fill:var(--paper)}text{fill:var(--ink)}.soft{fill:var(--soft)}"
	".middle{text-anchor:middle;paint-order:stroke;stroke:var(--paper);stroke-width:4px}"
	".turn .middle{stroke:none}.end{text-anchor:end}.head{font-weight:600}"
	".life{stroke:var(--line)}.note{fill:var(--paper);stroke:var(--line)}"
	".ring{fill:var(--ring)}.fail{fill:var(--fail)}.good{fill:var(--good)}"
	".shaft{stroke-width:2;stroke:var(--c)}.tip{fill:var(--c)}"
	".sip{--c:var(--sip)}.https{--c:var(--https)}.push{--c:var(--push)}"
	".carrier{--c:var(--carrier)}"
	".https .shaft{stroke-dasharray:8 4}.push .shaft{stroke-dasharray:2 3;stroke-width:3}"
	".carrier .shaft{stroke-width:4}\n";

struct drawing {
	struct ladder_layout layout;
	int64_t began_ms, last_ms;
	int y;
	struct text body, words; /* what is drawn, and what it says */
};

static int x_of(int column)
{
	return LEFT + column * LANE;
}

static int width_of(const struct drawing *d)
{
	return x_of(d->layout.n_columns - 1) + LANE / 2 + 10;
}

/* As many characters as a width has room for. */
static void add_clean(struct text *out, const char *s, int width)
{
	CLEANUP(text_deinit) struct text clean = TEXT_INIT;

	canvas_clean(&clean, width / CHARACTER, s);
	text_add_xml(out, text_str(&clean));
}

static void add_text(struct text *out, int x, int y, const char *class, const char *s, int width)
{
	text_addf(out, "<text x=\"%d\" y=\"%d\" class=\"%s\">", x, y, class);
	add_clean(out, s, width);
	text_add(out, "</text>\n");
}

static bool is(const char *hop, const char *name)
{
	return hop && strcmp(hop, name) == 0;
}

static const char *class_of(const struct record *r)
{
	enum record_kind kind = record_kind_of(r->kind);

	if (kind == RECORD_SIP)
		return "sip";
	if (kind == RECORD_HTTP &&
	    (is(r->from, RECORD_HOP_PUSH_SERVICE) || is(r->to, RECORD_HOP_PUSH_SERVICE)))
		return "push";
	return kind == RECORD_HTTP || kind == RECORD_EVENT ? "https" : "carrier";
}

/* The answers to an INVITE that the story turns on; NULL: it is not one. */
static const char *turn_of(const struct record *r)
{
	const char *method = record_value(r, "method"), *status = record_value(r, "status");

	if (record_kind_of(r->kind) != RECORD_SIP || !status || !method ||
	    strcmp(method, "INVITE") != 0)
		return NULL;
	if (*status == '1')
		return strcmp(status, "180") == 0 ? "ring" : NULL;
	return *status == '2' ? "good" : "fail";
}

static void add_time(struct drawing *d, const struct record *r)
{
	char stamp[32];
	int64_t ms = r->lab_ms - d->began_ms;

	snprintf(stamp, sizeof(stamp), "%lld.%03d", (long long)(ms / 1000), (int)(ms % 1000));
	text_addf(&d->words, "%s s, ", stamp);
	add_text(&d->body, 60, d->y + 4, "soft end", stamp, LANE);
}

static void add_passage(struct drawing *d, const struct record *r)
{
	int64_t ms = r->lab_ms - d->last_ms;
	char words[48];

	d->last_ms = r->lab_ms;
	if (ms < PASSAGE_MS)
		return;
	ms = (ms + 50) / 100;
	snprintf(words, sizeof(words), "%lld.%d s pass", (long long)(ms / 10), (int)(ms % 10));
	add_text(&d->body, width_of(d) / 2, d->y, "soft middle", words, LANE * 2);
	text_addf(&d->words, "%s.\n", words);
	d->y += SMALL_ROW + 8;
}

static void add_detail(struct drawing *d, const char *detail, int from, int to)
{
	int left = x_of(from < to ? from : to) + 8;

	text_add(&d->words, ", ");
	add_clean(&d->words, detail, MAX_CHARACTERS * CHARACTER);
	d->y += SMALL_ROW;
	add_text(&d->body, left, d->y - 1, "soft", detail, width_of(d) - left - 8);
}

static void add_shaft(struct drawing *d, const struct record *r, const char *label, int from,
		      int to)
{
	int x1 = x_of(from), x2 = x_of(to), way = x2 > x1 ? 1 : -1, y = d->y + 4;

	text_addf(&d->body, "<g class=\"%s%s\"><title>", class_of(r), turn_of(r) ? " turn" : "");
	add_clean(&d->body, label, MAX_CHARACTERS * CHARACTER);
	text_addf(&d->body,
		  "</title><line class=\"shaft\" x1=\"%d\" y1=\"%d\" x2=\"%d\" y2=\"%d\"/>"
		  "<path class=\"tip\" d=\"M%d %dl%d -5v10z\"/>\n",
		  x1, y, x2 - way * 8, y, x2, y, -way * 10);
	add_text(&d->body, (x1 + x2) / 2, d->y - 2, "middle", label, abs(x2 - x1) - 16);
	text_add(&d->body, "</g>\n");
}

static void add_arrow(struct drawing *d, const struct record *r, const char *label, int from,
		      int to)
{
	CLEANUP(text_deinit) struct text detail = TEXT_INIT;
	const char *turn = turn_of(r);

	ladder_detail(r, &detail);
	if (turn)
		text_addf(&d->body, "<rect class=\"%s\" y=\"%d\" width=\"%d\" height=\"%d\"/>\n",
			  turn, d->y - 16, width_of(d), ROW - 2 + (detail.n ? SMALL_ROW : 0));
	add_time(d, r);
	add_shaft(d, r, label, from, to);
	add_clean(&d->words, d->layout.columns[from].name, LANE * 2);
	text_add(&d->words, " to ");
	add_clean(&d->words, d->layout.columns[to].name, LANE * 2);
	text_add(&d->words, ": ");
	add_clean(&d->words, label, MAX_CHARACTERS * CHARACTER);
	if (detail.n)
		add_detail(d, text_str(&detail), from, to);
	text_add(&d->words, ".\n");
	d->y += ROW;
}

static void add_note(struct drawing *d, const struct record *r, const char *label, int column)
{
	int wanted = canvas_text_width(label) * CHARACTER + 16;
	int width = wanted < LANE * 2 ? wanted : LANE * 2;
	int x = x_of(column) - width / 2;

	if (x + width > width_of(d) - 4)
		x = width_of(d) - 4 - width;
	if (x < 70)
		x = 70;
	add_time(d, r);
	text_add(&d->body, "<g><title>");
	add_clean(&d->body, label, MAX_CHARACTERS * CHARACTER);
	text_addf(&d->body,
		  "</title><rect class=\"note\" x=\"%d\" y=\"%d\" width=\"%d\" height=\"20\" "
		  "rx=\"4\"/>\n",
		  x, d->y - 10, width);
	add_text(&d->body, x + width / 2, d->y + 4, "middle", label, width - 16);
	text_add(&d->body, "</g>\n");
	add_clean(&d->words, label, MAX_CHARACTERS * CHARACTER);
	text_add(&d->words, ".\n");
	d->y += ROW;
}

static void add_record(struct drawing *d, const struct record *r)
{
	CLEANUP(text_deinit) struct text label = TEXT_INIT;
	int from, to;
	enum ladder_shape shape = ladder_layout_place(&d->layout, r, &from, &to);

	if (shape == LADDER_SKIP)
		return;
	add_passage(d, r);
	ladder_layout_label(&d->layout, r, &label);
	if (shape == LADDER_ARROW)
		add_arrow(d, r, text_str(&label), from, to);
	else
		add_note(d, r, text_str(&label), from);
}

static void add_frame(struct drawing *d, struct text *out, const char *title)
{
	int width = width_of(d), height = d->y;

	text_addf(out,
		  "<svg xmlns=\"http://www.w3.org/2000/svg\" viewBox=\"0 0 %d %d\" width=\"%d\" "
		  "height=\"%d\" role=\"img\" aria-labelledby=\"ladder-title ladder-words\">\n"
		  "<title id=\"ladder-title\">",
		  width, height, width, height);
	add_clean(out, title, MAX_CHARACTERS * CHARACTER);
	text_add(out, "</title>\n<desc id=\"ladder-words\">");
	text_add(out, text_str(&d->words));
	text_add_all(out, "</desc>\n<style>", style, "</style>\n");
	text_addf(out, "<rect class=\"paper\" width=\"%d\" height=\"%d\"/>\n", width, height);
	add_text(out, 20, 28, "head", title, width - 40);
	for (int i = 0; i < d->layout.n_columns; i++) {
		add_text(out, x_of(i), TOP - 34, "head middle", d->layout.columns[i].name,
			 LANE - 10);
		text_addf(out, "<line class=\"life\" x1=\"%d\" y1=\"%d\" x2=\"%d\" y2=\"%d\"/>\n",
			  x_of(i), TOP - 26, x_of(i), height - 12);
	}
}

void ladder_svg(struct text *out, const struct record *const *records, size_t n, const char *title)
{
	struct drawing d = { .y = TOP };

	if (n)
		d.began_ms = d.last_ms = records[0]->lab_ms;
	ladder_layout_init(&d.layout, records, n, 0, false);
	for (size_t i = 0; i < n; i++)
		add_record(&d, records[i]);
	add_frame(&d, out, title ? title : "Ladder");
	text_add_bytes(out, text_str(&d.body), d.body.n);
	text_add(out, "</svg>\n");
	text_deinit(&d.body);
	text_deinit(&d.words);
	ladder_layout_deinit(&d.layout);
}
