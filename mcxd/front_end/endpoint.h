/*
 * SIP leg: the registration of its other end
 *
 * A client with a dialog has usually registered, too. That tells where it is when its connection is lost, and that it is gone
 * when it does not register any more.
 */
#pragma once

#include "mcxd/front_end/leg.h"

#include <stdint.h>

struct binding;
struct front_end;

/** It is this one. */
void sip_endpoint_join(struct sip_leg *l, uint64_t binding);

/** The registration that stands now; NULL: there is none. It has the same GRUU, epid or Contact, or
 *  is the only one that came by the same connection. */
const struct binding *sip_endpoint_binding(struct sip_leg *l);

/** The leg is going. */
void sip_endpoint_leave(struct sip_leg *l);

/** One of the legs that use this registration, which it leaves with this; NULL: there is none left. */
struct sip_leg *sip_endpoint_take(struct front_end *s, uint64_t binding);
