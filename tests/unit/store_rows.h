/*
 * Store rows for tests
 *
 * A row of every kind with a value in every column, and the comparison of what a store gives back.
 */
#pragma once

#include <setjmp.h>
#include <stdarg.h>
#include <stddef.h>
#include <stdint.h>

#include <cmocka.h>

#include "mcxd/core/ports.h"
#include "mcxd/core/store_row.h"

#include <stdbool.h>

/** The value of a column: the same in all columns of a row except for the column's index, so that swapped columns are
 *  noticed. */
enum value { ORDINARY, LOWEST, HIGHEST, N_VALUES };

struct loaded {
	struct store_row *rows[1000];
	size_t n;
};

struct store_row make_row(enum store_kind kind, enum value value);

/** Save every value of every kind, backwards. */
void save_all(const struct store_port *port, void *adapter);

/** The store keeps only copies of what it is given. */
void save_row(const struct store_port *port, void *adapter, const struct store_row *row);

void load_rows(const struct store_port *port, void *adapter, struct loaded *ret);
void free_loaded(struct loaded *l);

/** What save_all() saved, by kind and id. */
void check_all(const struct loaded *l);
