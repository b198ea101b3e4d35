/*
 * SIP leg: whether its other end is still there
 *
 * A session with an interval (front_end/interval) is refreshed by an UPDATE, or a re-INVITE where the other end takes no
 * UPDATE, at half of it; or else ends a little before its interval is over, if the other end should have refreshed it (RFC 4028,
 * 10). Without an interval the other end is probed by an OPTIONS in the dialog when nothing has been heard from it for a
 * while. It ends with 408, 481, or a connection that nothing can replace.
 */
#pragma once

#include "mcxd/front_end/leg.h"

#include <stdbool.h>

/** The interval has been agreed on now. */
void sip_refresh_start(struct sip_leg *l);

/** After a restart: what is left of the interval goes on. */
void sip_refresh_resume(struct sip_leg *l);

/** Whether an offer of ours waits for its answer: that of a re-INVITE. */
bool sip_refresh_has_offered(const struct sip_leg *l);
