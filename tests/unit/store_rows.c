/*
 * Store rows for tests
 */
#include "tests/unit/store_rows.h"

#include "mcxd/core/ports.h"
#include "mcxd/core/store_row.h"
#include "proto/text/mem.h"

static const char *text_of(enum value value, size_t i)
{
	static const char *const texts[] = { "a",   "bc", "d e", "\xC3\xA9", "f'g", "h;i", "\"j\"",
					     "k\n", "lm", "n",   "op",       "qr",  "s",   "t",
					     "u",   "vw", "x",   "yz",       "A",   "B",   "C",
					     "D",   "E",  "F",   "G",        "H",   "I",   "J" };

	assert_true(i < ARRAY_SIZE(texts));
	if (value == LOWEST)
		return NULL;
	return value == HIGHEST ? "" : texts[i];
}

static void fill_column(struct store_row *row, const struct store_column *column, enum value value,
			size_t i)
{
	void *at = store_row_at(row, column);

	switch (column->type) {
	case STORE_TEXT: *(const char **)at = text_of(value, i); break;
	case STORE_NUMBER:
		*(uint64_t *)at = value == LOWEST ? 0 : value == HIGHEST ? UINT64_MAX : 1000 + i;
		break;
	case STORE_TIME:
		*(int64_t *)at = value == LOWEST    ? INT64_MIN
				 : value == HIGHEST ? INT64_MAX
						    : -1000 - (int64_t)i;
		break;
	case STORE_FLAG: *(bool *)at = value == HIGHEST || (value == ORDINARY && i % 2); break;
	}
}

static void check_column(struct store_row *have, struct store_row *want,
			 const struct store_column *column)
{
	const void *a = store_row_at(have, column), *b = store_row_at(want, column);
	const char *text;

	switch (column->type) {
	case STORE_TEXT:
		text = *(const char *const *)b;
		if (text)
			assert_string_equal(*(const char *const *)a, text);
		else
			assert_null(*(const char *const *)a);
		break;
	case STORE_NUMBER: assert_true(*(const uint64_t *)a == *(const uint64_t *)b); break;
	case STORE_TIME: assert_true(*(const int64_t *)a == *(const int64_t *)b); break;
	case STORE_FLAG: assert_int_equal(*(const bool *)a, *(const bool *)b); break;
	}
}

struct store_row make_row(enum store_kind kind, enum value value)
{
	struct store_row row = { .kind = kind, .id = value == HIGHEST ? UINT64_MAX : value + 1 };
	const struct store_table *table = &store_tables[kind];

	for (size_t i = 0; i < table->n_columns; i++)
		fill_column(&row, &table->columns[i], value, i);
	return row;
}

void save_row(const struct store_port *port, void *adapter, const struct store_row *row)
{
	struct store_row *copy = store_row_copy(row);

	port->save(adapter, copy, NULL, NULL);
	free(copy);
}

void save_all(const struct store_port *port, void *adapter)
{
	for (int kind = N_STORE_KINDS - 1; kind >= 0; kind--)
		for (int value = N_VALUES - 1; value >= 0; value--) {
			struct store_row row = make_row((enum store_kind)kind, (enum value)value);

			save_row(port, adapter, &row);
		}
}

static void on_row(void *magic, const struct store_row *row)
{
	struct loaded *l = magic;

	assert_true(l->n < ARRAY_SIZE(l->rows));
	l->rows[l->n++] = store_row_copy(row);
}

void load_rows(const struct store_port *port, void *adapter, struct loaded *ret)
{
	*ret = (struct loaded){ 0 };
	assert_int_equal(port->load(adapter, on_row, ret), 0);
}

void free_loaded(struct loaded *l)
{
	for (size_t i = 0; i < l->n; i++)
		free(l->rows[i]);
}

void check_all(const struct loaded *l)
{
	size_t n = 0;

	assert_int_equal(l->n, N_STORE_KINDS * N_VALUES);
	for (int kind = 0; kind < N_STORE_KINDS; kind++)
		for (int value = 0; value < N_VALUES; value++, n++) {
			struct store_row want = make_row((enum store_kind)kind, (enum value)value);

			assert_int_equal(l->rows[n]->kind, kind);
			assert_true(l->rows[n]->id == want.id);
			for (size_t i = 0; i < store_tables[kind].n_columns; i++)
				check_column(l->rows[n], &want, &store_tables[kind].columns[i]);
		}
}
