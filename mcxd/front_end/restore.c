/*
 * SIP leg: after a restart
 */
#include "mcxd/front_end/restore.h"

#include "mcxd/base/fsm.h"
#include "mcxd/core/leg.h"
#include "mcxd/core/store_row.h"
#include "mcxd/front_end/dialog.h"
#include "mcxd/front_end/endpoint.h"
#include "mcxd/front_end/front_end.h"
#include "mcxd/front_end/leg.h"
#include "mcxd/front_end/private.h"
#include "mcxd/front_end/refresh.h"
#include "mcxd/sip/agent.h"
#include "proto/sip/sdp_im.h"
#include "proto/text/mem.h"
#include "proto/text/text.h"

#include <sofia-sip/nta_tag.h>
#include <sofia-sip/sip_header.h>
#include <sofia-sip/sip_tag.h>
#include <sofia-sip/su_alloc.h>

static void fill(struct sip_leg *object, const struct dialog_row *row)
{
	STORE_DIALOG_COLUMNS(STORE_RESTORE, STORE_SKIP)
	mem_set_string(&object->call_id, row->call_id);
	mem_set_string(&object->local, row->local);
	mem_set_string(&object->remote, row->remote);
}

/* sofia refuses what is numbered below the highest that it has seen; which of those was accepted is for
 * sip_keep_knows(), so it starts below all that may be sent again. */
static uint32_t oldest_held(const struct sip_leg *l, uint32_t newest)
{
	int64_t n = l->front_end->config->max_held_messages;

	return newest > n ? newest - (uint32_t)n : 0;
}

static nta_leg_t *make_dialog(struct sip_leg *l, const struct store_row *cseq)
{
	CLEANUP(mem_free_string) char *local = text_format("%u INVITE", (unsigned)cseq->cseq.local);

	return nta_leg_tcreate(
		agent_nta(l->front_end->agent), sip_dialog_on_request, (nta_leg_magic_t *)l,
		SIPTAG_CALL_ID_STR(l->call_id), SIPTAG_FROM_STR(l->local), SIPTAG_TO_STR(l->remote),
		SIPTAG_CSEQ_STR(local),
		NTATAG_REMOTE_CSEQ(oldest_held(l, (uint32_t)cseq->cseq.remote)), TAG_END());
}

/* The stored set is in the order in which requests go through it, as a server's is. */
static void set_route(struct sip_leg *l, const struct dialog_row *row)
{
	su_home_t home[1] = { SU_HOME_INIT(home) };
	sip_record_route_t *route;
	sip_contact_t *target;

	su_home_init(home);
	route = row->route_set ? sip_record_route_make(home, row->route_set) : NULL;
	target = row->remote_target ? sip_contact_make(home, row->remote_target) : NULL;
	nta_leg_server_route(l->dialog, route, target);
	su_home_deinit(home);
}

bool sip_leg_restore(struct sip_leg *l, const struct store_row *dialog,
		     const struct store_row *cseq)
{
	const struct dialog_row *row = &dialog->dialog;

	if (!row->call_id || !row->local || !row->remote || !row->route)
		return false;
	fill(l, row);
	l->leg.reads = l->session.reads;
	l->transport = agent_route_transport(l->route);
	l->dialog = make_dialog(l, cseq);
	if (!l->dialog)
		return false;
	set_route(l, row);
	sip_endpoint_binding(l);
	l->is_restored = true;
	l->local_until = (uint32_t)cseq->cseq.local;
	l->restored_cseq = (uint32_t)cseq->cseq.remote;
	l->remote_cseq = l->accepted_cseq = l->restored_cseq;
	fsm_feed(&l->fsm, SIP_LEG_ON_CONFIRMED, NULL);
	/* Hashes have another key in every process: the next description counts as another one. */
	l->session_hash = 1;
	sip_refresh_resume(l);
	return true;
}

static bool is_word(const char *s)
{
	return s && *s && !strpbrk(s, " \t\r\n<>\"");
}

bool sip_leg_can_restore(const struct store_row *dialog)
{
	const struct dialog_row *row = &dialog->dialog;
	su_home_t home[1] = { SU_HOME_INIT(home) };
	bool can;

	if (!is_word(row->call_id) || !row->local || !row->remote || !is_word(row->route) ||
	    !row->self || !(row->caller || row->aor))
		return false;
	su_home_init(home);
	can = sip_from_make(home, row->local) && sip_to_make(home, row->remote) &&
	      (!row->route_set || sip_record_route_make(home, row->route_set)) &&
	      (!row->remote_target || sip_contact_make(home, row->remote_target));
	su_home_deinit(home);
	return can;
}
