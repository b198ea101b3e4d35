/*
 * Journal: stories
 */
#include "mcxd/base/journal.h"
#include "mcxd/base/journal_private.h"
#include "proto/text/mem.h"

#define MIN_KEYS 16

/* A set of hashes of keys with open addressing; at least twice as many places as keys, a power of two. */
struct key_set {
	uint64_t *places; /* 0 is free */
	size_t n_places;
	size_t n;
};

static uint64_t *key_place(const struct key_set *set, uint64_t key)
{
	size_t i = key & (set->n_places - 1);

	while (set->places[i] != 0 && set->places[i] != key)
		i = (i + 1) & (set->n_places - 1);
	return &set->places[i];
}

static bool has_key(const struct key_set *set, uint64_t key)
{
	return key != 0 && *key_place(set, key) != 0;
}

static void key_set_grow(struct key_set *set)
{
	struct key_set bigger = { .n_places = set->n_places ? 2 * set->n_places : MIN_KEYS,
				  .n = set->n };

	bigger.places = mem_zalloc(bigger.n_places * sizeof(*bigger.places));
	for (size_t i = 0; i < set->n_places; i++)
		if (set->places[i] != 0)
			*key_place(&bigger, set->places[i]) = set->places[i];
	free(set->places);
	*set = bigger;
}

static void add_key(struct key_set *set, uint64_t key)
{
	if (2 * (set->n + 1) > set->n_places)
		key_set_grow(set);
	*key_place(set, key) = key;
	set->n++;
}

/* Add the other key of every record that has one of the keys. Returns whether a new one was added. */
static bool follow_links(const struct journal *j, struct key_set *keys)
{
	size_t n = keys->n;

	for (uint64_t seq = j->first; seq < j->end; seq++) {
		const struct slot *s = journal_slot(j, seq);
		bool by_key;

		if (s->key == 0 || s->link == 0)
			continue;
		by_key = has_key(keys, s->key);
		if (by_key != has_key(keys, s->link))
			add_key(keys, by_key ? s->link : s->key);
	}
	return keys->n > n;
}

void journal_story(const struct journal *j, const char *key, journal_h *fn, void *magic)
{
	struct key_set keys = { 0 };

	add_key(&keys, journal_key_hash(key));
	while (follow_links(j, &keys)) {
	}
	for (uint64_t seq = j->first; seq < j->end; seq++) {
		const struct slot *s = journal_slot(j, seq);

		if (has_key(&keys, s->key) || has_key(&keys, s->link))
			fn(magic, s->record);
	}
	free(keys.places);
}
