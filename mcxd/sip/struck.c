/*
 * Agent: requests that a fault strikes
 */
#include "mcxd/sip/private.h"

#include "mcxd/base/fault.h"
#include "proto/text/mem.h"
#include "proto/text/text.h"

#include <sofia-sip/nta_stateless.h>
#include <sofia-sip/nta_tag.h>
#include <sofia-sip/sip_header.h>
#include <sofia-sip/sip_status.h>
#include <sofia-sip/sip_tag.h>

static char *aor_of(const url_t *url)
{
	return url->url_user && url->url_host ? text_format("%s@%s", url->url_user, url->url_host)
					      : NULL;
}

/* Before there is a transaction: what is lost is new when it is sent again. */
bool agent_is_struck(struct agent *a, nta_agent_t *nta, msg_t *msg, const sip_t *sip)
{
	CLEANUP(mem_free_string) char *from = NULL;
	CLEANUP(mem_free_string) char *to = NULL;
	CLEANUP(mem_free_string) char *key = NULL;
	struct fault_strike strike;

	if (!a->faults)
		return false;
	from = aor_of(sip->sip_from->a_url);
	to = aor_of(sip->sip_to->a_url);
	key = text_concat("sip:", sip->sip_call_id->i_id);
	if (!faults_strike(
		    a->faults,
		    &(struct fault_passing){ .where = a->joint, .users = { from, to }, .key = key },
		    &strike))
		return false;
	if (strike.what == FAULT_STATUS)
		nta_msg_treply(nta, msg, strike.status, sip_status_phrase(strike.status),
			       SIPTAG_SERVER_STR(a->server), TAG_END());
	else
		msg_destroy(msg);
	return true;
}
