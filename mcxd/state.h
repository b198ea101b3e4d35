/*
 * State directory
 *
 * Where a daemon keeps its database, certificates and the lab socket: the directory of the settings, the user's default, or an
 * ephemeral one, which is removed at the end.
 */
#pragma once

#include "mcxd/net/pki.h"
#include "mcxd/sip_role.h"

#include <stdbool.h>

struct settings;

/** The name of the database in it. */
#define STATE_DATABASE "mcxd.db"

/** … and of the secret that webhooks are signed with. */
#define STATE_WEBHOOK_SECRET "webhook.secret"

/** … and of the key that provider tokens of APNs are signed with. */
#define STATE_APNS_KEY "apns.p8"

/** A zeroed one may be given to state_deinit(). */
struct state {
	char *dir; /* absolute: paths in it are told to others */
	bool ephemeral;
	struct pki_pair authority; /* whom every role's certificate is signed by */
	struct pki_pair pairs[N_SIP_ROLES];
	struct pki_pair push_service; /* for APNs */
	char *apns_key;               /* file with the key of provider tokens */
};

/** Make the directory and the certificates that are missing. Returns 0, or a negative errno, having logged
 *  what failed. */
int state_init(struct state *s, const struct settings *settings, bool ephemeral);

void state_deinit(struct state *s);
