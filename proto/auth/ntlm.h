/*
 * NTLM
 *
 * NTLM version 2 without a connection, as [MS-NLMP] has it and Lync's SIP uses it ([MS-SIPAE]): the server's challenge,
 * what the client answers, the proof of the password, and signatures of messages. No NEGOTIATE message is sent, and
 * every signature starts the key's stream anew with a sequence number of 100, so that no order has to be kept.
 */
#pragma once

#include "proto/text/text.h"

#include <stdbool.h>
#include <stddef.h>
#include <stdint.h>

enum {
	NTLM_NONCE_BYTES = 8,
	NTLM_KEY_BYTES = 16,
	NTLM_SIGNATURE_BYTES = 16,
	NTLM_MAX_BYTES = 4096, /* of a message */
};

/** What is computed with; for who makes many. */
struct ntlm_maker;

/** NULL, with a static sentence in *ret_why, if OpenSSL has no MD4 and RC4 here. */
struct ntlm_maker *ntlm_maker_new(const char **ret_why);
struct ntlm_maker *ntlm_maker_free(struct ntlm_maker *m); /* NULL is fine */

/* ---- messages (ntlm_message.c) ---- */

struct ntlm_challenge {
	const char *domain, *computer;         /* NetBIOS names: "LAB", "FE" */
	const char *dns_domain, *dns_computer; /* "lab.test", "fe.lab.test" */
	int64_t now_us;                        /* since 1970 */
	unsigned char nonce[NTLM_NONCE_BYTES];
};

/** Append a CHALLENGE_MESSAGE. It offers what a client without a connection needs: with less pidgin-sipe gives up. */
void ntlm_challenge_encode(struct text *out, const struct ntlm_challenge *c);

/** An AUTHENTICATE_MESSAGE. */
struct ntlm_authenticate {
	char *domain,
		*user; /* as the client wrote them: the proof is made with these; the domain may be empty */
	uint32_t flags;
	unsigned char *proof; /* NTLMv2_RESPONSE: 16 bytes, */
	unsigned char *blob;  /* and NTLMv2_CLIENT_CHALLENGE, behind them */
	size_t n_blob;
	unsigned char session_key[NTLM_KEY_BYTES]; /* encrypted */
};

/** Take one apart. Returns 0, or -EINVAL with *ret emptied and a static sentence in *ret_why: it is malformed, of version 1, or
 *  agrees to less than signatures need. */
int ntlm_authenticate_decode(const void *p, size_t n, struct ntlm_authenticate *ret,
			     const char **ret_why);
void ntlm_authenticate_deinit(struct ntlm_authenticate *a);

/** Append a string as UTF-16, little endian; upper: in upper case. */
void ntlm_add_utf16(struct text *out, const char *s, bool upper);

/* ---- keys ---- */

enum ntlm_sender { NTLM_CLIENT, NTLM_SERVER, N_NTLM_SENDERS };

/** What messages are signed with, by who sends them. */
struct ntlm_keys {
	unsigned char sign[N_NTLM_SENDERS][NTLM_KEY_BYTES], seal[N_NTLM_SENDERS][NTLM_KEY_BYTES];
};

/** Whether the answer to this challenge proves the password. If so, the keys that it agrees on are in *ret. */
bool ntlm_prove(struct ntlm_maker *m, const struct ntlm_authenticate *a,
		const unsigned char nonce[NTLM_NONCE_BYTES], const char *password,
		struct ntlm_keys *ret);

/** The signature of n bytes. */
void ntlm_sign(struct ntlm_maker *m, const struct ntlm_keys *keys, enum ntlm_sender sender,
	       const void *p, size_t n, unsigned char ret[NTLM_SIGNATURE_BYTES]);

/** Whether that, in hex digits of either case, is the signature of n bytes. Takes the same time for all wrong ones. */
bool ntlm_verify(struct ntlm_maker *m, const struct ntlm_keys *keys, enum ntlm_sender sender,
		 const void *p, size_t n, const char *signature);

/* ---- for tests of the parts ---- */

/** NTOWFv2 of [MS-NLMP] 3.3.2. */
void ntlm_response_key(struct ntlm_maker *m, const char *password, const char *user,
		       const char *domain, unsigned char ret[NTLM_KEY_BYTES]);
/** The keys of 3.4.5.2 and 3.4.5.3, with NTLMSSP_NEGOTIATE_128. */
void ntlm_derive_keys(struct ntlm_maker *m, const unsigned char session_key[NTLM_KEY_BYTES],
		      struct ntlm_keys *ret);
