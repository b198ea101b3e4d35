/*
 * Journal
 *
 * Every fact is a numbered record here: a SIP message in or out, an HTTP exchange, a push, a change of
 * state, a fault. The journal is limited in records and in bytes; when a limit is reached the oldest
 * records go. The trace, the ladder, `wait` and the event stream all read it; nothing else records.
 */
#pragma once

#include "proto/record.h"

#include <stdbool.h>
#include <stdint.h>

struct journal;
struct loop;

struct journal_config {
	int64_t max_records; /* 0: nothing is recorded */
	int64_t max_bytes;
};

typedef void journal_h(void *magic, const struct record *r);

struct journal *journal_new(struct loop *l, const struct journal_config *config);
/** Other limits: what is beyond them is dropped, and with max_records 0 everything. */
void journal_configure(struct journal *j, const struct journal_config *config);

struct journal *journal_free(struct journal *j);

/** False for NULL, too. Ask before doing work that only serves to put a record together. */
bool journal_is_on(const struct journal *j);

/** Record a copy under the next number and the present time, completed with what the journal knows of its keys:
 *  the conversation and its parties, the phone, the sender's record of the same message, which then names the fault that
 *  struck it as well. seq, wall_us, lab_ms,
 *  conversation and sent of the argument do not matter. Its kind must be one of RECORD_KINDS. Returns the number,
 *  or 0 when the journal is off. The newest record stays even if it alone exceeds max_bytes. */
uint64_t journal_add(struct journal *j, const struct record *record);

/** Let the journal be these records and no others: their numbers rise one by one, their kinds are known, and everything but
 *  lab_ms stays as it is. Listeners are not told. Nothing happens when the journal is off. */
void journal_replace(struct journal *j, struct record *const *records, size_t n);

/** Give a record its raw bytes, which are there only later than what it says; one that was dropped or replaced is fine.
 *  Listeners are not told. */
void journal_complete(struct journal *j, uint64_t seq, const void *raw, size_t n);

/** Numbers of the oldest record that is kept, and of the newest (0: none yet). */
uint64_t journal_first(const struct journal *j);
uint64_t journal_last(const struct journal *j);

/** NULL if it was dropped or is not there yet. Valid until the next journal_add(). A record that came before its
 *  conversation was known has the number later: records of the INVITE, once it has led to a conversation. */
const struct record *journal_get(const struct journal *j, uint64_t seq);

/** Call on_record for every new record, from within journal_add(). The handler must not add or remove
 *  listeners. It may record: listeners are told at once, and the record that it was called for stays
 *  valid until it returns. */
struct journal_listener;
struct journal_listener *journal_listen(struct journal *j, journal_h *on_record, void *magic);
struct journal_listener *journal_unlisten(struct journal_listener *l);

/** Call fn for every record of the story that the key belongs to, oldest first: links between keys are
 *  followed until no new key turns up. fn must not record anything. */
void journal_story(const struct journal *j, const char *key, journal_h *fn, void *magic);
