/*
 * Settings
 */
#include "mcxd/base/setting.h"

#include "mcxd/base/inifile.h"
#include "mcxd/base/setting_map.h"
#include "mcxd/base/setting_value.h"
#include "proto/text/mem.h"
#include "proto/text/text.h"

#include <errno.h>

#define MAX_NAME 64

/* A name that differs in more letters is not suggested. */
#define MAX_DISTANCE 3

/* ---- names ---- */

/* A walk over every name that can be set: each row, and each override of a shared one, in whose place a row of
 * that section comes up. */
struct walk {
	const struct setting_table *table;
	size_t next;                            /* row */
	const struct setting_override *sibling; /* next override of the row before; NULL: none */
	struct setting row;                     /* the present one */
	bool is_override;
	char name[MAX_NAME]; /* "section.key" of it */
};

static bool walk_next(struct walk *w)
{
	w->is_override = w->sibling && w->sibling->section;
	if (w->is_override) {
		w->row.section = w->sibling->section;
		w->row.offset = w->sibling->offset;
		w->row.overrides = NULL;
		w->sibling++;
	} else {
		if (w->next == w->table->n_rows)
			return false;
		w->row = w->table->rows[w->next++];
		w->sibling = w->row.overrides;
	}
	snprintf(w->name, sizeof(w->name), "%s.%s", w->row.section, w->row.key);
	return true;
}

/* What follows "section." in the name of a member of this map, else NULL. */
static const char *member_of(const struct setting *row, const char *name)
{
	size_t n = strlen(row->section);

	return row->type == SETTING_MAP && !strncmp(row->section, name, n) && name[n] == '.'
		       ? name + n + 1
		       : NULL;
}

static bool find(const struct setting_table *t, const char *name, struct setting *ret)
{
	struct walk w = { .table = t };

	while (walk_next(&w))
		if (!strcmp(w.name, name) || member_of(&w.row, name)) {
			*ret = w.row;
			return true;
		}
	return false;
}

static int64_t *number_at(void *object, size_t offset)
{
	return (int64_t *)(void *)((char *)object + offset);
}

static struct setting_map *map_at(const void *object, size_t offset)
{
	return (struct setting_map *)(void *)((char *)mem_no_const(object) + offset);
}

static bool is_unset(const struct walk *w, const void *object)
{
	return w->is_override && *(const int64_t *)(const void *)((const char *)object +
								  w->row.offset) == SETTING_UNSET;
}

/* ---- setting ---- */

void setting_defaults(const struct setting_table *t, void *object)
{
	struct walk w = { .table = t };

	while (walk_next(&w)) {
		CLEANUP(text_deinit) struct text why = TEXT_INIT;

		if (w.is_override) {
			*number_at(object, w.row.offset) = SETTING_UNSET;
		} else if (w.row.type == SETTING_MAP) {
			*map_at(object, w.row.offset) = (struct setting_map){ 0 };
		} else if (setting_value_set(&w.row, object, w.row.def ? w.row.def : "", &why) <
			   0) {
			fprintf(stderr, "default of %s: %s\n", w.name, text_str(&why));
			abort();
		}
	}
}

void setting_deinit(const struct setting_table *t, void *object)
{
	for (size_t i = 0; i < t->n_rows; i++) {
		char **slot = (char **)(void *)((char *)object + t->rows[i].offset);

		if (t->rows[i].type == SETTING_MAP)
			setting_map_deinit(map_at(object, t->rows[i].offset));
		if (t->rows[i].type != SETTING_STRING)
			continue;
		free(*slot);
		*slot = NULL;
	}
}

static size_t min3(size_t a, size_t b, size_t c)
{
	size_t least = a < b ? a : b;

	return least < c ? least : c;
}

/* How many letters must be inserted, removed or replaced (Levenshtein). */
static size_t distance(const char *a, const char *b)
{
	size_t row[MAX_NAME];
	size_t n = strlen(b);

	if (n >= MAX_NAME || strlen(a) >= MAX_NAME)
		return MAX_NAME;
	for (size_t k = 0; k <= n; k++)
		row[k] = k;
	for (size_t i = 0; a[i]; i++) {
		size_t diagonal = row[0];

		row[0] = i + 1;
		for (size_t k = 1; k <= n; k++) {
			size_t above = row[k];

			row[k] = min3(above + 1, row[k - 1] + 1, diagonal + (a[i] != b[k - 1]));
			diagonal = above;
		}
	}
	return row[n];
}

static void explain_unknown(const struct setting_table *t, const char *name, struct text *why)
{
	const char *dot = strchr(name, '.'), *key = dot ? dot + 1 : name;
	struct walk w = { .table = t };
	char nearest[MAX_NAME] = "";
	size_t best = MAX_DISTANCE + 1;

	while (walk_next(&w)) {
		size_t d = distance(w.name, name);

		/* The right key in a wrong section, or in none, is worth a hint, too. */
		if (d < best || (!*nearest && !strcmp(w.row.key, key))) {
			best = d < best ? d : best;
			memcpy(nearest, w.name, sizeof(nearest));
		}
	}
	text_addf(why, "%s: unknown setting", name);
	if (*nearest)
		text_addf(why, "; did you mean %s?", nearest);
}

static int set_member(const struct setting *row, void *object, const char *name, const char *value,
		      struct text *why)
{
	if (row->check_name)
		row->check_name(name, why);
	if (!why->n && setting_value_check(row, value, why) == 0)
		setting_map_set(map_at(object, row->offset), name, value);
	return why->n ? -EINVAL : 0;
}

int setting_set(const struct setting_table *t, void *object, const char *name, const char *value,
		struct text *why)
{
	CLEANUP(text_deinit) struct text what = TEXT_INIT;
	const char *member;
	struct setting row;
	int err;

	if (!find(t, name, &row)) {
		explain_unknown(t, name, why);
		return -EINVAL;
	}
	member = member_of(&row, name);
	err = member ? set_member(&row, object, member, value, &what)
		     : setting_value_set(&row, object, value, &what);
	if (err < 0) {
		text_addf(why, "%s: %s", name, text_str(&what));
		return -EINVAL;
	}
	return 0;
}

int setting_set_arg(const struct setting_table *t, void *object, const char *arg, struct text *why)
{
	CLEANUP(mem_free_string) char *name = mem_strdup(arg);
	char *equals = strchr(name, '=');

	if (!equals) {
		text_addf(why, "%s: expected section.key=value", arg);
		return -EINVAL;
	}
	*equals = '\0';
	return setting_set(t, object, name, equals + 1, why);
}

int64_t setting_highest(const struct setting_table *t, const void *object, const char *key,
			const char **ret_section)
{
	struct walk w = { .table = t };
	int64_t highest = SETTING_UNSET;

	*ret_section = NULL;
	while (walk_next(&w)) {
		int64_t number;

		if (strcmp(w.row.key, key) != 0)
			continue;
		number = *(const int64_t *)(const void *)((const char *)object + w.row.offset);
		if (number > highest) {
			highest = number;
			*ret_section = w.row.section;
		}
	}
	return highest;
}

/* ---- files ---- */

struct load {
	const struct setting_table *table;
	void *object;
};

static bool has_section(const struct setting_table *t, const char *section)
{
	for (size_t i = 0; i < t->n_rows; i++)
		if (!strcmp(t->rows[i].section, section))
			return true;
	return false;
}

static int on_line(void *magic, const struct inifile_line *l, struct text *why)
{
	CLEANUP(mem_free_string) char *name = NULL;
	const struct load *load = magic;

	if (!*l->section)
		text_addf(why, "%s: a setting must be in a [section]", l->key);
	else if (*l->name)
		text_addf(why, "[%s %s]: a section of settings has no second word", l->section,
			  l->name);
	else if (!has_section(load->table, l->section))
		text_addf(why, "[%s]: unknown section", l->section);
	if (why->n || !l->key)
		return why->n ? -EINVAL : 0;
	name = text_format("%s.%s", l->section, l->key);
	return setting_set(load->table, load->object, name, l->value, why);
}

int setting_load(const struct setting_table *t, void *object, const char *path, struct text *errors)
{
	struct load load = { t, object };

	return inifile_load(path, on_line, &load, errors);
}

static void dump_pair(const char *key, const char *value, struct text *out)
{
	text_addf(out, "%s =%s", key, *value ? " " : "");
	inifile_add_value(out, value);
	text_add(out, "\n");
}

static void dump_row(const struct setting *row, const void *object, struct text *out)
{
	CLEANUP(text_deinit) struct text value = TEXT_INIT;
	const struct setting_map *map = map_at(object, row->offset);

	if (row->type != SETTING_MAP) {
		setting_add_value(row, object, &value);
		dump_pair(row->key, text_str(&value), out);
		return;
	}
	for (size_t i = 0; i < map->n; i++)
		dump_pair(map->pairs[i]->name, map->pairs[i]->value, out);
}

static void dump_section(const struct setting_table *t, const char *section, const void *object,
			 struct text *out)
{
	struct walk w = { .table = t };

	text_addf(out, "%s[%s]\n", out->n ? "\n" : "", section);
	while (walk_next(&w)) {
		if (strcmp(w.row.section, section) != 0 || is_unset(&w, object))
			continue;
		if (!w.is_override)
			text_addf(out, "# %s\n", w.row.help);
		dump_row(&w.row, object, out);
	}
}

static bool begins_section(const struct setting_table *t, size_t i)
{
	return i == 0 || strcmp(t->rows[i].section, t->rows[i - 1].section) != 0;
}

void setting_dump(const struct setting_table *t, const void *object, struct text *out)
{
	for (size_t i = 0; i < t->n_rows; i++)
		if (begins_section(t, i))
			dump_section(t, t->rows[i].section, object, out);
}

/* ---- the table ---- */

static void tell(const struct walk *w, const void *object, setting_entry_h *fn, void *magic)
{
	CLEANUP(text_deinit) struct text value = TEXT_INIT;
	struct setting_entry e = { .row = &w->row,
				   .key = w->row.key,
				   .is_override = w->is_override };

	setting_add_value(&w->row, object, &value);
	e.value = text_str(&value);
	if (setting_is_number(&w->row))
		e.number = *number_at(mem_no_const(object), w->row.offset);
	fn(magic, &e);
}

static void tell_map(const struct setting *row, const void *object, setting_entry_h *fn,
		     void *magic)
{
	const struct setting_map *map = map_at(object, row->offset);

	for (size_t i = 0; i < map->n; i++)
		fn(magic, &(struct setting_entry){ .row = row,
						   .key = map->pairs[i]->name,
						   .value = map->pairs[i]->value });
}

void setting_each(const struct setting_table *t, const void *object, setting_entry_h *fn,
		  void *magic)
{
	struct walk w = { .table = t };

	while (walk_next(&w)) {
		if (w.row.type == SETTING_MAP)
			tell_map(&w.row, object, fn, magic);
		else if (!is_unset(&w, object))
			tell(&w, object, fn, magic);
	}
}

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
	text_add(out, "| Setting | Default | Range | Meaning |\n|---|---|---|---|\n");
	for (size_t i = 0; i < t->n_rows; i++) {
		const struct setting *row = &t->rows[i];
		bool has_default = row->def && *row->def;

		text_addf(out, "| `%s.%s` | %s", row->section, row->key, has_default ? "`" : "");
		add_cell(out, has_default ? row->def : "empty");
		text_addf(out, "%s | ", has_default ? "`" : "");
		setting_add_range(row, out);
		text_add(out, " | ");
		add_cell(out, row->help);
		if (row->overrides)
			add_overrides(row, out);
		text_add(out, " |\n");
	}
}

static size_t count(const struct setting_table *t, const char *name)
{
	struct walk w = { .table = t };
	size_t n = 0;

	while (walk_next(&w))
		n += !strcmp(w.name, name);
	return n;
}

static bool is_apart_from_section(const struct setting_table *t, size_t row)
{
	bool has_begun = false;

	for (size_t i = 0; i < row; i++)
		has_begun |= !strcmp(t->rows[i].section, t->rows[row].section);
	return has_begun && begins_section(t, row);
}

static size_t count_section(const struct setting_table *t, const char *section)
{
	struct walk w = { .table = t };
	size_t n = 0;

	while (walk_next(&w))
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

static void check_row(const struct setting_table *t, const struct walk *w, struct text *why)
{
	const struct setting *row = &w->row;

	if (count(t, w->name) != 1)
		text_add(why, "twice, or its name is too long");
	else if (w->is_override)
		text_add(why, has_section(t, row->section) ? NULL : "its section has no rows");
	else if (!row->help || !*row->help)
		text_add(why, "no help");
	else if (is_apart_from_section(t, w->next - 1))
		text_add(why, "not next to the other rows of its section");
	else if (row->overrides && (row->type == SETTING_STRING || row->type == SETTING_BOOL ||
				    row->type == SETTING_MAP))
		text_add(why, "only numbers can be shared");
	else if (row->type == SETTING_MAP)
		check_map(t, row, why);
	else
		check_default(row, why);
}

bool setting_check_table(const struct setting_table *t, struct text *why)
{
	struct walk w = { .table = t };

	while (walk_next(&w)) {
		CLEANUP(text_deinit) struct text what = TEXT_INIT;

		check_row(t, &w, &what);
		if (!what.n)
			continue;
		text_addf(why, "%s: %s", w.name, text_str(&what));
		return false;
	}
	return true;
}
