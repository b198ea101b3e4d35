/*
 * Digest
 *
 * The access authentication of RFC 7616 as SIP uses it (RFC 8760): challenges and credentials as values of headers,
 * and the response that proves a password, for both sides. Of its qualities of protection "auth" alone, which the server
 * demands. Input is
 * untrusted; what a nonce means is its maker's business.
 */
#pragma once

#include "proto/text/text.h"

#include <stdbool.h>
#include <stddef.h>
#include <stdint.h>

#define DIGEST_SCHEME "Digest"

struct auth_params;

/** The stronger one first. */
enum digest_algorithm { DIGEST_SHA256, DIGEST_MD5, N_DIGEST_ALGORITHMS };

/** "SHA-256", "MD5". */
const char *digest_algorithm_name(enum digest_algorithm algorithm);
/** The algorithm of a name in any case; NULL is MD5 (RFC 7616, 3.3). N_DIGEST_ALGORITHMS: not one of ours. */
enum digest_algorithm digest_algorithm_of(const char *name);

enum { DIGEST_RESPONSE_SIZE = 65, DIGEST_CNONCE_SIZE = 33 };

/** What responses are made with; for who makes many. */
struct digest_maker;
struct digest_maker *digest_maker_new(void);
struct digest_maker *digest_maker_free(struct digest_maker *m); /* NULL is fine */

/* ---- the server's side ---- */

struct digest_challenge {
	const char *realm, *nonce;
	const char *opaque; /* NULL: none */
	enum digest_algorithm algorithm;
	bool stale;
};

/** Append the value of WWW-Authenticate or Proxy-Authenticate. */
void digest_challenge_encode(struct text *out, const struct digest_challenge *c);

/** What a client shows. Strings belong to the parameters that it was read from. */
struct digest_credentials {
	const char *username, *realm, *nonce, *uri, *cnonce, *response;
	const char *nc_text; /* as it was written */
	const char *opaque;  /* NULL: none */
	enum digest_algorithm algorithm;
	uint32_t nc;
};

/** Read credentials. Returns 0, or -EINVAL with a static sentence in *ret_why: something is missing or malformed, or the
 *  algorithm or quality of protection is not one of ours. */
int digest_credentials_read(const struct auth_params *a, struct digest_credentials *ret,
			    const char **ret_why);

/** Whether the response proves this password for a request with this method. Takes the same time for all wrong ones. */
bool digest_verify(struct digest_maker *m, const struct digest_credentials *c, const char *method,
		   const char *password);

/* ---- the client's side ---- */

/** A challenge that was taken, and how often it was answered. */
struct digest_session {
	char *realm, *nonce, *opaque; /* opaque may be NULL */
	enum digest_algorithm algorithm;
	uint32_t nc;
	bool has_qop; /* else as in RFC 2069, which registrars still ask for */
	bool stale;   /* the server said that only the nonce was at fault */
};

void digest_session_deinit(struct digest_session *s);

/** Take a challenge in place of what was there. Returns 0, or -EINVAL with a static sentence: it is malformed, or asks for what we
 *  cannot do. Of several challenges that can be taken, the first is to be (RFC 8760, 2.4). */
int digest_session_take(struct digest_session *s, const struct auth_params *a,
			const char **ret_why);

struct digest_request {
	const char *username, *password;
	const char *method, *uri;
	const char *cnonce; /* random, of up to DIGEST_CNONCE_SIZE - 1 characters */
};

/** Append the value of Authorization or Proxy-Authorization for a request. */
void digest_session_answer(struct text *out, struct digest_session *s, struct digest_maker *m,
			   const struct digest_request *r);
