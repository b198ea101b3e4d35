/*
 * Trails
 *
 * What the records that share a key have in common, for as long as the journal has one of them. Keys are known here by
 * their hashes.
 */
#pragma once

#include <stdbool.h>
#include <stddef.h>
#include <stdint.h>

struct trail {
	uint64_t hash;         /* of the key; 0: a free place of the table */
	uint64_t n;            /* records that have the key */
	uint64_t newest;       /* number of the newest of them */
	uint64_t conversation; /* that they belong to; 0: unknown */
	uint64_t parties;      /* number of a record that names both its parties; 0: unknown */
	uint64_t owner;        /* number of a record that names the phone; 0: unknown */
	bool is_conversation;  /* the key is a conversation's own */
};

/** A table with open addressing. Zeroed memory is an empty one. */
struct trails {
	struct trail *places;
	size_t n_places; /* a power of two, at least twice n */
	size_t n;
};

void trails_deinit(struct trails *t);

/** Make room for n more: trails stay where they are until so many were made. */
void trails_reserve(struct trails *t, size_t n);

/** The trail of a key, which is new if its n is 0. There must be room. */
struct trail *trail_get(struct trails *t, uint64_t hash);

/** A record that has the key is gone: with the last one, so is the trail. Others may move. */
void trail_leave(struct trails *t, uint64_t hash);
