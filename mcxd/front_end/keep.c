/*
 * SIP leg: what of it outlives a restart
 */
#include "mcxd/front_end/keep.h"

#include "mcxd/core/conversation.h"
#include "mcxd/core/conversation_row.h"
#include "mcxd/core/core.h"
#include "mcxd/core/leg.h"
#include "mcxd/core/ports.h"
#include "mcxd/core/store_row.h"
#include "mcxd/front_end/echo.h"
#include "mcxd/front_end/field.h"
#include "mcxd/front_end/interval.h"
#include "mcxd/front_end/leg.h"
#include "mcxd/front_end/private.h"
#include "proto/sip/uri.h"
#include "proto/text/mem.h"
#include "proto/text/text.h"

#include <sofia-sip/nta_tag.h>
#include <sofia-sip/sip_header.h>
#include <sofia-sip/sip_tag.h>
#include <sofia-sip/su_alloc.h>

enum { REQUESTS_AHEAD = 100 };

static bool is_kept(const struct sip_leg *l)
{
	return l->leg.row != 0;
}

/* done: what fails is tried again unless somebody waits for it. */
static void save_cseqs(const struct sip_leg *l, store_done_h *done)
{
	core_save(l->front_end->core,
		  &(struct store_row){
			  .kind = STORE_CSEQ,
			  .id = l->leg.row,
			  .cseq = { .local = l->local_until, .remote = l->remote_cseq } },
		  done, NULL);
}

/* As they are. sofia does not know what was accepted before the leg was restored. */
static void tell_cseqs(const struct sip_leg *l)
{
	uint32_t seen = nta_leg_get_rseq(l->dialog);

	core_save(l->front_end->core,
		  &(struct store_row){
			  .kind = STORE_CSEQ,
			  .id = l->leg.row,
			  .cseq = { .local = nta_leg_get_seq(l->dialog),
				    .remote = seen > l->remote_cseq ? seen : l->remote_cseq } },
		  NULL, NULL);
}

/* The message, which is in the same commit, has its own waiter. */
static void on_stored(void *magic, int err)
{
	(void)magic;
	(void)err;
}

void sip_keep_storing(struct sip_leg *l, uint32_t cseq)
{
	if (!is_kept(l) || cseq <= l->remote_cseq)
		return;
	l->remote_cseq = cseq;
	save_cseqs(l, on_stored);
}

void sip_keep_outcome(struct sip_leg *l, uint32_t cseq, bool accepted)
{
	uint32_t row = l->remote_cseq;

	if (accepted && cseq > l->accepted_cseq)
		l->accepted_cseq = cseq;
	if (accepted ? l->accepted_cseq > row : cseq == row)
		l->remote_cseq = l->accepted_cseq;
	if (l->remote_cseq != row && is_kept(l))
		save_cseqs(l, NULL);
}

void sip_keep_local(struct sip_leg *l)
{
	/* Well before they are used up, so that no number is sent that is not on the disk. */
	if (!is_kept(l) || nta_leg_get_seq(l->dialog) + REQUESTS_AHEAD / 2 < l->local_until)
		return;
	l->local_until = nta_leg_get_seq(l->dialog) + REQUESTS_AHEAD;
	save_cseqs(l, NULL);
}

bool sip_keep_knows(const struct sip_leg *l, uint32_t cseq)
{
	return cseq <= l->restored_cseq;
}

/* A caller's dialog was made of its INVITE, which the echo holds; a callee's of our own. */
static void name_dialog(struct sip_leg *l)
{
	CLEANUP(text_deinit) struct text remote = TEXT_INIT;
	const char *tag = nta_leg_get_rtag(l->dialog);

	if (l->remote)
		return;
	if (l->leg.caller) {
		l->call_id = mem_strdup(l->echo.call_id);
		l->remote = mem_strdup(l->echo.from);
		l->local = text_concat(l->echo.to, ";tag=", l->to_tag);
		return;
	}
	uri_add_name_addr(&remote, NULL, l->aor);
	if (tag)
		text_add_all(&remote, ";tag=", tag);
	l->remote = text_take(&remote);
}

static void save_dialog(struct sip_leg *object)
{
	struct core *c = object->front_end->core;
	const sip_route_t *route = NULL;
	const sip_contact_t *target = NULL;
	CLEANUP(mem_free_string) char *route_set = NULL;
	CLEANUP(mem_free_string) char *remote_target = NULL;

	if (nta_leg_get_route(object->dialog, &route, &target) < 0)
		return;
	name_dialog(object);
	route_set = field_text(route);
	remote_target = field_text(target);
	core_save(c,
		  &(struct store_row){
			  .kind = STORE_DIALOG,
			  .id = conversation_row_of(c, &object->leg, STORE_DIALOG),
			  .dialog = { .conversation = object->leg.conversation->id,
				      .caller = object->leg.caller,
				      .call_id = object->call_id,
				      .local = object->local,
				      .remote = object->remote,
				      .route_set = route_set,
				      .remote_target = remote_target,
				      STORE_DIALOG_COLUMNS(STORE_SAVE, STORE_SKIP) },
		  },
		  NULL, NULL);
}

void sip_keep_dialog(struct sip_leg *l)
{
	if (is_kept(l) && l->leg.conversation)
		save_dialog(l);
}

void sip_leg_op_save(struct leg *leg)
{
	struct sip_leg *object = sip_leg_of(leg);

	/* A caller's session begins with the 200 that is about to be sent. */
	if (!object->until_wall_us)
		sip_interval_begin(object);
	save_dialog(object);
	if (object->front_end->core->is_snapshot) {
		tell_cseqs(object);
		return;
	}
	object->remote_cseq = object->accepted_cseq = nta_leg_get_rseq(object->dialog);
	object->local_until = nta_leg_get_seq(object->dialog) + REQUESTS_AHEAD;
	save_cseqs(object, NULL);
}
