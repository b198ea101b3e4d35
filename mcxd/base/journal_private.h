/*
 * Journal: what its files share
 */
#pragma once

#include "mcxd/base/fifo.h"
#include "mcxd/base/journal.h"
#include "mcxd/base/list.h"
#include "mcxd/base/trail.h"
#include "proto/record.h"

#include <stdbool.h>
#include <stddef.h>
#include <stdint.h>

/* Keys are kept here as hashes, so that a story is found without looking at every record. The hash is keyed:
 * nobody outside can make two keys collide. 0: no key. */
struct slot {
	struct record *record;
	size_t size; /* bytes that the record takes */
	uint64_t key, link;
	uint64_t before_key, before_link; /* number of the record before it that has the key */
	void *late;                       /* raw bytes that came later; NULL: none did */
	bool is_received;                 /* there is a receiver's record of the same message */
};

struct journal {
	struct loop *loop;
	struct journal_config config;
	struct slot *slots;  /* record seq is at seq % n_slots */
	size_t n_slots;      /* a power of two */
	uint64_t first, end; /* numbers of the oldest record and of the next */
	uint64_t own;        /* those before it were put here by journal_replace() */
	int64_t n_bytes;
	struct fifo memory; /* of the records */
	struct trails trails;
	struct list listeners;
	int telling; /* depth of journal_add() calls that are telling the listeners */
};

static inline struct slot *journal_slot(const struct journal *j, uint64_t seq)
{
	return &j->slots[seq & (j->n_slots - 1)];
}

/** 0 without a key. */
uint64_t journal_key_hash(const char *key);
