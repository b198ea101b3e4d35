/*
 * Ports
 *
 * The ways out of core. Each is a struct of functions that an adapter implements; the adapter gets its own context
 * back as the first argument. Unit tests put fakes here.
 */
#pragma once

#include "mcxd/core/store_row.h"

#include <stdbool.h>
#include <stdint.h>

struct binding;
struct leg;
struct phone;

/** A push on its way to the clearing house. The strings are valid during the call only. */
struct push_message {
	uint64_t id;               /* for push_on_answer() */
	uint64_t conversation;     /* 0: synthetic */
	const char *user;          /* AoR of the phone's owner */
	const char *display_name;  /* of the phone's owner */
	const char *epid;          /* of the phone */
	const char *push_identity; /* of the phone, 32 hex digits */
	const char *gruu_token;    /* of the phone, 22 characters and "AA" */
	const char *platform;      /* "windowsPhone", "apple", "webhook" */
	const char *notification_uri;
	const char *device_token;
	const char *from_user; /* AoR of the sender */
	const char *from_name;
	const char *text;       /* first line, or the message, cut for a preview; may be NULL */
	const char *uuid;       /* its name for the other systems */
	const char *withdraws;  /* the same of the push that it takes back; NULL: none */
	const char *thread;     /* a later push with the same one replaces it; may be NULL */
	const char *modality;   /* PUSH_MODALITY_… */
	const char *importance; /* "normal", "urgent", "emergency" */
	bool conference;
	bool renewed; /* the first since the app has subscribed again after its channel was dead */
	bool synthetic;  /* a test (Test-CsMcxPushNotification) */
	unsigned missed; /* the number on the tile */
	int64_t wall_us;
	const char *next_hop; /* SIP URI to send it to; NULL: the configured one */
};

struct push_port {
	/** Send it. The answer comes through push_on_answer() (core/push.h), never from within. */
	void (*send)(void *adapter, const struct push_message *message);
};

/** The phones' event requests, which are open at the HTTPS side. */
struct poll_port {
	/** Answer the request with this id, with what delivery_take() gives. It was held (see HELD in
	 *  core/delivery.h) or has just been replaced. */
	void (*wake)(void *adapter, uint64_t poll_id);
	/** A STORE_TOKEN row, which that side has saved. False if it is not valid any more. May be NULL. */
	bool (*restore_token)(void *adapter, const struct store_row *row);
	/** Whether such a row is sound; nothing is restored. May be NULL: it is not. */
	bool (*can_restore_token)(void *adapter, const struct store_row *row);
	/** Save a STORE_TOKEN row for every token. May be NULL. */
	void (*save_tokens)(void *adapter);
	/** The tokens of this user are not valid any more. May be NULL. */
	void (*forget_tokens)(void *adapter, const char *aor);
};

struct dial_port {
	/** Make a leg that will offer an invitation to this contact; NULL if the adapter cannot. The
	 *  leg is the caller's. */
	struct leg *(*dial)(void *adapter, const struct binding *contact);
	/** The same for a client that takes messages, but no sessions of them. May be NULL. */
	struct leg *(*page)(void *adapter, const struct binding *contact);
	/** Make a connected leg from a STORE_DIALOG and its STORE_CSEQ row; NULL if it cannot be. May be NULL. */
	struct leg *(*restore)(void *adapter, const struct store_row *dialog,
			       const struct store_row *cseq);
	/** The same of a leg without a dialog, from a STORE_PAGER row. May be NULL. */
	struct leg *(*restore_pager)(void *adapter, const struct store_row *row);
	/** Whether restore() can; it makes nothing. May be NULL: it cannot. */
	bool (*can_restore)(void *adapter, const struct store_row *dialog);
	/** A binding has expired, and is gone: whose conversations went by it is not there any more. May be NULL. */
	void (*expired)(void *adapter, uint64_t binding);
};

typedef void store_done_h(void *magic, int err); /* err: 0 or a negative errno */
typedef void store_row_h(void *magic, const struct store_row *row);

/** Who else wants to know how users are. Called from within what changes them: what it does about it, it does later. */
struct presence_port {
	/** The presence of this user, or who the user is, has changed; or the user is new, or is leaving. */
	void (*changed)(void *adapter, const char *aor);
	/** The list of users has. */
	void (*users_changed)(void *adapter);
	/** What this user has said and asked for is forgotten: the user is being removed, or else reset. */
	void (*forgotten)(void *adapter, const char *aor, bool removed);
};

/** Who else wants to know which phones are signed in. Called from within sign-in and sign-out. */
struct phone_port {
	/** A phone has signed in, or has come back from the store. */
	void (*joined)(void *adapter, const struct phone *phone);
	/** A phone's session ends. Not called when the daemon ends, which sessions outlive. */
	void (*left)(void *adapter, const struct phone *phone);
};

/** What outlives a restart, if the store behind it does. A row's strings are valid during the call only.
 *  Completions come from the loop, never from within the call, in the order of the calls. */
struct store_port {
	/** Insert or replace the row with this kind and id. done may be NULL. */
	void (*save)(void *adapter, const struct store_row *row, store_done_h *done, void *magic);
	/** Remove it; a row that is not there is fine. done may be NULL. */
	void (*remove)(void *adapter, enum store_kind kind, uint64_t id, store_done_h *done,
		       void *magic);
	/** Call on_row with every row, by kind and id, from within the call, which may wait for a disk: it is
	 *  for the start. on_row may save and remove rows. Returns 0, or a negative errno. */
	int (*load)(void *adapter, store_row_h *on_row, void *magic);
	/** done is called when everything that was saved and removed until now has been dealt with. err: something
	 *  that nobody else waits for could not be written; it will be tried again. */
	void (*sync)(void *adapter, store_done_h *done, void *magic);
	/** Whether rows cannot be written, as far as is known. May be NULL: they can. */
	bool (*is_failing)(void *adapter);
	/** Whether the rows outlive this process. */
	bool durable;
};

struct ports {
	const struct push_port *push;
	void *push_adapter;
	const struct poll_port *poll;
	void *poll_adapter;
	const struct dial_port *dial; /* may be NULL: only phones are rung */
	void *dial_adapter;
	const struct phone_port *phone; /* may be NULL */
	void *phone_adapter;
	const struct presence_port *presence; /* may be NULL */
	void *presence_adapter;
	const struct store_port *store;
	void *store_adapter;
};
