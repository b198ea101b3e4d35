/*
 * SIP leg: the way to the other end
 *
 * The way that the other end's newest request came by is the first choice, because it goes through any proxies in
 * between. If it fails, these are tried, each once until something is heard from the other end again: where the client has registered
 * meanwhile; the remote target, or the first proxy of the route set, as far as its host is an address or a name in
 * [hosts]; and the Contact that it has registered.
 */
#pragma once

#include "mcxd/front_end/leg.h"
#include "proto/diag.h"

#include <sofia-sip/nta.h>
#include <sofia-sip/sip.h>

struct front_end;

/** Note the other way: to this Contact, or as the dialog's route set and remote target say. */
void sip_way_to_contact(struct sip_leg *l, const char *contact);
void sip_way_to_target(struct sip_leg *l);

/** The other end can be reached by the present way: those that failed may be tried again. */
void sip_way_heard(struct sip_leg *l);

/** A request in the dialog has come: its connection is the way back, because the one before may be gone. Over UDP there is no
 *  connection, and the source is the way back only after a restart. */
void sip_way_back(struct sip_leg *l, nta_incoming_t *irq);

/** A target refresh that is being accepted, or our own that was (irq NULL): its Contact is the remote target (RFC 3261, 12.2), and
 *  the way back is the one that it came by. */
void sip_way_refresh(struct sip_leg *l, nta_incoming_t *irq, const sip_t *sip);

/** Send the ACK of this 2xx to an INVITE of ours. */
void sip_way_acknowledge(struct sip_leg *l, nta_outgoing_t *orq, const sip_t *sip);

/** The way that a request came by, to be asked before its handler returns. */
struct sip_way_came {
	char *route;
	const char *transport;
};
void sip_way_came_by(const struct sip_leg *l, nta_incoming_t *irq, struct sip_way_came *ret);
/** A target refresh that is accepted later; came NULL: our own. */
void sip_way_refresh_by(struct sip_leg *l, const struct sip_way_came *came, const sip_t *sip);

/** The route failed: change to the next one. False if there is none. */
bool sip_way_turn(struct sip_leg *l);

/** Why nothing more can be tried after a transport failed: DIAG_DNS_A, logged and counted, if the other way was by a name that is
 *  not known, else the code given. */
struct diag sip_way_failure(const struct sip_leg *l, enum diag_code otherwise, const char *info);

/** Send a BYE and ignore its outcome, except that the other ways are tried if the first fails. */
void sip_way_bye(struct sip_leg *l);
void sip_way_forget_byes(struct front_end *s);
