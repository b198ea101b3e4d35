/*
 * Limits
 *
 * Everything that an outsider can make grow is charged to an owner's budget. Taking more than is left is
 * refused and counted, and is an error for that owner only.
 */
#pragma once

#include "mcxd/base/metric.h"

#include <stdbool.h>
#include <stdint.h>

struct budget {
	int64_t used;
	int64_t max;            /* 0: nothing may be taken */
	struct metric *refused; /* counts refusals; may be NULL */
};

/** Take n. Returns false, and takes nothing, if less than n is left. */
bool budget_take(struct budget *b, int64_t n);

/** Give n back; asserts that it had been taken. */
void budget_give(struct budget *b, int64_t n);
