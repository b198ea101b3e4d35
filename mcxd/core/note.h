/*
 * Note
 *
 * Core's records in the journal: what happened, in a line for people and in fields for programs. A noun that
 * records something decides the kind and the fields; this file only brings them into the journal.
 */
#pragma once

#include "mcxd/core/core.h"
#include "proto/record.h"
#include "proto/text/mem.h"

enum { NOTE_KEY_SIZE = 32 };

/** A record with up to six fields; all pointers but kind may be NULL. */
struct note {
	const char *kind;
	const char *users[2]; /* AoRs of all whom it is about */
	const char *phone;    /* id of its application */
	const char *key;      /* "conv:17", see base/journal.h */
	const char *link;
	struct record_field fields[6];
};

/** Record it, with a summary that is cut after 511 bytes. */
void note_add(struct core *c, const struct note *n, const char *fmt, ...) PRINTF_LIKE(3, 4);

/** A key of the journal such as "conv:17". */
void note_key(char ret[NOTE_KEY_SIZE], const char *prefix, uint64_t id);
