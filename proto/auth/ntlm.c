/*
 * NTLM: keys
 */
#include "proto/auth/ntlm.h"

#include "proto/crypto/legacy.h"
#include "proto/crypto/md.h"
#include "proto/text/chars.h"
#include "proto/text/mem.h"
#include "proto/text/text.h"

#include <string.h>

/* [MS-SIPAE] 3.1.5: of every message, in both directions. */
enum { SEQUENCE = 100, CHECKSUM_BYTES = 8, VERSION = 1 };

struct ntlm_maker {
	struct md *md5;
	struct legacy *legacy;
};

struct ntlm_maker *ntlm_maker_new(const char **ret_why)
{
	struct legacy *legacy = legacy_new(ret_why);
	struct ntlm_maker *m;

	if (!legacy)
		return NULL;
	m = MEM_NEW(struct ntlm_maker);
	m->legacy = legacy;
	m->md5 = md_new(MD_MD5);
	return m;
}

struct ntlm_maker *ntlm_maker_free(struct ntlm_maker *m)
{
	if (!m)
		return NULL;
	md_free(m->md5);
	legacy_free(m->legacy);
	free(m);
	return NULL;
}

static void hmac(struct ntlm_maker *m, const unsigned char key[NTLM_KEY_BYTES],
		 const struct text *of, unsigned char ret[NTLM_KEY_BYTES])
{
	unsigned char digest[MD_MAX_BYTES];

	md_hmac(m->md5, key, NTLM_KEY_BYTES, text_str(of), of->n, digest);
	memcpy(ret, digest, NTLM_KEY_BYTES);
}

void ntlm_response_key(struct ntlm_maker *m, const char *password, const char *user,
		       const char *domain, unsigned char ret[NTLM_KEY_BYTES])
{
	CLEANUP(text_deinit) struct text text = TEXT_INIT;
	unsigned char hash[LEGACY_MD4_BYTES];

	ntlm_add_utf16(&text, password, false);
	legacy_md4(m->legacy, text_str(&text), text.n, hash);
	text_reset(&text);
	ntlm_add_utf16(&text, user, true);
	ntlm_add_utf16(&text, domain, false);
	hmac(m, hash, &text, ret);
}

static void derive(struct ntlm_maker *m, const unsigned char session_key[NTLM_KEY_BYTES],
		   const char *magic, unsigned char ret[NTLM_KEY_BYTES])
{
	unsigned char digest[MD_MAX_BYTES];

	md_begin(m->md5);
	md_add(m->md5, session_key, NTLM_KEY_BYTES);
	md_add(m->md5, magic, strlen(magic) + 1);
	md_end(m->md5, digest);
	memcpy(ret, digest, NTLM_KEY_BYTES);
}

void ntlm_derive_keys(struct ntlm_maker *m, const unsigned char session_key[NTLM_KEY_BYTES],
		      struct ntlm_keys *ret)
{
	static const char *const magic[N_NTLM_SENDERS][2] = {
		[NTLM_CLIENT] = { "session key to client-to-server signing key magic constant",
				  "session key to client-to-server sealing key magic constant" },
		[NTLM_SERVER] = { "session key to server-to-client signing key magic constant",
				  "session key to server-to-client sealing key magic constant" },
	};

	for (int i = 0; i < N_NTLM_SENDERS; i++) {
		derive(m, session_key, magic[i][0], ret->sign[i]);
		derive(m, session_key, magic[i][1], ret->seal[i]);
	}
}

static bool are_equal(const unsigned char *a, const unsigned char *b, size_t n)
{
	unsigned differs = 0;

	for (size_t i = 0; i < n; i++)
		differs |= (unsigned)(a[i] ^ b[i]);
	return !differs;
}

bool ntlm_prove(struct ntlm_maker *m, const struct ntlm_authenticate *a,
		const unsigned char nonce[NTLM_NONCE_BYTES], const char *password,
		struct ntlm_keys *ret)
{
	CLEANUP(text_deinit) struct text text = TEXT_INIT;
	unsigned char key[NTLM_KEY_BYTES], proof[NTLM_KEY_BYTES], base[NTLM_KEY_BYTES];

	ntlm_response_key(m, password, a->user, a->domain, key);
	text_add_bytes(&text, nonce, NTLM_NONCE_BYTES);
	text_add_bytes(&text, a->blob, a->n_blob);
	hmac(m, key, &text, proof);
	if (!are_equal(proof, a->proof, sizeof(proof)))
		return false;
	text_reset(&text);
	text_add_bytes(&text, proof, sizeof(proof));
	hmac(m, key, &text, base);
	legacy_rc4(m->legacy, base, a->session_key, sizeof(a->session_key), key);
	ntlm_derive_keys(m, key, ret);
	return true;
}

static void put32(unsigned char *p, uint32_t value)
{
	for (int i = 0; i < 4; i++)
		p[i] = (unsigned char)(value >> 8 * i);
}

/* [MS-NLMP] 3.4.4.2, with NTLMSSP_NEGOTIATE_DATAGRAM and NTLMSSP_NEGOTIATE_KEY_EXCH. */
void ntlm_sign(struct ntlm_maker *m, const struct ntlm_keys *keys, enum ntlm_sender sender,
	       const void *p, size_t n, unsigned char ret[NTLM_SIGNATURE_BYTES])
{
	CLEANUP(text_deinit) struct text text = TEXT_INIT;
	unsigned char sequence[4], checksum[NTLM_KEY_BYTES], key[MD_MAX_BYTES];

	put32(sequence, SEQUENCE);
	text_add_bytes(&text, sequence, sizeof(sequence));
	text_add_bytes(&text, p, n);
	hmac(m, keys->sign[sender], &text, checksum);
	md_begin(m->md5);
	md_add(m->md5, keys->seal[sender], NTLM_KEY_BYTES);
	md_add(m->md5, sequence, sizeof(sequence));
	md_end(m->md5, key);
	put32(ret, VERSION);
	legacy_rc4(m->legacy, key, checksum, CHECKSUM_BYTES, ret + 4);
	memcpy(ret + 4 + CHECKSUM_BYTES, sequence, sizeof(sequence));
}

static bool read_hex(const char *s, unsigned char ret[NTLM_SIGNATURE_BYTES])
{
	if (strlen(s) != (size_t)2 * NTLM_SIGNATURE_BYTES)
		return false;
	for (size_t i = 0; i < NTLM_SIGNATURE_BYTES; i++) {
		int high = chars_hex(s[2 * i]), low = chars_hex(s[2 * i + 1]);

		if (high < 0 || low < 0)
			return false;
		ret[i] = (unsigned char)(high << 4 | low);
	}
	return true;
}

bool ntlm_verify(struct ntlm_maker *m, const struct ntlm_keys *keys, enum ntlm_sender sender,
		 const void *p, size_t n, const char *signature)
{
	unsigned char have[NTLM_SIGNATURE_BYTES], want[NTLM_SIGNATURE_BYTES];

	if (!read_hex(signature, have))
		return false;
	ntlm_sign(m, keys, sender, p, n, want);
	return are_equal(have, want, sizeof(want));
}
