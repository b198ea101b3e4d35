/*
 * Trails
 */
#include "mcxd/base/trail.h"

#include "proto/text/mem.h"

#include <assert.h>

#define MIN_PLACES 64

void trails_deinit(struct trails *t)
{
	free(t->places);
	*t = (struct trails){ 0 };
}

static size_t home_of(const struct trails *t, uint64_t hash)
{
	return hash & (t->n_places - 1);
}

/* Where the key is, or would be. */
static size_t find(const struct trails *t, uint64_t hash)
{
	size_t i = home_of(t, hash);

	while (t->places[i].hash != 0 && t->places[i].hash != hash)
		i = (i + 1) & (t->n_places - 1);
	return i;
}

void trails_reserve(struct trails *t, size_t n)
{
	struct trails bigger = { .n_places = t->n_places ? t->n_places : MIN_PLACES, .n = t->n };

	while (bigger.n_places < 2 * (t->n + n))
		bigger.n_places *= 2;
	if (bigger.n_places == t->n_places)
		return;
	bigger.places = mem_zalloc(bigger.n_places * sizeof(*bigger.places));
	for (size_t i = 0; i < t->n_places; i++)
		if (t->places[i].hash != 0)
			bigger.places[find(&bigger, t->places[i].hash)] = t->places[i];
	free(t->places);
	*t = bigger;
}

struct trail *trail_get(struct trails *t, uint64_t hash)
{
	struct trail *trail = &t->places[find(t, hash)];

	if (trail->hash == 0) {
		assert(2 * (t->n + 1) <= t->n_places);
		trail->hash = hash;
		t->n++;
	}
	return trail;
}

/* Trails behind a place that became free move up, unless that would put them before their home (Knuth, 6.4,
 * algorithm R). */
static void close_gap(struct trails *t, size_t gap)
{
	size_t mask = t->n_places - 1;

	for (size_t i = (gap + 1) & mask; t->places[i].hash != 0; i = (i + 1) & mask) {
		size_t from_home = (i - home_of(t, t->places[i].hash)) & mask;

		if (from_home < ((i - gap) & mask))
			continue;
		t->places[gap] = t->places[i];
		gap = i;
	}
	t->places[gap] = (struct trail){ 0 };
}

void trail_leave(struct trails *t, uint64_t hash)
{
	size_t i = find(t, hash);

	assert(t->places[i].n > 0);
	if (--t->places[i].n > 0)
		return;
	t->n--;
	close_gap(t, i);
}
