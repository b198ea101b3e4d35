/*
 * Note
 *
 * Core's records in the journal.
 */
#pragma once

#include "mcxd/core/core.h"
#include "proto/text/mem.h"

/** A record with up to six fields; any pointer may be NULL. */
struct note {
	const char *kind;
	const char *user;
	const char *key;
	const char *link;
	struct journal_field fields[6];
};

enum { NOTE_KEY_SIZE = 32 };

/** The keys of a conversation, "conv:17", and of a push. */
void note_conversation_key(char ret[NOTE_KEY_SIZE], uint64_t id);
void note_push_key(char ret[NOTE_KEY_SIZE], uint64_t id);

/** Record it with a summary. */
void note_add(struct core *c, const struct note *n, const char *fmt, ...) PRINTF_LIKE(3, 4);
