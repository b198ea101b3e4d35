/*
 * SIP leg: merged requests
 *
 * An INVITE that a proxy has forked may come more than once, with branches of its own. It is merged only where it is for the same
 * address and the first one is under way (RFC 3261, 8.2.2.2): sofia would ask for neither.
 */
#pragma once

#include <sofia-sip/sip.h>
#include <stdbool.h>

struct front_end;
struct sip_leg;

/** Whether another INVITE with the same tag, Call-ID and CSeq rings at this address. */
bool merged_is_known(const struct front_end *s, const sip_t *sip);

/** The leg is that of this INVITE. */
void merged_add(struct sip_leg *l, const sip_t *sip);
/** The leg is going; it may never have been added. */
void merged_remove(struct sip_leg *l);
