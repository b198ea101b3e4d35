/*
 * Authentication
 *
 * Who sends a request: per listener nobody is asked, or Digest (RFC 7616, 8760) or NTLM ([MS-SIPAE]) prove it, with the
 * passwords that the users have for HTTPS. Servers with an allowed certificate are not asked. A challenge costs no memory
 * here. What goes to a client that signs its messages is signed as well.
 */
#pragma once

#include "mcxd/sip/agent.h"

#include <sofia-sip/nta.h>
#include <stdbool.h>
#include <stdint.h>

struct front_end;
struct front_end_args;

struct front_end_auth_config {
	const char *udp, *tcp, *tls; /* lists of schemes, see auth/scheme.h; NULL: none */
	const char *realm;
	const char *algorithms; /* of digests: "SHA-256", "MD5" or both; NULL: none */
	int64_t nonce_lifetime_ms;
	int64_t max_nonces;              /* used ones, remembered */
	int64_t association_lifetime_ms; /* of a handshake of NTLM */
	int64_t max_associations;        /* of a user */
};

struct front_end_auth;

/** Returns 0, or a negative errno having logged why. */
int front_end_auth_new(struct front_end *s, const struct front_end_args *args,
		       struct front_end_auth **ret);
/** Once the agent is gone, which held requests belong to. NULL is fine. */
struct front_end_auth *front_end_auth_free(struct front_end_auth *a);

/** An agent_admit_h, whose magic is the front end. */
enum agent_admission front_end_auth_admit(void *magic, const sip_t *sip, struct agent_refusal *ret);

/** The same for a request within a dialog with this AoR, which nothing is held of, and which nobody else may send: who has seen the
 *  tags has what sofia knows the dialog by. If it is not admitted, it has been answered, and irq is destroyed. */
bool front_end_auth_admits(struct front_end *s, nta_incoming_t *irq, const sip_t *sip,
			   const char *peer);

/** Signs what goes to clients that sign. */
extern const struct agent_signer front_end_auth_signer;
