/*
 * Publications
 *
 * What SIP clients say of their own user's presence (RFC 3903). Each client of a user has one; what came last is what the user
 * has set, as if it had been set over HTTPS. When that is taken back or its time is over, the one before counts again.
 */
#pragma once

#include "mcxd/base/idtab.h"

#include <sofia-sip/nta.h>

struct front_end;

/** All of a front end's; embedded in struct front_end. */
struct publications {
	struct strtab by_etag;    /* struct publication */
	struct strtab publishers; /* struct publisher, by its address */
};

void publications_init(struct publications *p);
/** Forget all; what they have set stays. */
void publications_deinit(struct publications *p);

/** A PUBLISH. */
void publication_on_request(struct front_end *s, nta_incoming_t *irq, const sip_t *sip);
