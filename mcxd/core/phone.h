/*
 * Phone
 *
 * A mobile endpoint: a UCWA application with its event queue, its push subscription and its legs. This file
 * decides who a phone is (its names and ids) and what of it is stored. How its events reach it is in
 * core/delivery.h, how long it stays signed in in core/session.h, what it does in conversations in
 * core/phone_leg.h.
 */
#pragma once

#include "mcxd/base/fsm.h"
#include "mcxd/base/list.h"
#include "mcxd/base/loop.h"
#include "mcxd/core/core.h"
#include "mcxd/core/event.h"
#include "mcxd/core/ports.h"
#include "mcxd/core/push/queue.h"
#include "mcxd/core/store_row.h"
#include "mcxd/core/user.h"

#include <stdbool.h>
#include <stdint.h>

struct subscription {
	char *platform; /* NULL: none */
	char *notification_uri;
	char *device_token;
	char *phone_name;
	char *user_agent;
	int64_t ended_wall_us; /* when the push service said that the last one is dead; 0: it did not, or there is a new one */
};

/** What the app takes, as it last said. */
struct phone_media {
	unsigned modalities;         /* of invitations: a set of enum modality */
	unsigned formats;            /* of messages: a set of enum message_format */
	int64_t inactive_timeout_ms; /* see core/presence.h; 0: core.inactive_timeout */
	char *phone_number;          /* may be NULL */
	char *audio_preference;      /* "PhoneAudio", "VoipAudio"; NULL: it did not say */
};

/** A subscription that our own settings ruled out. */
struct refused_subscription {
	char *platform; /* NULL: none */
	char *notification_uri;
	int64_t wall_us;
};

struct phone {
	struct list of_user;
	struct user *user;
	uint64_t id;
	char *app_id;      /* 12 hex digits, in the application's path */
	char *endpoint_id; /* as the client gave it */
	char *user_agent;
	char *culture;
	char *instance_id;   /* as the client gave it; may be NULL */
	char *epid;          /* 10 hex digits in upper case */
	char *push_identity; /* 32 hex digits */
	char *gruu_token;    /* 22 characters and "AA" */
	struct phone_media media;
	struct subscription subscription;
	struct refused_subscription refused; /* since the last one that was not; not stored */
	struct event_queue events;
	struct list missed; /* struct missed.of_phone, oldest first */
	int64_t n_missed, n_unread;

	/* core/phone_leg */
	struct list legs;      /* struct phone_leg.of_phone */
	int64_t n_sending;     /* its messages without an outcome */
	uint64_t last_message; /* number of its newest message, in or out */

	/* core/delivery */
	struct fsm fsm;              /* AWAY, HELD, LINGERING */
	uint64_t poll_id;            /* of the held request, as the HTTPS side calls it; 0: none */
	int64_t poll_timeout_ms;     /* of that request */
	uint64_t wake_post;          /* the posted call that answers it */
	uint64_t packing;            /* the request for which a packet is being stored; 0: none */
	struct loop_timer gathering; /* until then the held request waits for more events */
	int64_t delays_ms[N_URGENCIES]; /* how long events wait, as the phone said; 0: it did not */
	int64_t asked_ms;               /* lab time when its last event request began or ended */
	struct list deliveries;         /* struct delivery.of_phone */

	struct push_queue pushes; /* core/push */

	/* core/watch */
	struct list watches; /* struct watch.of_phone */
	int64_t n_watches;
	int64_t n_watched; /* users, in all watches together */

	/* core/contact_list */
	int64_t list_until_wall_us; /* lab time; 0: it is not subscribed */
	struct loop_timer list_timer;

	/* core/session */
	struct loop_timer expiry;
	struct loop_timer silence; /* without event requests */
	int64_t touched_ms;        /* lab time of its last request */
	int64_t stored_ms;         /* lab time from which the expiry in the store was counted */

	/* small ones of the above */
	unsigned news;       /* of its own user, that its queue had no room for */
	bool owes_news;      /* its queue had no room for some news */
	bool available;      /* makeMeAvailable was called */
	bool saves_events;   /* a deferred call will save its new events */
	bool packing_failed; /* the packet of events could not be stored */
	bool renewed; /* it has subscribed after its channel was dead, and the clearing house does not know yet */
	bool hung_up;     /* its last request ended because of that */
	bool list_warned; /* it knows that its list of contacts ends soon */
};

/** What a client says about itself; strings are copied. */
struct phone_spec {
	const char *endpoint_id; /* may be NULL: a new one is made */
	const char *user_agent;
	const char *culture;
	const char *instance_id; /* may be NULL */
};

/** The outcome of what a phone asks for. */
enum phone_result {
	PHONE_OK,
	PHONE_FORBIDDEN, /* mobility is off for this user */
	PHONE_FULL,      /* a limit of this user or phone */
	PHONE_NOT_FOUND, /* no such invitation, conversation or subscription */
	PHONE_CONFLICT,  /* its state does not allow it (answered, ended, not connected) */
	PHONE_TOO_LARGE,
	PHONE_BAD_TYPE,     /* the content type cannot be sent */
	PHONE_PUSH_OFF,     /* push is not allowed for this user or platform */
	PHONE_NOT_STORED,   /* the store could not keep it */
	PHONE_BUSY,         /* the user has too many conversations */
	PHONE_EXISTS,       /* an operation with this id is under way */
	PHONE_THREAD_EXISTS /* a conversation with this thread id is under way */
};

/** A phone of a user, with new ids. It must not be used before delivery_begin(). NULL if the user's limit of
 *  endpoints is reached. */
struct phone *phone_new(struct user *u, const struct phone_spec *spec);

/** A phone from a STORE_PHONE row; the same holds for it. NULL also if its user is unknown or its session has
 *  expired. */
struct phone *phone_restore(struct core *c, const struct store_row *row);

/** Free it and remove it from the store: see session_sign_out() in core/session.h. */
void phone_free(struct phone *p);

/** Save it as it is. done may be NULL. */
void phone_store(struct phone *p, store_done_h *done, void *magic);

struct phone *phone_find(const struct core *c, const char *app_id);
struct phone *phone_get(const struct core *c, uint64_t id); /* id 0 is fine */
/** The user's phone that said the same of itself, or NULL. An application is the same only with the same endpointId, culture
 *  and userAgent ("Multi-Tab Support"); instances of an endpoint, such as the tabs of a browser, are phones of their own, too:
 *  each has its own events. */
struct phone *phone_find_same(const struct user *u, const struct phone_spec *spec);

/** What it says of itself to others. */
const char *phone_agent(const struct phone *p);

/** From now on invitations ring it. */
void phone_make_available(struct phone *p);

/** Strings are copied. */
void phone_set_media(struct phone *p, const struct phone_media *media);

/** Whether invitations to a conversation in messages ring it: it is available, and takes messages. */
bool phone_takes_messages(const struct phone *p);

/** Whether it is told of calls: it is available, and takes them. */
bool phone_takes_calls(const struct phone *p);

/** Whether its app is one of the mobile ones, which outlive their connections. */
bool phone_is_mobile(const struct phone *p);

/** Strings are copied. NULL: no subscription. */
void phone_set_subscription(struct phone *p, const struct subscription *s);

/** Remember one that our own settings ruled out; NULL: none. */
void phone_set_refused(struct phone *p, const struct subscription *s);

/** The phone made a request. */
void phone_touch(struct phone *p);

/** How long it stays signed in without a request. */
int64_t phone_session_ms(const struct phone *p);
