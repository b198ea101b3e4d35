/*
 * A client that answers challenges of Digest
 */
#pragma once

#include "front_end_fixture.h"
#include "proto/auth/digest.h"
#include "tests/loop/raw.h"

#include <stdbool.h>

struct front_end_config;

/** A config that asks for Digest over UDP and TCP. */
void auth_client_ask(struct front_end_config *config);

struct auth_client {
	struct raw r;
	struct digest_session session;
	struct digest_maker *maker;
	const char *user, *password, *uri;
	unsigned cseq;
};

void auth_client_init(struct auth_client *c, const struct front_end_fixture *f, bool tcp);
void auth_client_deinit(struct auth_client *c);

/** Take the nth challenge of an answer. */
void auth_client_take(struct auth_client *c, const char *answer, const char *header, int nth);

/** A header line with credentials; free() it. */
char *auth_client_credentials(struct auth_client *c, const char *header, const char *method);
