/*
 * Outcome
 */
#include "mcxd/front_end/outcome.h"

#include "proto/diag.h"

struct diag sip_outcome(const sip_t *answer)
{
	int status = answer->sip_status->st_status;
	struct diag outcome = diag_make(diag_code_of_sip(status));

	if (status < 300)
		return diag_make(DIAG_SUCCESS);
	/* A challenge is meant for us, not for the author of the message. */
	if (status == 401 || status == 407)
		return diag_make(DIAG_FORBIDDEN);
	/* How a client answers what is under way when it gets a BYE (RFC 3261, 15.1.2). */
	if (status == 487)
		outcome.code = DIAG_CONVERSATION_ENDED;
	if (status == 408)
		outcome.code = DIAG_HOP_TIMEOUT;
	/* There is no session description in it that could be meant. */
	if (status == 488)
		outcome.code = DIAG_BAD_TYPE;
	outcome.sip_status = status;
	return outcome;
}
