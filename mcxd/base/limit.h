/*
 * Limits
 *
 * Whatever an outsider can make grow is charged to an owner. A budget counts; taking more than is
 * left is refused, counted, and an error to that owner only.
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

/** Take n; false, and nothing taken, when that is more than is left. */
bool budget_take(struct budget *b, int64_t n);

/** Give n back; asserts that it was taken. */
void budget_give(struct budget *b, int64_t n);
