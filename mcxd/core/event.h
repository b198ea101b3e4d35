/*
 * Event
 *
 * What a phone is to learn, numbered and queued until the phone acknowledges it. Events go out in
 * packets; asking for the next packet acknowledges the one before (UCWA, "Events in UCWA").
 */
#pragma once

#include "mcxd/base/limit.h"
#include "mcxd/base/list.h"

#include <stdbool.h>
#include <stdint.h>

enum event_kind {
	EVENT_INVITATION_STARTED,
	EVENT_INVITATION_COMPLETED,
	EVENT_CONVERSATION_ADDED,
	EVENT_CONVERSATION_UPDATED,
	EVENT_CONVERSATION_DELETED,
	EVENT_PARTICIPANT_ADDED,
	EVENT_MESSAGING_UPDATED,
	EVENT_MESSAGE_COMPLETED,
	EVENT_TYPING_ADDED,
	EVENT_TYPING_DELETED,
	EVENT_MISSED_UPDATED,
	N_EVENT_KINDS
};

/** All strings are owned by the event; unused ones are NULL. */
struct event {
	struct list of_queue;
	uint64_t number; /* counts up per phone */
	uint64_t packet; /* of the packet that it went out in, 0: none yet */
	bool charged;    /* to the queue's budget */
	enum event_kind kind;
	uint64_t conversation; /* also names messaging and the invitation of it */
	uint64_t message;      /* MESSAGE_…: the message's id */
	bool outgoing;         /* the phone's own (MESSAGE_…) */
	bool success;          /* …_COMPLETED */
	char *reason;          /* …_COMPLETED without success: a subcode, "Timeout" */
	char *state;           /* MESSAGING_UPDATED, CONVERSATION_UPDATED: "Connected" */
	char *peer;            /* AoR of the other side */
	char *peer_name;
	char *content_type;
	char *text; /* message or first line */
	char *subject, *importance, *thread_id;
	int64_t wall_us;
};

struct event_queue {
	struct list events;
	uint64_t last_number;
	uint64_t last_sent;  /* number of the newest event that went out */
	uint64_t last_acked; /* and of the newest that was acknowledged */
	uint64_t packet;     /* the number of the packet that was asked for last */
	struct budget budget;
};

void event_queue_init(struct event_queue *q, int64_t max, struct metric *refused);
void event_queue_deinit(struct event_queue *q);

/** A new event at the end, for the caller to fill in; NULL when the queue is full. force: even then
 *  (what ends something may not get lost). */
struct event *event_add(struct event_queue *q, enum event_kind kind, bool force);

enum event_ack { EVENT_ACK_NEXT, EVENT_ACK_REPEAT, EVENT_ACK_WRONG };

/** The phone asks for packet number ack: acknowledges everything of the packets before. */
enum event_ack event_queue_ack(struct event_queue *q, uint64_t ack);

bool event_queue_has_room(const struct event_queue *q, int64_t n);

/** Drop what is queued of a conversation and was never sent. */
void event_queue_forget(struct event_queue *q, uint64_t conversation);

/** Nothing that has to go out. */
bool event_queue_idle(const struct event_queue *q);

/** Stamp everything that is queued as part of the packet that was asked for, and count on. Returns
 * the packet's number. */
uint64_t event_queue_pack(struct event_queue *q);
