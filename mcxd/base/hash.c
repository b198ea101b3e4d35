/*
 * Hash
 */
#include "mcxd/base/hash.h"

#include "mcxd/base/random.h"

#include <endian.h>
#include <stdbool.h>
#include <string.h>

struct sip_state {
	uint64_t v0, v1, v2, v3;
};

static uint64_t load_le64(const unsigned char *p)
{
	uint64_t word;

	memcpy(&word, p, sizeof(word));
	return le64toh(word);
}

static inline uint64_t rotate(uint64_t x, unsigned bits)
{
	return x << bits | x >> (64 - bits);
}

static inline void sip_round(struct sip_state *s)
{
	s->v0 += s->v1;
	s->v2 += s->v3;
	s->v1 = rotate(s->v1, 13) ^ s->v0;
	s->v3 = rotate(s->v3, 16) ^ s->v2;
	s->v0 = rotate(s->v0, 32);
	s->v2 += s->v1;
	s->v0 += s->v3;
	s->v1 = rotate(s->v1, 17) ^ s->v2;
	s->v3 = rotate(s->v3, 21) ^ s->v0;
	s->v2 = rotate(s->v2, 32);
}

static inline void sip_absorb(struct sip_state *s, uint64_t word)
{
	s->v3 ^= word;
	sip_round(s);
	sip_round(s);
	s->v0 ^= word;
}

uint64_t hash_sip24(const unsigned char key[16], const void *p, size_t n)
{
	uint64_t k0 = load_le64(key), k1 = load_le64(key + 8);
	/* "somepseudorandomlygeneratedbytes" */
	struct sip_state s = {
		k0 ^ 0x736f6d6570736575,
		k1 ^ 0x646f72616e646f6d,
		k0 ^ 0x6c7967656e657261,
		k1 ^ 0x7465646279746573,
	};
	const unsigned char *at = p;
	unsigned char last[8] = { 0 };
	size_t left = n;

	for (; left >= 8; left -= 8, at += 8)
		sip_absorb(&s, load_le64(at));
	if (left > 0)
		memcpy(last, at, left);
	last[7] = (unsigned char)n;
	sip_absorb(&s, load_le64(last));
	s.v2 ^= 0xff;
	for (int i = 0; i < 4; i++)
		sip_round(&s);
	return s.v0 ^ s.v1 ^ s.v2 ^ s.v3;
}

uint64_t hash_keyed(const void *p, size_t n)
{
	static unsigned char key[16];
	static bool has_key;

	if (!has_key) {
		random_bytes(key, sizeof(key));
		has_key = true;
	}
	return hash_sip24(key, p, n);
}

/* The finalizer of MurmurHash3 (Appleby, 2011). A factor alone is not enough: with one in eight random factors,
 * numbers that follow each other shared an eighth of the buckets, and looking them up took a tenth of a busy
 * server's time. */
uint64_t hash_number(uint64_t key, uint64_t n)
{
	n ^= key;
	n = (n ^ n >> 33) * 0xff51afd7ed558ccd;
	n = (n ^ n >> 33) * 0xc4ceb9fe1a85ec53;
	return n ^ n >> 33;
}
