/*
 * Core
 *
 * The state of the front end: its users, their endpoints, conversations and pushes, in tables that every file
 * of this room reads. This file decides nothing: it holds the tables and hands rows to the store. Core reaches
 * the outside only through its ports. What makes, loads, stops and ends a core as a whole is in core/life.h.
 */
#pragma once

#include "mcxd/base/fsm.h"
#include "mcxd/base/idtab.h"
#include "mcxd/base/list.h"
#include "mcxd/core/metrics.h"
#include "mcxd/core/ports.h"
#include "mcxd/core/store_row.h"

#include <stdbool.h>
#include <stdint.h>

struct loop;
struct metrics;

struct core_config {
	char *server_fqdn; /* the front end's name, source="…" of ms-diagnostics */
	int64_t invite_timeout_ms;
	int64_t call_timeout_ms; /* the same for an invitation from a phone */
	int64_t pager_idle_ms;  /* without a message, until a conversation without a session ends */
	int64_t event_delay_ms; /* an event waits this long for others; 0: not at all */
	int64_t medium_delay_ms; /* the same of events of medium and low urgency, */
	int64_t low_delay_ms;    /* unless the phone says otherwise */
	int64_t phone_linger_ms; /* see LINGERING in core/delivery.h */
	int64_t hang_up_linger_ms;
	int64_t channel_expiry_ms;       /* without event requests, until conversations are ended */
	int64_t poll_timeout_ms;         /* of an event request that names none */
	int64_t session_expiry_ms;       /* Windows Phone and iPhone */
	int64_t session_short_expiry_ms; /* all other clients */
	int64_t repeat_window_ms;        /* see core/relay.c */
	int64_t min_expires_s, default_expires_s, max_expires_s; /* REGISTER */
	int64_t max_endpoints;                                   /* per user */
	int64_t max_phones;                                      /* of these, per user */
	int64_t max_conversations;                               /* under way, per user */
	int64_t max_events;                                      /* not acknowledged, per phone */
	int64_t max_recent; /* acknowledged messages and ended invitations, per phone */
	int64_t max_missed; /* kept, per phone */
	int64_t max_message_bytes;
	int64_t inactive_timeout_ms; /* see core/presence.h; 0: nobody is inactive */
	int64_t watch_warning_ms;    /* before a watch ends, its phone is told */
	int64_t max_watches;         /* per phone */
	int64_t max_watched;         /* users, per phone */
	int64_t max_history;         /* ended conversations, and pushes, that stay listed */
	char *open_domain;           /* every address of it is a user; NULL or "": none */
	const char *open_password;   /* of these users; NULL: they exist on this machine only */
	bool enable_microsoft_push;
	bool enable_apple_push;
	bool apple_push_is_missing; /* the clearing house that pushes go to cannot deliver them to Apple */
	bool withdraw_pushes;
	int64_t max_waiting_pushes;   /* per phone */
	int64_t max_preview;          /* characters of a message that a push shows; 0: none */
	const char *push_allow_hosts; /* as in proto/push/notification_uri.h; NULL: any */
	/* Whether those who deliver pushes can connect to a host; NULL: that is not known. */
	bool (*push_reaches)(const void *hosts, const char *host);
	const void *push_hosts; /* its first argument */
};

struct core {
	struct loop *loop;
	struct journal *journal;
	const struct core_config *config;
	struct ports ports;
	struct core_metrics metrics;
	struct fsm_env fsm_env;

	struct strtab users;         /* struct user, by AoR */
	struct strtab domains;       /* of these; struct domain (core/user.c), by name */
	struct idtab phones;         /* by id */
	struct strtab phones_by_app; /* by application id */
	struct idtab bindings;
	struct idtab conversations; /* under way, and ended ones until the loop has freed them */
	struct idtab cseqs;         /* while the store is read: STORE_CSEQ rows by id */
	struct idtab pushes;        /* that wait for an answer */
	struct list history;        /* struct conversation_summary, oldest first */
	int64_t n_history;
	struct list push_log; /* struct push, oldest first */
	struct list
		answered_pushes; /* those of it that are answered, in the order of their answers */
	int64_t n_push_log, n_waiting_pushes;
	uint64_t last_user;        /* number of the newest user in the store */
	uint64_t last_presence;    /* number of the newest user's presence in the store */
	uint64_t last_watch;       /* the same of presence subscriptions */
	uint64_t last_missed;      /* number of the newest missed conversation in the store */
	uint64_t last_event;       /* number of the newest event in the store */
	uint64_t last_leg;         /* of the newest leg in the store */
	uint64_t last_sending;     /* of the newest message from a phone there */
	uint64_t ids_until;        /* conversations may have these without saying so to the store */
	uint64_t last_credentials; /* see struct user */
	uint64_t open_credentials; /* those of all open users */
	struct list resting; /* struct user.of_resting: open users who may have nothing left */
	uint64_t rest_post;  /* of the look at them; 0: none under way */
	struct list registrations; /* REGISTERs that wait for the store */
	struct list sign_ins;      /* sign-ins that wait for the store */
	struct list waits;         /* struct core_wait */
	uint64_t n_written;        /* rows saved and removed, and events that are about to be */
	bool stopping;             /* nothing new begins */
	bool freeing;              /* what is freed stays in the store */
	bool is_snapshot; /* what is saved now is how things are, with nothing kept ahead */
	bool is_imported; /* what is restored now is a snapshot */
};

struct core_args {
	struct loop *loop;
	struct journal *journal; /* may be NULL */
	struct metrics *metrics; /* may be NULL */
	const struct core_config *config;
	const struct ports *ports;
};

/** An empty core; core_new() (core/life.h) calls it. */
void core_init(struct core *c, const struct core_args *args);

/** Asserts that the tables are empty. */
void core_deinit(struct core *c);

/** Set the poll port, whose adapter can only be made after core. */
void core_set_poll_port(struct core *c, const struct poll_port *port, void *adapter);

/** Whether what is saved outlives this process. If not, only what is wanted for that is left out. */
bool core_is_durable(const struct core *c);

struct core_wait;
enum { N_CORE_WAIT_IDS = 4 };
typedef void core_wait_h(struct core *c, const uint64_t ids[N_CORE_WAIT_IDS], int err);

/** For whom waits for the store and may be gone by then: fn gets ids to look up. It is the magic for core_on_stored(), and ends with
 *  it, or with core. */
struct core_wait *core_wait_new(struct core *c, core_wait_h *fn,
				const uint64_t ids[N_CORE_WAIT_IDS]);

/** A store_done_h. */
void core_on_stored(void *magic, int err);

/** done is called from the loop when everything that was saved and removed until now has been dealt with; see sync of the
 *  store port. */
void core_sync(struct core *c, store_done_h *done, void *magic);

/** Whether the store cannot write at the moment: what changes something had better not begin. */
bool core_store_is_failing(const struct core *c);

/** Insert or replace a row in the store. done (may be NULL) is called from the loop. While core is being freed this does
 *  nothing, and so does core_remove(): what is freed is not over. */
void core_save(struct core *c, const struct store_row *row, store_done_h *done, void *magic);

/** Remove a row from the store. While core is being freed this does nothing, and done is not called: the rows
 *  outlive core. */
void core_remove(struct core *c, enum store_kind kind, uint64_t id, store_done_h *done,
		 void *magic);
