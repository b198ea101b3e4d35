/*
 * Identity
 *
 * What a role shows of itself over TLS, and whom it trusts: its certificate, the lab's authority with those of pki.trust, and the
 * policy of its listener.
 */
#pragma once

#include <stdbool.h>

struct pki_pair;
struct tls_context;
struct tls_settings;

/** A zeroed one may be given to identity_deinit(). */
struct identity {
	struct tls_context *server, *client;
};

struct identity_args {
	const char *section; /* of the settings, for errors */
	const struct pki_pair *pair;
	const char *authority; /* file of the lab's */
	const char *trust;     /* files of others, separated by spaces */
	const struct tls_settings *policy;
	const char *alpn; /* as in struct tls_config; NULL for SIP */
	bool any_name;
};

/** Returns 0, or a negative errno, having logged which file or setting is wrong. */
int identity_init(struct identity *i, const struct identity_args *args);

/** The same whatever the policy says: a server that asks for no certificate. */
int identity_init_unasking(struct identity *i, const struct identity_args *args);

/** Read the files again, for connections that begin later; what fails is logged, and stays as it was. */
void identity_reload(struct identity *i, const char *section);

void identity_deinit(struct identity *i);
