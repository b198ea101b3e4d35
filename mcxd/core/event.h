/*
 * Event
 *
 * What a phone has to learn, numbered and queued until the phone acknowledges it. Events go out in packets;
 * asking for the next packet acknowledges the one before (UCWA, "Events in UCWA"). This file decides when an
 * event leaves the queue; when a packet goes out is core/delivery's matter.
 */
#pragma once

#include "mcxd/base/limit.h"
#include "mcxd/base/list.h"
#include "mcxd/base/metric.h"
#include "mcxd/core/party.h"

#include <stdbool.h>
#include <stdint.h>

enum event_kind {
	EVENT_INVITATION_STARTED,
	EVENT_INVITATION_UPDATED, /* the phone has answered it */
	EVENT_INVITATION_COMPLETED,
	EVENT_CONVERSATION_ADDED,
	EVENT_CONVERSATION_UPDATED,
	EVENT_CONVERSATION_DELETED,
	EVENT_LOCAL_ADDED, /* the phone's user as a participant */
	EVENT_LOCAL_DELETED,
	EVENT_PARTICIPANT_ADDED,
	EVENT_PARTICIPANT_UPDATED, /* it exchanges messages from now on */
	EVENT_PARTICIPANT_DELETED,
	EVENT_LOCAL_MESSAGING, /* from now on the user exchanges messages, and the other side likewise */
	EVENT_PARTICIPANT_MESSAGING,
	EVENT_LOCAL_MESSAGING_DELETED,
	EVENT_PARTICIPANT_MESSAGING_DELETED,
	EVENT_MESSAGING_UPDATED,
	EVENT_MESSAGE_COMPLETED,
	EVENT_TYPING_ADDED,
	EVENT_TYPING_DELETED,
	EVENT_MISSED_UPDATED,
	EVENT_COMMUNICATION, /* what the app takes has changed */
	EVENT_ME,
	EVENT_MY_PRESENCE, /* of the phone's user; state: "added", or NULL for a change */
	EVENT_MY_NOTE,
	EVENT_MY_LOCATION,
	EVENT_WATCH_ADDED, /* text: its id */
	EVENT_WATCH_UPDATED,
	EVENT_WATCH_DELETED,
	EVENT_CONTACT_ADDED, /* peer is watched from now on */
	EVENT_CONTACT_DELETED,
	EVENT_CONTACT_PRESENCE,
	EVENT_CONTACT_NOTE,
	EVENT_CONTACT_LOCATION,
	EVENT_CONTACT_MODALITIES,
	EVENT_LIST_UPDATED, /* the subscription to the list of contacts ends soon */
	EVENT_LIST_JOINED,  /* peer is a contact from now on */
	EVENT_LIST_LEFT,
	N_EVENT_KINDS
};

/** How long an event may wait for others: what UCWA's reference calls its priority. */
enum event_urgency {
	URGENCY_HIGH,   /* core.event_delay */
	URGENCY_MEDIUM, /* as long as the phone says, else core.event_delay_medium */
	URGENCY_LOW,    /* likewise */
	N_URGENCIES
};

enum event_urgency event_urgency(enum event_kind kind);

/** The event owns its strings; those that its kind does not use are NULL. */
struct event {
	struct list of_queue;
	uint64_t number; /* counts up per phone */
	uint64_t packet; /* the newest packet that it went out in; 0: none */
	bool charged;    /* to the queue's budget */
	bool at_once;    /* it does not wait for others */
	int64_t queued_ms; /* lab time since when it waits for them; 0: core/delivery has not been told of it */
	enum event_kind kind;
	enum invitation_what what; /* the conversation is about */
	uint64_t conversation;     /* also the id of its messaging and of its invitation */
	uint64_t message;          /* MESSAGE_…: the message's id */
	uint64_t said_as;          /* the same at the other side, if it is not outgoing */
	bool outgoing;             /* MESSAGE_…: from this phone */
	bool caller;               /* the phone is the one that calls */
	bool success;              /* …_COMPLETED */
	bool held; /* MESSAGE_COMPLETED: said before the phone has accepted, and sent once it has */
	char *reason; /* …_COMPLETED without success: a reason of proto/diag, maybe ": " and the cause */
	char *state;        /* MESSAGING_UPDATED, CONVERSATION_ADDED, …_UPDATED: "Connected" */
	char *operation_id; /* INVITATION_…, and MESSAGE_… from this phone */
	char *peer;         /* AoR of the other side */
	char *peer_name;
	char *content_type;
	char *text; /* message or first line */
	char *subject, *importance, *thread_id;
	int64_t wall_us;
	int64_t began_wall_us; /* of the conversation; 0: it had gone */

	/* core/event_row */
	uint64_t row;           /* its id in the store; 0: none yet */
	uint64_t stored_packet; /* packet, as it is there */
};

struct event_queue {
	struct list events;
	struct list recent; /* acknowledged events that clients still have links to, oldest first */
	int64_t n_recent, max_recent;
	uint64_t last_number;
	uint64_t last_sent;  /* number of the newest event that was sent */
	uint64_t last_acked; /* number of the newest event that was acknowledged */
	uint64_t packet;     /* the number of the packet that was asked for last */
	bool owed;           /* that packet has not been sent */
	bool reset; /* the phone has to learn that its conversations were ended in its absence, */
	bool reset_sent; /* and that is in the packet that was sent last */
	struct budget budget;
	void (*on_room)(void *magic); /* acknowledged events have left it; may be NULL */
	void (*on_acked)(void *magic,
			 const struct event *e); /* one of them, before it does, and may not touch
						    the queue; may be NULL */
	void *magic;

	/* core/event_row; may be NULL */
	void (*on_added)(struct event_queue *q);
	void (*on_replaced)(
		struct event_queue *
			q); /* those that were added last stand for others, which will be dropped now */
	void (*on_dropped)(struct event_queue *q, const struct event *e);
};

/** max: how many events may wait; refused counts the events beyond that. max_recent: how many are kept after that. */
void event_queue_init(struct event_queue *q, int64_t max, int64_t max_recent,
		      struct metric *refused);
/** The same limits, later. */
void event_queue_limit(struct event_queue *q, int64_t max, int64_t max_recent);
void event_queue_deinit(struct event_queue *q);

/** A new event at the end of the queue, for the caller to fill in. NULL if the queue is full, unless force: an
 *  event that ends something must not get lost. */
struct event *event_add(struct event_queue *q, enum event_kind kind, bool force);

/** An event with the number that it had before a restart, which is higher than those in the queue. */
struct event *event_restore(struct event_queue *q, enum event_kind kind, uint64_t number);

/** It has been acknowledged: it leaves the queue. The end of an invitation, and a message, are kept among the recent ones. */
void event_acknowledge(struct event_queue *q, struct event *e);

/** The event with this number, or NULL. */
struct event *event_find(const struct event_queue *q, uint64_t number);

/** The newest event of this kind about this message (0: any) of the conversation, queued or recent; NULL: it is forgotten, or
 *  never came. */
const struct event *event_recall(const struct event_queue *q, enum event_kind kind,
				 uint64_t conversation, uint64_t message);

/** Whether a message of the other side has come, which has this id there, as far as it is not forgotten. */
bool event_has_come(const struct event_queue *q, uint64_t conversation, uint64_t said_as);

/** Drop an event, as if it had never been queued. */
void event_drop(struct event_queue *q, struct event *e);

/** The phone has accepted: the held events of the conversation go to the end of the queue, as new ones. */
void event_queue_release(struct event_queue *q, uint64_t conversation);
/** It has not. */
void event_queue_drop_held(struct event_queue *q, uint64_t conversation);

enum event_ack {
	EVENT_ACK_NEXT, /* everything in earlier packets has left the queue */
	EVENT_ACK_REPEAT, /* the packet that was asked for last; nothing is acknowledged, and if it was sent, nothing added */
	EVENT_ACK_WRONG /* neither of the two, or the next one before the last was sent; nothing has changed */
};

/** The phone asks for a packet by its number. */
enum event_ack event_queue_ack(struct event_queue *q, uint64_t packet);

/** Whether an event of this kind, and about this peer (may be NULL: any), has not been sent. One that only says that
 *  something has changed stands for later changes, too. */
bool event_queue_has(const struct event_queue *q, enum event_kind kind, const char *peer);

bool event_queue_has_room(const struct event_queue *q, int64_t n);

/** Drop the events of a conversation that were never sent. */
void event_queue_forget(struct event_queue *q, uint64_t conversation);

/** The number to ask for, so that no event is lost. */
uint64_t event_queue_next(const struct event_queue *q);

/** Put everything in the queue into the packet that was asked for, as sent; a packet that was sent before stays as it
 *  was. Returns its number. */
uint64_t event_queue_pack(struct event_queue *q);
