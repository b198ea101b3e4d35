/*
 * SIP leg: merged requests
 */
#include "mcxd/front_end/merged.h"

#include "mcxd/base/fsm.h"
#include "mcxd/base/idtab.h"
#include "mcxd/front_end/field.h"
#include "mcxd/front_end/leg.h"
#include "mcxd/front_end/private.h"
#include "proto/sip/uri.h"
#include "proto/text/mem.h"
#include "proto/text/text.h"

#include <sofia-sip/sip_header.h>

/* No blank can be in any of the parts. NULL: nothing can be the same. */
static char *key_of(const sip_t *sip)
{
	char to[URI_MAX_AOR + 1], number[TEXT_NUMBER_SIZE];

	if (!sip->sip_from->a_tag || field_aor(sip->sip_request->rq_url, to))
		return NULL;
	return text_concat(sip->sip_call_id->i_id, " ", sip->sip_from->a_tag, " ",
			   text_number(number, sip->sip_cseq->cs_seq), " ", to);
}

static bool is_under_way(const struct sip_leg *l)
{
	return l->invite && l->fsm.state == SIP_LEG_EARLY;
}

bool merged_is_known(const struct front_end *s, const sip_t *sip)
{
	CLEANUP(mem_free_string) char *key = key_of(sip);
	const struct sip_leg *l = key ? strtab_get(&s->invites, key) : NULL;

	return l && is_under_way(l);
}

void merged_add(struct sip_leg *l, const sip_t *sip)
{
	struct strtab *invites = &l->front_end->invites;
	struct sip_leg *former;

	l->merge_key = key_of(sip);
	if (!l->merge_key)
		return;
	former = strtab_get(invites, l->merge_key);
	if (former)
		merged_remove(former);
	strtab_add(invites, l->merge_key, l);
}

void merged_remove(struct sip_leg *l)
{
	if (l->merge_key)
		strtab_remove(&l->front_end->invites, l->merge_key);
	free(l->merge_key);
	l->merge_key = NULL;
}
