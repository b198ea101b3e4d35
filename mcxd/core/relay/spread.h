/*
 * Spread
 *
 * A message that goes to several legs at once: the first to have taken it counts, and it has failed only once all have.
 */
#pragma once

#include "mcxd/base/list.h"
#include "proto/diag.h"

#include <stdbool.h>
#include <stdint.h>

struct spread {
	struct list of_conversation;
	uint64_t im;
	unsigned n_open; /* legs that have not said what became of it */
	bool is_taken;
};

/** One more in this list: the message im goes to n legs. */
void spread_add(struct list *all, uint64_t im, unsigned n);

/** NULL: that message goes to one leg, or all have said what became of it. */
struct spread *spread_find(const struct list *all, uint64_t im);

/** What became of it at one leg. Returns whether that is the outcome of the message. After the last m is gone. */
bool spread_decides(struct spread *m, const struct diag *outcome);

void spread_free_all(struct list *all);
