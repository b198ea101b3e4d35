/*
 * Ladder as a sequence diagram of Mermaid
 */
#include "mcxd/ladder/mermaid.h"

#include "mcxd/ladder/canvas.h"
#include "mcxd/ladder/label.h"
#include "mcxd/ladder/layout.h"
#include "proto/record.h"
#include "proto/text/chars.h"
#include "proto/text/mem.h"
#include "proto/text/text.h"

enum { MAX_WORDS = 200, PASSAGE_MS = 3000 };

struct diagram {
	struct ladder_layout layout;
	int64_t last_ms;
	struct text *out;
};

/* Anything but what is harmless in Mermaid's grammar, and in the HTML that it makes, is written as #code;, which Mermaid
 * turns back. "end" closes a block wherever it stands alone, so its first letter is written like that as well. */
static void add_words(struct text *out, const char *s)
{
	static const char harmless[] = " .,:'/_+*=@-";
	CLEANUP(text_deinit) struct text clean = TEXT_INIT;
	bool in_word = false;

	canvas_clean(&clean, MAX_WORDS, s);
	for (const char *p = text_str(&clean); *p; p++) {
		bool is_end = !in_word && strncasecmp(p, "end", 3) == 0 && !chars_is_alnum(p[3]);

		if (!is_end && (chars_is_alnum(*p) || (*p & 0x80) || strchr(harmless, *p)))
			text_add_bytes(out, p, 1);
		else
			text_addf(out, "#%d;", *p);
		in_word = chars_is_alnum(*p);
	}
}

static void add_passage(struct diagram *d, const struct record *r)
{
	int64_t ms = r->lab_ms - d->last_ms;

	d->last_ms = r->lab_ms;
	if (ms >= PASSAGE_MS)
		text_addf(d->out, "  Note over p0,p%d: %lld.%d s pass\n", d->layout.n_columns - 1,
			  (long long)((ms + 50) / 1000), (int)((ms + 50) / 100 % 10));
}

static void add_arrow(struct diagram *d, const struct record *r, int from, int to)
{
	CLEANUP(text_deinit) struct text label = TEXT_INIT;
	CLEANUP(text_deinit) struct text detail = TEXT_INIT;
	bool is_sip = record_kind_of(r->kind) == RECORD_SIP;

	ladder_layout_label(&d->layout, r, &label);
	text_addf(d->out, "  p%d%sp%d: ", from, is_sip ? "->>" : "-->>", to);
	add_words(d->out, text_str(&label));
	text_add(d->out, "\n");
	ladder_detail(r, &detail);
	if (!detail.n)
		return;
	text_addf(d->out, "  Note over p%d,p%d: ", from < to ? from : to, from < to ? to : from);
	add_words(d->out, text_str(&detail));
	text_add(d->out, "\n");
}

static void add_note(struct diagram *d, const struct record *r, int column)
{
	CLEANUP(text_deinit) struct text label = TEXT_INIT;

	ladder_layout_label(&d->layout, r, &label);
	text_addf(d->out, "  Note over p%d: ", column);
	add_words(d->out, text_str(&label));
	text_add(d->out, "\n");
}

static void add_record(struct diagram *d, const struct record *r)
{
	int from, to;
	enum ladder_shape shape = ladder_layout_place(&d->layout, r, &from, &to);

	if (shape == LADDER_SKIP)
		return;
	add_passage(d, r);
	if (shape == LADDER_ARROW)
		add_arrow(d, r, from, to);
	else
		add_note(d, r, from);
}

void ladder_mermaid(struct text *out, const struct record *const *records, size_t n,
		    const char *title)
{
	struct diagram d = { .out = out, .last_ms = n ? records[0]->lab_ms : 0 };

	ladder_layout_init(&d.layout, records, n, 0, false);
	text_add(out, "sequenceDiagram\n");
	if (title) {
		text_add(out, "  title ");
		add_words(out, title);
		text_add(out, "\n");
	}
	for (int i = 0; i < d.layout.n_columns; i++) {
		text_addf(out, "  participant p%d as ", i);
		add_words(out, d.layout.columns[i].name);
		text_add(out, "\n");
	}
	for (size_t i = 0; i < n; i++)
		add_record(&d, records[i]);
	ladder_layout_deinit(&d.layout);
}
