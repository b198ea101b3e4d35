/*
 * Settings: the table for people, and whether it is sound
 */
#include "mcxd/base/setting.h"
#include "mcxd/base/setting_value.h"
#include "mcxd/base/setting_walk.h"
#include "proto/text/mem.h"
#include "proto/text/text.h"

static void add_overrides(const struct setting *row, struct text *out)
{
	const struct setting_override *o = row->overrides;

	text_add(out, " May be overridden in ");
	for (; o->section; o++) {
		text_add(out, o->section);
		if (o[1].section)
			text_add(out, o[2].section ? ", " : " and ");
	}
	text_addf(out, ", as `%s.%s`.", row->overrides->section, row->key);
}

static void add_cell(struct text *out, const char *s)
{
	for (; *s; s++) {
		if (*s == '|')
			text_add(out, "\\");
		text_add_bytes(out, s, 1);
	}
}

void setting_markdown(const struct setting_table *t, struct text *out)
{
	text_add(out, "| Setting | Default | Range | Live | Meaning |\n|---|---|---|---|---|\n");
	for (size_t i = 0; i < t->n_rows; i++) {
		const struct setting *row = &t->rows[i];
		bool has_default = row->def && *row->def;

		text_addf(out, "| `%s.%s` | %s", row->section, row->key, has_default ? "`" : "");
		add_cell(out, has_default ? row->def : "empty");
		text_addf(out, "%s | ", has_default ? "`" : "");
		setting_add_range(row, out);
		text_addf(out, " | %s | ", row->live ? "yes" : "");
		add_cell(out, row->help);
		if (row->overrides)
			add_overrides(row, out);
		text_add(out, " |\n");
	}
}

static size_t count(const struct setting_table *t, const char *name)
{
	struct setting_walk w = { .table = t };
	size_t n = 0;

	while (setting_walk_next(&w))
		n += !strcmp(w.name, name);
	return n;
}

static bool is_apart_from_section(const struct setting_table *t, size_t row)
{
	bool has_begun = false;

	for (size_t i = 0; i < row; i++)
		has_begun |= !strcmp(t->rows[i].section, t->rows[row].section);
	return has_begun && setting_begins_section(t, row);
}

static size_t count_section(const struct setting_table *t, const char *section)
{
	struct setting_walk w = { .table = t };
	size_t n = 0;

	while (setting_walk_next(&w))
		n += !strcmp(w.row.section, section);
	return n;
}

static void check_map(const struct setting_table *t, const struct setting *row, struct text *why)
{
	if (count_section(t, row->section) != 1)
		text_add(why, "a map must be alone in its section");
	else if (row->def)
		text_add(why, "a map has no default");
}

static void check_default(const struct setting *row, struct text *why)
{
	union {
		int64_t number;
		bool flag;
		char *string;
	} scratch = { 0 };
	struct setting copy = *row;

	copy.offset = 0;
	setting_value_set(&copy, &scratch, row->def ? row->def : "", why);
	if (row->type == SETTING_STRING)
		setting_deinit(&(struct setting_table){ &copy, 1 }, &scratch);
}

static void check_row(const struct setting_table *t, const struct setting_walk *w, struct text *why)
{
	const struct setting *row = &w->row;

	if (count(t, w->name) != 1)
		text_add(why, "twice, or its name is too long");
	else if (w->is_override)
		text_add(why,
			 setting_has_section(t, row->section) ? NULL : "its section has no rows");
	else if (!row->help || !*row->help)
		text_add(why, "no help");
	else if (is_apart_from_section(t, w->next - 1))
		text_add(why, "not next to the other rows of its section");
	else if (row->overrides && (row->type == SETTING_STRING || row->type == SETTING_BOOL ||
				    row->type == SETTING_MAP))
		text_add(why, "only numbers can be shared");
	else if (row->live && (row->overrides || row->type == SETTING_MAP))
		text_add(why,
			 "a value that is shared, or a map, cannot change while the program runs");
	else if (row->type == SETTING_MAP)
		check_map(t, row, why);
	else
		check_default(row, why);
}

bool setting_check_table(const struct setting_table *t, struct text *why)
{
	struct setting_walk w = { .table = t };

	while (setting_walk_next(&w)) {
		CLEANUP(text_deinit) struct text what = TEXT_INIT;

		check_row(t, &w, &what);
		if (!what.n)
			continue;
		text_addf(why, "%s: %s", w.name, text_str(&what));
		return false;
	}
	return true;
}
