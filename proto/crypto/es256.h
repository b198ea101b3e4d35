/*
 * ES256: ECDSA on the curve P-256 with SHA-256, as JWS writes it (RFC 7518, 3.4)
 */
#pragma once

#include <stdbool.h>
#include <stddef.h>

struct es256_key;

enum { ES256_SIGNATURE_BYTES = 64 }; /* r and s, 32 bytes each */

/** Read the first key in PEM: a private one (PKCS #8, as Apple's .p8 files, or SEC 1) or a public one. Of the curve P-256 only.
 *  Returns 0, or -EINVAL with a static sentence in *ret_why. */
int es256_key_read(const void *pem, size_t n, struct es256_key **ret, const char **ret_why);

/** A new private key. */
struct es256_key *es256_key_new(void);

struct es256_key *es256_key_free(struct es256_key *key); /* NULL is fine */

/** Whether it is a private key. */
bool es256_key_can_sign(const struct es256_key *key);

/** The key as PEM: the private one as PKCS #8, which needs a private key, or its public half. free() it. */
char *es256_key_write_private(const struct es256_key *key);
char *es256_key_write_public(const struct es256_key *key);

/** Sign n bytes with a private key. */
void es256_sign(const struct es256_key *key, const void *p, size_t n,
		unsigned char ret[ES256_SIGNATURE_BYTES]);

/** Whether this is the key's signature of n bytes. It was measured to take about 100 us of CPU. */
bool es256_verify(const struct es256_key *key, const void *p, size_t n,
		  const unsigned char signature[ES256_SIGNATURE_BYTES]);
