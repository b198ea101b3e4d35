/*
 * Expires
 */
#include "mcxd/front_end/presence/expires.h"

#include "mcxd/core/core.h"
#include "mcxd/front_end/private.h"
#include "mcxd/front_end/refuse.h"
#include "proto/diag.h"
#include "proto/text/mem.h"
#include "proto/text/text.h"

#include <sofia-sip/sip_header.h>

int64_t expires_wanted_s(struct front_end *s, nta_incoming_t *irq, const sip_t *sip)
{
	const struct core_config *config = s->core->config;
	int64_t wanted =
		sip->sip_expires ? (int64_t)sip->sip_expires->ex_delta : config->max_expires_s;
	CLEANUP(mem_free_string) char *header = NULL;

	if (wanted > config->max_expires_s)
		wanted = config->max_expires_s;
	if (!wanted || wanted >= config->min_expires_s)
		return wanted;
	header = text_format("Min-Expires: %lld\r\n", (long long)config->min_expires_s);
	front_end_refuse(s, irq, DIAG_INTERVAL_TOO_BRIEF, NULL, header);
	return -1;
}
