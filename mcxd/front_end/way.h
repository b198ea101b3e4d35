/*
 * SIP leg: the way to the other end
 *
 * The way that the other end's request came by is the first choice, because it goes through any proxies in
 * between. If it fails, the other end's Contact is tried, or the first proxy of the route set, as far as its host is an address
 * or a name in [hosts].
 */
#pragma once

#include "mcxd/front_end/leg.h"
#include "proto/diag.h"

#include <sofia-sip/nta.h>

struct front_end;

/** Note the other way: to the Contact that the other end registered, or as its message says. */
void sip_way_to_contact(struct sip_leg *l, const char *contact);
void sip_way_to_sender(struct sip_leg *l, const sip_t *sip);

/** A request in the dialog has come after a restart: its connection is the way back, because those from before are gone. */
void sip_way_back(struct sip_leg *l, nta_incoming_t *irq);

/** The route failed: change to the other one. False if there is none. */
bool sip_way_turn(struct sip_leg *l);

/** Why nothing more can be tried after a transport failed: DIAG_DNS_A, logged and counted, if the other way was by a name that is
 *  not known, else the code given. */
struct diag sip_way_failure(const struct sip_leg *l, enum diag_code otherwise, const char *info);

/** Send a BYE and ignore its outcome, except that the other way is tried if the first fails. */
void sip_way_bye(struct sip_leg *l);
void sip_way_forget_byes(struct front_end *s);
