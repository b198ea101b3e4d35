/*
 * Publications
 *
 * What SIP clients say of their own user's presence (RFC 3903). Each client of a user has one. An activity that is published for the
 * first time, or is another one than before, is set as if the user had set it over HTTPS; to be open says nothing that a
 * registration does not say. When a publication is taken back or its time is over, what it has set goes with it, unless something
 * else was set since, and the newest of the others counts again.
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

/** The user is removed or reset: forget what its clients have published. */
void publication_forget(struct front_end *s, const char *aor);

/** A PUBLISH. */
void publication_on_request(struct front_end *s, nta_incoming_t *irq, const sip_t *sip);
