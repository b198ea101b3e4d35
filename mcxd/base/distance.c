/*
 * Distance
 */
#include "mcxd/base/distance.h"

#include <string.h>

static size_t min3(size_t a, size_t b, size_t c)
{
	size_t least = a < b ? a : b;

	return least < c ? least : c;
}

size_t distance_between(const char *a, const char *b)
{
	size_t row[DISTANCE_MAX_WORD];
	size_t n = strlen(b);

	if (n >= DISTANCE_MAX_WORD || strlen(a) >= DISTANCE_MAX_WORD)
		return DISTANCE_MAX_WORD;
	for (size_t k = 0; k <= n; k++)
		row[k] = k;
	for (size_t i = 0; a[i]; i++) {
		size_t diagonal = row[0];

		row[0] = i + 1;
		for (size_t k = 1; k <= n; k++) {
			size_t above = row[k];

			row[k] = min3(above + 1, row[k - 1] + 1, diagonal + (a[i] != b[k - 1]));
			diagonal = above;
		}
	}
	return row[n];
}
