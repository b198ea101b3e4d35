/*
 * Authentication of a simulated desktop
 *
 * By Digest, with the desktop's password: the first challenge is answered, and all requests after it carry credentials for as
 * long as its nonce is good.
 */
#pragma once

#include "proto/auth/digest.h"
#include "proto/text/text.h"

#include <sofia-sip/sip.h>
#include <stdbool.h>

struct sim_auth {
	const char *user, *password; /* NULL: no challenge can be answered */
	struct digest_maker *maker;
	struct digest_session session;
	bool is_proxys; /* it was 407 that it came with */
};

void sim_auth_init(struct sim_auth *a, const char *user, const char *password);
void sim_auth_deinit(struct sim_auth *a);

/** Whether this answer to a request of ours is a challenge that can be met: then the request is to be sent again. One that comes
 *  after credentials were shown means that they are wrong, unless it is the nonce that has become stale. */
bool sim_auth_take(struct sim_auth *a, const sip_t *sip);

/** Whether requests carry credentials; append their header to a request. */
bool sim_auth_signs(const struct sim_auth *a, const sip_t *sip);
void sim_auth_sign(struct sim_auth *a, const sip_t *sip, struct text *ret_lines);
