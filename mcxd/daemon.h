/*
 * Daemon
 *
 * One lab: the roles that were asked for, wired to each other. The only place, with main.c, that knows
 * every room.
 */
#pragma once

#include "mcxd/net/pki.h"
#include "mcxd/settings.h"
#include "mcxd/store/store.h"
#include "mcxd/users.h"

enum {
	ROLE_FRONT_END = 1,
	ROLE_EDGE = 2,
	ROLE_CLEARING_HOUSE = 4,
	ROLE_PUSH_SERVICE = 8,
	ROLES_ALL = 15
};
enum { MAX_LISTENERS = 10 };

struct daemon {
	struct settings *settings;
	unsigned roles;
	char *ready_file; /* NULL: none */
	bool ephemeral;   /* the state directory is removed at the end */

	struct loop *loop;
	struct journal *journal;
	struct metrics *metrics;
	struct pki_files pki;

	struct push_service *push_service;
	struct clearing_house *clearing_house;
	struct edge *edge;
	struct store *store;
	struct core *core;
	struct users *users;
	struct front_end *front_end;
	struct ucwa *ucwa;
	struct http *https, *http;
	struct lab *lab;

	/* what the roles listen on, for the lab API, the ready file and people */
	struct lab_listener listeners[MAX_LISTENERS];
	char *addresses[MAX_LISTENERS]; /* of these, owned */
	size_t n_listeners;
	const char *role_names[4];
	size_t n_roles;
	char *edge_route,
		*clearing_house_route; /* SIP URIs of roles here, for those who have no other next hop */

	bool is_ready; /* and has said so */
	bool stopping;
	struct loop_timer drain;
	int64_t drain_until_ms;
};

/** Roles from "front-end,edge"; 0 for a word that is none, which goes to *ret_bad (static buffer). */
unsigned daemon_parse_roles(const char *list, const char **ret_bad);

/** Start everything. Returns 0 or a negative errno; what failed is logged. */
int daemon_start(struct daemon *d);

/** Run until a signal, and a while longer to end what is under way. */
void daemon_run(struct daemon *d);

/** Free everything, in the order that the rooms need; works on what is half started. */
void daemon_stop(struct daemon *d);

/* ---- ready.c ---- */

/** The ready file's contents as JSON; free() it. */
char *ready_json(const struct daemon *d);

/** Write them to a file, whole or not at all. Returns 0 or a negative errno. */
int ready_write(const struct daemon *d, const char *path);

/** Say on standard output where everything is, and "ready". */
void ready_print(const struct daemon *d);
