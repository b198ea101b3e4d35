/*
 * Lab API: a snapshot from JSON
 */
#include "mcxd/base/setting_map.h"
#include "mcxd/core/snapshot.h"
#include "mcxd/core/store_row.h"
#include "proto/text/mem.h"
#include "web/lab/snapshot/private.h"
#include "web/lab/snapshot/snapshot.h"

bool snapshot_read(struct snapshot *ret, const struct snapshot_parts *parts, int64_t moment_us,
		   struct text *why)
{
	struct snapshot_reading r = { .moment_us = moment_us, .why = why };
	struct json_object *users = parts->users;
	size_t n_users = json_object_array_length(users);
	struct user_spec *specs = mem_zalloc((n_users + 1) * sizeof(*specs));
	bool good = snapshot_read_users(&r, users, specs) && snapshot_read_rows(&r, parts->rows);

	*ret = (struct snapshot){
		.users = specs, .n_users = n_users, .rows = r.rows, .n_rows = r.n
	};
	setting_map_deinit(&r.names);
	return good;
}

void snapshot_deinit(struct snapshot *s)
{
	free(mem_no_const(s->users));
	free(mem_no_const(s->rows));
	*s = (struct snapshot){ 0 };
}

static void shift_row(struct store_row *row, int64_t by_us)
{
	const struct store_table *table = &store_tables[row->kind];

	for (size_t i = 0; i < table->n_columns; i++) {
		int64_t *us = store_row_at(row, &table->columns[i]);

		if (table->columns[i].type == STORE_TIME && *us)
			*us += by_us;
	}
}

void snapshot_shift(struct snapshot *s, int64_t by_us)
{
	struct store_row *rows = mem_no_const(s->rows);

	for (size_t i = 0; i < s->n_rows; i++)
		shift_row(&rows[i], by_us);
}
