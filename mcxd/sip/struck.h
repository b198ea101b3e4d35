/*
 * Struck
 *
 * What a transport keeps of requests that a fault strikes: those that it holds, and those whose answers are to be slow; and of
 * those that their owner holds (agent_hold()), which no fault strikes.
 */
#pragma once

#include "mcxd/base/fault.h"
#include "mcxd/base/list.h"
#include "mcxd/net/address.h"
#include "proto/text/text.h"

#include <sofia-sip/sip.h>
#include <sofia-sip/tport.h>

struct tport_s;

/** Deliver bytes that were held as if they had just come. */
typedef void struck_again_h(struct tport_s *tp, const struct address *from, const char *bytes,
			    size_t n);

struct struck {
	struct list of_transport;
	struct fault_hold hold;
	struct fault_strike strike;
	tport_t *tport; /* that it came by; a reference */
	struct text key;
	/* one that is held: */
	struct address from;
	struct text bytes;
	struck_again_h *again;
	void (*on_gone)(
		void *magic); /* it is freed before its owner has let it go; NULL: a fault holds it */
	void *magic;
};

/** Keep a request that came by this transport. */
struct struck *struck_new(struct list *all, tport_t *tp, const sip_t *request,
			  const struct fault_strike *strike);
void struck_free(struct struck *s);

/** That request, or one that repeats it, or its answer; NULL: it is not kept. */
struct struck *struck_find(const struct list *all, const sip_t *sip);

/** Forget what came by this transport; NULL: all. */
void struck_forget(const struct list *all, const tport_t *tp);
