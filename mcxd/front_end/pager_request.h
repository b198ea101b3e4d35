/*
 * Messages outside a dialog: a request and its answer
 *
 * A MESSAGE (RFC 3428) may go to several places at once: to every client of its receiver, as a stateful proxy forks it
 * (RFC 3261, 16), and to the receiver's phones, by a conversation. Each of them is a part; the first success of one is the
 * answer, and without one the best refusal (16.7, step 6). What a phone has acknowledged is 200; what waits for a phone is
 * 202, and that only once it is stored.
 */
#pragma once

#include "mcxd/base/list.h"
#include "mcxd/base/loop.h"
#include "mcxd/front_end/private.h"
#include "proto/diag.h"
#include "proto/text/text.h"

#include <sofia-sip/nta.h>
#include <stdbool.h>
#include <stdint.h>

struct binding;

struct pager_request {
	struct list of_front_end;
	struct list of_leg; /* on the leg that core answers to, while its part is open */
	struct front_end *front_end;
	nta_incoming_t *irq;
	uint64_t im;                /* how that leg calls it */
	char identity[17];          /* the same in each repetition */
	struct list branches;       /* that are not answered yet */
	unsigned n_open;            /* parts without an outcome */
	struct loop_timer patience; /* for the phone's acknowledgement */
	struct diag best;           /* the best refusal; all zero: none */
	char *info;                 /* of best */
	struct text best_answer;    /* an endpoint's own words for it; empty: there are none */
};

/** With one open part, which belongs to the caller. Takes over irq. */
struct pager_request *pager_request_new(struct front_end *s, nta_incoming_t *irq);

/** A request as it came. */
struct pager_received {
	struct text bytes;
	struct text route; /* where it came from: "sip:address:port;transport=…" */
};

/** One part more, for this binding. */
void pager_request_fork(struct pager_request *r, const struct binding *b,
			const struct pager_received *received);

/** The caller's part is over. */
void pager_request_close(struct pager_request *r);

/** A part more; and its outcome. After these r may be gone. */
void pager_request_open(struct pager_request *r);
void pager_request_refuse(struct pager_request *r, const struct diag *why);
void pager_request_accept(struct pager_request *r, int status);

/** It is stored for a phone: unless that acknowledges it soon, it is accepted with 202. */
void pager_request_stored(struct pager_request *r);

/** The process ends before core has said what became of it: nobody answers, and its sender repeats it. */
void pager_request_leave(struct pager_request *r);

/** Forget all, at the end of the front end. */
void pager_request_forget_all(struct front_end *s);
