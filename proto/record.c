/*
 * Record
 */
#include "proto/record.h"

#include "proto/text/mem.h"
#include "proto/text/text.h"
#include "proto/text/words.h"

#include <assert.h>

/* ---- kinds ---- */

const struct record_kind_row record_kinds[N_RECORD_KINDS] = {
#define X(NAME, name, when, fields) [RECORD_##NAME] = { name, when, fields },
	RECORD_KINDS(X)
#undef X
};

enum record_kind record_kind_of(const char *name)
{
	unsigned kind = 0;

	while (kind < N_RECORD_KINDS && strcmp(record_kinds[kind].name, name) != 0)
		kind++;
	return (enum record_kind)kind;
}

/* ---- members ---- */

static const struct member {
	const char *name;
	size_t offset;
} members[] = {
#define X(member) { #member, offsetof(struct record, member) },
	RECORD_MEMBERS(X)
#undef X
};

static const char *get(const struct record *r, const struct member *m)
{
	return *(const char *const *)((const char *)r + m->offset);
}

static void set(struct record *r, const struct member *m, const char *value)
{
	*(const char **)((char *)r + m->offset) = value;
}

bool record_kind_has(enum record_kind kind, const char *field)
{
	CLEANUP(words_free) char **fields = words_split(record_kinds[kind].fields);

	for (size_t i = 0; i < ARRAY_SIZE(members); i++)
		if (strcmp(members[i].name, field) == 0)
			return true;
	for (char **name = fields; *name; name++)
		if (strcmp(*name, field) == 0)
			return true;
	return false;
}

const char *record_value(const struct record *r, const char *field)
{
	for (size_t i = 0; i < r->n_fields; i++)
		if (strcmp(r->fields[i].name, field) == 0)
			return r->fields[i].value;
	for (size_t i = 0; i < ARRAY_SIZE(members); i++)
		if (strcmp(members[i].name, field) == 0)
			return get(r, &members[i]);
	return NULL;
}

static bool hop_is_of(const char *hop, const char *aor)
{
	if (!hop)
		return false;
	if (strncmp(hop, RECORD_PHONE_PREFIX, strlen(RECORD_PHONE_PREFIX)) == 0)
		hop += strlen(RECORD_PHONE_PREFIX);
	return strcasecmp(hop, aor) == 0;
}

bool record_is_about(const struct record *r, const char *aor)
{
	for (size_t i = 0; i < RECORD_MAX_USERS; i++)
		if (r->users[i] && strcasecmp(r->users[i], aor) == 0)
			return true;
	return hop_is_of(r->from, aor) || hop_is_of(r->to, aor);
}

void record_add_user(struct record *r, const char *aor)
{
	size_t room = RECORD_MAX_USERS;

	for (size_t i = RECORD_MAX_USERS; aor && i-- > 0;) {
		if (!r->users[i])
			room = i;
		else if (strcasecmp(r->users[i], aor) == 0)
			return;
	}
	if (aor && room < RECORD_MAX_USERS)
		r->users[room] = aor;
}

void record_name_owner(struct record *r, const char *owner, char room[RECORD_MAX_HOP])
{
	size_t n = strlen(RECORD_PHONE_PREFIX);

	if (owner && r->to && !strncmp(r->to, RECORD_PHONE_PREFIX, n) && !strchr(r->to, '@') &&
	    snprintf(room, RECORD_MAX_HOP, RECORD_PHONE_PREFIX "%s", owner) < RECORD_MAX_HOP)
		r->to = room;
}

static bool is_hop(const char *a, const char *b)
{
	return a && strcasecmp(a, b) == 0;
}

const char *record_recorder(const struct record *r)
{
	return r->incoming ? r->to : r->from;
}

bool record_is_at(const struct record *r, const char *hop)
{
	return is_hop(r->from, hop) || is_hop(r->to, hop);
}

bool record_has_key(const struct record *r, const char *key)
{
	return (r->key && strcmp(r->key, key) == 0) || (r->link && strcmp(r->link, key) == 0);
}

uint64_t record_conversation_of(const char *key)
{
	int64_t n = 0;

	if (strncmp(key, RECORD_CONVERSATION_PREFIX, strlen(RECORD_CONVERSATION_PREFIX)) == 0)
		text_to_int(key + strlen(RECORD_CONVERSATION_PREFIX), 1, INT64_MAX, &n);
	return (uint64_t)n;
}

/* ---- copy ---- */

struct copy {
	struct record r;
	struct record_field fields[];
};

/* Sizes of the strings in the order in which they are copied: a journal copies every message, so each is
 * measured only once. */
struct strings {
	size_t sizes[ARRAY_SIZE(members) + RECORD_MAX_USERS + (size_t)2 * RECORD_MAX_FIELDS];
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
static size_t measure_record(struct strings *ret, const struct record *r)
{
	size_t n_fields = 0;

	assert(r->kind && r->n_fields <= RECORD_MAX_FIELDS);
	ret->n = 0;
	ret->total = 0;
	for (size_t i = 0; i < ARRAY_SIZE(members); i++)
		measure(ret, get(r, &members[i]));
	for (size_t i = 0; i < RECORD_MAX_USERS; i++)
		measure(ret, r->users[i]);
	for (size_t i = 0; i < r->n_fields; i++) {
		if (!r->fields[i].value)
			continue;
		measure(ret, r->fields[i].name);
		measure(ret, r->fields[i].value);
		n_fields++;
	}
	return n_fields;
}

/* Where the next string goes, and its size. */
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

static const void *put_raw(struct cursor *c, const struct record *r)
{
	char *copy = c->at;

	if (!r->raw)
		return NULL;
	if (r->n_raw > 0)
		memcpy(copy, r->raw, r->n_raw);
	copy[r->n_raw] = '\0';
	c->at += r->n_raw + 1;
	return copy;
}

static void put_users(struct cursor *c, const struct record *r, struct record *copy)
{
	size_t n = 0;

	for (size_t i = 0; i < RECORD_MAX_USERS; i++) {
		const char *user = put(c, r->users[i]);

		if (user)
			copy->users[n++] = user;
	}
	while (n < RECORD_MAX_USERS)
		copy->users[n++] = NULL;
}

static size_t size_of_copy(const struct record *r, const struct strings *strings, size_t n_fields)
{
	return sizeof(struct copy) + n_fields * sizeof(struct record_field) + strings->total +
	       (r->raw ? r->n_raw + 1 : 0);
}

size_t record_size(const struct record *r)
{
	struct strings strings;
	size_t n_fields = measure_record(&strings, r);

	return size_of_copy(r, &strings, n_fields);
}

struct record *record_copy_to(const struct record *r, record_room_h *room, void *magic)
{
	struct strings strings;
	size_t n_fields = measure_record(&strings, r);
	struct copy *copy = room(magic, size_of_copy(r, &strings, n_fields));
	struct cursor c = { (char *)&copy->fields[n_fields], strings.sizes };
	size_t n = 0;

	copy->r = *r;
	for (size_t i = 0; i < ARRAY_SIZE(members); i++)
		set(&copy->r, &members[i], put(&c, get(r, &members[i])));
	put_users(&c, r, &copy->r);
	for (size_t i = 0; i < r->n_fields; i++) {
		if (!r->fields[i].value)
			continue;
		copy->fields[n].name = put(&c, r->fields[i].name);
		copy->fields[n].value = put(&c, r->fields[i].value);
		n++;
	}
	copy->r.fields = copy->fields;
	copy->r.n_fields = n;
	copy->r.raw = put_raw(&c, r);
	copy->r.n_raw = r->raw ? r->n_raw : 0;
	return &copy->r;
}

static void *take_memory(void *magic, size_t n)
{
	(void)magic;
	return mem_check(malloc(n));
}

struct record *record_copy(const struct record *r)
{
	return record_copy_to(r, take_memory, NULL);
}
