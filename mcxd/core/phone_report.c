/*
 * Phone report
 */
#include "mcxd/core/phone_report.h"

#include "mcxd/base/loop.h"
#include "mcxd/core/conversation.h"
#include "mcxd/core/core.h"
#include "mcxd/core/delivery.h"
#include "mcxd/core/event.h"
#include "mcxd/core/leg.h"
#include "mcxd/core/phone.h"
#include "mcxd/core/phone_leg.h"
#include "mcxd/core/user.h"
#include "proto/diag.h"
#include "proto/text/mem.h"
#include "proto/text/text.h"

/* The other side, as the phone knows it. */
static void add_peer(struct event *e, const struct conversation *v, const struct leg *leg)
{
	e->peer = mem_strdup(conversation_peer_aor(v, leg));
	e->peer_name = mem_strdup(conversation_peer_name(v, leg));
	e->subject = mem_strdup(v->subject);
	e->importance = mem_strdup(v->importance);
	e->thread_id = mem_strdup(v->thread_id);
	e->began_wall_us = v->began_wall_us;
}

struct event *phone_leg_add_event(struct phone_leg *l, enum event_kind kind, bool force)
{
	const struct conversation *v = l->leg.conversation;
	struct event *e;

	if (!l->phone)
		return NULL;
	e = event_add(&l->phone->events, kind, force);
	if (!e)
		return NULL;
	e->conversation = l->conversation;
	e->caller = l->leg.caller;
	e->what = l->what;
	e->wall_us = loop_wall_us(l->phone->user->core->loop);
	if (v)
		add_peer(e, v, &l->leg);
	delivery_gather(l->phone);
	return e;
}

void phone_leg_add_state(struct phone_leg *l, enum event_kind kind, const char *state)
{
	struct event *e = phone_leg_add_event(l, kind, true);

	if (e)
		e->state = mem_strdup(state);
}

static struct event *add_first_line(struct phone_leg *l, enum event_kind kind)
{
	const struct conversation *v = l->leg.conversation;
	struct event *e = phone_leg_add_event(l, kind, true);

	if (e && v) {
		e->content_type = mem_strdup(v->first_line_type);
		e->text = mem_strdup(v->first_line);
	}
	return e;
}

struct event *phone_leg_add_invitation(struct phone_leg *l, enum event_kind kind)
{
	struct event *e = add_first_line(l, kind);

	if (e)
		e->operation_id = mem_strdup(l->operation_id);
	return e;
}

/* The push and the invitation have shown it, so it is not announced. */
void phone_leg_add_first_message(struct phone_leg *l)
{
	const struct conversation *v = l->leg.conversation;
	struct event *e = v && v->first_line ? add_first_line(l, EVENT_MESSAGE_COMPLETED) : NULL;

	if (!e)
		return;
	e->message = ++l->phone->last_message;
	e->success = true;
}

void phone_leg_add_completed(struct phone_leg *l, const struct diag *why)
{
	struct event *e = phone_leg_add_invitation(l, EVENT_INVITATION_COMPLETED);

	if (!e)
		return;
	e->success = !why;
	if (why)
		e->reason = text_concat(diag_row(why->code)->reason, why->info ? ": " : "",
					why->info ? why->info : "");
}

void phone_leg_add_typing(struct phone_leg *l)
{
	struct event *e =
		l->typing_event ? NULL : phone_leg_add_event(l, EVENT_TYPING_ADDED, false);

	l->peer_types = true;
	if (e)
		l->typing_event = e->number;
}

void phone_leg_add_typing_end(struct phone_leg *l)
{
	struct event *e =
		l->phone && l->typing_event ? event_find(&l->phone->events, l->typing_event) : NULL;

	if (e && !e->packet)
		event_drop(&l->phone->events, e);
	else if (l->typing_event)
		phone_leg_add_event(l, EVENT_TYPING_DELETED, true);
	l->peer_types = false;
	l->typing_event = 0;
}

void phone_leg_add_end(struct phone_leg *l, enum phone_leg_state state)
{
	bool told = state != PHONE_LEG_OFFERED;

	phone_leg_add_typing_end(l);
	if (told)
		phone_leg_add_state(l, EVENT_MESSAGING_UPDATED, "Disconnected");
	if (state == PHONE_LEG_CONNECTED) {
		phone_leg_add_event(l, EVENT_PARTICIPANT_MESSAGING_DELETED, true);
		phone_leg_add_event(l, EVENT_LOCAL_MESSAGING_DELETED, true);
	}
	if (state != PHONE_LEG_CALLING)
		phone_leg_add_event(l, EVENT_PARTICIPANT_DELETED, true);
	phone_leg_add_event(l, EVENT_LOCAL_DELETED, true);
	if (told)
		phone_leg_add_state(l, EVENT_CONVERSATION_UPDATED, "Disconnected");
	phone_leg_add_event(l, EVENT_CONVERSATION_DELETED, true);
}
