/*
 * Journal
 */
#include "mcxd/base/journal.h"

#include "mcxd/base/fifo.h"
#include "mcxd/base/hash.h"
#include "mcxd/base/journal_private.h"
#include "mcxd/base/list.h"
#include "mcxd/base/loop.h"
#include "mcxd/base/trail.h"
#include "proto/record.h"
#include "proto/text/mem.h"

#include <assert.h>

#define MIN_SLOTS 256

/* How far the sender's record of a message may lie behind in its trail, in records. */
#define MAX_LOOK_BACK 16

struct journal_listener {
	struct journal *journal;
	struct list node;
	journal_h *on_record;
	void *magic;
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

bool journal_is_on(const struct journal *j)
{
	return j && j->config.max_records > 0;
}

static void drop_oldest(struct journal *j)
{
	struct slot *oldest = journal_slot(j, j->first);

	j->n_bytes -= (int64_t)oldest->size;
	if (oldest->key)
		trail_leave(&j->trails, oldest->key);
	if (oldest->link)
		trail_leave(&j->trails, oldest->link);
	free(oldest->late);
	*oldest = (struct slot){ 0 };
	fifo_give_back(&j->memory, j->first++);
}

struct journal *journal_free(struct journal *j)
{
	if (!j)
		return NULL;
	assert(list_empty(&j->listeners));
	for (uint64_t seq = j->first; seq < j->end; seq++)
		free(journal_slot(j, seq)->late);
	fifo_deinit(&j->memory);
	trails_deinit(&j->trails);
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
		*journal_slot(&bigger, seq) = *journal_slot(j, seq);
	free(j->slots);
	j->slots = bigger.slots;
	j->n_slots = bigger.n_slots;
}

/* The newest record stays, whatever its size, unless nothing is to be recorded. */
static void shrink(struct journal *j)
{
	const uint64_t n_kept = journal_is_on(j) ? 1 : 0;

	while (j->end - j->first > n_kept &&
	       ((int64_t)(j->end - j->first) > j->config.max_records ||
		j->n_bytes > j->config.max_bytes))
		drop_oldest(j);
}

void journal_configure(struct journal *j, const struct journal_config *config)
{
	j->config = *config;
	if (j->telling == 0)
		shrink(j);
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

uint64_t journal_key_hash(const char *key)
{
	uint64_t hash = key ? hash_keyed(key, strlen(key)) : 0;

	return key && hash == 0 ? 1 : hash;
}

/* ---- what the trails tell ---- */

static uint64_t before(const struct slot *s, uint64_t hash)
{
	return s->key == hash ? s->before_key : s->before_link;
}

/* The trail of a key of a new record; NULL without a key. */
static struct trail *enter(struct journal *j, const char *key, uint64_t hash, uint64_t *ret_before)
{
	struct trail *t;

	if (!hash)
		return NULL;
	t = trail_get(&j->trails, hash);
	if (t->n++ == 0) {
		t->conversation = record_conversation_of(key);
		t->is_conversation = t->conversation != 0;
	}
	*ret_before = t->newest;
	t->newest = j->end;
	return t;
}

/* The records of a trail turn out to belong to a conversation. If it had another one before, a peer has used a Call-ID
 * again: then these are the records since the message that is being handled. */
static void claim(struct journal *j, const struct trail *t, uint64_t old)
{
	uint64_t seq = t->newest;

	while (seq >= j->first && seq != 0) {
		struct slot *s = journal_slot(j, seq);
		struct record *r = s->record;

		if (r && r->conversation != 0 && r->conversation != old)
			return;
		if (r)
			r->conversation = t->conversation;
		if (r && old && r->incoming)
			return;
		seq = before(s, t->hash);
	}
}

static void tell_conversation(struct journal *j, const struct trail *from, struct trail *to)
{
	uint64_t old = to->conversation;

	if (!from->conversation || to->is_conversation)
		return;
	to->parties = from->parties;
	if (old == from->conversation)
		return;
	to->conversation = from->conversation;
	claim(j, to, old);
}

/* Links are recorded in the order in which a message goes on its way, so what is known at one end of a link is handed on
 * to the other, and no further. */
static void join(struct journal *j, struct trail *a, struct trail *b)
{
	if (a->is_conversation || !b->conversation)
		tell_conversation(j, a, b);
	else
		tell_conversation(j, b, a);
	if (a->is_conversation || b->is_conversation)
		return;
	if (a->owner > b->owner)
		b->owner = a->owner;
	else
		a->owner = b->owner;
}

/* ---- adding ---- */

static size_t count_users(const struct record *r)
{
	size_t n = 0;

	for (size_t i = 0; i < RECORD_MAX_USERS; i++)
		n += r->users[i] != NULL;
	return n;
}

/* The newest record that names the same people is the one to remember: the oldest go. */
static void inherit_users(const struct journal *j, struct record *r, uint64_t *source)
{
	const struct record *known = journal_get(j, *source);

	for (size_t i = 0; known && i < RECORD_MAX_USERS; i++)
		record_add_user(r, known->users[i]);
	if (known ? count_users(r) == count_users(known) : count_users(r) > 1)
		*source = r->seq;
}

/* Of a record with a phone the owner is the first user. */
static void inherit_owner(const struct journal *j, struct record *r, struct trail *t,
			  char hop[RECORD_MAX_HOP])
{
	const struct record *owned = journal_get(j, t->owner);

	if (owned && !r->phone)
		r->phone = owned->phone;
	if (owned) {
		record_add_user(r, owned->users[0]);
		record_name_owner(r, owned->users[0], hop);
	}
	if (r->phone)
		t->owner = r->seq;
}

static void inherit(const struct journal *j, struct record *r, struct trail *t,
		    char hop[RECORD_MAX_HOP])
{
	if (!t)
		return;
	if (!t->is_conversation)
		inherit_owner(j, r, t, hop);
	if (!t->conversation)
		return;
	inherit_users(j, r, &t->parties);
	r->conversation = t->conversation;
}

static bool is_same_string(const char *a, const char *b)
{
	return a == b || (a && b && strcmp(a, b) == 0);
}

/* Who answers over HTTP need not have kept the body of an error. */
static bool has_bytes_of(const struct record *r, const struct record *received)
{
	return r->n_raw == 0 ||
	       (r->n_raw == received->n_raw && memcmp(r->raw, received->raw, r->n_raw) == 0);
}

static bool is_sent_of(const struct slot *s, const struct record *received)
{
	const struct record *r = s->record;

	return !r->incoming && !s->is_received && is_same_string(r->from, received->from) &&
	       is_same_string(r->to, received->to) && strcmp(r->kind, received->kind) == 0 &&
	       has_bytes_of(r, received);
}

/* The sender's record of a message that another role of this process has received: the same bytes on the same way. */
static uint64_t find_sent(struct journal *j, const struct slot *received, const struct record *r)
{
	uint64_t seq = received->before_key;

	for (int i = 0; i < MAX_LOOK_BACK && seq >= j->first && seq != 0; i++) {
		struct slot *s = journal_slot(j, seq);

		if (is_sent_of(s, r)) {
			s->is_received = true;
			return seq;
		}
		seq = before(s, received->key);
	}
	return 0;
}

/* Complete a record with what is known of its keys. A hop that is made for it is in hop. */
static void complete(struct journal *j, struct record *r, struct slot *s, char hop[RECORD_MAX_HOP])
{
	struct trail *key, *link;

	trails_reserve(&j->trails, 2);
	key = enter(j, r->key, s->key, &s->before_key);
	link = enter(j, r->link, s->link, &s->before_link);
	inherit(j, r, key, hop);
	if (key && link)
		join(j, key, link);
	inherit(j, r, link, hop);
	if (r->incoming && r->from && r->to)
		r->sent = find_sent(j, s, r);
}

static void *take_memory(void *magic, size_t n)
{
	struct journal *j = magic;

	journal_slot(j, j->end)->size = n;
	j->n_bytes += (int64_t)n;
	return fifo_take(&j->memory, j->end, n);
}

/* The place of the next record. */
static struct slot *next_slot(struct journal *j, const struct record *r)
{
	struct slot *s;

	if (j->end - j->first == j->n_slots)
		grow(j);
	s = journal_slot(j, j->end);
	s->key = journal_key_hash(r->key);
	s->link = journal_key_hash(r->link);
	return s;
}

static int64_t lab_ms(const struct journal *j, int64_t wall_us)
{
	return wall_us / 1000 - loop_calendar_ms(j->loop);
}

uint64_t journal_add(struct journal *j, const struct record *record)
{
	struct record r = *record;
	char hop[RECORD_MAX_HOP];
	struct slot *s;

	assert(record_kind_of(r.kind) < N_RECORD_KINDS);
	if (!journal_is_on(j))
		return 0;
	s = next_slot(j, &r);
	r.seq = j->end;
	r.wall_us = loop_wall_us(j->loop);
	r.lab_ms = lab_ms(j, r.wall_us);
	r.conversation = r.sent = 0;
	complete(j, &r, s, hop);
	s->record = record_copy_to(&r, take_memory, j);
	/* The sender's record goes before this one, and so its pointer into this one's memory. */
	if (r.sent && r.fault)
		journal_slot(j, r.sent)->record->fault = s->record->fault;
	j->end++;
	tell(j, s->record); /* s may move meanwhile */
	if (j->telling == 0)
		shrink(j);
	return r.seq;
}

/* ---- replacing ---- */

/* What the record says stays; what completing it leads to is what those that follow build on. */
static void put_back(struct journal *j, const struct record *record)
{
	struct record r = *record, completed = *record;
	struct slot *s = next_slot(j, &r);
	char hop[RECORD_MAX_HOP];

	r.lab_ms = lab_ms(j, r.wall_us);
	complete(j, &completed, s, hop);
	s->record = record_copy_to(&r, take_memory, j);
	j->end++;
	shrink(j);
}

void journal_replace(struct journal *j, struct record *const *records, size_t n)
{
	assert(j->telling == 0);
	if (!journal_is_on(j))
		return;
	while (j->first < j->end)
		drop_oldest(j);
	fifo_deinit(&j->memory);
	j->first = j->end = n ? records[0]->seq : 1;
	for (size_t i = 0; i < n; i++) {
		assert(records[i]->seq == j->end);
		assert(record_kind_of(records[i]->kind) < N_RECORD_KINDS);
		put_back(j, records[i]);
	}
	j->own = j->end;
}

uint64_t journal_first(const struct journal *j)
{
	return j->first;
}

uint64_t journal_last(const struct journal *j)
{
	return j->end - 1;
}

void journal_complete(struct journal *j, uint64_t seq, const void *raw, size_t n)
{
	struct slot *s;

	if (seq < j->first || seq < j->own || seq >= j->end || n == 0)
		return;
	s = journal_slot(j, seq);
	if (s->late) {
		s->size -= s->record->n_raw;
		j->n_bytes -= (int64_t)s->record->n_raw;
		free(s->late);
	}
	s->late = mem_memdup(raw, n);
	s->record->raw = s->late;
	s->record->n_raw = n;
	s->size += n;
	j->n_bytes += (int64_t)n;
	if (j->telling == 0)
		shrink(j);
}

const struct record *journal_get(const struct journal *j, uint64_t seq)
{
	if (seq < j->first || seq >= j->end)
		return NULL;
	return journal_slot(j, seq)->record;
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
