/*
 * SIP leg: what passes from client to client
 *
 * The headers and the body of a message as its client wrote them, for the other client of the conversation (core/foreign.h):
 * all that is not about this hop, its dialog, or what we support and the other client may not.
 */
#pragma once

#include "mcxd/core/foreign.h"
#include "proto/sip/text.h"
#include "proto/text/text.h"

#include <sofia-sip/sip.h>

struct sip_foreign {
	struct foreign words; /* valid as long as this, and the message */
	struct text headers, challenges;
	char *phrase;
};

/** What an INVITE offers, but for the headers that every invitation of ours has. */
void sip_foreign_offer(struct sip_foreign *f, const sip_t *sip);
/** A request within a dialog, and an answer to it or, while it rings and when it is accepted, to an INVITE. */
void sip_foreign_request(struct sip_foreign *f, const sip_t *sip);
void sip_foreign_answer(struct sip_foreign *f, const sip_t *sip);
/** What a refusal tells the caller: how to ask again, and why. */
void sip_foreign_refusal(struct sip_foreign *f, const sip_t *sip);
void sip_foreign_deinit(struct sip_foreign *f);

/** Add it to a message, before which the headers of our own stand; then it is ended. */
void sip_foreign_add(struct sip_text *m, const struct foreign *words);
