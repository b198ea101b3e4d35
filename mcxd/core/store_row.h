/*
 * Store row
 *
 * What core gives to its store and gets back after a restart: a flat row with typed columns, one struct a kind.
 * A kind is one list of columns below. The struct is made of it, the way from the noun into the row and back,
 * and the table by which a store copies rows of any kind and names columns. A new column is one line.
 *
 *   KEPT(type, column, member)  a member of the noun, copied by STORE_SAVE and STORE_RESTORE
 *   MADE(type, column)          worked out by the noun's file when it saves, and read by it when it restores
 */
#pragma once

#include "proto/text/mem.h"

#include <stdbool.h>
#include <stddef.h>
#include <stdint.h>

#define STORE_USER_COLUMNS(KEPT, MADE)                                                             \
	KEPT(TEXT, aor, aor)                                                                       \
	KEPT(TEXT, display_name, display_name)                                                     \
	KEPT(TEXT, password, password)                                                             \
	KEPT(TEXT, number, number)                                                                 \
	KEPT(FLAG, enable_mobility, policy.enable_mobility)                                        \
	KEPT(FLAG, enable_push, policy.enable_push)                                                \
	KEPT(TEXT, outside_number, outside_number)                                                 \
	KEPT(FLAG, no_outside_voice, policy.no_outside_voice)

#define STORE_BINDING_COLUMNS(KEPT, MADE)                                                          \
	MADE(TEXT, user) /* AoR */                                                                 \
	MADE(TIME, expires_wall_us)                                                                \
	KEPT(TEXT, contact, contact)                                                               \
	KEPT(TEXT, route, route)                                                                   \
	KEPT(TEXT, call_id, call_id)                                                               \
	KEPT(NUMBER, cseq, cseq)                                                                   \
	KEPT(TEXT, epid, epid)                                                                     \
	KEPT(TEXT, instance, instance)                                                             \
	KEPT(TEXT, gruu, gruu)                                                                     \
	KEPT(TEXT, user_agent, user_agent)

#define STORE_PHONE_COLUMNS(KEPT, MADE)                                                            \
	MADE(TEXT, user) /* AoR */                                                                 \
	MADE(TIME, expires_wall_us)                                                                \
	MADE(TEXT, app_id) /* also the phone's key in core's table */                              \
	KEPT(TEXT, endpoint_id, endpoint_id)                                                       \
	KEPT(TEXT, user_agent, user_agent)                                                         \
	KEPT(TEXT, culture, culture)                                                               \
	KEPT(TEXT, instance_id, instance_id)                                                       \
	KEPT(TEXT, epid, epid)                                                                     \
	KEPT(TEXT, push_identity, push_identity)                                                   \
	KEPT(TEXT, gruu_token, gruu_token)                                                         \
	KEPT(FLAG, available, available)                                                           \
	KEPT(NUMBER, modalities, media.modalities)                                                 \
	KEPT(NUMBER, formats, media.formats)                                                       \
	KEPT(NUMBER, inactive_timeout_ms, media.inactive_timeout_ms)                               \
	KEPT(TEXT, phone_number, media.phone_number)                                               \
	KEPT(TEXT, audio_preference, media.audio_preference)                                       \
	KEPT(TIME, list_until_wall_us, list_until_wall_us)                                         \
	KEPT(TEXT, platform, subscription.platform)                                                \
	KEPT(TEXT, notification_uri, subscription.notification_uri)                                \
	KEPT(TEXT, device_token, subscription.device_token)                                        \
	KEPT(TEXT, phone_name, subscription.phone_name)                                            \
	KEPT(TEXT, phone_agent, subscription.user_agent)                                           \
	KEPT(TIME, subscription_ended_wall_us, subscription.ended_wall_us)                         \
	KEPT(FLAG, renewed, renewed)

/* What a phone's event queue has to know of the past; its id is the phone's. */
#define STORE_QUEUE_COLUMNS(KEPT, MADE)                                                            \
	MADE(NUMBER, last_message) /* from which the phone's messages go on */                     \
	KEPT(NUMBER, last_number, last_number)                                                     \
	KEPT(NUMBER, last_sent, last_sent)                                                         \
	KEPT(NUMBER, last_acked, last_acked)                                                       \
	KEPT(NUMBER, packet, packet)                                                               \
	KEPT(FLAG, owed, owed)

#define STORE_EVENT_COLUMNS(KEPT, MADE)                                                            \
	MADE(NUMBER, phone) /* its id */                                                           \
	MADE(TEXT, kind)                                                                           \
	KEPT(NUMBER, number, number)                                                               \
	KEPT(NUMBER, packet, packet)                                                               \
	KEPT(NUMBER, conversation, conversation)                                                   \
	KEPT(NUMBER, what, what)                                                                   \
	KEPT(NUMBER, message, message)                                                             \
	KEPT(NUMBER, said_as, said_as)                                                             \
	KEPT(FLAG, outgoing, outgoing)                                                             \
	KEPT(FLAG, caller, caller)                                                                 \
	KEPT(FLAG, success, success)                                                               \
	KEPT(FLAG, held, held)                                                                     \
	KEPT(TEXT, reason, reason)                                                                 \
	KEPT(TEXT, state, state)                                                                   \
	KEPT(TEXT, operation_id, operation_id)                                                     \
	KEPT(TEXT, peer, peer)                                                                     \
	KEPT(TEXT, peer_name, peer_name)                                                           \
	KEPT(TEXT, content_type, content_type)                                                     \
	KEPT(TEXT, text, text)                                                                     \
	KEPT(TEXT, subject, subject)                                                               \
	KEPT(TEXT, importance, importance)                                                         \
	KEPT(TEXT, thread_id, thread_id)                                                           \
	KEPT(TIME, wall_us, wall_us)                                                               \
	KEPT(TIME, began_wall_us, began_wall_us)

#define STORE_MISSED_COLUMNS(KEPT, MADE)                                                           \
	MADE(NUMBER, phone) /* its id */                                                           \
	KEPT(NUMBER, conversation, conversation)                                                   \
	KEPT(TEXT, from_user, from)                                                                \
	KEPT(TEXT, from_name, from_name)                                                           \
	KEPT(TEXT, subject, subject)                                                               \
	KEPT(TEXT, importance, importance)                                                         \
	KEPT(TEXT, thread_id, thread_id)                                                           \
	KEPT(TEXT, first_line, first_line)                                                         \
	KEPT(TEXT, reason, reason)                                                                 \
	KEPT(FLAG, is_read, is_read)                                                               \
	KEPT(TIME, wall_us, wall_us)

/* What a user has set. */
#define STORE_PRESENCE_COLUMNS(KEPT, MADE)                                                         \
	MADE(TEXT, user) /* AoR */                                                                 \
	KEPT(FLAG, is_set, presence.is_set)                                                        \
	KEPT(NUMBER, availability, presence.set)                                                   \
	KEPT(TEXT, note, presence.note)                                                            \
	KEPT(TEXT, location, presence.location)

#define STORE_WATCH_COLUMNS(KEPT, MADE)                                                            \
	MADE(NUMBER, phone) /* its id */                                                           \
	MADE(TIME, expires_wall_us)                                                                \
	MADE(TEXT, name) /* its id as clients know it */                                           \
	KEPT(FLAG, warned, warned)                                                                 \
	MADE(TEXT, users) /* AoRs, separated by spaces */

/* What the HTTPS side has issued: what the digests are of can only be told by the client that shows the token. */
#define STORE_TOKEN_COLUMNS(KEPT, MADE)                                                            \
	MADE(TEXT, user) /* AoR */                                                                 \
	MADE(TIME, expires_wall_us)                                                                \
	MADE(TEXT, digest)   /* of the token */                                                    \
	MADE(TEXT, password) /* of its owner's password, keyed with the token */

/* The highest id that may have been given. */
enum { COUNTER_OF_CONVERSATIONS = 1, COUNTER_OF_PUSHES = 2 };
#define STORE_COUNTER_COLUMNS(KEPT, MADE) MADE(NUMBER, value)

/* One that has not ended; unanswered while answered_wall_us is 0. */
#define STORE_CONVERSATION_COLUMNS(KEPT, MADE)                                                     \
	MADE(FLAG, charges_caller)                                                                 \
	MADE(FLAG, charges_callee)                                                                 \
	KEPT(TEXT, from_user, from)                                                                \
	KEPT(TEXT, from_name, from_name)                                                           \
	KEPT(TEXT, to_user, to)                                                                    \
	KEPT(TEXT, to_name, to_name)                                                               \
	KEPT(TEXT, subject, subject)                                                               \
	KEPT(TEXT, importance, importance)                                                         \
	KEPT(TEXT, thread_id, thread_id)                                                           \
	KEPT(TEXT, first_line, first_line)                                                         \
	KEPT(TEXT, first_line_type, first_line_type)                                               \
	KEPT(FLAG, paged, paged)                                                                   \
	KEPT(NUMBER, media, media)                                                                 \
	KEPT(FLAG, conference, conference)                                                         \
	KEPT(TIME, began_wall_us, began_wall_us)                                                   \
	KEPT(TIME, answered_wall_us, answered_wall_us)

#define STORE_PHONE_LEG_COLUMNS(KEPT, MADE)                                                        \
	MADE(NUMBER, conversation) /* its id, as that of the phone */                              \
	MADE(NUMBER, phone)                                                                        \
	MADE(FLAG, caller)                                                                         \
	MADE(FLAG, connected)                                                                      \
	KEPT(NUMBER, reads, leg.reads)                                                             \
	KEPT(NUMBER, started, started)                                                             \
	KEPT(TEXT, operation_id, operation_id)

/* A message from the phone without an outcome. */
#define STORE_SENDING_COLUMNS(KEPT, MADE)                                                          \
	MADE(NUMBER, phone)                                                                        \
	MADE(NUMBER, conversation)                                                                 \
	KEPT(NUMBER, message, id)                                                                  \
	KEPT(TEXT, operation_id, operation_id)                                                     \
	KEPT(TIME, wall_us, wall_us)

/* Of the dialog with the same id, apart because they change with every message: how far our requests may have been
 * numbered, and the highest number of theirs. */
#define STORE_CSEQ_COLUMNS(KEPT, MADE)                                                             \
	MADE(NUMBER, local)                                                                        \
	MADE(NUMBER, remote)

/* A connected leg of front_end, which fills this in. */
#define STORE_DIALOG_COLUMNS(KEPT, MADE)                                                           \
	MADE(NUMBER, conversation)                                                                 \
	MADE(FLAG, caller)                                                                         \
	MADE(TEXT, call_id)                                                                        \
	MADE(TEXT, local) /* our From, with tag, and theirs */                                     \
	MADE(TEXT, remote)                                                                         \
	MADE(TEXT, route_set)                                                                      \
	MADE(TEXT, remote_target)                                                                  \
	KEPT(TEXT, route, route)                                                                   \
	KEPT(TEXT, target, target)                                                                 \
	KEPT(TEXT, self, self)                                                                     \
	KEPT(TEXT, contact, contact)                                                               \
	KEPT(TEXT, aor, aor)                                                                       \
	KEPT(TEXT, display_name, display_name)                                                     \
	KEPT(TEXT, epid, epid)                                                                     \
	KEPT(NUMBER, port, session.port)                                                           \
	KEPT(NUMBER, reads, session.reads)                                                         \
	KEPT(FLAG, old_media, session.old_media)                                                   \
	KEPT(NUMBER, session_version, session_version)                                             \
	KEPT(NUMBER, interval_s, interval.s)                                                       \
	KEPT(NUMBER, min_interval_s, interval.min_s)                                               \
	KEPT(FLAG, refreshes, interval.ours)                                                       \
	KEPT(FLAG, takes_update, interval.update)                                                  \
	KEPT(TIME, until_wall_us, until_wall_us)

/* A leg of front_end without a dialog, which fills this in. */
#define STORE_PAGER_COLUMNS(KEPT, MADE)                                                            \
	MADE(NUMBER, conversation)                                                                 \
	MADE(FLAG, caller)                                                                         \
	KEPT(TEXT, self, self)                                                                     \
	KEPT(TEXT, self_name, self_name)                                                           \
	KEPT(TEXT, peer, peer)                                                                     \
	KEPT(TEXT, peer_name, peer_name)                                                           \
	KEPT(TEXT, route, route)                                                                   \
	KEPT(NUMBER, binding, binding)                                                             \
	KEPT(NUMBER, last_im, last_im)                                                             \
	KEPT(TEXT, stored, stored)

/* ---- what only a snapshot has ---- */

/* A conversation that has ended; its id is its place among them, by age. */
#define STORE_ENDED_COLUMNS(KEPT, MADE)                                                            \
	KEPT(NUMBER, conversation, id)                                                             \
	KEPT(TEXT, from_user, from)                                                                \
	KEPT(TEXT, to_user, to)                                                                    \
	KEPT(TEXT, first_line, first_line)                                                         \
	KEPT(NUMBER, status, sip_status)                                                           \
	KEPT(TEXT, reason, reason)                                                                 \
	KEPT(TIME, began_wall_us, began_wall_us)                                                   \
	KEPT(TIME, answered_wall_us, answered_wall_us)                                             \
	KEPT(TIME, ended_wall_us, ended_wall_us)                                                   \
	KEPT(NUMBER, messages, n_messages)

#define STORE_PUSH_COLUMNS(KEPT, MADE)                                                             \
	KEPT(NUMBER, conversation, conversation) /* 0: synthetic */                                \
	KEPT(NUMBER, phone, phone)                                                                 \
	KEPT(TEXT, user, user)                                                                     \
	KEPT(TEXT, platform, platform)                                                             \
	KEPT(TEXT, text, text)                                                                     \
	KEPT(NUMBER, withdraws, withdraws)                                                         \
	MADE(TEXT, state)                                                                          \
	KEPT(NUMBER, status, sip_status)                                                           \
	KEPT(NUMBER, diag, diag_id)                                                                \
	KEPT(TEXT, reason, reason)                                                                 \
	KEPT(TIME, sent_wall_us, sent_wall_us)                                                     \
	KEPT(TIME, answered_wall_us, answered_wall_us)                                             \
	MADE(NUMBER, latency_us)

/* How many messages the connected conversation with the same id has had. */
#define STORE_SAID_COLUMNS(KEPT, MADE) KEPT(NUMBER, messages, n_messages)

/* In the order in which rows are loaded: what belongs to a user, to a phone, or to a conversation, after it,
 * and a dialog after its CSeqs. */
#define STORE_KINDS(X)                                                                             \
	X(USER, user)                                                                              \
	X(BINDING, binding)                                                                        \
	X(PHONE, phone)                                                                            \
	X(QUEUE, queue)                                                                            \
	X(EVENT, event)                                                                            \
	X(TOKEN, token)                                                                            \
	X(MISSED, missed)                                                                          \
	X(COUNTER, counter)                                                                        \
	X(CONVERSATION, conversation)                                                              \
	X(PHONE_LEG, phone_leg)                                                                    \
	X(SENDING, sending)                                                                        \
	X(CSEQ, cseq)                                                                              \
	X(DIALOG, dialog)                                                                          \
	X(PAGER, pager)                                                                            \
	X(PRESENCE, presence)                                                                      \
	X(WATCH, watch)

#define SNAPSHOT_KINDS(X)                                                                          \
	X(ENDED, ended)                                                                            \
	X(PUSH, push)                                                                              \
	X(SAID, said)

enum store_type {
	STORE_TEXT,   /* const char *, may be NULL */
	STORE_NUMBER, /* uint64_t */
	STORE_TIME,   /* int64_t, microseconds since 1970 */
	STORE_FLAG    /* bool */
};

#define STORE_C_TEXT                   const char *
#define STORE_C_NUMBER                 uint64_t
#define STORE_C_TIME                   int64_t
#define STORE_C_FLAG                   bool
#define STORE_KEPT(type, column, from) STORE_C_##type column;
#define STORE_MADE(type, column)       STORE_C_##type column;

struct user_row {
	STORE_USER_COLUMNS(STORE_KEPT, STORE_MADE)
};

struct binding_row {
	STORE_BINDING_COLUMNS(STORE_KEPT, STORE_MADE)
};

struct phone_row {
	STORE_PHONE_COLUMNS(STORE_KEPT, STORE_MADE)
};

struct queue_row {
	STORE_QUEUE_COLUMNS(STORE_KEPT, STORE_MADE)
};

struct event_row {
	STORE_EVENT_COLUMNS(STORE_KEPT, STORE_MADE)
};

struct missed_row {
	STORE_MISSED_COLUMNS(STORE_KEPT, STORE_MADE)
};

struct token_row {
	STORE_TOKEN_COLUMNS(STORE_KEPT, STORE_MADE)
};

struct counter_row {
	STORE_COUNTER_COLUMNS(STORE_KEPT, STORE_MADE)
};

struct conversation_row {
	STORE_CONVERSATION_COLUMNS(STORE_KEPT, STORE_MADE)
};

struct phone_leg_row {
	STORE_PHONE_LEG_COLUMNS(STORE_KEPT, STORE_MADE)
};

struct sending_row {
	STORE_SENDING_COLUMNS(STORE_KEPT, STORE_MADE)
};

struct cseq_row {
	STORE_CSEQ_COLUMNS(STORE_KEPT, STORE_MADE)
};

struct dialog_row {
	STORE_DIALOG_COLUMNS(STORE_KEPT, STORE_MADE)
};

struct pager_row {
	STORE_PAGER_COLUMNS(STORE_KEPT, STORE_MADE)
};

struct presence_row {
	STORE_PRESENCE_COLUMNS(STORE_KEPT, STORE_MADE)
};

struct watch_row {
	STORE_WATCH_COLUMNS(STORE_KEPT, STORE_MADE)
};

struct ended_row {
	STORE_ENDED_COLUMNS(STORE_KEPT, STORE_MADE)
};

struct push_row {
	STORE_PUSH_COLUMNS(STORE_KEPT, STORE_MADE)
};

struct said_row {
	STORE_SAID_COLUMNS(STORE_KEPT, STORE_MADE)
};

#define STORE_KIND(kind, member) STORE_##kind,
#define STORE_ROW(kind, member)  struct member##_row member;

/* A store has the first N_STORE_KINDS, a snapshot has all. */
enum store_kind {
	STORE_KINDS(STORE_KIND) N_STORE_KINDS,
	STORE_LAST_KIND = N_STORE_KINDS - 1,
	SNAPSHOT_KINDS(STORE_KIND) N_ROW_KINDS
};

struct store_row {
	enum store_kind kind;
	uint64_t id;
	bool reserved; /* it is saved on an almost full disk, too, because that lets others be removed; not a column */
	union {
		STORE_KINDS(STORE_ROW)
		SNAPSHOT_KINDS(STORE_ROW)
	};
};

/* For a list's KEPT, in a function with the noun in a variable called object. STORE_SAVE is the part of the row's
 * initialiser; STORE_RESTORE fills in a noun, with strings of its own, from a row in a variable called row.
 * STORE_SKIP is for MADE. */
#define STORE_SAVE(type, column, member)    .column = object->member,
#define STORE_RESTORE(type, column, member) STORE_RESTORE_##type(object->member, row->column)
#define STORE_SKIP(type, column)

#define STORE_RESTORE_TEXT(to, from)   mem_set_string(&(to), (from));
#define STORE_RESTORE_NUMBER(to, from) (to) = (__typeof__(to))(from);
#define STORE_RESTORE_TIME(to, from)   (to) = (from);
#define STORE_RESTORE_FLAG(to, from)   (to) = (from);

struct store_column {
	const char *name;
	enum store_type type;
	size_t offset; /* in the struct of the row's kind */
};

struct store_table {
	const char *name;
	const struct store_column *columns;
	size_t n_columns;
};

/** The columns of each kind, for a store that treats all kinds alike. */
extern const struct store_table store_tables[N_ROW_KINDS];

/** Where a row holds a column: a pointer to the C type of the column's type. */
void *store_row_at(struct store_row *row, const struct store_column *column);

/** A copy with strings of its own, all in one block: free() it. */
struct store_row *store_row_copy(const struct store_row *row);
