/*
 * Messages outside a dialog: our own
 *
 * Builds a MESSAGE and sends it to the clients of a user, one copy each; the first success counts.
 */
#pragma once

#include "mcxd/front_end/private.h"
#include "proto/diag.h"

#include <stddef.h>
#include <stdint.h>

/** A message and its way. The strings are valid during the call only. */
struct pager_text {
	const char *self, *self_name; /* whose message it is; the name may be NULL */
	const char *peer;             /* AoR */
	const char *route;            /* for a peer without a binding; may be NULL */
	uint64_t binding; /* the one that it goes to, if it is still there; 0: all of the peer's */
	const char *key;  /* of the story in the journal that it belongs to */
	const char *type; /* Content-Type */
	const void *body;
	size_t n;
};

struct pager_sending;
typedef void pager_sent_h(void *magic, uint64_t id, const struct diag *outcome);

/** Send it, unless it can be sent nowhere (NULL). on_sent is called from the loop, once; the object is gone then. */
struct pager_sending *pager_text_send(struct front_end *s, const struct pager_text *t, uint64_t id,
				      pager_sent_h *on_sent, void *magic);

/** on_sent will not be called. */
void pager_text_forget(struct pager_sending *m);
