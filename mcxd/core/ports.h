/*
 * Ports
 *
 * What core reaches out through. Each is a struct of functions that an adapter implements; adapters
 * get their own context back as the first argument. Tests put fakes here.
 */
#pragma once

#include <stdbool.h>
#include <stddef.h>
#include <stdint.h>

/** A push notice on its way to the clearing house. All strings belong to the caller. */
struct push_notice {
	uint64_t id;               /* given back to push_on_answer() */
	uint64_t conversation;     /* 0 for the synthetic transaction */
	const char *user;          /* AoR of the phone's owner */
	const char *display_name;  /* of the phone's owner */
	const char *epid;          /* of the phone */
	const char *push_identity; /* 32 hex digits, the phone's own */
	const char *gruu_token;    /* 22 characters and "AA": the phone's opaque part */
	const char *platform;      /* "windowsPhone", "apple", "webhook" */
	const char *notification_uri;
	const char *device_token;
	const char *from_user; /* AoR of who writes */
	const char *from_name;
	const char *text;       /* first line, or the message; may be NULL */
	const char *modality;   /* "text" */
	const char *importance; /* "normal", "urgent", "emergency" */
	bool conference;
	bool synthetic;  /* Test-CsMcxPushNotification's */
	unsigned missed; /* for the tile: what the phone has missed, this one included */
	int64_t wall_us;
	const char *next_hop; /* SIP URI to send it to, NULL: the usual one */
};

struct push_port {
	/** Send it; the answer comes as push_on_answer() (core/push.h), never from within. */
	void (*send)(void *adapter, const struct push_notice *notice);
};

/** A held event request of a phone (web/ucwa_events). */
struct poll_port {
	/** Answer the request that was parked under this id: call phone_poll_take(). */
	void (*wake)(void *adapter, uint64_t poll_id);
};

/** Rings a SIP contact: makes the callee's leg and gives it to conversation_add_leg(). */
struct leg;
struct conversation;
struct binding;
struct invitation;
struct dial_port {
	/** A leg that will offer the conversation to this contact, or NULL when the adapter cannot.
	 */
	struct leg *(*dial)(void *adapter, const struct binding *contact);
};

/** What outlives a restart, once a store that keeps things is plugged in. Rows are flat; strings
 *  belong to the caller of save and to the store in load. Completions come from the loop, never
 * from within the call, in the order of the calls. */
enum store_kind { STORE_BINDING, STORE_PHONE, STORE_MISSED, N_STORE_KINDS };

struct store_row {
	enum store_kind kind;
	uint64_t id;
	uint64_t owner; /* STORE_MISSED: the phone's id */
	uint64_t
		number; /* the CSeq of a binding, whether a phone is available, a missed conversation's id */
	int64_t expires_wall_us;
	int64_t wall_us;
	const char *user;        /* AoR */
	const char *strings[12]; /* meaning by kind: core/binding.c, core/phone.c, core/missed.c */
};

typedef void store_done_h(void *magic, int err); /* err: 0 or a negative errno */
typedef void store_row_h(void *magic, const struct store_row *row);

struct store_port {
	/** Insert or replace the row with this kind and id. done may be NULL. */
	void (*save)(void *adapter, const struct store_row *row, store_done_h *done, void *magic);
	void (*remove)(void *adapter, enum store_kind kind, uint64_t id, store_done_h *done,
		       void *magic);
	/** Every row, by kind and id; then done. */
	void (*load)(void *adapter, store_row_h *on_row, store_done_h *done, void *magic);
};

struct ports {
	const struct push_port *push;
	void *push_adapter;
	const struct poll_port *poll;
	void *poll_adapter;
	const struct dial_port *dial;
	void *dial_adapter;
	const struct store_port *store;
	void *store_adapter;
};
