/*
 * MD4 and RC4 (RFC 1320, RFC 6229), which nobody would choose today and NTLM is made of
 *
 * They are in OpenSSL's legacy provider, a module of its own. It is loaded into a library context of its own: in the
 * default one, a provider that is named replaces the one that would have been loaded by itself, and what else uses
 * OpenSSL in this process must neither lose its algorithms nor get these.
 */
#pragma once

#include <stddef.h>

enum { LEGACY_MD4_BYTES = 16, LEGACY_RC4_KEY_BYTES = 16 };

struct legacy;

/** NULL, with a static sentence in *ret_why, if OpenSSL's legacy module is not installed. */
struct legacy *legacy_new(const char **ret_why);
struct legacy *legacy_free(struct legacy *l); /* NULL is fine */

void legacy_md4(struct legacy *l, const void *p, size_t n, unsigned char ret[LEGACY_MD4_BYTES]);

/** Encrypt or decrypt n bytes with a key, from the start of its stream; p and ret may be the same. */
void legacy_rc4(struct legacy *l, const unsigned char key[LEGACY_RC4_KEY_BYTES], const void *p,
		size_t n, void *ret);
