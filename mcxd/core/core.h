/*
 * Core
 *
 * The state of the front end: users, endpoints, conversations, pushes. It decides, and reaches out
 * only through its ports.
 */
#pragma once

#include "mcxd/base/fsm.h"
#include "mcxd/base/idtab.h"
#include "mcxd/base/journal.h"
#include "mcxd/base/limit.h"
#include "mcxd/base/list.h"
#include "mcxd/base/loop.h"
#include "mcxd/base/metric.h"
#include "mcxd/core/ports.h"

struct core_config {
	char *server_fqdn; /* the front end's name, as in source="…" of ms-diagnostics */
	int64_t invite_timeout_ms;
	int64_t event_delay_ms;  /* what an event waits for others to go with; 0: what is at once */
	int64_t phone_linger_ms; /* after an event request ended, how long a phone counts as active
				  */
	int64_t poll_timeout_ms; /* of an event request that names none */
	int64_t session_expiry_ms;       /* Windows Phone and iPhone */
	int64_t session_short_expiry_ms; /* everything else */
	int64_t repeat_window_ms; /* a first MESSAGE equal to the first line is that line repeated
				   */
	int64_t min_expires_s, default_expires_s, max_expires_s; /* REGISTER */
	int64_t max_endpoints;                                   /* per user */
	int64_t max_conversations;                               /* at once, per user */
	int64_t max_events;                                      /* not acknowledged, per phone */
	int64_t max_missed;                                      /* kept, per phone */
	int64_t max_message_bytes;
	int64_t max_history; /* ended conversations and pushes that stay listed */
	bool enable_microsoft_push;
	bool enable_apple_push;
};

struct core_metrics; /* core/core_metrics.h */

struct core {
	struct loop *loop;
	struct journal *journal;
	const struct core_config *config;
	struct ports ports;
	struct core_metrics *metrics;
	struct fsm_env fsm_env;

	struct strtab *users;         /* by AoR */
	struct idtab *phones;         /* by id */
	struct strtab *phones_by_app; /* by application id */
	struct idtab *bindings;
	struct idtab *conversations; /* live ones */
	struct idtab *pushes;        /* waiting for an answer */
	struct list history;         /* of conversations that ended, oldest first */
	int64_t n_history;
	struct list push_log; /* of pushes, oldest first */
	int64_t n_push_log;
	uint64_t last_missed; /* number of the newest missed conversation in the store */
	uint64_t last_credentials;
	struct list registrations; /* REGISTERs that wait for the store */
	struct list sign_ins;      /* and sign-ins */
	bool stopping;             /* nothing new is begun */
	bool freeing;              /* what goes now stays in the store */
};

struct core_args {
	struct loop *loop;
	struct journal *journal;
	struct metrics *metrics;
	const struct core_config *config;
	const struct ports *ports;
};

struct core *core_new(const struct core_args *args);

/** Ends everything that lives without a word to anybody. NULL is fine. */
struct core *core_free(struct core *c);

/** Put in the poll port, whose adapter needs core to be made first. */
void core_set_poll_port(struct core *c, const struct poll_port *port, void *adapter);

/** To the store. Once core is being freed nothing is removed from it: what is there outlives core. done
 *  may be NULL. */
void core_save(struct core *c, const struct store_row *row, store_done_h *done, void *magic);
void core_remove(struct core *c, enum store_kind kind, uint64_t id, store_done_h *done,
		 void *magic);

/** Bring back what the store has. done as in store_port. Users must be there already. */
void core_load(struct core *c, store_done_h *done, void *magic);
