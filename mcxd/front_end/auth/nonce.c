/*
 * Nonces
 */
#include "mcxd/front_end/auth/nonce.h"

#include "mcxd/base/hash.h"
#include "mcxd/base/idtab.h"
#include "mcxd/base/list.h"
#include "mcxd/base/loop.h"
#include "mcxd/base/random.h"
#include "proto/text/chars.h"
#include "proto/text/mem.h"

#include <inttypes.h>

/* The time in ms, random digits that tell those of the same ms apart, and the proof of both. */
enum { WORD_DIGITS = 16, N_SIGNED = 2 * WORD_DIGITS };

struct used {
	struct list by_age; /* of its first use */
	int64_t made_ms;
	uint32_t count;
	char nonce[NONCE_SIZE];
};

struct nonces {
	struct loop *loop;
	int64_t lifetime_ms, max_used;
	int64_t forgotten_ms; /* those that were made until then were forgotten, or could have been */
	struct strtab *used;
	struct list by_age;
	unsigned char proof_key[16], secret_key[16];
};

struct nonces *nonces_new(struct loop *l, int64_t lifetime_ms, int64_t max_used)
{
	struct nonces *n = MEM_NEW(struct nonces);

	n->loop = l;
	n->lifetime_ms = lifetime_ms;
	n->max_used = max_used;
	n->forgotten_ms = INT64_MIN;
	n->used = strtab_new();
	list_init(&n->by_age);
	random_bytes(n->proof_key, sizeof(n->proof_key));
	random_bytes(n->secret_key, sizeof(n->secret_key));
	return n;
}

static void forget(struct nonces *n, struct used *u)
{
	strtab_remove(n->used, u->nonce);
	list_remove(&u->by_age);
	free(u);
}

struct nonces *nonces_free(struct nonces *n)
{
	if (!n)
		return NULL;
	list_for_each_safe (node, &n->by_age)
		forget(n, LIST_ENTRY(node, struct used, by_age));
	strtab_free(n->used);
	free(n);
	return NULL;
}

/* ---- making and checking ---- */

static void put_word(uint64_t word, char ret[WORD_DIGITS])
{
	for (int i = 0; i < WORD_DIGITS / 2; i++)
		chars_put_hex((unsigned char)(word >> (56 - 8 * i)), ret + (size_t)2 * i);
}

static bool get_word(const char *s, uint64_t *ret)
{
	*ret = 0;
	for (int i = 0; i < WORD_DIGITS; i++) {
		int digit = chars_hex(s[i]);

		if (digit < 0)
			return false;
		*ret = *ret << 4 | (uint64_t)digit;
	}
	return true;
}

void nonces_make(struct nonces *n, char ret[NONCE_SIZE])
{
	uint64_t number;

	random_bytes(&number, sizeof(number));
	put_word((uint64_t)loop_now_ms(n->loop), ret);
	put_word(number, ret + WORD_DIGITS);
	put_word(hash_sip24(n->proof_key, ret, N_SIGNED), ret + N_SIGNED);
	ret[NONCE_SIZE - 1] = '\0';
}

static bool is_ours(const struct nonces *n, const char *nonce, int64_t *ret_made_ms)
{
	uint64_t made, proof;

	if (strlen(nonce) != NONCE_SIZE - 1 || !get_word(nonce, &made) ||
	    !get_word(nonce + N_SIGNED, &proof))
		return false;
	*ret_made_ms = (int64_t)made;
	return proof == hash_sip24(n->proof_key, nonce, N_SIGNED);
}

enum nonce_state nonces_check(const struct nonces *n, const char *nonce)
{
	int64_t made_ms;

	if (!is_ours(n, nonce, &made_ms))
		return NONCE_FOREIGN;
	if (made_ms + n->lifetime_ms <= loop_now_ms(n->loop) ||
	    (made_ms <= n->forgotten_ms && !strtab_get(n->used, nonce)))
		return NONCE_EXPIRED;
	return NONCE_GOOD;
}

/* ---- counting ---- */

static void forget_old(struct nonces *n)
{
	int64_t now_ms = loop_now_ms(n->loop);

	list_for_each_safe (node, &n->by_age) {
		struct used *u = LIST_ENTRY(node, struct used, by_age);
		bool is_expired = u->made_ms + n->lifetime_ms <= now_ms;

		if (!is_expired && (int64_t)strtab_count(n->used) < n->max_used)
			return;
		if (!is_expired && u->made_ms > n->forgotten_ms)
			n->forgotten_ms = u->made_ms;
		forget(n, u);
	}
}

bool nonces_use(struct nonces *n, const char *nonce, uint32_t count)
{
	struct used *u = strtab_get(n->used, nonce);

	if (u && count <= u->count)
		return false;
	if (!u) {
		forget_old(n);
		u = MEM_NEW(struct used);
		memcpy(u->nonce, nonce, NONCE_SIZE);
		is_ours(n, nonce, &u->made_ms);
		strtab_add(n->used, nonce, u);
		list_append(&n->by_age, &u->by_age);
	}
	u->count = count;
	return true;
}

void nonces_secret(const struct nonces *n, const char *nonce, unsigned char ret[NONCE_SECRET_BYTES])
{
	uint64_t secret = hash_sip24(n->secret_key, nonce, strlen(nonce));

	memcpy(ret, &secret, NONCE_SECRET_BYTES);
}

size_t nonces_used(const struct nonces *n)
{
	return strtab_count(n->used);
}
