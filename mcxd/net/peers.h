/*
 * Peers
 *
 * How many connections each address has, whatever their ports, so that one peer at its limit leaves room for the others.
 */
#pragma once

#include <stddef.h>
#include <stdint.h>

struct address;
struct peer;
struct strtab;

/** Zeroed is empty. */
struct peers {
	struct strtab *by_host;
	size_t n_peers;
};

/** Forget all of them. */
void peers_deinit(struct peers *p);

/** One more connection from this address: the peer to be given back when it has ended. NULL if there are max already; max
 *  0: no limit. */
struct peer *peers_take(struct peers *p, const struct address *a, int64_t max);

/** NULL is fine. */
void peers_give(struct peers *p, struct peer *peer);
