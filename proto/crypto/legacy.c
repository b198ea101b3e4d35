/*
 * MD4 and RC4
 */
#include "proto/crypto/legacy.h"

#include <openssl/crypto.h>
#include <openssl/err.h>
#include <openssl/evp.h>
#include <openssl/provider.h>
#include <stdlib.h>

struct legacy {
	OSSL_LIB_CTX *library;
	OSSL_PROVIDER *module, *other;
	EVP_MD *md4;
	EVP_MD_CTX *digest;
	EVP_CIPHER *rc4;
	EVP_CIPHER_CTX *cipher;
};

struct legacy *legacy_new(const char **ret_why)
{
	struct legacy *l = OPENSSL_zalloc(sizeof(*l));

	if (!l)
		abort();
	*ret_why = NULL;
	l->library = OSSL_LIB_CTX_new();
	if (l->library) {
		l->module = OSSL_PROVIDER_load(l->library, "legacy");
		l->other = OSSL_PROVIDER_load(l->library, "default");
		l->md4 = EVP_MD_fetch(l->library, "MD4", NULL);
		l->rc4 = EVP_CIPHER_fetch(l->library, "RC4", NULL);
		l->digest = EVP_MD_CTX_new();
		l->cipher = EVP_CIPHER_CTX_new();
	}
	if (l->md4 && l->rc4 && l->digest && l->cipher)
		return l;
	/* What is left here would look like the error of the next TLS connection. */
	ERR_clear_error();
	*ret_why = "OpenSSL's legacy module, which has MD4 and RC4, cannot be loaded";
	return legacy_free(l);
}

struct legacy *legacy_free(struct legacy *l)
{
	if (!l)
		return NULL;
	EVP_CIPHER_CTX_free(l->cipher);
	EVP_CIPHER_free(l->rc4);
	EVP_MD_CTX_free(l->digest);
	EVP_MD_free(l->md4);
	if (l->other)
		OSSL_PROVIDER_unload(l->other);
	if (l->module)
		OSSL_PROVIDER_unload(l->module);
	OSSL_LIB_CTX_free(l->library);
	OPENSSL_free(l);
	return NULL;
}

void legacy_md4(struct legacy *l, const void *p, size_t n, unsigned char ret[LEGACY_MD4_BYTES])
{
	if (!EVP_DigestInit_ex2(l->digest, l->md4, NULL) || !EVP_DigestUpdate(l->digest, p, n) ||
	    !EVP_DigestFinal_ex(l->digest, ret, NULL))
		abort();
}

void legacy_rc4(struct legacy *l, const unsigned char key[LEGACY_RC4_KEY_BYTES], const void *p,
		size_t n, void *ret)
{
	int n_out = 0;

	if (!EVP_EncryptInit_ex2(l->cipher, l->rc4, key, NULL, NULL) ||
	    !EVP_EncryptUpdate(l->cipher, ret, &n_out, p, (int)n) || n_out != (int)n)
		abort();
}
