/*
 * SHA-256
 */
#include "proto/crypto/sha256.h"

#include <openssl/crypto.h>
#include <openssl/evp.h>
#include <openssl/hmac.h>
#include <stdlib.h>
#include <string.h>

static void to_hex(const unsigned char digest[DIGEST_BYTES], char ret[HEX_DIGEST_SIZE])
{
	static const char digits[] = "0123456789abcdef";

	for (size_t i = 0; i < DIGEST_BYTES; i++) {
		ret[2 * i] = digits[digest[i] >> 4];
		ret[2 * i + 1] = digits[digest[i] & 15];
	}
	ret[HEX_DIGEST_SIZE - 1] = '\0';
}

struct sha256 {
	EVP_MD *algorithm;
	EVP_MD_CTX *context;
};

/* What OpenSSL cannot do without memory: like that, it ends the process (proto/text/mem.h). */
struct sha256 *sha256_new(void)
{
	struct sha256 *s = OPENSSL_zalloc(sizeof(*s));

	if (!s)
		abort();
	s->algorithm = EVP_MD_fetch(NULL, "SHA256", NULL);
	s->context = EVP_MD_CTX_new();
	if (!s->algorithm || !s->context)
		abort();
	return s;
}

struct sha256 *sha256_free(struct sha256 *s)
{
	if (!s)
		return NULL;
	EVP_MD_CTX_free(s->context);
	EVP_MD_free(s->algorithm);
	OPENSSL_free(s);
	return NULL;
}

void sha256_hex(struct sha256 *s, const void *p, size_t n, char ret[HEX_DIGEST_SIZE])
{
	unsigned char digest[DIGEST_BYTES];

	if (!EVP_DigestInit_ex2(s->context, s->algorithm, NULL) ||
	    !EVP_DigestUpdate(s->context, p, n) || !EVP_DigestFinal_ex(s->context, digest, NULL))
		abort();
	to_hex(digest, ret);
}

void sha256_hmac(const void *key, size_t n_key, const void *p, size_t n,
		 unsigned char ret[DIGEST_BYTES])
{
	if (!HMAC(EVP_sha256(), key, (int)n_key, p, n, ret, NULL))
		abort();
}

void sha256_hmac_hex(const char *key, const char *message, char ret[HEX_DIGEST_SIZE])
{
	unsigned char digest[DIGEST_BYTES];

	sha256_hmac(key, strlen(key), message, strlen(message), digest);
	to_hex(digest, ret);
}
