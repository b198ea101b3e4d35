/*
 * Agent: whether a fault strikes
 *
 * Only requests that begin something: what belongs to a dialog or a transaction, and an ACK or a CANCEL, has nothing that it could
 * be answered with, or breaks what the story has begun already.
 */
#include "mcxd/sip/private.h"

#include "mcxd/base/fault.h"
#include "mcxd/sip/agent.h"

#include <sofia-sip/nta.h>
#include <sofia-sip/sip_header.h>
#include <sofia-sip/sip_protos.h>

static bool begins_something(const struct agent *a, const sip_t *sip)
{
	sip_method_t method = sip->sip_request->rq_method;

	return sip->sip_from && sip->sip_to && !sip->sip_to->a_tag && sip->sip_call_id &&
	       sip->sip_cseq && method != sip_method_ack && method != sip_method_cancel &&
	       !nta_incoming_find(a->nta, sip, sip->sip_via);
}

bool agent_is_struck(void *magic, const sip_t *sip, bool is_datagram, struct fault_strike *ret)
{
	const struct agent *a = magic;
	struct agent_users users;

	if (!begins_something(a, sip))
		return false;
	agent_find_users(a, sip, false, &users);
	return faults_strike(a->faults,
			     &(struct fault_passing){ .where = a->joint,
						      .is_datagram = is_datagram,
						      .users = { users.users[0], users.users[1] } },
			     ret);
}
