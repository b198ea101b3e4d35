/*
 * Limits
 */
#include "mcxd/base/limit.h"

#include "mcxd/base/metric.h"

#include <assert.h>

bool budget_take(struct budget *b, int64_t n)
{
	assert(n >= 0);
	/* A reload may have lowered max below used. */
	if (b->used > b->max || n > b->max - b->used) {
		metric_inc(b->refused);
		return false;
	}
	b->used += n;
	return true;
}

void budget_give(struct budget *b, int64_t n)
{
	assert(n >= 0 && n <= b->used);
	b->used -= n;
}
