/*
 * Store in memory
 *
 * Implements core's store port. What it is given lives as long as it does.
 */
#pragma once

#include "mcxd/base/loop.h"
#include "mcxd/core/ports.h"

struct store;

struct store *store_new(struct loop *l);

/** Rows go with it, and completions that are on their way are not called any more. After core_free().
 *  NULL is fine. */
struct store *store_free(struct store *s);

/** The port; its adapter is the struct store. */
extern const struct store_port store_memory_port;
