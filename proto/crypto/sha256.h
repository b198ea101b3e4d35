/*
 * SHA-256, and HMAC with it (FIPS 180-4, RFC 2104)
 */
#pragma once

#include <stddef.h>

enum { HEX_DIGEST_SIZE = 64 + 1 };

/** The digest in lower-case hex digits. */
void sha256_hex(const void *p, size_t n, char ret[HEX_DIGEST_SIZE]);

/** The same of a message under a key, neither of which may be NULL. */
void sha256_hmac_hex(const char *key, const char *message, char ret[HEX_DIGEST_SIZE]);
