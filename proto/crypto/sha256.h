/*
 * HMAC with SHA-256 (FIPS 180-4, RFC 2104)
 */
#pragma once

#include <stddef.h>

enum { DIGEST_BYTES = 32, HEX_DIGEST_SIZE = 2 * DIGEST_BYTES + 1 };

/** HMAC of n bytes under a key. */
void sha256_hmac(const void *key, size_t n_key, const void *p, size_t n,
		 unsigned char ret[DIGEST_BYTES]);

/** The same of a message under a key, neither of which may be NULL, in lower-case hex digits. */
void sha256_hmac_hex(const char *key, const char *message, char ret[HEX_DIGEST_SIZE]);
