/*
 * Journal
 *
 * Every fact is a numbered record here: a SIP message in or out, an HTTP exchange, a push, a change
 * of state, a fault. It is bounded in records and bytes; the oldest go first. The trace, the
 * ladder, `wait` and the event stream all read it; nothing else records.
 *
 * Correlation: a record has up to two keys, such as "conv:17", "sip:<Call-ID>", "push:42". Two keys
 * on one record say that they belong to the same story; journal_story() follows them.
 */
#pragma once

#include "mcxd/base/loop.h"

#include <stdbool.h>
#include <stddef.h>
#include <stdint.h>

struct journal;

enum { JOURNAL_MAX_FIELDS = 16 };

struct journal_field {
	const char *name;
	const char *value; /* a field whose value is NULL is left out */
};

/** Given to journal_add(), which copies everything, and read back as part of a record. */
struct journal_entry {
	const char
		*kind; /* "sip", "http", "event", "push", "toast", "state", "user", "fault", ... */
	const char *from;    /* hop that sent it: an AoR, "front-end", "edge", "clearing-house", */
	const char *to;      /* "push-service", "phone:<AoR>"; both NULL where nothing travelled */
	bool incoming;       /* the recorder received it (its peer may have recorded it, too) */
	const char *user;    /* AoR that it is about; may be NULL */
	const char *key;     /* may be NULL */
	const char *link;    /* second key; may be NULL */
	const char *summary; /* one line for people */
	const void *raw;     /* bytes as they were on the wire; may be NULL */
	size_t n_raw;
	const struct journal_field *fields;
	size_t n_fields;
};

struct journal_record {
	uint64_t seq; /* from 1, no gaps */
	int64_t wall_us;
	int64_t lab_ms;
	struct journal_entry e;
};

struct journal_config {
	int64_t max_records; /* 0: nothing is recorded */
	int64_t max_bytes;
};

typedef void journal_h(void *magic, const struct journal_record *r);

struct journal *journal_new(struct loop *l, const struct journal_config *config);
struct journal *journal_free(struct journal *j);

/** False for NULL, too: whoever has work to put an entry together asks first. */
bool journal_is_on(const struct journal *j);

/** Record it; returns its number, or 0 when the journal is off. kind must be there. The newest record stays
 *  whatever its size. */
uint64_t journal_add(struct journal *j, const struct journal_entry *entry);

/** Number of the oldest record that is still there, and of the newest (0: none yet). */
uint64_t journal_first(const struct journal *j);
uint64_t journal_last(const struct journal *j);

/** NULL when it is gone or not there yet. Valid until the next journal_add(). */
const struct journal_record *journal_get(const struct journal *j, uint64_t seq);

/** Value of a field, or NULL. "kind", "from", "to", "user", "key", "link" and "summary" are found
 *  under these names, too, unless the record has a field of that name: "from" of a "sip" record is
 *  the AoR of the header, and e.from the hop. */
const char *journal_value(const struct journal_record *r, const char *field);

/** Be told of every new record, from within journal_add(); the handler must not add or free a
 *  listener. What it records itself, listeners hear of at once; the record that it was told about
 *  stays valid until it returns. */
struct journal_listener;
struct journal_listener *journal_listen(struct journal *j, journal_h *on_record, void *magic);
struct journal_listener *journal_unlisten(struct journal_listener *l);

/** Call fn for every record of the story that the key belongs to, oldest first: keys linked by any
 *  record are followed until no new one turns up. fn must not record anything. */
void journal_story(const struct journal *j, const char *key, journal_h *fn, void *magic);
