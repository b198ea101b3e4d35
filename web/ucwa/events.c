/*
 * HTTPS API: core's events in UCWA's words
 */
#include "web/ucwa/events.h"

#include "mcxd/base/list.h"
#include "mcxd/base/metric.h"
#include "mcxd/core/event.h"
#include "mcxd/core/party.h"
#include "mcxd/core/phone.h"
#include "mcxd/core/user.h"
#include "proto/ucwa/available.h"
#include "proto/ucwa/event.h"
#include "web/ucwa/app.h"
#include "web/ucwa/communication.h"
#include "web/ucwa/metrics.h"
#include "web/ucwa/private.h"
#include "web/ucwa/record.h"
#include "web/ucwa/request.h"
#include "web/ucwa/takes.h"

static const enum ucwa_event_kind kinds[N_EVENT_KINDS] = {
	[EVENT_INVITATION_STARTED] = UCWA_INVITATION_STARTED,
	[EVENT_INVITATION_UPDATED] = UCWA_INVITATION_UPDATED,
	[EVENT_INVITATION_COMPLETED] = UCWA_INVITATION_COMPLETED,
	[EVENT_CONVERSATION_ADDED] = UCWA_CONVERSATION_ADDED,
	[EVENT_CONVERSATION_UPDATED] = UCWA_CONVERSATION_UPDATED,
	[EVENT_CONVERSATION_DELETED] = UCWA_CONVERSATION_DELETED,
	[EVENT_LOCAL_ADDED] = UCWA_LOCAL_ADDED,
	[EVENT_LOCAL_DELETED] = UCWA_LOCAL_DELETED,
	[EVENT_PARTICIPANT_ADDED] = UCWA_PARTICIPANT_ADDED,
	[EVENT_PARTICIPANT_UPDATED] = UCWA_PARTICIPANT_UPDATED,
	[EVENT_PARTICIPANT_DELETED] = UCWA_PARTICIPANT_DELETED,
	[EVENT_LOCAL_MESSAGING] = UCWA_LOCAL_MESSAGING_ADDED,
	[EVENT_PARTICIPANT_MESSAGING] = UCWA_PARTICIPANT_MESSAGING_ADDED,
	[EVENT_LOCAL_MESSAGING_DELETED] = UCWA_LOCAL_MESSAGING_DELETED,
	[EVENT_PARTICIPANT_MESSAGING_DELETED] = UCWA_PARTICIPANT_MESSAGING_DELETED,
	[EVENT_MESSAGING_UPDATED] = UCWA_MESSAGING_UPDATED,
	[EVENT_MESSAGE_COMPLETED] = UCWA_MESSAGE_COMPLETED,
	[EVENT_TYPING_ADDED] = UCWA_TYPING_ADDED,
	[EVENT_TYPING_DELETED] = UCWA_TYPING_DELETED,
	[EVENT_MISSED_UPDATED] = UCWA_MISSED_UPDATED,
	[EVENT_COMMUNICATION] = UCWA_COMMUNICATION_UPDATED,
	[EVENT_ME] = UCWA_ME_UPDATED,
	[EVENT_MY_PRESENCE] = UCWA_PRESENCE,
	[EVENT_MY_NOTE] = UCWA_NOTE,
	[EVENT_MY_LOCATION] = UCWA_LOCATION,
	[EVENT_WATCH_ADDED] = UCWA_WATCH_ADDED,
	[EVENT_WATCH_UPDATED] = UCWA_WATCH_UPDATED,
	[EVENT_WATCH_DELETED] = UCWA_WATCH_DELETED,
	[EVENT_CONTACT_ADDED] = UCWA_CONTACT_ADDED,
	[EVENT_CONTACT_DELETED] = UCWA_CONTACT_DELETED,
	[EVENT_CONTACT_PRESENCE] = UCWA_CONTACT_PRESENCE,
	[EVENT_CONTACT_NOTE] = UCWA_CONTACT_NOTE,
	[EVENT_CONTACT_LOCATION] = UCWA_CONTACT_LOCATION,
	[EVENT_CONTACT_MODALITIES] = UCWA_CONTACT_MODALITIES,
	[EVENT_LIST_UPDATED] = UCWA_LIST_UPDATED,
	[EVENT_LIST_JOINED] = UCWA_LIST_JOINED,
	[EVENT_LIST_LEFT] = UCWA_LIST_LEFT,
};

enum ucwa_event_kind ucwa_event_kind_of(enum event_kind kind)
{
	return kinds[kind];
}

/* Those of the other invitations have the same order. */
static enum ucwa_event_kind kind_of(const struct event *e)
{
	static const enum ucwa_event_kind firsts[] = {
		[INVITATION_MESSAGING] = UCWA_INVITATION_STARTED,
		[INVITATION_PHONE_AUDIO] = UCWA_CALL_STARTED,
		[INVITATION_MEETING] = UCWA_MEETING_STARTED,
	};

	if (e->kind > EVENT_INVITATION_COMPLETED)
		return kinds[e->kind];
	return firsts[e->what] + (kinds[e->kind] - UCWA_INVITATION_STARTED);
}

/* The other side of a conversation, which most events of a packet share. */
struct peer {
	uint64_t conversation; /* 0: not looked up */
	unsigned reads;
	bool known;
};

static void look_up(const struct ucwa_request *q, const struct event *e, struct peer *p)
{
	if (e->conversation && e->conversation == p->conversation)
		return;
	*p = (struct peer){ .conversation = e->conversation,
			    .reads = ucwa_peer_reads(q, e->conversation),
			    .known = ucwa_is_known(q->u, e->peer) };
}

static struct ucwa_event translate(const struct ucwa_request *q, const struct event *e,
				   const struct peer *peer)
{
	bool message = e->kind == EVENT_MESSAGE_COMPLETED;

	return (struct ucwa_event){
		.kind = kind_of(e),
		.conversation = { .what = ucwa_what_of(e->what),
				  .app = q->app->path,
				  .id = e->conversation,
				  .me = q->user->aor,
				  .me_name = q->user->display_name,
				  .peer = e->peer,
				  .peer_name = e->peer_name,
				  .subject = e->subject,
				  .importance = e->importance,
				  .thread_id = e->thread_id,
				  .operation_id = message ? NULL : e->operation_id,
				  .caller = e->caller,
				  .began_wall_us = e->began_wall_us,
				  .text = message ? NULL : e->text,
				  .text_type = e->content_type,
				  .formats = q->phone->media.formats,
				  .peer_reads = peer->reads,
				  .peer_known = peer->known },
		.message = { .id = e->message,
			     .outgoing = e->outgoing,
			     .operation_id = message ? e->operation_id : NULL,
			     .text = message ? e->text : NULL,
			     .text_type = e->content_type,
			     .wall_us = e->wall_us },
		.state = e->state,
		.success = e->success,
		.reason = e->reason,
	};
}

static void add_one(struct ucwa_request *q, struct ucwa_packet *packet, const struct ucwa_event *e,
		    uint64_t number)
{
	ucwa_packet_add(packet, e);
	ucwa_record_event(q, e, number);
	metric_inc(&q->u->metrics.events_total);
}

static void add(struct ucwa_request *q, struct ucwa_packet *packet, const struct event *queued,
		struct peer *peer)
{
	const struct ucwa_takes takes = ucwa_takes_of(q);
	struct ucwa_event e;

	look_up(q, queued, peer);
	e = translate(q, queued, peer);
	e.takes = &takes;
	if (e.kind >= UCWA_WATCH_ADDED && e.kind <= UCWA_WATCH_DELETED)
		e.watch = queued->text;
	add_one(q, packet, &e, queued->packet);
	/* Whoever is a contact is also in the one group that there is. */
	if (e.kind == UCWA_LIST_JOINED || e.kind == UCWA_LIST_LEFT) {
		e.kind = e.kind == UCWA_LIST_JOINED ? UCWA_GROUP_JOINED : UCWA_GROUP_LEFT;
		add_one(q, packet, &e, queued->packet);
	}
}

struct hal *ucwa_recall(const struct ucwa_request *q, enum event_kind kind, uint64_t message)
{
	const struct event *queued = event_recall(&q->phone->events, kind, q->number, message);
	struct peer peer = { 0 };
	struct ucwa_event e;

	if (!queued)
		return NULL;
	look_up(q, queued, &peer);
	e = translate(q, queued, &peer);
	return ucwa_event_resource(&e);
}

struct hal *ucwa_packet(struct ucwa_request *q, uint64_t number)
{
	struct ucwa_packet packet;
	struct peer peer = { 0 };

	ucwa_packet_begin(&packet, q->app->path, number, q->phone->events.reset);
	list_for_each (node, &q->phone->events.events) {
		const struct event *e = LIST_ENTRY(node, struct event, of_queue);

		if (e->packet == number)
			add(q, &packet, e, &peer);
	}
	return ucwa_packet_end(&packet);
}
