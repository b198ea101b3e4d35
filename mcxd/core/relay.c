/*
 * Relay
 */
#include "mcxd/core/relay.h"

#include "mcxd/base/loop.h"
#include "mcxd/base/metric.h"
#include "mcxd/core/conversation.h"
#include "mcxd/core/core.h"
#include "mcxd/core/leg.h"
#include "mcxd/core/metrics.h"
#include "mcxd/core/party.h"
#include "proto/diag.h"

#include <string.h>

/* Some senders ignore that the 200 confirms the first line, and send it again as their first MESSAGE. They do
 * so at once; a person who types the same line later means it. */
static bool is_repeat(struct conversation *v, const struct leg *leg, const struct im *im)
{
	bool possible = v->repeat_possible;

	if (!leg->caller)
		return false;
	v->repeat_possible = false;
	return possible && loop_now_ms(v->core->loop) <= v->repeat_until_ms &&
	       strlen(v->first_line) == im->n_body && !memcmp(v->first_line, im->body, im->n_body);
}

void leg_on_said(struct leg *leg, const struct im *im)
{
	struct conversation *v = leg->conversation;
	struct diag outcome = diag_make(DIAG_NOT_CONNECTED);
	struct leg *peer;

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
	peer = conversation_peer(v, leg);
	peer->ops->say(peer, im);
}

void leg_on_delivered(struct leg *leg, uint64_t im_id, const struct diag *outcome)
{
	struct conversation *v = leg->conversation;
	struct leg *peer = v ? conversation_peer(v, leg) : NULL;

	if (peer)
		peer->ops->said(peer, im_id, outcome);
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
