/*
 * Settings: change
 */
#include "mcxd/base/setting_change.h"

#include "mcxd/base/setting.h"
#include "mcxd/base/setting_map.h"
#include "mcxd/base/setting_value.h"
#include "mcxd/base/setting_walk.h"
#include "proto/text/mem.h"
#include "proto/text/text.h"

#include <errno.h>

static void *at(void *object, const struct setting *row)
{
	return (char *)object + row->offset;
}

static const void *const_at(const void *object, const struct setting *row)
{
	return (const char *)object + row->offset;
}

/* ---- copying ---- */

static void copy_map(struct setting_map *to, const struct setting_map *from)
{
	for (size_t i = 0; i < from->n; i++)
		setting_map_set(to, from->pairs[i]->name, from->pairs[i]->value);
}

static void copy_value(const struct setting *row, void *to, const void *from)
{
	switch (row->type) {
	case SETTING_STRING:
		mem_set_string(at(to, row), *(const char *const *)const_at(from, row));
		break;
	case SETTING_BOOL: *(bool *)at(to, row) = *(const bool *)const_at(from, row); break;
	case SETTING_MAP: copy_map(at(to, row), const_at(from, row)); break;
	case SETTING_INT:
	case SETTING_MS:
	case SETTING_SECONDS:
	case SETTING_BYTES:
	default: *(int64_t *)at(to, row) = *(const int64_t *)const_at(from, row); break;
	}
}

void setting_copy(const struct setting_table *t, void *to, const void *from)
{
	struct setting_walk w = { .table = t };

	while (setting_walk_next(&w))
		copy_value(&w.row, to, from);
}

/* ---- changing ---- */

int setting_set_live(const struct setting_table *t, void *object, const char *name,
		     const char *value, struct text *why)
{
	struct setting row;

	if (!setting_find(t, name, &row))
		return setting_set(t, object, name, "", why);
	if (row.live)
		return value ? setting_set(t, object, name, value, why) : 0;
	text_addf(why, "%s: cannot change while the program runs", name);
	return -EINVAL;
}

void setting_adopt(const struct setting_table *t, void *object, const void *from,
		   setting_changed_h *fn, void *magic)
{
	struct setting_walk w = { .table = t };

	while (setting_walk_next(&w)) {
		CLEANUP(text_deinit) struct text before = TEXT_INIT;
		CLEANUP(text_deinit) struct text after = TEXT_INIT;

		if (!w.row.live)
			continue;
		setting_add_value(&w.row, object, &before);
		setting_add_value(&w.row, from, &after);
		if (!strcmp(text_str(&before), text_str(&after)))
			continue;
		copy_value(&w.row, object, from);
		fn(magic, w.name, text_str(&after));
	}
}

/* ---- comparing ---- */

/* Where the names and values of one of them are put. */
static void add_entry(void *map, const struct setting_entry *e)
{
	CLEANUP(mem_free_string) char *name = text_concat(e->row->section, ".", e->key);

	setting_map_set(map, name, e->value);
}

void setting_compare(const struct setting_table *t, const void *object, const void *other,
		     setting_changed_h *fn, void *magic)
{
	CLEANUP(setting_map_deinit) struct setting_map here = { 0 };
	CLEANUP(setting_map_deinit) struct setting_map there = { 0 };

	setting_each(t, object, add_entry, &here);
	setting_each(t, other, add_entry, &there);
	for (size_t i = 0; i < here.n; i++) {
		const char *value = setting_map_get(&there, here.pairs[i]->name);

		if (!value || strcmp(value, here.pairs[i]->value) != 0)
			fn(magic, here.pairs[i]->name, here.pairs[i]->value);
	}
	for (size_t i = 0; i < there.n; i++)
		if (!setting_map_get(&here, there.pairs[i]->name))
			fn(magic, there.pairs[i]->name, NULL);
}
