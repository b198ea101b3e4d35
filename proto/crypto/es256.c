/*
 * ES256
 *
 * What only fails without memory ends the process, like proto/text/mem.h. After anything else that fails OpenSSL's queue
 * of errors is emptied: a leftover would make a later SSL_get_error() of this thread lie.
 */
#include "proto/crypto/es256.h"

#include <errno.h>
#include <openssl/bn.h>
#include <openssl/core_names.h>
#include <openssl/crypto.h>
#include <openssl/decoder.h>
#include <openssl/ec.h>
#include <openssl/ecdsa.h>
#include <openssl/encoder.h>
#include <openssl/err.h>
#include <openssl/evp.h>
#include <stdlib.h>
#include <string.h>

#define CURVE "prime256v1" /* OpenSSL's name of P-256 */

enum { NUMBER_BYTES = ES256_SIGNATURE_BYTES / 2, MAX_DER = 80 };

struct es256_key {
	EVP_PKEY *pkey;
	bool can_sign;
};

static void *check(void *p)
{
	if (!p)
		abort();
	return p;
}

static struct es256_key *wrap(EVP_PKEY *pkey, bool can_sign)
{
	struct es256_key *key = check(OPENSSL_zalloc(sizeof(*key)));

	key->pkey = pkey;
	key->can_sign = can_sign;
	return key;
}

/* The decoder asks nobody for a password, so an encrypted key is simply none. */
static EVP_PKEY *decode_one(const char *pem, size_t n, int selection)
{
	EVP_PKEY *pkey = NULL;
	OSSL_DECODER_CTX *context =
		OSSL_DECODER_CTX_new_for_pkey(&pkey, "PEM", NULL, NULL, selection, NULL, NULL);
	const unsigned char *p = (const unsigned char *)pem;

	check(context);
	if (!OSSL_DECODER_from_data(context, &p, &n)) {
		EVP_PKEY_free(pkey);
		pkey = NULL;
	}
	OSSL_DECODER_CTX_free(context);
	ERR_clear_error();
	return pkey;
}

/* The decoder looks at the first thing in a file only, and that may be a certificate, or parameters. */
static EVP_PKEY *decode(const char *pem, size_t n, int selection)
{
	static const char begin[] = "-----BEGIN ";
	const char *end = pem + n, *at = pem;
	EVP_PKEY *pkey = NULL;

	while (!pkey && (at = memmem(at, (size_t)(end - at), begin, sizeof(begin) - 1))) {
		pkey = decode_one(at, (size_t)(end - at), selection);
		at++;
	}
	return pkey;
}

static bool is_on_curve(const EVP_PKEY *pkey)
{
	char name[sizeof(CURVE) + 1] = "";
	int ok = EVP_PKEY_get_utf8_string_param(pkey, OSSL_PKEY_PARAM_GROUP_NAME, name,
						sizeof(name), NULL);

	ERR_clear_error();
	return ok && !strcmp(name, CURVE);
}

int es256_key_read(const void *pem, size_t n, struct es256_key **ret, const char **ret_why)
{
	EVP_PKEY *pkey = decode(pem, n, EVP_PKEY_KEYPAIR);
	bool can_sign = pkey != NULL;

	if (!pkey)
		pkey = decode(pem, n, EVP_PKEY_PUBLIC_KEY);
	if (!pkey) {
		*ret_why = "no private or public key in PEM, or an encrypted one";
		return -EINVAL;
	}
	if (!is_on_curve(pkey)) {
		EVP_PKEY_free(pkey);
		*ret_why = "the key is not one of the curve P-256";
		return -EINVAL;
	}
	*ret = wrap(pkey, can_sign);
	return 0;
}

struct es256_key *es256_key_new(void)
{
	return wrap(check(EVP_EC_gen(CURVE)), true);
}

struct es256_key *es256_key_free(struct es256_key *key)
{
	if (!key)
		return NULL;
	EVP_PKEY_free(key->pkey);
	OPENSSL_free(key);
	return NULL;
}

bool es256_key_can_sign(const struct es256_key *key)
{
	return key->can_sign;
}

static char *encode(const struct es256_key *key, int selection, const char *structure)
{
	OSSL_ENCODER_CTX *context =
		OSSL_ENCODER_CTX_new_for_pkey(key->pkey, selection, "PEM", structure, NULL);
	unsigned char *pem = NULL;
	size_t n = 0;
	char *copy;

	check(context);
	if (!OSSL_ENCODER_to_data(context, &pem, &n))
		abort();
	OSSL_ENCODER_CTX_free(context);
	copy = check(strndup((const char *)pem, n));
	OPENSSL_cleanse(pem, n);
	OPENSSL_free(pem);
	return copy;
}

char *es256_key_write_private(const struct es256_key *key)
{
	return encode(key, EVP_PKEY_KEYPAIR, "PrivateKeyInfo");
}

char *es256_key_write_public(const struct es256_key *key)
{
	return encode(key, EVP_PKEY_PUBLIC_KEY, "SubjectPublicKeyInfo");
}

static EVP_MD_CTX *begin(const struct es256_key *key, bool is_signing)
{
	EVP_MD_CTX *context = check(EVP_MD_CTX_new());

	if ((is_signing ? EVP_DigestSignInit_ex : EVP_DigestVerifyInit_ex)(
		    context, NULL, "SHA256", NULL, NULL, key->pkey, NULL) != 1)
		abort();
	return context;
}

void es256_sign(const struct es256_key *key, const void *p, size_t n,
		unsigned char ret[ES256_SIGNATURE_BYTES])
{
	EVP_MD_CTX *context = begin(key, true);
	unsigned char der[MAX_DER];
	const unsigned char *at = der;
	size_t n_der = sizeof(der);
	ECDSA_SIG *pair;

	if (EVP_DigestSign(context, der, &n_der, p, n) != 1)
		abort();
	pair = check(d2i_ECDSA_SIG(NULL, &at, (long)n_der));
	if (BN_bn2binpad(ECDSA_SIG_get0_r(pair), ret, NUMBER_BYTES) < 0 ||
	    BN_bn2binpad(ECDSA_SIG_get0_s(pair), ret + NUMBER_BYTES, NUMBER_BYTES) < 0)
		abort();
	ECDSA_SIG_free(pair);
	EVP_MD_CTX_free(context);
}

bool es256_verify(const struct es256_key *key, const void *p, size_t n,
		  const unsigned char signature[ES256_SIGNATURE_BYTES])
{
	EVP_MD_CTX *context = begin(key, false);
	ECDSA_SIG *pair = check(ECDSA_SIG_new());
	unsigned char *der = NULL;
	int n_der;
	bool is_good;

	if (!ECDSA_SIG_set0(pair, check(BN_bin2bn(signature, NUMBER_BYTES, NULL)),
			    check(BN_bin2bn(signature + NUMBER_BYTES, NUMBER_BYTES, NULL))))
		abort();
	n_der = i2d_ECDSA_SIG(pair, &der);
	if (n_der <= 0)
		abort();
	is_good = EVP_DigestVerify(context, der, (size_t)n_der, p, n) == 1;
	OPENSSL_free(der);
	ECDSA_SIG_free(pair);
	EVP_MD_CTX_free(context);
	ERR_clear_error();
	return is_good;
}
