/*
 * HTTPS API: conversations
 */
#include "web/ucwa/communication.h"

#include "mcxd/base/list.h"
#include "mcxd/core/conversation.h"
#include "mcxd/core/leg.h"
#include "mcxd/core/missed.h"
#include "mcxd/core/party.h"
#include "mcxd/core/phone.h"
#include "mcxd/core/phone_callee.h"
#include "mcxd/core/phone_caller.h"
#include "mcxd/core/phone_leg.h"
#include "mcxd/core/user.h"
#include "proto/diag.h"
#include "proto/text/mem.h"
#include "proto/ucwa/hal.h"
#include "proto/ucwa/resource.h"
#include "web/http/http.h"
#include "web/ucwa/answer.h"
#include "web/ucwa/app.h"
#include "web/ucwa/private.h"
#include "web/ucwa/record.h"
#include "web/ucwa/request.h"

#include <strings.h>

bool ucwa_is_known(const struct ucwa *u, const char *aor)
{
	return user_find(u->core, aor) || user_is_open(u->core, aor, false);
}

enum ucwa_what ucwa_what_of(enum invitation_what what)
{
	static const enum ucwa_what whats[] = {
		[INVITATION_MESSAGING] = UCWA_MESSAGING,
		[INVITATION_PHONE_AUDIO] = UCWA_PHONE_AUDIO,
		[INVITATION_MEETING] = UCWA_MEETING,
	};

	return whats[what];
}

bool ucwa_is_acquainted(const struct ucwa_request *q, const char *aor)
{
	const struct phone_leg *leg = NULL;

	while ((leg = phone_leg_next(q->phone, leg))) {
		const struct conversation *v = phone_leg_conversation(leg);

		if (v && !strcasecmp(conversation_peer_aor(v, &leg->leg), aor))
			return true;
	}
	list_for_each (node, &q->phone->missed)
		if (!strcasecmp(LIST_ENTRY(node, struct missed, of_phone)->from, aor))
			return true;
	return false;
}

unsigned ucwa_peer_reads(const struct ucwa_request *q, uint64_t conversation)
{
	const struct phone_leg *leg = phone_leg_find(q->phone, conversation);

	return leg ? conversation_peer_reads(&leg->leg) : 0;
}

/* False: its conversation has gone. */
static bool view(const struct ucwa_request *q, const struct phone_leg *leg,
		 struct ucwa_conversation *ret)
{
	const struct conversation *v = phone_leg_conversation(leg);

	if (!v)
		return false;
	*ret = (struct ucwa_conversation){
		.what = ucwa_what_of(leg->what),
		.app = q->app->path,
		.id = v->id,
		.me = q->user->aor,
		.me_name = q->user->display_name,
		.peer = conversation_peer_aor(v, &leg->leg),
		.peer_name = conversation_peer_name(v, &leg->leg),
		.subject = v->subject,
		.importance = v->importance,
		.thread_id = v->thread_id,
		.text = v->first_line,
		.text_type = v->first_line_type,
		.operation_id = leg->operation_id,
		.began_wall_us = v->began_wall_us,
		.caller = leg->leg.caller,
		.connected = phone_leg_get_state(leg) == PHONE_LEG_CONNECTED,
		.formats = q->phone->media.formats,
		.peer_reads = conversation_peer_reads(&leg->leg),
	};
	ret->peer_known = ucwa_is_known(q->u, ret->peer);
	return true;
}

bool ucwa_view(const struct ucwa_request *q, uint64_t number, struct ucwa_conversation *ret)
{
	const struct phone_leg *leg = phone_leg_find(q->phone, number);

	return leg && view(q, leg, ret);
}

static bool get_view(struct ucwa_request *q, struct ucwa_conversation *ret)
{
	if (ucwa_view(q, q->number, ret))
		return true;
	ucwa_fail(q, DIAG_CONVERSATION_NOT_FOUND, NULL);
	return false;
}

bool ucwa_is_connected(const struct ucwa_request *q)
{
	return phone_leg_get_state(phone_leg_find(q->phone, q->number)) == PHONE_LEG_CONNECTED;
}

/* ---- conversations ---- */

void ucwa_get_conversations(struct ucwa_request *q)
{
	struct hal *o = hal_new();
	const struct phone_leg *leg = NULL;

	hal_link(o, "self", q->app->path, "/communication/conversations");
	while ((leg = phone_leg_next(q->phone, leg))) {
		struct ucwa_conversation c;
		CLEANUP(mem_free_string) char *path = NULL;

		if (!view(q, leg, &c))
			continue;
		path = ucwa_path_conversation(&c, "");
		hal_link_append(o, "conversation", path);
	}
	ucwa_json(q, 200, hal_end(o, "conversations"));
}

void ucwa_get_conversation(struct ucwa_request *q)
{
	struct ucwa_conversation c;
	const char *state;

	if (!get_view(q, &c))
		return;
	state = ucwa_is_connected(q) ? "Connected" : (c.caller ? "Connecting" : "Incoming");
	ucwa_json(q, 200, ucwa_conversation(hal_new(), &c, state));
}

void ucwa_get_messaging(struct ucwa_request *q)
{
	struct ucwa_conversation c;

	if (get_view(q, &c))
		ucwa_json(q, 200,
			  ucwa_messaging(hal_new(), &c,
					 ucwa_is_connected(q) ? "Connected" : "Connecting"));
}

static enum phone_result leave(struct phone *p, uint64_t number)
{
	const struct phone_leg *leg = phone_leg_find(p, number);

	switch (leg ? phone_leg_get_state(leg) : PHONE_LEG_OVER) {
	case PHONE_LEG_OFFERED: return phone_callee_decline(p, number);
	case PHONE_LEG_CALLING: return phone_caller_cancel(p, number);
	case PHONE_LEG_CONNECTED: return phone_leg_terminate(p, number);
	case PHONE_LEG_NEW:
	case PHONE_LEG_OVER: break;
	}
	return PHONE_NOT_FOUND;
}

/* stopMessaging is for a conversation that is connected or connecting: leaving an invitation declines it, leaving a
 * call cancels it. */
void ucwa_leave_conversation(struct ucwa_request *q)
{
	struct ucwa_conversation c;

	if (!get_view(q, &c))
		return;
	ucwa_expect(q, 204);
	ucwa_finish(q, leave(q->phone, q->number));
}

/* ---- participants ---- */

static void link_self(struct hal *o, const struct ucwa_conversation *c, const char *below)
{
	ucwa_add_path_conversation(hal_begin_link(o, "self"), c, below);
	hal_end_link(o, NULL);
}

/* The user that a call is for is a participant once it is answered. */
static bool is_unanswered(const struct ucwa_conversation *c)
{
	return c->caller && !c->connected;
}

void ucwa_get_participants(struct ucwa_request *q)
{
	struct ucwa_conversation c;
	struct hal *o;

	if (!get_view(q, &c))
		return;
	o = hal_new();
	link_self(o, &c, "/participants");
	for (int local = is_unanswered(&c); local <= 1; local++) {
		hal_embed_append(o, "participant");
		ucwa_participant(o, &c, local);
		hal_close(o);
	}
	ucwa_json(q, 200, hal_end(o, "participants"));
}

typedef struct hal *resource_h(struct hal *o, const struct ucwa_conversation *c, bool local);

static void answer_of_participant(struct ucwa_request *q, const struct ucwa_conversation *c,
				  resource_h *resource)
{
	const char *aor = http_param(q->r, "aor");

	if (!strcasecmp(aor, c->peer) && !is_unanswered(c))
		ucwa_json(q, 200, resource(hal_new(), c, false));
	else if (!strcasecmp(aor, c->me))
		ucwa_json(q, 200, resource(hal_new(), c, true));
	else
		ucwa_fail(q, DIAG_NOT_FOUND,
			  "The conversation has no participant with this address.");
}

void ucwa_get_participant(struct ucwa_request *q)
{
	struct ucwa_conversation c;

	if (get_view(q, &c))
		answer_of_participant(q, &c, ucwa_participant);
}

void ucwa_get_participant_messaging(struct ucwa_request *q)
{
	struct ucwa_conversation c;

	if (!get_view(q, &c))
		return;
	if (c.connected)
		answer_of_participant(q, &c, ucwa_participant_messaging);
	else
		ucwa_fail(q, DIAG_NOT_FOUND, "The conversation is not connected.");
}

void ucwa_get_typing_participants(struct ucwa_request *q)
{
	struct ucwa_conversation c;
	CLEANUP(mem_free_string) char *path = NULL;
	struct hal *o;

	if (!get_view(q, &c))
		return;
	o = hal_new();
	link_self(o, &c, "/messaging/typingParticipants");
	path = ucwa_path_participant(&c, false);
	if (phone_leg_peer_types(phone_leg_find(q->phone, q->number)))
		hal_link_append(o, "participant", path);
	ucwa_json(q, 200, hal_end(o, "typingParticipants"));
}
