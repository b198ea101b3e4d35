/*
 * Relay
 */
#include "mcxd/core/relay.h"

#include "mcxd/base/fsm.h"
#include "mcxd/base/list.h"
#include "mcxd/base/loop.h"
#include "mcxd/base/metric.h"
#include "mcxd/core/conversation.h"
#include "mcxd/core/conversation_legs.h"
#include "mcxd/core/core.h"
#include "mcxd/core/foreign.h"
#include "mcxd/core/leg.h"
#include "mcxd/core/metrics.h"
#include "mcxd/core/party.h"
#include "mcxd/core/relay/spread.h"
#include "proto/diag.h"
#include "proto/text/mem.h"
#include "proto/text/message_format.h"

#include <string.h>

/* Some senders ignore that the 200 confirms the first line, and send it again as their first MESSAGE. They do
 * so at once; a person who types the same line later means it. */
static bool is_repeat(struct conversation *v, const struct leg *leg, const struct im *im)
{
	CLEANUP(mem_free_string) char *plain = NULL;
	bool possible = v->repeat_possible;

	if (!leg->caller)
		return false;
	v->repeat_possible = false;
	if (!possible || loop_now_ms(v->core->loop) > v->repeat_until_ms)
		return false;
	plain = message_format_plain(im->content_type, im->body, im->n_body);
	return !strcmp(v->preview, plain);
}

static unsigned count_rung(const struct conversation *v)
{
	unsigned n = 0;

	list_for_each (node, &v->legs) {
		const struct leg *leg = LIST_ENTRY(node, struct leg, of_conversation);

		n += !leg->caller && !leg->done;
	}
	return n;
}

/* A message without a session waits for no answer. */
static void say_to_all(struct conversation *v, const struct im *im)
{
	v->n_messages++;
	fsm_restart_timeout(&v->fsm);
	spread_add(&v->spread, im->id, count_rung(v));
	list_for_each (node, &v->legs) {
		struct leg *callee = LIST_ENTRY(node, struct leg, of_conversation);

		if (callee->caller || callee->done)
			continue;
		v->n_under_way++;
		callee->ops->say(callee, im);
	}
}

static bool is_heard_ringing(const struct conversation *v, const struct leg *leg)
{
	return v && v->paged && leg->caller && !leg->done && !v->callee_leg &&
	       conversation_has_callees(v);
}

void leg_on_said(struct leg *leg, const struct im *im)
{
	struct conversation *v = leg->conversation;
	struct diag outcome = diag_make(DIAG_NOT_CONNECTED);
	struct leg *peer;

	if (is_heard_ringing(v, leg)) {
		metric_inc(&v->core->metrics.messages_total);
		say_to_all(v, im);
		return;
	}
	if (!v || !conversation_is_connected(v) || leg->done) {
		leg->ops->said(leg, im->id, &outcome);
		return;
	}
	if (is_repeat(v, leg, im)) {
		metric_inc(&v->core->metrics.repeats_total);
		outcome = diag_make(DIAG_SUCCESS);
		leg->ops->said(leg, im->id, &outcome);
		return;
	}
	metric_inc(&v->core->metrics.messages_total);
	v->n_messages++;
	v->n_under_way++;
	peer = conversation_peer(v, leg);
	peer->ops->say(peer, im);
}

void leg_on_said_first(struct leg *leg, uint64_t im_id)
{
	struct conversation *v = leg->conversation;
	struct leg *peer = conversation_peer(v, leg);

	v->n_under_way++;
	peer->ops->say(peer, &(struct im){ .id = im_id,
					   .content_type = v->first_line_type,
					   .body = v->first_line,
					   .n_body = strlen(v->first_line) });
}

void leg_on_storing(const struct leg *leg, uint64_t im_id)
{
	struct leg *peer = conversation_peer(leg->conversation, leg);

	if (peer && peer->ops->storing)
		peer->ops->storing(peer, im_id);
}

void leg_on_delivered(struct leg *leg, uint64_t im_id, const struct diag *outcome)
{
	struct conversation *v = leg->conversation;
	struct leg *peer = v ? conversation_peer(v, leg) : NULL;

	struct spread *m = v && !leg->caller ? spread_find(&v->spread, im_id) : NULL;

	if (!peer)
		return;
	if (!m || spread_decides(m, outcome))
		peer->ops->said(peer, im_id, outcome);
	if (v->n_under_way && !--v->n_under_way)
		conversation_on_settled(v);
}

void leg_on_acknowledged(const struct leg *leg, uint64_t im_id)
{
	struct conversation *v = leg->conversation;
	struct leg *peer = v ? conversation_peer(v, leg) : NULL;

	if (peer && peer->ops->acknowledged)
		peer->ops->acknowledged(peer, im_id);
}

/* ---- from client to client ---- */

bool leg_can_pass(const struct leg *leg)
{
	const struct conversation *v = leg->conversation;
	const struct leg *peer;

	if (!v || !conversation_is_connected(v) || leg->done)
		return false;
	peer = conversation_peer(v, leg);
	return peer->ops->pass && !peer->done;
}

static void answer(struct leg *leg, uint64_t id, enum diag_code code)
{
	leg->ops->passed(leg, &(struct foreign_answer){
				      .id = id,
				      .status = code == DIAG_SUCCESS ? 200 : 0,
				      .why = diag_make(code),
			      });
}

void leg_on_request(struct leg *leg, const struct foreign_request *r)
{
	struct conversation *v = leg->conversation;
	struct leg *peer = conversation_peer(v, leg);

	if (r->im && is_repeat(v, leg, r->im)) {
		metric_inc(&v->core->metrics.repeats_total);
		answer(leg, r->id, DIAG_SUCCESS);
	} else if (!peer->ops->pass(peer, r)) {
		answer(leg, r->id, DIAG_NOT_CONNECTED);
	} else if (r->im) {
		metric_inc(&v->core->metrics.messages_total);
		v->n_messages++;
		v->n_under_way++;
	}
}

void leg_on_withdrawn(const struct leg *leg, uint64_t id)
{
	const struct conversation *v = leg->conversation;
	struct leg *peer = v ? conversation_peer(v, leg) : NULL;

	if (peer && peer->ops->withdraw)
		peer->ops->withdraw(peer, id);
}

void leg_on_passed(struct leg *leg, const struct foreign_answer *a, bool is_message)
{
	struct conversation *v = leg->conversation;
	struct leg *peer = v ? conversation_peer(v, leg) : NULL;

	if (!peer)
		return;
	peer->ops->passed(peer, a);
	if (is_message && v->n_under_way && !--v->n_under_way)
		conversation_on_settled(v);
}

void leg_on_typing(struct leg *leg, bool active)
{
	struct conversation *v = leg->conversation;
	struct leg *peer;

	if (!v || !conversation_is_connected(v))
		return;
	peer = conversation_peer(v, leg);
	if (!peer->done)
		peer->ops->typing(peer, active);
}
