/*
 * SHA-256, and HMAC with it (FIPS 180-4, RFC 2104)
 */
#pragma once

#include <stddef.h>

enum { DIGEST_BYTES = 32, HEX_DIGEST_SIZE = 2 * DIGEST_BYTES + 1 };

/** What a digest is made with. It belongs to who makes many: without it OpenSSL searches its providers for the
 *  algorithm for each of them, which was measured to take three times as long as the digest of a token. */
struct sha256;

struct sha256 *sha256_new(void);
struct sha256 *sha256_free(struct sha256 *s); /* NULL is fine */

/** The digest in lower-case hex digits. */
void sha256_hex(struct sha256 *s, const void *p, size_t n, char ret[HEX_DIGEST_SIZE]);

/** HMAC of n bytes under a key. */
void sha256_hmac(const void *key, size_t n_key, const void *p, size_t n,
		 unsigned char ret[DIGEST_BYTES]);

/** The same of a message under a key, neither of which may be NULL, in lower-case hex digits. */
void sha256_hmac_hex(const char *key, const char *message, char ret[HEX_DIGEST_SIZE]);
