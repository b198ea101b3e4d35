/*
 * Waiters
 *
 * NTA's transactions that wait for something from a transport, and are told when the transport can no longer bring it
 * (tport_pend() and tport_release()). A place is known by a small positive number; places are reused.
 */
#pragma once

#include "mcxd/net/address.h"

#include <sofia-sip/tport.h>

struct waiter;

struct waiters {
	struct waiter *places;
	unsigned n_places, n_used;
	unsigned first_free; /* number of a free place, 0: none */
	unsigned round;      /* of the last report */
};

/** Forget all of them; nobody is told. */
void waiters_deinit(struct waiters *w);

/** Returns the number of the place. */
int waiters_add(struct waiters *w, msg_t *msg, tport_pending_error_f *on_error,
		tp_client_t *client);

/** Whether that place is theirs. */
bool waiters_has(const struct waiters *w, int place, const msg_t *msg, const tp_client_t *client);
void waiters_remove(struct waiters *w, int place);

/** What has come of a message: an errno, and a sentence for people or NULL. */
struct waiters_news {
	const struct address *peer; /* those whose message went there; NULL: all */
	int error;
	const char *why;
};

/** Tell them, each with the news noted at its message (failure.h). Those who come meanwhile, because one that was told
 *  tries again, are not told. Returns how many were. */
unsigned waiters_tell(struct waiters *w, tp_stack_t *stack, tport_t *tp,
		      const struct waiters_news *news);
