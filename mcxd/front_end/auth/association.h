/*
 * Security associations
 *
 * What is remembered of a client that signs ([MS-SIPAE] 3.3.1): its keys, who it is, and which of its messages came already. A client
 * that goes through the handshake again replaces its old one, and a user has so many at most.
 */
#pragma once

#include "mcxd/base/list.h"
#include "mcxd/front_end/auth/nonce.h"
#include "proto/auth/ntlm.h"
#include "proto/sip/ident.h"

#include <stdbool.h>
#include <stdint.h>

struct association_owner;

struct association {
	struct list of_owner;
	struct association_owner *owner;
	char opaque[NONCE_SIZE];    /* by which messages name it */
	char epid[IDENT_EPID_SIZE]; /* of the client; "" if it has none */
	struct ntlm_keys keys;
	uint64_t credentials; /* of struct user, with which it was made */
	int64_t until_ms;
	uint64_t peer; /* mark of where its latest message came from */
	uint64_t seen; /* bit i: the message count_max - i has come */
	uint32_t count_max, n_sent;
};

struct associations;

struct associations *associations_new(int64_t max_per_user);
struct associations *associations_free(struct associations *a); /* NULL is fine */

/** Make one for a user's client, which may be "", in place of its old one. */
struct association *association_new(struct associations *a, const char *aor, const char *epid,
				    const char *opaque);
void association_drop(struct associations *a, struct association *s);

/** NULL: there is none. */
struct association *association_find(const struct associations *a, const char *opaque);
/** That of a user's client: with this epid, or without one the one whose latest message came from this peer. */
struct association *association_of_client(const struct associations *a, const char *aor,
					  const char *epid, uint64_t peer);

/** Whose it is. */
const char *association_aor(const struct association *s);

/** Whether a message with this count has not come before. It may come a little later than others that were sent after it. */
bool association_count(struct association *s, uint32_t count);

size_t associations_count(const struct associations *a);
