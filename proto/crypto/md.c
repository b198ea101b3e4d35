/*
 * Message digests
 */
#include "proto/crypto/md.h"

#include <openssl/crypto.h>
#include <openssl/evp.h>
#include <stdlib.h>
#include <string.h>

enum { BLOCK_BYTES = 64 }; /* of all kinds */

struct md {
	EVP_MD *algorithm;
	EVP_MD_CTX *context;
	size_t n;
};

/* What OpenSSL cannot do without memory: like that, it ends the process (proto/text/mem.h). */
struct md *md_new(enum md_kind kind)
{
	static const char *const names[N_MD_KINDS] = { [MD_MD5] = "MD5", [MD_SHA256] = "SHA256" };
	struct md *md = OPENSSL_zalloc(sizeof(*md));

	if (!md)
		abort();
	md->algorithm = EVP_MD_fetch(NULL, names[kind], NULL);
	md->context = EVP_MD_CTX_new();
	if (!md->algorithm || !md->context)
		abort();
	md->n = (size_t)EVP_MD_get_size(md->algorithm);
	return md;
}

struct md *md_free(struct md *md)
{
	if (!md)
		return NULL;
	EVP_MD_CTX_free(md->context);
	EVP_MD_free(md->algorithm);
	OPENSSL_free(md);
	return NULL;
}

size_t md_size(const struct md *md)
{
	return md->n;
}

void md_begin(struct md *md)
{
	if (!EVP_DigestInit_ex2(md->context, md->algorithm, NULL))
		abort();
}

void md_add(struct md *md, const void *p, size_t n)
{
	if (n && !EVP_DigestUpdate(md->context, p, n))
		abort();
}

void md_end(struct md *md, unsigned char ret[MD_MAX_BYTES])
{
	if (!EVP_DigestFinal_ex(md->context, ret, NULL))
		abort();
}

void md_format_hex(const unsigned char *bytes, size_t n, char *ret)
{
	static const char digits[] = "0123456789abcdef";

	for (size_t i = 0; i < n; i++) {
		ret[2 * i] = digits[bytes[i] >> 4];
		ret[2 * i + 1] = digits[bytes[i] & 15];
	}
	ret[2 * n] = '\0';
}

void md_end_hex(struct md *md, char ret[MD_HEX_SIZE])
{
	unsigned char bytes[MD_MAX_BYTES];

	md_end(md, bytes);
	md_format_hex(bytes, md->n, ret);
}

void md_hex(struct md *md, const void *p, size_t n, char ret[MD_HEX_SIZE])
{
	md_begin(md);
	md_add(md, p, n);
	md_end_hex(md, ret);
}

static void add_pad(struct md *md, const unsigned char key[BLOCK_BYTES], unsigned char with)
{
	unsigned char pad[BLOCK_BYTES];

	for (size_t i = 0; i < BLOCK_BYTES; i++)
		pad[i] = key[i] ^ with;
	md_begin(md);
	md_add(md, pad, sizeof(pad));
}

void md_hmac(struct md *md, const void *key, size_t n_key, const void *p, size_t n,
	     unsigned char ret[MD_MAX_BYTES])
{
	unsigned char block[BLOCK_BYTES] = { 0 };

	if (n_key > BLOCK_BYTES) {
		md_begin(md);
		md_add(md, key, n_key);
		md_end(md, block);
	} else {
		memcpy(block, key, n_key);
	}
	add_pad(md, block, 0x36);
	md_add(md, p, n);
	md_end(md, ret);
	add_pad(md, block, 0x5C);
	md_add(md, ret, md->n);
	md_end(md, ret);
	OPENSSL_cleanse(block, sizeof(block));
}
