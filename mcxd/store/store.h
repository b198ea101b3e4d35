/*
 * Store in memory
 *
 * Implements core's store port. Its rows live as long as the store, so that tests can free a core and make it
 * again in one process. A daemon that keeps nothing never reads them back, so its store need not have any.
 */
#pragma once

#include "mcxd/core/ports.h"

#include <stdbool.h>

struct loop;
struct store;

/** has_rows: what is saved can be loaded. */
struct store *store_new(struct loop *l, bool has_rows);

/** Frees its rows; completions that are on their way are not called. After core_free(). NULL is fine. */
struct store *store_free(struct store *s);

/** The port; its adapter is the struct store. */
extern const struct store_port store_memory_port;
