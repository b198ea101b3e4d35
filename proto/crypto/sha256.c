/*
 * HMAC with SHA-256
 */
#include "proto/crypto/sha256.h"

#include "proto/crypto/md.h"

#include <string.h>

_Static_assert(DIGEST_BYTES == (int)MD_MAX_BYTES && HEX_DIGEST_SIZE == (int)MD_HEX_SIZE,
	       "the longest digest is SHA-256's");

void sha256_hmac(const void *key, size_t n_key, const void *p, size_t n,
		 unsigned char ret[DIGEST_BYTES])
{
	struct md *md = md_new(MD_SHA256);

	md_hmac(md, key, n_key, p, n, ret);
	md_free(md);
}

void sha256_hmac_hex(const char *key, const char *message, char ret[HEX_DIGEST_SIZE])
{
	unsigned char digest[DIGEST_BYTES];

	sha256_hmac(key, strlen(key), message, strlen(message), digest);
	md_format_hex(digest, sizeof(digest), ret);
}
