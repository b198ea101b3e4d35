/*
 * Lab API
 *
 * /lab/v1 on a UNIX socket and on a TCP listener: what this lab is, who is in it, what happened, and its clock.
 * What may come in by TCP is in door.c. JSON in and out; an error is {"error":{"code":"NotFound","message":"a sentence"}}. The table of routes in lab.c lists all
 * resources.
 *
 * Times are RFC 3339 in UTC by the lab's clock; durations are milliseconds, with names in …Ms. Reading is
 * not recorded in the journal, so looking at the lab does not change what is seen.
 */
#pragma once

#include <stdbool.h>
#include <stddef.h>
#include <stdint.h>

struct core;
struct faults;
struct journal;
struct json_object;
struct lab;
struct loop;
struct metrics;
struct setting_change;
struct setting_map;
struct setting_table;
struct stack;
struct text;

/** Path of the page. */
#define LAB_CONSOLE "/console/"

struct lab_listener {
	const char *name;    /* "sip.udp", "https" */
	const char *address; /* "127.0.0.1:5060", a URL, a path */
};

/** What only main knows. The strings belong to main and outlive the lab. */
struct lab_info {
	const char *version;
	const char *const *roles;
	size_t n_roles;
	const struct lab_listener *listeners;
	size_t n_listeners;
	const char *push_target;   /* host or host:port of the first hop of a push; may be NULL */
	const char *push_next_hop; /* SIP URI that pushes are sent to; may be NULL */
	const struct setting_table *settings_table;
	const void *settings;                       /* what it fills; NULL: they are not told */
	const struct setting_map *changed_settings; /* by this API; NULL: none */
	bool is_stopping;                           /* the daemon is ending */
	const char *ca_file;  /* certificate of the authority of the HTTPS listener; may be NULL */
	bool trusts_network;  /* SIP clients of other machines need not prove who they are */
	const char *upstream; /* registrar of the phones; NULL: there is none */
	int64_t n_upstream_registered, n_upstream_phones;
	const char *upstream_trouble; /* why not all phones are registered; NULL: they are */
	const char *key_log; /* file that keys of TLS connections are written to; NULL: none */
};

struct lab_config {
	const char *socket; /* absolute path of at most 107 bytes, the kernel's limit */
	/* over TCP; NULL or "": not */
	const char *listen;               /* "127.0.0.1:8090" */
	const char *hosts;                /* what Host may be besides; NULL: nothing */
	const char *cert_file, *key_file; /* both: HTTPS */
	const char *token;                /* what requests must show; NULL: nothing */
	int64_t max_connections;
	int64_t max_body_bytes;
	int64_t max_import_bytes; /* on the UNIX socket; not below max_body_bytes */
	int64_t idle_timeout_ms;
	int64_t max_waiting;        /* wait, clock and test-push requests held open at once */
	int64_t max_wait_ms;        /* largest timeoutMs of a wait */
	int64_t max_followers;      /* streams of the journal at once */
	int64_t heartbeat_ms;       /* silence after which a stream of the journal gets a comment */
	int64_t max_page_records;   /* records in one answer */
	int64_t max_page_bytes;     /* memory of the records at which an answer ends */
	int64_t max_export_records; /* records in one export */
	int64_t max_export_bytes;   /* their memory */
	int64_t max_advance_ms;     /* largest single move of the clock */
	int64_t max_faults;
	int64_t max_users; /* that it has added */
	int64_t max_actors;
	int64_t max_actor_lines; /* what one keeps of its conversations */
};

/** What another role keeps, as a member of an export. */
struct lab_part {
	struct json_object *(*write)(void *magic, int64_t moment_us);
	/** Whether load() can; or false with a sentence in why. */
	bool (*check)(void *magic, struct json_object *part, struct text *why);
	void (*load)(void *magic, struct json_object *part, int64_t moment_us);
	void *magic;
};

struct lab_args {
	struct loop *loop;
	struct core *core; /* NULL: no front end here; its resources answer 404 */
	struct faults *faults;
	struct stack *stack; /* for desktops; NULL: there can be none */
	struct journal *journal;
	struct metrics *metrics;
	const struct lab_config *config;
	/** Fill in *ret_info, which is zeroed; called for every request that needs it. May be NULL. */
	void (*info)(void *magic, struct lab_info *ret_info);
	/** A user has been reset: reset what the process has of him outside of core. NULL: everybody has, so bring back what the
	 *  users file and the settings say, too. May be NULL. */
	void (*on_reset)(void *magic, const char *aor);
	/** Change settings, all or none. Returns 0, or a negative errno with a line for each error. NULL without settings. */
	int (*change_settings)(void *magic, const struct setting_change *changes, size_t n,
			       struct text *errors);
	/** The same for as long as it takes to see whether something fits: neither recorded nor applied to the journal. */
	int (*try_settings)(void *magic, const struct setting_change *changes, size_t n,
			    struct text *errors);
	/** Let the clearing house of this process be as one that somebody else runs: it allows no host of notification URIs
	 *  and has no connection to Apple, and the front end does not know. NULL: it is not here. */
	void (*set_foreign_house)(void *magic, bool on);
	void *magic;
	struct lab_part
		channels; /* of the push service, an array; without functions: it is elsewhere */
};

/** Returns 0, or the negative errno of http_new(). */
int lab_new(const struct lab_args *args, struct lab **ret_lab);

/** Where it listens over TCP, "127.0.0.1:8090"; "": nowhere. */
const char *lab_listen(const struct lab *l);

/** Its config, which the caller may change, is another one. NULL is fine. */
void lab_apply_config(struct lab *l);

/** Load the certificate again. NULL is fine. */
void lab_reload(struct lab *l);

/** Whether no answer waits for the store. NULL is fine. */
bool lab_is_idle(const struct lab *l);

/** NULL is fine. The loop must not run between this and core_free() or loop_free(): either may still refer
 *  to a test push or to a move of the clock. */
struct lab *lab_free(struct lab *l);
