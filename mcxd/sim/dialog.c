/*
 * Dialog
 */
#include "mcxd/sim/dialog.h"

#include "mcxd/sim/call.h"
#include "mcxd/sim/call_private.h"
#include "mcxd/sim/sim.h"
#include "mcxd/sip/agent.h"
#include "proto/sip/uri.h"
#include "proto/text/mem.h"
#include "proto/text/text.h"

#include <sofia-sip/nta.h>
#include <sofia-sip/nta_tag.h>
#include <sofia-sip/sip_header.h>
#include <sofia-sip/sip_status.h>
#include <sofia-sip/sip_tag.h>
#include <sofia-sip/su_alloc.h>

void sim_dialog_deinit(struct sim_dialog *d)
{
	free(d->peer);
	free(d->name);
	free(d->call_id);
	free(d->local);
	free(d->remote);
	free(d->target);
	*d = (struct sim_dialog){ 0 };
}

void sim_dialog_copy(struct sim_dialog *to, const struct sim_dialog *from)
{
	sim_dialog_deinit(to);
	*to = (struct sim_dialog){ .peer = mem_strdup(from->peer),
				   .name = mem_strdup(from->name),
				   .call_id = mem_strdup(from->call_id),
				   .local = mem_strdup(from->local),
				   .remote = mem_strdup(from->remote),
				   .target = mem_strdup(from->target),
				   .local_cseq = from->local_cseq,
				   .remote_cseq = from->remote_cseq };
}

bool sim_dialog_is_sound(const struct sim_dialog *d)
{
	su_home_t home[1] = { SU_HOME_INIT(home) };
	const sip_from_t *local;
	const sip_to_t *remote;
	bool is_sound;

	if (!uri_is_aor(d->peer) || !*d->call_id || strpbrk(d->call_id, " \t\r\n<>\"") ||
	    strpbrk(d->local, "\r\n") || strpbrk(d->remote, "\r\n"))
		return false;
	su_home_init(home);
	local = sip_from_make(home, d->local);
	remote = sip_to_make(home, d->remote);
	is_sound =
		local && local->a_tag && remote && remote->a_tag &&
		(!d->target || (!strpbrk(d->target, "\r\n") && sip_contact_make(home, d->target)));
	su_home_deinit(home);
	return is_sound;
}

/* ---- writing it down ---- */

static char *target_of(nta_leg_t *leg)
{
	const sip_route_t *route = NULL;
	const sip_contact_t *contact = NULL;
	su_home_t home[1] = { SU_HOME_INIT(home) };
	char *target = NULL;

	su_home_init(home);
	if (nta_leg_get_route(leg, &route, &contact) >= 0 && contact)
		target = mem_strdup(sip_header_as_string(home, (const sip_header_t *)contact));
	su_home_deinit(home);
	return target;
}

static char *end_of(const char *name_addr, const char *tag)
{
	return text_concat(name_addr, ";tag=", tag);
}

bool sim_call_save(const struct sim_call *c, struct sim_dialog *ret)
{
	CLEANUP(text_deinit) struct text remote = TEXT_INIT;

	if (c->state != SIM_CALL_CONNECTED || !nta_leg_get_tag(c->leg) || !nta_leg_get_rtag(c->leg))
		return false;
	text_add_all(&remote, "<", c->uri, ">");
	*ret = (struct sim_dialog){ .peer = mem_strdup(c->uri + strlen("sip:")),
				    .name = mem_strdup(c->peer),
				    .call_id = mem_strdup(c->call_id),
				    .local = end_of(c->line.from, nta_leg_get_tag(c->leg)),
				    .remote = end_of(text_str(&remote), nta_leg_get_rtag(c->leg)),
				    .target = target_of(c->leg),
				    .local_cseq = nta_leg_get_seq(c->leg),
				    .remote_cseq = nta_leg_get_rseq(c->leg) };
	return true;
}

/* ---- going on with it ---- */

static nta_leg_t *make_leg(struct sim_call *c, const struct sim_dialog *d)
{
	CLEANUP(mem_free_string) char *cseq = text_format("%u INVITE", (unsigned)d->local_cseq);
	su_home_t home[1] = { SU_HOME_INIT(home) };
	nta_leg_t *leg = nta_leg_tcreate(
		agent_nta(c->line.agent), sim_call_on_dialog_request, (void *)c,
		SIPTAG_CALL_ID_STR(d->call_id), SIPTAG_FROM_STR(d->local), SIPTAG_TO_STR(d->remote),
		SIPTAG_CSEQ_STR(cseq), NTATAG_REMOTE_CSEQ(d->remote_cseq), TAG_END());

	su_home_init(home);
	if (leg && d->target)
		nta_leg_client_route(leg, NULL, sip_contact_make(home, d->target));
	su_home_deinit(home);
	return leg;
}

/* The other side has forgotten the dialog, or cannot be reached. */
static int on_back(nta_outgoing_magic_t *magic, nta_outgoing_t *orq, const sip_t *sip)
{
	struct sim_call *c = (void *)magic;
	int status = nta_outgoing_status(orq);

	(void)sip;
	if (status < 200)
		return 0;
	nta_outgoing_destroy(c->back);
	c->back = NULL;
	if (status / 100 == 2)
		return 0;
	sim_call_tell(c, SIM_EVENT_ENDED, c->peer, NULL);
	sim_call_end(c, SIM_FAILED);
	return 0;
}

/* Any request shows the server the new way back: one that means nothing else is OPTIONS (RFC 3261, 11). */
bool sim_call_resume(struct sim_call *c, const struct sim_dialog *d)
{
	if (c->state != SIM_CALL_IDLE)
		return false;
	c->leg = make_leg(c, d);
	if (!c->leg)
		return false;
	c->state = SIM_CALL_CONNECTED;
	mem_set_string(&c->peer, d->name);
	c->uri = text_concat("sip:", d->peer);
	mem_set_string(&c->call_id, d->call_id);
	sim_call_tell(c, SIM_EVENT_CONNECTED, c->peer, NULL);
	c->back = nta_outgoing_tcreate(c->leg, on_back, (void *)c, agent_url(c->line.route),
				       SIP_METHOD_OPTIONS, NULL,
				       SIPTAG_CONTACT_STR(c->line.contact), TAG_END());
	return true;
}
