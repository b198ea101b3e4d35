/*
 * Settings
 */
#include "mcxd/base/setting.h"

#include "mcxd/base/distance.h"
#include "mcxd/base/inifile.h"
#include "mcxd/base/setting_map.h"
#include "mcxd/base/setting_value.h"
#include "mcxd/base/setting_walk.h"
#include "proto/text/mem.h"
#include "proto/text/text.h"

#include <errno.h>

/* A name that differs in more letters is not suggested. */
#define MAX_DISTANCE 3

static int64_t *number_at(void *object, size_t offset)
{
	return (int64_t *)(void *)((char *)object + offset);
}

static struct setting_map *map_at(const void *object, size_t offset)
{
	return (struct setting_map *)(void *)((char *)mem_no_const(object) + offset);
}

/* ---- setting ---- */

void setting_defaults(const struct setting_table *t, void *object)
{
	struct setting_walk w = { .table = t };

	while (setting_walk_next(&w)) {
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

static void explain_unknown(const struct setting_table *t, const char *name, struct text *why)
{
	const char *dot = strchr(name, '.'), *key = dot ? dot + 1 : name;
	struct setting_walk w = { .table = t };
	char nearest[SETTING_MAX_NAME] = "";
	size_t best = MAX_DISTANCE + 1;

	while (setting_walk_next(&w)) {
		size_t d = distance_between(w.name, name);

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

	if (!setting_find(t, name, &row)) {
		explain_unknown(t, name, why);
		return -EINVAL;
	}
	member = setting_member_of(&row, name);
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
	struct setting_walk w = { .table = t };
	int64_t highest = SETTING_UNSET;

	*ret_section = NULL;
	while (setting_walk_next(&w)) {
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

static int on_line(void *magic, const struct inifile_line *l, struct text *why)
{
	CLEANUP(mem_free_string) char *name = NULL;
	const struct load *load = magic;

	if (!*l->section)
		text_addf(why, "%s: a setting must be in a [section]", l->key);
	else if (*l->name)
		text_addf(why, "[%s %s]: a section of settings has no second word", l->section,
			  l->name);
	else if (!setting_has_section(load->table, l->section))
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
	struct setting_walk w = { .table = t };

	text_addf(out, "%s[%s]\n", out->n ? "\n" : "", section);
	while (setting_walk_next(&w)) {
		if (strcmp(w.row.section, section) != 0 || setting_walk_is_unset(&w, object))
			continue;
		if (!w.is_override)
			text_addf(out, "# %s\n", w.row.help);
		dump_row(&w.row, object, out);
	}
}

void setting_dump(const struct setting_table *t, const void *object, struct text *out)
{
	for (size_t i = 0; i < t->n_rows; i++)
		if (setting_begins_section(t, i))
			dump_section(t, t->rows[i].section, object, out);
}

/* ---- the table ---- */

static void tell(const struct setting_walk *w, const void *object, setting_entry_h *fn, void *magic)
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
	struct setting_walk w = { .table = t };

	while (setting_walk_next(&w)) {
		if (w.row.type == SETTING_MAP)
			tell_map(&w.row, object, fn, magic);
		else if (!setting_walk_is_unset(&w, object))
			tell(&w, object, fn, magic);
	}
}
