/*
 * Lab API: rows of a snapshot as JSON
 */
#include "web/lab/snapshot/snapshot.h"

#include "mcxd/base/loop.h"
#include "mcxd/core/core.h"
#include "mcxd/core/snapshot.h"
#include "mcxd/core/store_row.h"
#include "proto/text/json_out.h"

enum { US_PER_MS = 1000 };

int64_t snapshot_moment_us(const struct core *c)
{
	int64_t us = loop_wall_us(c->loop);

	return us - us % US_PER_MS;
}

struct writing {
	struct json_object *kinds;
	int64_t moment_us;
	bool with_tokens;
};

static struct json_object *value_json(const struct writing *w, enum store_type type, const void *at)
{
	int64_t us;

	switch (type) {
	case STORE_TEXT: return json_out_new_string(*(const char *const *)at);
	case STORE_NUMBER: return json_object_new_int64((int64_t) * (const uint64_t *)at);
	case STORE_FLAG: return json_object_new_boolean(*(const bool *)at);
	case STORE_TIME: break;
	}
	us = *(const int64_t *)at;
	return us ? json_object_new_int64(us - w->moment_us) : NULL;
}

static void write_row(void *magic, const struct store_row *row)
{
	const struct writing *w = magic;
	const struct store_table *table = &store_tables[row->kind];
	struct json_object *o, *list;
	struct store_row view = *row;

	if (row->kind == STORE_TOKEN && !w->with_tokens)
		return;
	json_object_object_get_ex(w->kinds, table->name, &list);
	o = json_object_new_object();
	json_out_int(o, "id", (int64_t)row->id);
	for (size_t i = 0; i < table->n_columns; i++)
		json_object_object_add(o, table->columns[i].name,
				       value_json(w, table->columns[i].type,
						  store_row_at(&view, &table->columns[i])));
	json_object_array_add(list, o);
}

static int by_id(const void *a, const void *b)
{
	struct json_object *const *one = a, *const *two = b;
	int64_t x = json_object_get_int64(json_object_object_get(*one, "id"));
	int64_t y = json_object_get_int64(json_object_object_get(*two, "id"));

	return x < y ? -1 : x > y;
}

struct json_object *snapshot_rows_json(struct core *c, int64_t moment_us, bool with_tokens)
{
	struct writing w = { json_object_new_object(), moment_us, with_tokens };

	for (int kind = 0; kind < N_ROW_KINDS; kind++)
		if (kind != STORE_USER)
			json_object_object_add(w.kinds, store_tables[kind].name,
					       json_object_new_array());
	snapshot_take(c, write_row, &w);
	json_object_object_foreach (w.kinds, name, list) {
		(void)name;
		json_object_array_sort(list, by_id);
	}
	return w.kinds;
}
