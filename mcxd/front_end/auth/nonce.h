/*
 * Nonces
 *
 * Each says itself when it was made, and proves that it was made here: nobody who only asks for one costs memory. Of those that
 * were used the highest count is remembered until they expire, so that no request is taken twice.
 */
#pragma once

#include <stdbool.h>
#include <stddef.h>
#include <stdint.h>

struct loop;
struct nonces;

enum { NONCE_SIZE = 49, NONCE_SECRET_BYTES = 8 };

/** lifetime_ms: by the lab's clock. max_used: how many are remembered; beyond it the oldest are, with all that are as old, not taken
 *  any more. */
struct nonces *nonces_new(struct loop *l, int64_t lifetime_ms, int64_t max_used);
struct nonces *nonces_free(struct nonces *n); /* NULL is fine */

void nonces_make(struct nonces *n, char ret[NONCE_SIZE]);

enum nonce_state {
	NONCE_GOOD,
	NONCE_EXPIRED,
	NONCE_FOREIGN, /* not made by this process */
};
enum nonce_state nonces_check(const struct nonces *n, const char *nonce);

/** A good one is used with this count. False if it was used with as high a one before. */
bool nonces_use(struct nonces *n, const char *nonce, uint32_t count);

/** Bytes that belong to this nonce, and that nobody else can tell from it. */
void nonces_secret(const struct nonces *n, const char *nonce,
		   unsigned char ret[NONCE_SECRET_BYTES]);

size_t nonces_used(const struct nonces *n);
