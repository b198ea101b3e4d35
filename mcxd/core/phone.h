/*
 * Phone
 *
 * A mobile endpoint: a UCWA application with its event queue, its push subscription and its legs.
 *
 *   AWAY: nobody asks for events; push, if subscribed and allowed.
 *   HELD: an event request is held open; events go there.
 *   LINGERING: a request has just been answered; the next is expected. When it does not come in
 * time the phone is AWAY, and what it was told but never acknowledged counts as not delivered.
 */
#pragma once

#include "mcxd/core/event.h"
#include "mcxd/core/party.h"
#include "mcxd/core/user.h"

struct subscription {
	char *platform; /* NULL: none */
	char *notification_uri;
	char *device_token;
	char *device_name;
	char *user_agent;
};

struct phone {
	struct list of_user;
	struct user *user;
	uint64_t id;
	char *app_id;      /* 12 hex digits, in the application's path */
	char *endpoint_id; /* as the client gave it */
	char *user_agent;
	char *culture;
	char *epid;          /* 10 hex digits */
	char *push_identity; /* 32 hex digits */
	char *gruu_token;    /* 22 characters and "AA" */
	bool available;      /* makeMeAvailable was called */
	struct subscription subscription;
	struct event_queue events;
	struct fsm fsm;          /* AWAY, HELD, LINGERING */
	uint64_t poll_id;        /* of the held request, as web calls it */
	int64_t poll_timeout_ms; /* of that request */
	struct list missed;      /* struct missed.of_phone, oldest first */
	int64_t n_missed;
	struct list legs; /* struct phone_leg.of_phone */
	struct loop_timer expiry;
	uint64_t wake_post;
	struct loop_timer gathering; /* until then what is queued waits for more */
	int64_t n_sending;           /* its messages that have no outcome yet */
	uint64_t last_message;       /* number of its newest message, in or out */
	int64_t touched_ms;
};

struct phone_spec {
	const char *endpoint_id; /* may be NULL: a new one is made */
	const char *user_agent;
	const char *culture;
};

enum phone_result {
	PHONE_OK,
	PHONE_FORBIDDEN, /* mobility is off for this user */
	PHONE_FULL,      /* a limit of this user or phone */
	PHONE_NOT_FOUND, /* no such invitation, conversation, subscription */
	PHONE_CONFLICT,  /* it is there and its state forbids it (answered, ended, not connected) */
	PHONE_TOO_LARGE,
	PHONE_BAD_TYPE, /* a content type that cannot be sent */
	PHONE_PUSH_OFF  /* push is not allowed for this user or platform */
};

/** Sign in: the same endpoint id gets the same phone back (*ret_new is false). done is called from
 * the loop, once it is stored; the phone is found by its id then. */
typedef void phone_done_h(void *magic, enum phone_result result, uint64_t phone_id, bool is_new);
void phone_sign_in(struct user *u, const struct phone_spec *spec, phone_done_h *done, void *magic);

/** Drop sign-ins that wait for the store, without a word. */
void sign_ins_forget(struct core *c);

/** DELETE application: legs end, the held request is woken, the phone is gone. */
void phone_sign_out(struct phone *p);

struct phone *phone_find(const struct core *c, const char *app_id);
struct phone *phone_get(const struct core *c, uint64_t id);
struct phone *phone_next(const struct core *c, uint64_t *cursor);

void phone_make_available(struct phone *p);

/** Any request of the phone: the session lives on. */
void phone_touch(struct phone *p);

/* ---- push subscription ---- */

/** Strings are copied. *ret_new tells 201 from 200. */
enum phone_result phone_subscribe(struct phone *p, const struct subscription *s, bool *ret_new);
enum phone_result phone_unsubscribe(struct phone *p);

/* ---- events ---- */

enum poll_result {
	POLL_READY, /* take the packet with phone_poll_take() */
	POLL_HELD,  /* poll_port.wake() will be called */
	POLL_WRONG_ACK
};

/** The phone asks for events. poll_id is web's name for the request if it gets held; a request held
 *  before is told that it was replaced. timeout_ms <= 0: the default. */
enum poll_result phone_poll(struct phone *p, uint64_t ack, uint64_t poll_id, int64_t timeout_ms);

enum poll_end { POLL_PACKET, POLL_REPLACED, POLL_GONE };

/** What to answer a woken or ready request. With POLL_PACKET: *ret_packet is its number and
 *  p->events.events its events (maybe none: the timeout). */
enum poll_end phone_poll_take(struct core *c, uint64_t phone_id, uint64_t poll_id,
			      uint64_t *ret_packet);

/** The client hung up, or the answer could not be written. */
void phone_poll_drop(struct core *c, uint64_t phone_id, uint64_t poll_id);

/* ---- its conversations (ids as in events) ---- */

/** Whether there is room for what will become of one more message; phone_say() is PHONE_FULL otherwise. */
bool phone_has_room(const struct phone *p);

enum phone_result phone_accept(struct phone *p, uint64_t conversation);
enum phone_result phone_decline(struct phone *p, uint64_t conversation);
enum phone_result phone_say(struct phone *p, uint64_t conversation, const struct im *im,
			    uint64_t *ret_message);
enum phone_result phone_typing(struct phone *p, uint64_t conversation);
enum phone_result phone_terminate(struct phone *p, uint64_t conversation);

/** Nobody asks for its events: the app is in the background. */
bool phone_is_away(const struct phone *p);

/** Something new is queued: tell the phone soon, with whatever comes in the meantime. */
void phone_gather(struct phone *p);
/** Tell it at once, after what runs now. */
void phone_wake(struct phone *p);

/** A row of the store, STORE_PHONE. */
void phone_restore(struct core *c, const struct store_row *row);

extern const struct fsm_table phone_fsm;
