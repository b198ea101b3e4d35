/*
 * Times
 */
#include "scripts/bench/times.h"

#include <stdio.h>
#include <stdlib.h>

static int compare(const void *a, const void *b)
{
	int32_t x = *(const int32_t *)a, y = *(const int32_t *)b;

	return (x > y) - (x < y);
}

static double at(const int32_t *us, size_t n, double share)
{
	size_t i = (size_t)((double)n * share);

	if (!n)
		return 0;
	return us[i < n ? i : n - 1] / 1000.0;
}

void times_print(int32_t *us, size_t n)
{
	qsort(us, n, sizeof(*us), compare);
	printf("\"p50\":%.2f,\"p99\":%.2f,\"max\":%.2f", at(us, n, 0.5), at(us, n, 0.99),
	       at(us, n, 1));
}
