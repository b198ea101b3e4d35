/*
 * Journal
 */
#include "mcxd/base/journal.h"

#include "mcxd/base/hash.h"
#include "mcxd/base/list.h"
#include "proto/text/mem.h"

#include <assert.h>

#define MIN_SLOTS 256
#define MIN_KEYS  16

enum { N_STRINGS = 7 }; /* that every entry may have, besides its fields */

/* A record and everything it points to, in one block. */
struct block {
	struct journal_record r;
	size_t size;
	struct journal_field fields[];
};

/* The keys are here as hashes, so that a story is found without a look at every record. The hash is keyed:
 * nobody outside can make two keys meet. 0 is no key. */
struct slot {
	struct block *block;
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
	struct slot *slots; /* record seq at seq % n_slots, a power of two */
	size_t n_slots;
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

	j->n_bytes -= (int64_t)oldest->block->size;
	free(oldest->block);
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

/* The newest stays whatever its size. */
static void shrink(struct journal *j)
{
	while (j->end - j->first > 1 && ((int64_t)(j->end - j->first) > j->config.max_records ||
					 j->n_bytes > j->config.max_bytes))
		drop_oldest(j);
}

/* The strings of an entry in the order in which they are copied, each with its size: they are measured
 * once. */
struct strings {
	size_t sizes[N_STRINGS + 2 * JOURNAL_MAX_FIELDS];
	size_t n;
	size_t total;
};

static void measure(struct strings *strings, const char *s)
{
	size_t size = s ? strlen(s) + 1 : 0;

	strings->sizes[strings->n++] = size;
	strings->total += size;
}

/* Returns how many fields have a value. */
static size_t measure_entry(struct strings *ret, const struct journal_entry *e)
{
	const char *const own[N_STRINGS] = { e->kind, e->from, e->to,     e->user,
					     e->key,  e->link, e->summary };
	size_t n_fields = 0;

	assert(e->kind && e->n_fields <= JOURNAL_MAX_FIELDS);
	ret->n = 0;
	ret->total = 0;
	for (size_t i = 0; i < N_STRINGS; i++)
		measure(ret, own[i]);
	for (size_t i = 0; i < e->n_fields; i++) {
		if (!e->fields[i].value)
			continue;
		measure(ret, e->fields[i].name);
		measure(ret, e->fields[i].value);
		n_fields++;
	}
	return n_fields;
}

/* Where the next string goes, and which it is. */
struct cursor {
	char *at;
	const size_t *size;
};

static const char *put(struct cursor *c, const char *s)
{
	size_t size = *c->size++;
	char *copy = c->at;

	if (!s)
		return NULL;
	memcpy(copy, s, size);
	c->at += size;
	return copy;
}

/* raw gets a NUL behind it for those who print it. */
static const void *put_raw(struct cursor *c, const struct journal_entry *e)
{
	char *copy = c->at;

	if (!e->raw)
		return NULL;
	if (e->n_raw > 0)
		memcpy(copy, e->raw, e->n_raw);
	copy[e->n_raw] = '\0';
	c->at += e->n_raw + 1;
	return copy;
}

static struct block *block_new(const struct journal_entry *e)
{
	struct strings strings;
	size_t n_fields = measure_entry(&strings, e);
	size_t size = sizeof(struct block) + n_fields * sizeof(struct journal_field) +
		      strings.total + (e->raw ? e->n_raw + 1 : 0);
	struct block *b = mem_check(malloc(size));
	struct cursor c = { (char *)&b->fields[n_fields], strings.sizes };
	size_t n = 0;

	b->size = size;
	b->r.e = *e;
	b->r.e.kind = put(&c, e->kind);
	b->r.e.from = put(&c, e->from);
	b->r.e.to = put(&c, e->to);
	b->r.e.user = put(&c, e->user);
	b->r.e.key = put(&c, e->key);
	b->r.e.link = put(&c, e->link);
	b->r.e.summary = put(&c, e->summary);
	for (size_t i = 0; i < e->n_fields; i++) {
		if (!e->fields[i].value)
			continue;
		b->fields[n].name = put(&c, e->fields[i].name);
		b->fields[n].value = put(&c, e->fields[i].value);
		n++;
	}
	b->r.e.fields = b->fields;
	b->r.e.n_fields = n;
	b->r.e.raw = put_raw(&c, e);
	b->r.e.n_raw = e->raw ? e->n_raw : 0;
	return b;
}

/* A listener may record something itself: nothing that is being told about goes meanwhile. */
static void tell(struct journal *j, const struct journal_record *r)
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

uint64_t journal_add(struct journal *j, const struct journal_entry *entry)
{
	struct block *b;
	uint64_t seq;
	int64_t now_us;

	if (!journal_is_on(j))
		return 0;
	b = block_new(entry);
	if (j->end - j->first == j->n_slots)
		grow(j);
	seq = j->end++;
	*slot_of(j, seq) = (struct slot){ b, key_hash(entry->key), key_hash(entry->link) };
	j->n_bytes += (int64_t)b->size;
	now_us = loop_now_us(j->loop);
	b->r.seq = seq;
	b->r.lab_ms = now_us / 1000;
	b->r.wall_us = loop_wall_us(j->loop);
	tell(j, &b->r);
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

const struct journal_record *journal_get(const struct journal *j, uint64_t seq)
{
	if (seq < j->first || seq >= j->end)
		return NULL;
	return &slot_of(j, seq)->block->r;
}

const char *journal_value(const struct journal_record *r, const char *field)
{
	const struct journal_entry *e = &r->e;
	const struct journal_field members[] = {
		{ "kind", e->kind },       { "from", e->from }, { "to", e->to },
		{ "user", e->user },       { "key", e->key },   { "link", e->link },
		{ "summary", e->summary },
	};

	for (size_t i = 0; i < e->n_fields; i++)
		if (strcmp(e->fields[i].name, field) == 0)
			return e->fields[i].value;
	for (size_t i = 0; i < ARRAY_SIZE(members); i++)
		if (strcmp(members[i].name, field) == 0)
			return members[i].value;
	return NULL;
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

/* A set of hashes of keys, open-addressed: twice as many places as keys, a power of two. */
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

/* Enter the second key of every record that has one of the keys. Returns whether there was a new
 * one. */
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
			fn(magic, &s->block->r);
	}
	free(keys.places);
}
