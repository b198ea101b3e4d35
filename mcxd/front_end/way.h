/*
 * SIP leg: the way to the other end
 *
 * The way that the other end's request came by is the first choice, because it goes through any proxies in
 * between. If it fails, and the other end's Contact is a numeric address, that is tried.
 */
#pragma once

#include "mcxd/front_end/leg.h"

struct front_end;

/** Note the way to the other end's Contact: the one it registered, or the one in its message. */
void sip_way_to_contact(struct sip_leg *l, const char *contact);
void sip_way_to_sender(struct sip_leg *l, const sip_t *sip);

/** The route failed: change to the other one. False if there is none. */
bool sip_way_turn(struct sip_leg *l);

/** Send a BYE and ignore its outcome, except that the other way is tried if the first fails. */
void sip_way_bye(struct sip_leg *l);
void sip_way_forget_byes(struct front_end *s);
