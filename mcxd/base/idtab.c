/*
 * Id table, string table
 */
#include "mcxd/base/idtab.h"

#include "mcxd/base/hash.h"
#include "mcxd/base/list.h"
#include "mcxd/base/random.h"
#include "proto/text/mem.h"

#include <assert.h>

#define uthash_malloc(size)            ((void *)mem_check(malloc(size)))
#define HASH_FUNCTION(key, n_key, ret) ((ret) = (unsigned)hash_keyed((key), (n_key)))
#define HASH_KEYCMP(a, b, n)           memcmp((a), (b), (n))
#include <uthash.h>
/* uthash doubles its buckets when one has this many entries. Both hashes are as good as random, so that happens at about one
 * entry a bucket on average with six; at one in thirty with three, whose buckets took 2 MB for 4,000 entries. */
#undef HASH_BKT_CAPACITY_THRESH
#define HASH_BKT_CAPACITY_THRESH 6U

struct id_entry {
	UT_hash_handle hh;
	struct list by_id;
	uint64_t id;
	void *object;
};

struct str_entry {
	UT_hash_handle hh;
	struct list by_entry;
	void *object;
	char name[];
};

/* uthash's macros expand to more than our checks allow, so each is used once, in a function of its own. */

/* No outsider chooses an id, but a client can choose which of its ids stay in use: every 128th, for example, and
 * these would all share a bucket if an id were its own hash. */
static unsigned id_hash(uint64_t id)
{
	static uint64_t key;

	if (key == 0)
		random_bytes(&key, sizeof(key));
	return (unsigned)hash_number(key, id);
}

/* NOLINTBEGIN(bugprone-*,readability-*,clang-analyzer-*,performance-*): uthash's macros */
static struct id_entry *id_find(const struct idtab *t, uint64_t id)
{
	struct id_entry *e;

	HASH_FIND_BYHASHVALUE(hh, t->entries, &id, sizeof(id), id_hash(id), e);
	return e;
}

static void id_enter(struct idtab *t, struct id_entry *e)
{
	HASH_ADD_BYHASHVALUE(hh, t->entries, id, sizeof(e->id), id_hash(e->id), e);
}

static void id_leave(struct idtab *t, struct id_entry *e)
{
	HASH_DELETE(hh, t->entries, e);
}

static struct str_entry *str_find(const struct strtab *t, const char *name)
{
	struct str_entry *e;

	HASH_FIND(hh, t->entries, name, strlen(name), e);
	return e;
}

static void str_enter(struct strtab *t, struct str_entry *e)
{
	HASH_ADD_KEYPTR(hh, t->entries, e->name, strlen(e->name), e);
}

static void str_leave(struct strtab *t, struct str_entry *e)
{
	HASH_DELETE(hh, t->entries, e);
}
/* NOLINTEND(bugprone-*,readability-*,clang-analyzer-*,performance-*) */

void idtab_init(struct idtab *t)
{
	*t = (struct idtab){ 0 };
	list_init(&t->by_id);
}

void idtab_deinit(struct idtab *t)
{
	assert(!t->entries);
}

struct idtab *idtab_new(void)
{
	struct idtab *t = MEM_NEW(struct idtab);

	idtab_init(t);
	return t;
}

struct idtab *idtab_free(struct idtab *t)
{
	if (!t)
		return NULL;
	idtab_deinit(t);
	free(t);
	return NULL;
}

uint64_t idtab_add(struct idtab *t, void *object)
{
	uint64_t id = t->last + 1;

	idtab_add_as(t, id, object);
	return id;
}

/* The last node whose number is below id. Numbers usually ascend, so the search starts at the end. */
static struct list *id_predecessor(struct idtab *t, uint64_t id)
{
	struct list *node = t->by_id.prev;

	while (node != &t->by_id && LIST_ENTRY(node, struct id_entry, by_id)->id > id)
		node = node->prev;
	return node;
}

void idtab_add_as(struct idtab *t, uint64_t id, void *object)
{
	struct id_entry *e = MEM_NEW(struct id_entry);

	assert(id > 0 && object && !id_find(t, id));
	e->id = id;
	e->object = object;
	/* Appending before the successor is inserting behind the predecessor. */
	list_append(id_predecessor(t, id)->next, &e->by_id);
	id_enter(t, e);
	if (id > t->last)
		t->last = id;
}

void *idtab_get(const struct idtab *t, uint64_t id)
{
	const struct id_entry *e = id_find(t, id);

	return e ? e->object : NULL;
}

void idtab_remove(struct idtab *t, uint64_t id)
{
	struct id_entry *e = id_find(t, id);

	if (!e)
		return;
	id_leave(t, e);
	list_remove(&e->by_id);
	free(e);
}

size_t idtab_count(const struct idtab *t)
{
	return HASH_COUNT(t->entries);
}

void *idtab_next(const struct idtab *t, uint64_t *cursor)
{
	const struct id_entry *last = *cursor ? id_find(t, *cursor) : NULL;
	struct list *node = last ? last->by_id.next : t->by_id.next;
	const struct id_entry *e;

	/* The object returned last may have been removed; a caller that empties the table finds the next at the
	 * start of the list. */
	while (node != &t->by_id && LIST_ENTRY(node, struct id_entry, by_id)->id <= *cursor)
		node = node->next;
	if (node == &t->by_id)
		return NULL;
	e = LIST_ENTRY(node, struct id_entry, by_id);
	*cursor = e->id;
	return e->object;
}

void strtab_init(struct strtab *t)
{
	*t = (struct strtab){ 0 };
	list_init(&t->by_entry);
}

void strtab_deinit(struct strtab *t)
{
	assert(!t->entries);
}

struct strtab *strtab_new(void)
{
	struct strtab *t = MEM_NEW(struct strtab);

	strtab_init(t);
	return t;
}

struct strtab *strtab_free(struct strtab *t)
{
	if (!t)
		return NULL;
	strtab_deinit(t);
	free(t);
	return NULL;
}

int strtab_add(struct strtab *t, const char *name, void *object)
{
	size_t n = strlen(name);
	struct str_entry *e;

	assert(object);
	if (str_find(t, name))
		return 1;
	e = mem_zalloc(sizeof(*e) + n + 1);
	e->object = object;
	memcpy(e->name, name, n + 1);
	list_append(&t->by_entry, &e->by_entry);
	str_enter(t, e);
	return 0;
}

void *strtab_get(const struct strtab *t, const char *name)
{
	const struct str_entry *e = str_find(t, name);

	return e ? e->object : NULL;
}

void strtab_remove(struct strtab *t, const char *name)
{
	struct str_entry *e = str_find(t, name);

	if (!e)
		return;
	str_leave(t, e);
	list_remove(&e->by_entry);
	free(e);
}

size_t strtab_count(const struct strtab *t)
{
	return HASH_COUNT(t->entries);
}

/* The cursor is the node that comes next, so that the last one may go. */
void *strtab_next(const struct strtab *t, void **cursor)
{
	struct list *node = *cursor ? *cursor : t->by_entry.next;

	if (node == &t->by_entry) {
		*cursor = node;
		return NULL;
	}
	*cursor = node->next;
	return LIST_ENTRY(node, struct str_entry, by_entry)->object;
}
