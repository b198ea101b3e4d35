/*
 * SIP leg: its session interval
 *
 * How long a session lives without a refresh, and who refreshes it (RFC 4028), as an INVITE or UPDATE and its answer agree on
 * it. What follows from that is in front_end/refresh.
 */
#pragma once

#include "mcxd/front_end/leg.h"

#include <sofia-sip/nta.h>
#include <stdbool.h>

struct front_end;
struct sip_text;
struct text;

/** Refuse (422) a request that asks for too short an interval, if its sender can ask again (RFC 4028, 9). False: it does
 *  not. */
bool sip_interval_refuse(struct front_end *s, nta_incoming_t *irq, const sip_t *sip);

/** What an INVITE or UPDATE of theirs asks for holds, as far as we are willing. */
void sip_interval_take_request(struct sip_leg *l, const sip_t *sip);
/** What their 2xx to one of ours says holds. */
void sip_interval_take_answer(struct sip_leg *l, const sip_t *sip);

/** It begins now. */
void sip_interval_begin(struct sip_leg *l);

/** Add what a 200 of ours says to it. */
void sip_interval_add_answer(const struct sip_leg *l, struct sip_text *m);
/** The value of its Session-Expires, or nothing if there is no interval. Returns whether the other end has to refresh. */
bool sip_interval_add_value(const struct sip_leg *l, struct text *out);

/** Add what an INVITE of ours asks for, or nothing if we do not want a session timer. */
void sip_interval_add_request(const struct sip_leg *l, struct sip_text *m);

/** The values of Session-Expires and Min-SE in a refresh of ours; free() them. */
char *sip_interval_request_value(const struct sip_leg *l);
char *sip_interval_min_value(const struct sip_leg *l);

/** They want a longer one than we asked for (422): the next request will ask for it. False if that cannot help. */
bool sip_interval_grow(struct sip_leg *l, const sip_t *sip);

/** The same for an INVITE, which is sent again with it. NULL if that cannot help. */
nta_outgoing_t *sip_interval_invite_again(struct sip_leg *l, nta_outgoing_t *orq, const sip_t *sip,
					  nta_response_f *on_response);
