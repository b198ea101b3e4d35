/*
 * Journal
 */
#include "mcxd/base/journal.h"

#include "mcxd/base/hash.h"
#include "mcxd/base/list.h"
#include "mcxd/base/loop.h"
#include "proto/record.h"
#include "proto/text/mem.h"

#include <assert.h>

#define MIN_SLOTS 256
#define MIN_KEYS  16

/* Keys are kept here as hashes, so that a story is found without looking at every record. The hash is keyed:
 * nobody outside can make two keys collide. 0: no key. */
struct slot {
	struct record *record;
	size_t size; /* bytes that the record takes */
	uint64_t key, link;
};

struct journal_listener {
	struct journal *journal;
	struct list node;
	journal_h *on_record;
	void *magic;
};

struct journal {
	struct loop *loop;
	struct journal_config config;
	struct slot *slots;  /* record seq is at seq % n_slots */
	size_t n_slots;      /* a power of two */
	uint64_t first, end; /* numbers of the oldest record and of the next */
	int64_t n_bytes;
	struct list listeners;
	int telling; /* depth of journal_add() calls that are telling the listeners */
};

struct journal *journal_new(struct loop *l, const struct journal_config *config)
{
	struct journal *j = MEM_NEW(struct journal);

	j->loop = l;
	j->config = *config;
	j->first = j->end = 1;
	list_init(&j->listeners);
	return j;
}

static struct slot *slot_of(const struct journal *j, uint64_t seq)
{
	return &j->slots[seq & (j->n_slots - 1)];
}

static void drop_oldest(struct journal *j)
{
	struct slot *oldest = slot_of(j, j->first);

	j->n_bytes -= (int64_t)oldest->size;
	free(oldest->record);
	*oldest = (struct slot){ 0 };
	j->first++;
}

struct journal *journal_free(struct journal *j)
{
	if (!j)
		return NULL;
	assert(list_empty(&j->listeners));
	while (j->first < j->end)
		drop_oldest(j);
	free(j->slots);
	free(j);
	return NULL;
}

static void grow(struct journal *j)
{
	struct journal bigger = *j;

	bigger.n_slots = j->n_slots ? 2 * j->n_slots : MIN_SLOTS;
	bigger.slots = mem_zalloc(bigger.n_slots * sizeof(*bigger.slots));
	for (uint64_t seq = j->first; seq < j->end; seq++)
		*slot_of(&bigger, seq) = *slot_of(j, seq);
	free(j->slots);
	j->slots = bigger.slots;
	j->n_slots = bigger.n_slots;
}

/* The newest record stays, whatever its size. */
static void shrink(struct journal *j)
{
	while (j->end - j->first > 1 && ((int64_t)(j->end - j->first) > j->config.max_records ||
					 j->n_bytes > j->config.max_bytes))
		drop_oldest(j);
}

/* A listener may record something itself, so nothing is dropped while listeners are told. */
static void tell(struct journal *j, const struct record *r)
{
	j->telling++;
	list_for_each (node, &j->listeners) {
		const struct journal_listener *l = LIST_ENTRY(node, struct journal_listener, node);

		l->on_record(l->magic, r);
	}
	j->telling--;
}

static uint64_t key_hash(const char *key)
{
	uint64_t hash = key ? hash_keyed(key, strlen(key)) : 0;

	return key && hash == 0 ? 1 : hash;
}

bool journal_is_on(const struct journal *j)
{
	return j && j->config.max_records > 0;
}

uint64_t journal_add(struct journal *j, const struct record *record)
{
	struct slot s = { 0 };
	uint64_t seq;

	assert(record_kind_of(record->kind) < N_RECORD_KINDS);
	if (!journal_is_on(j))
		return 0;
	s.record = record_copy(record, &s.size);
	s.key = key_hash(record->key);
	s.link = key_hash(record->link);
	if (j->end - j->first == j->n_slots)
		grow(j);
	seq = s.record->seq = j->end++;
	s.record->lab_ms = loop_now_ms(j->loop);
	s.record->wall_us = loop_wall_us(j->loop);
	*slot_of(j, seq) = s;
	j->n_bytes += (int64_t)s.size;
	tell(j, s.record);
	if (j->telling == 0)
		shrink(j);
	return seq;
}

uint64_t journal_first(const struct journal *j)
{
	return j->first;
}

uint64_t journal_last(const struct journal *j)
{
	return j->end - 1;
}

const struct record *journal_get(const struct journal *j, uint64_t seq)
{
	if (seq < j->first || seq >= j->end)
		return NULL;
	return slot_of(j, seq)->record;
}

struct journal_listener *journal_listen(struct journal *j, journal_h *on_record, void *magic)
{
	struct journal_listener *l = MEM_NEW(struct journal_listener);

	assert(j->telling == 0);
	l->journal = j;
	l->on_record = on_record;
	l->magic = magic;
	list_append(&j->listeners, &l->node);
	return l;
}

struct journal_listener *journal_unlisten(struct journal_listener *l)
{
	if (!l)
		return NULL;
	assert(l->journal->telling == 0);
	list_remove(&l->node);
	free(l);
	return NULL;
}

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
		const struct slot *s = slot_of(j, seq);
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

	add_key(&keys, key_hash(key));
	while (follow_links(j, &keys)) {
	}
	for (uint64_t seq = j->first; seq < j->end; seq++) {
		const struct slot *s = slot_of(j, seq);

		if (has_key(&keys, s->key) || has_key(&keys, s->link))
			fn(magic, s->record);
	}
	free(keys.places);
}
