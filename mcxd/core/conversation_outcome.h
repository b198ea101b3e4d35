/*
 * Conversation: its outcome
 *
 * Of several refusals the best one is passed on (RFC 3261, 16.7, step 6).
 */
#pragma once

struct conversation;
struct diag;
struct foreign;

/** It is that, in these words (as) if the caller's leg knows them; as may be NULL. */
void conversation_set_outcome(struct conversation *v, const struct diag *outcome,
			      const struct foreign *as);

/** An endpoint has refused: that is the outcome unless another one's refusal is better. */
void conversation_weigh(struct conversation *v, const struct diag *why, const struct foreign *as);

/** It has ended: list it among those that have. */
void conversation_summarize(const struct conversation *v);
