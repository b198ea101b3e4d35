/*
 * UCWA event packets
 *
 * The answer to an event request ("Events in UCWA", "Event channel details"): links to this packet and the
 * next, and the events in their order, grouped by sender.
 */
#pragma once

#include "proto/ucwa/resource.h"

#include <stdbool.h>
#include <stddef.h>
#include <stdint.h>

struct hal;
struct text;
struct ucwa_takes;

enum ucwa_event_kind {
	UCWA_INVITATION_STARTED,
	UCWA_INVITATION_UPDATED, /* the application has answered it */
	UCWA_INVITATION_COMPLETED,
	UCWA_CALL_STARTED, /* phoneAudioInvitation, in the same order */
	UCWA_CALL_UPDATED,
	UCWA_CALL_COMPLETED,
	UCWA_MEETING_STARTED, /* onlineMeetingInvitation, likewise */
	UCWA_MEETING_UPDATED,
	UCWA_MEETING_COMPLETED,
	UCWA_CONVERSATION_ADDED,
	UCWA_CONVERSATION_UPDATED,
	UCWA_CONVERSATION_DELETED,
	UCWA_LOCAL_ADDED,
	UCWA_LOCAL_DELETED,
	UCWA_PARTICIPANT_ADDED,
	UCWA_PARTICIPANT_UPDATED,
	UCWA_PARTICIPANT_DELETED,
	UCWA_LOCAL_MESSAGING_ADDED,
	UCWA_PARTICIPANT_MESSAGING_ADDED,
	UCWA_LOCAL_MESSAGING_DELETED,
	UCWA_PARTICIPANT_MESSAGING_DELETED,
	UCWA_MESSAGING_UPDATED,
	UCWA_MESSAGE_COMPLETED,
	UCWA_TYPING_ADDED,
	UCWA_TYPING_DELETED,
	UCWA_MISSED_UPDATED,
	UCWA_COMMUNICATION_UPDATED,
	UCWA_ME_UPDATED,
	UCWA_PRESENCE, /* these three: added or updated, as state says */
	UCWA_NOTE,
	UCWA_LOCATION,
	UCWA_WATCH_ADDED, /* presenceSubscription */
	UCWA_WATCH_UPDATED,
	UCWA_WATCH_DELETED,
	UCWA_CONTACT_ADDED, /* to those whose presence is subscribed to */
	UCWA_CONTACT_DELETED,
	UCWA_CONTACT_PRESENCE,
	UCWA_CONTACT_NOTE,
	UCWA_CONTACT_LOCATION,
	UCWA_CONTACT_MODALITIES,
	UCWA_LIST_UPDATED, /* myContactsAndGroupsSubscription */
	UCWA_LIST_JOINED,  /* contact, in myContacts */
	UCWA_LIST_LEFT,
	UCWA_GROUP_JOINED, /* the same in the group that all contacts are in */
	UCWA_GROUP_LEFT,
	N_UCWA_EVENT_KINDS
};

struct ucwa_event {
	enum ucwa_event_kind kind;
	bool success;                          /* …_COMPLETED */
	struct ucwa_conversation conversation; /* with MISSED_UPDATED only its app */
	struct ucwa_message message;           /* MESSAGE_COMPLETED */
	const char *state;                     /* …_UPDATED; NULL is "Connected" */
	const struct ucwa_takes *takes;        /* COMMUNICATION_UPDATED */
	const char *watch;                     /* WATCH_…: its id */
	const char *reason; /* of a failure: a subcode or a reason of the table of diagnostics */
};

struct ucwa_packet {
	const char *app;
	struct hal *root;
	bool has_sender; /* a sender is open */
	const char *hub; /* rel of that sender, unless it is a conversation */
	uint64_t sender; /* the number of its conversation; 0: a hub */
};

/** resume: the link to the next packet says that conversations and subscriptions were ended in the client's absence. */
void ucwa_packet_begin(struct ucwa_packet *p, const char *app, uint64_t number, bool resume);

void ucwa_packet_add(struct ucwa_packet *p, const struct ucwa_event *e);

/** Finish the packet; hal_free() it. */
struct hal *ucwa_packet_end(struct ucwa_packet *p);

/** The answer to a wrong ack: only a link to the packet that is expected. */
struct hal *ucwa_packet_resync(const char *app, uint64_t expected);

/** The rel of the resource that an event is about ("messagingInvitation"), and its type ("started"). */
const char *ucwa_event_rel(const struct ucwa_event *e);
const char *ucwa_event_type(const struct ucwa_event *e);

/** That resource, for an event that embeds it; hal_free() it. */
struct hal *ucwa_event_resource(const struct ucwa_event *e);

/** What events of a kind have, for those who describe them. */
struct ucwa_event_shape {
	const char *rel, *type;
	const char *other_type; /* that some have in place of type; NULL: none has */
	const char *in;         /* rel of the list that the event is about; NULL: none */
	const char *sender;     /* rel of the resource that sends it */
	bool embeds;            /* its resource is in _embedded */
	bool has_outcome;       /* status, and of a failure reason */
};

void ucwa_event_shape(enum ucwa_event_kind kind, struct ucwa_event_shape *ret);

/** Append one line for people: "messagingInvitation started: Hi Brendan". */
void ucwa_event_describe(struct text *out, const struct ucwa_event *e);
