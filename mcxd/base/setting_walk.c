/*
 * Settings: walk
 */
#include "mcxd/base/setting_walk.h"

#include "mcxd/base/setting.h"

bool setting_walk_next(struct setting_walk *w)
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

bool setting_walk_is_unset(const struct setting_walk *w, const void *object)
{
	return w->is_override && *(const int64_t *)(const void *)((const char *)object +
								  w->row.offset) == SETTING_UNSET;
}

const char *setting_member_of(const struct setting *row, const char *name)
{
	size_t n = strlen(row->section);

	return row->type == SETTING_MAP && !strncmp(row->section, name, n) && name[n] == '.'
		       ? name + n + 1
		       : NULL;
}

bool setting_find(const struct setting_table *t, const char *name, struct setting *ret)
{
	struct setting_walk w = { .table = t };

	while (setting_walk_next(&w))
		if (!strcmp(w.name, name) || setting_member_of(&w.row, name)) {
			*ret = w.row;
			return true;
		}
	return false;
}

bool setting_has_section(const struct setting_table *t, const char *section)
{
	for (size_t i = 0; i < t->n_rows; i++)
		if (!strcmp(t->rows[i].section, section))
			return true;
	return false;
}

bool setting_begins_section(const struct setting_table *t, size_t row)
{
	return row == 0 || strcmp(t->rows[row].section, t->rows[row - 1].section) != 0;
}
