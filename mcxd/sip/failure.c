/*
 * Failure
 */
#include "mcxd/sip/failure.h"

#include "mcxd/sip/agent.h"
#include "proto/diag.h"
#include "proto/text/text.h"

#include <errno.h>
#include <sofia-sip/msg_addr.h>
#include <sofia-sip/su_alloc.h>
#include <string.h>

/* The reason hangs on the message's own memory, at the place that sofia leaves to applications. */
void failure_note(msg_t *msg, int error, const char *why)
{
	if (!msg)
		return;
	msg_set_errno(msg, error);
	msg_object(msg)->msg_user = su_strdup(msg_home(msg), why ? why : strerror(error));
}

void failure_forget(msg_t *msg)
{
	msg_set_errno(msg, 0);
	msg_object(msg)->msg_user = NULL;
}

int failure_error(const msg_t *msg)
{
	return msg_errno(msg);
}

const char *failure_why(msg_t *msg)
{
	const char *why = msg_object(msg)->msg_user;

	return why ? why : "";
}

/* ---- of an agent's requests ---- */

static enum diag_code code_of(int error)
{
	switch (error) {
	case EPROTO: return DIAG_TRUST;
	case ENXIO: return DIAG_DNS_A;
	default: return DIAG_TEMPORARILY_NO_ROUTE;
	}
}

enum diag_code agent_failure(nta_outgoing_t *orq, int status, struct text *why)
{
	msg_t *request = nta_outgoing_getrequest(orq);
	enum diag_code code = DIAG_TEMPORARILY_NO_ROUTE;

	if (status == 408) {
		code = DIAG_HOP_TIMEOUT;
	} else if (request) {
		code = code_of(failure_error(request));
		text_add(why, failure_why(request));
	}
	msg_destroy(request);
	return code;
}
