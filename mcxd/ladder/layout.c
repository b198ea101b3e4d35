/*
 * Ladder: where the columns are
 */
#include "mcxd/ladder/layout.h"

#include "mcxd/ladder/canvas.h"
#include "mcxd/ladder/label.h"
#include "proto/record.h"
#include "proto/text/mem.h"
#include "proto/text/text.h"

#include <assert.h>

#define MIN_GAP      9
#define MAX_GAP      44
#define MAX_WANTED   30 /* that one label may ask of a gap */
#define MAX_EVEN_GAP 26

static const struct record no_record;

void ladder_layout_label(const struct ladder_layout *l, const struct record *r, struct text *out)
{
	static const struct {
		const char *s, *ascii;
	} spellings[] = { { "\u2192", "->" }, { "\u2026", "..." }, { "\u00d7", "x" } };
	CLEANUP(text_deinit) struct text label = TEXT_INIT;
	const char *p;

	ladder_label(r, &label);
	for (p = text_str(&label); *p;) {
		size_t i = 0, n;

		while (l->ascii && i < ARRAY_SIZE(spellings) &&
		       strncmp(p, spellings[i].s, strlen(spellings[i].s)) != 0)
			i++;
		if (!l->ascii || i == ARRAY_SIZE(spellings)) {
			text_add_bytes(out, p++, 1);
			continue;
		}
		n = strlen(spellings[i].s);
		text_add(out, spellings[i].ascii);
		p += n;
	}
}

enum ladder_shape ladder_layout_shape(const struct record *r)
{
	enum ladder_shape shape = ladder_shape(r);

	return shape == LADDER_ARROW && r->sent ? LADDER_SKIP : shape;
}

/* ---- columns ---- */

enum { RANK_SENDER, RANK_ROLE, RANK_PHONE = RANK_ROLE + 10, RANK_OTHER };

static const struct {
	const char *hop;
	const char *name;
} role_names[] = {
	{ RECORD_HOP_FRONT_END, "front end" },
	{ RECORD_HOP_EDGE, "edge" },
	{ RECORD_HOP_CLEARING_HOUSE, "clearing house" },
	{ RECORD_HOP_PUSH_SERVICE, "push service" },
};

static bool is_phone(const char *hop)
{
	return strncmp(hop, RECORD_PHONE_PREFIX, strlen(RECORD_PHONE_PREFIX)) == 0;
}

/* The push service knows a phone by its name, the front end by its user: the id of the application says that they are one. */
int ladder_layout_find(const struct ladder_layout *l, const struct record *r, const char *hop)
{
	for (int i = 0; hop && i < l->n_columns; i++) {
		const struct ladder_column *column = &l->columns[i];

		if (r->phone && column->phone && is_phone(hop)
			    ? strcmp(column->phone, r->phone) == 0
			    : strcmp(column->hop, hop) == 0)
			return i;
	}
	return -1;
}

static int note_column(const struct ladder_layout *l, const struct record *r)
{
	int column = ladder_layout_find(l, r, r->to ? r->to : r->from);

	return column >= 0 ? column : ladder_layout_find(l, r, RECORD_HOP_FRONT_END);
}

enum ladder_shape ladder_layout_place(const struct ladder_layout *l, const struct record *r,
				      int *ret_from, int *ret_to)
{
	enum ladder_shape shape = ladder_layout_shape(r);

	*ret_from = ladder_layout_find(l, r, r->from);
	*ret_to = ladder_layout_find(l, r, r->to);
	if (shape == LADDER_ARROW && *ret_from >= 0 && *ret_to >= 0)
		return LADDER_ARROW;
	*ret_from = *ret_to = note_column(l, r);
	return shape == LADDER_SKIP || *ret_from < 0 ? LADDER_SKIP : LADDER_NOTE;
}

static char *local_part(const char *aor)
{
	return mem_memdup(aor, strcspn(aor, "@"));
}

static bool has_rank(const struct ladder_layout *l, int rank)
{
	for (int i = 0; i < l->n_columns; i++) {
		if (l->columns[i].rank == rank)
			return true;
	}
	return false;
}

/* "bob's phone", or what the phone is called; with a number if there is one of that name. */
static char *phone_name(const struct ladder_layout *l, const char *owner)
{
	CLEANUP(mem_free_string) char *local = local_part(owner);
	CLEANUP(mem_free_string)
	char *name = strchr(owner, '@') ? text_concat(local, "'s phone") : mem_strdup(owner);
	int n = 1;

	for (int i = 0; i < l->n_columns; i++)
		n += strncasecmp(l->columns[i].name, name, strlen(name)) == 0;
	return n > 1 ? text_format("%s %d", name, n) : mem_strdup(name);
}

static void describe_hop(const struct ladder_layout *l, struct ladder_column *column)
{
	for (size_t i = 0; i < ARRAY_SIZE(role_names); i++) {
		if (strcmp(column->hop, role_names[i].hop) == 0) {
			column->name = mem_strdup(role_names[i].name);
			column->rank = RANK_ROLE + (int)i;
			return;
		}
	}
	if (is_phone(column->hop)) {
		column->name = phone_name(l, column->hop + strlen(RECORD_PHONE_PREFIX));
		column->rank = RANK_PHONE;
		return;
	}
	column->name = local_part(column->hop);
	column->rank = has_rank(l, RANK_SENDER) ? RANK_OTHER : RANK_SENDER;
}

/* Columns are ordered by rank, and by first appearance within a rank. */
static bool add_column(struct ladder_layout *l, const struct record *r, const char *hop)
{
	struct ladder_column column = { 0 };
	int at = l->n_columns;

	if (!hop || ladder_layout_find(l, r, hop) >= 0 || l->n_columns == LADDER_MAX_COLUMNS)
		return false;
	column.hop = mem_strdup(hop);
	column.phone = r->phone && is_phone(hop) ? mem_strdup(r->phone) : NULL;
	describe_hop(l, &column);
	for (; at > 0 && l->columns[at - 1].rank > column.rank; at--)
		l->columns[at] = l->columns[at - 1];
	l->columns[at] = column;
	l->n_columns++;
	return true;
}

/* ---- widths ---- */

static void widen(struct ladder_layout *l, int from, int to, int wanted)
{
	int n = to - from, have = 0;

	for (int i = from; i < to; i++)
		have += l->gaps[i];
	for (int i = from; i < to && have < wanted; i++) {
		int more = (wanted - have + (n - (i - from)) - 1) / (n - (i - from));

		if (l->gaps[i] + more > MAX_GAP)
			more = MAX_GAP - l->gaps[i];
		if (more <= 0)
			continue;
		l->gaps[i] += more;
		have += more;
	}
}

const char *ladder_layout_name_row(const char *name, bool first, size_t *ret_n)
{
	const char *space;

	assert(name);
	space = strrchr(name, ' ');
	if (first) {
		*ret_n = space ? (size_t)(space - name) : 0;
		return name;
	}
	if (space)
		name = space + 1;
	*ret_n = strlen(name);
	return name;
}

static int name_width(const struct ladder_layout *l, int i)
{
	int widths[2];

	if (!l->tall)
		return canvas_text_width(l->columns[i].name);
	for (int row = 0; row < 2; row++) {
		size_t n = 0;
		const char *s = ladder_layout_name_row(l->columns[i].name, row == 0, &n);
		CLEANUP(mem_free_string) char *words = mem_memdup(s, n);

		widths[row] = canvas_text_width(words);
	}
	return widths[0] > widths[1] ? widths[0] : widths[1];
}

static int name_gap(const struct ladder_layout *l, int i)
{
	int gap = (name_width(l, i) + name_width(l, i + 1)) / 2 + 3;

	return gap > MIN_GAP ? gap : MIN_GAP;
}

static void measure_record(struct ladder_layout *l, const struct record *r, int span)
{
	CLEANUP(text_deinit) struct text label = TEXT_INIT;
	int from = ladder_layout_find(l, r, r->from), to = ladder_layout_find(l, r, r->to);
	int low = from < to ? from : to, high = from < to ? to : from, wanted;

	if (ladder_layout_shape(r) != LADDER_ARROW || low < 0 || high - low != span)
		return;
	ladder_layout_label(l, r, &label);
	/* Quoted text goes below the arrow if there is no room for it. */
	if (l->tall && strstr(text_str(&label), " \""))
		return;
	wanted = canvas_text_width(text_str(&label)) + LADDER_LABEL_MARGIN;
	widen(l, low, high, wanted > MAX_WANTED ? MAX_WANTED : wanted);
}

static int total_width(const struct ladder_layout *l)
{
	int last = l->n_columns - 1;
	int width = LADDER_MARGIN + name_width(l, 0) / 2 + (name_width(l, last) + 1) / 2 + 1;

	for (int i = 0; i < last; i++)
		width += l->gaps[i];
	return width;
}

static void shrink(struct ladder_layout *l)
{
	while (total_width(l) > l->width) {
		int widest = -1;

		for (int i = 0; i < l->n_columns - 1; i++) {
			if (l->gaps[i] > name_gap(l, i) &&
			    (widest < 0 || l->gaps[i] > l->gaps[widest]))
				widest = i;
		}
		if (widest < 0)
			return;
		l->gaps[widest]--;
	}
}

static void measure(struct ladder_layout *l, const struct record *const *records, size_t n)
{
	for (int i = 0; i < l->n_columns - 1; i++)
		l->gaps[i] = name_gap(l, i);
	/* Short arrows first: longer ones over the same gaps make use of what those have taken. */
	for (int span = 1; span < l->n_columns; span++) {
		for (size_t i = 0; i < n; i++)
			measure_record(l, records[i], span);
	}
}

static void place_columns(struct ladder_layout *l)
{
	int x = LADDER_MARGIN + name_width(l, 0) / 2;

	for (int i = 0; i < l->n_columns; i++) {
		l->columns[i].x = x;
		x += l->gaps[i];
	}
	if (total_width(l) > l->width)
		l->width = total_width(l);
}

static void lay_out(struct ladder_layout *l, const struct record *const *records, size_t n)
{
	measure(l, records, n);
	if (total_width(l) > l->width) {
		l->tall = true;
		measure(l, records, n);
	}
	shrink(l);
	place_columns(l);
}

static void find_columns(struct ladder_layout *l, const struct record *const *records, size_t n)
{
	for (size_t i = 0; i < n; i++) {
		if (ladder_layout_shape(records[i]) != LADDER_ARROW)
			continue;
		add_column(l, records[i], records[i]->from);
		add_column(l, records[i], records[i]->to);
	}
	if (!l->n_columns)
		add_column(l, &no_record, RECORD_HOP_FRONT_END);
}

void ladder_layout_init(struct ladder_layout *l, const struct record *const *records, size_t n,
			int width, bool ascii)
{
	*l = (struct ladder_layout){ .width = width, .ascii = ascii };
	find_columns(l, records, n);
	lay_out(l, records, n);
}

/* What will travel is not known: the columns stand evenly in the width that there is. */
static void spread(struct ladder_layout *l)
{
	l->tall = true;
	for (int i = 0; i < l->n_columns - 1; i++)
		l->gaps[i] = name_gap(l, i);
	for (bool grows = true; grows;) {
		int least = -1;

		for (int i = 0; i < l->n_columns - 1; i++)
			if (l->gaps[i] < MAX_EVEN_GAP && (least < 0 || l->gaps[i] < l->gaps[least]))
				least = i;
		grows = least >= 0 && total_width(l) < l->width;
		if (grows)
			l->gaps[least]++;
	}
	place_columns(l);
}

void ladder_layout_open(struct ladder_layout *l, const char *const *hops, size_t n, int width,
			bool ascii)
{
	*l = (struct ladder_layout){ .width = width, .ascii = ascii };
	for (size_t i = 0; i < n; i++)
		add_column(l, &no_record, hops[i]);
	spread(l);
}

/* A phone that was expected is this one. */
static bool take_expected(struct ladder_layout *l, const struct record *r, const char *hop)
{
	for (int i = 0; i < l->n_columns; i++) {
		struct ladder_column *column = &l->columns[i];

		if (!column->phone && is_phone(column->hop) && r->phone && is_phone(hop) &&
		    (strchr(hop, '@')
			     ? strcmp(column->hop, hop) == 0
			     : record_is_about(r, column->hop + strlen(RECORD_PHONE_PREFIX)))) {
			column->phone = mem_strdup(r->phone);
			return true;
		}
	}
	return false;
}

bool ladder_layout_admit(struct ladder_layout *l, const struct record *r)
{
	const char *const hops[] = { r->from, r->to };
	bool is_new = false;

	if (ladder_layout_shape(r) != LADDER_ARROW)
		return false;
	for (size_t i = 0; i < ARRAY_SIZE(hops); i++)
		if (hops[i] && ladder_layout_find(l, r, hops[i]) < 0 &&
		    !take_expected(l, r, hops[i]))
			is_new = add_column(l, r, hops[i]) || is_new;
	if (is_new)
		spread(l);
	return is_new;
}

void ladder_layout_deinit(struct ladder_layout *l)
{
	for (int i = 0; i < l->n_columns; i++) {
		free(l->columns[i].hop);
		free(l->columns[i].phone);
		free(l->columns[i].name);
	}
	l->n_columns = 0;
}
