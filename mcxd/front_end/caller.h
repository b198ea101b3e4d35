/*
 * SIP leg: the caller's
 *
 * Made of an INVITE that came from a client.
 */
#pragma once

#include <sofia-sip/nta.h>
#include <stdbool.h>

struct front_end;
struct leg;
struct sip_session;
struct sip_echo;
struct store_row;

struct sip_caller {
	nta_incoming_t *irq;
	const sip_t *sip;
	const char *from, *to;     /* AoRs */
	struct sip_session *offer; /* none: the callee is to make it; its outline is taken over */
	struct sip_echo *echo;     /* taken over with irq */
	bool is_call;              /* it offers something else than messages */
};

/** The leg of a caller, which takes irq over. NULL if no dialog can be made; irq then stays the caller's. */
struct leg *sip_caller_new(struct front_end *s, const struct sip_caller *in);

/** The same after a restart. NULL if no dialog can be made. */
struct leg *sip_caller_restore(struct front_end *s, const struct store_row *dialog,
			       const struct store_row *cseq);
