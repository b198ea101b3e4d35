/*
 * Roles
 *
 * What runs in this process: the front end and its neighbours, as far as they were asked for, wired to each other.
 * Their configs are made here, from the settings, from what a section shares with [net], and from what is
 * known only now: certificates, and the addresses of neighbours in this process.
 */
#pragma once

#include "mcxd/clearing_house/clearing_house.h"
#include "mcxd/core/core.h"
#include "mcxd/edge/edge.h"
#include "mcxd/front_end/front_end.h"
#include "mcxd/identity.h"
#include "mcxd/push_service/push_service.h"
#include "mcxd/sip_role.h"
#include "web/lab/lab.h"

#include <stdbool.h>
#include <stddef.h>

enum {
	ROLE_FRONT_END = 1,
	ROLE_EDGE = 2,
	ROLE_CLEARING_HOUSE = 4,
	ROLE_PUSH_SERVICE = 8,
	ROLES_ALL = 15
};
enum { MAX_ROLES = 4, MAX_LISTENERS = 16 };

struct core;
struct faults;
struct guesses;
struct hosts;
struct http;
struct journal;
struct loop;
struct metrics;
struct settings;
struct sqlite_store;
struct stack;
struct state;
struct store;
struct text;
struct ucwa;
struct users;

struct roles_args {
	struct loop *loop;
	struct journal *journal;
	struct metrics *metrics;
	struct faults *faults;
	const struct settings *settings;
	const struct state *state;
	unsigned set; /* of ROLE_… */
};

/** A zeroed one may be given to roles_deinit(). What is pointed to is NULL where its role does not run. */
struct roles {
	struct roles_args args;
	const char *names[MAX_ROLES];
	size_t n_names;

	/* the settings, with everything shared and derived filled in */
	struct push_service_config push_service_config;
	struct clearing_house_config clearing_house_config;
	struct edge_config edge_config;
	struct front_end_config front_end_config;
	struct core_config core_config;

	char *open_password; /* of users.open_password_file; NULL: none */
	struct identity identities[N_SIP_ROLES];
	struct identity apns_identity;
	struct identity edge_external; /* the Edge's as well, but asks for no certificate */
	struct hosts *hosts;
	struct stack *stack;
	struct push_service *push_service;
	struct clearing_house *clearing_house;
	struct edge *edge;
	struct store *store; /* in memory, or else on disk */
	struct sqlite_store *sqlite;
	struct core *core;
	struct users *users;
	struct guesses *guesses; /* of wrong passwords, on either side */
	struct front_end *front_end;
	struct ucwa *ucwa;
	struct http *https;

	/* SIP URIs of neighbours in this process, for settings that name no other; NULL: not here */
	char *clearing_house_route, *edge_route;

	char *own_hosts; /* of the push service, for clearing_house.allow_hosts; NULL: it is not here */

	bool foreign_house; /* the clearing house is as one of somebody else: see lab_args */

	/* what they listen on, for the lab API, the ready file and people */
	struct lab_listener listeners[MAX_LISTENERS];
	char *addresses[MAX_LISTENERS]; /* of these, owned */
	size_t n_listeners;
};

/** The roles of a list such as "front-end,edge"; 0 having appended what is wrong with it to why. */
unsigned roles_parse(const char *list, struct text *why);

/** Start those of args->set, each after the neighbour that it sends to. What args points to must outlive them.
 *  Returns 0, or a negative errno, having logged what failed. */
int roles_start(struct roles *r, const struct roles_args *args);

/** Add to what listens; nothing if there is no address. What it is told as is prefix and address. */
void roles_add_listener(struct roles *r, const char *name, const char *prefix, const char *address);

/** Read users and certificates again; what fails is logged, and stays as it was. */
void roles_reload(struct roles *r);

/** This user was reset, or with NULL the lab: forget what the roles know besides core, and read the users file again. */
void roles_reset(struct roles *r, const char *aor);

/** End all conversations, and refuse new ones. */
void roles_shut_down(struct roles *r);

/** No conversation, registration or push is in progress, and nothing waits for the disk. */
bool roles_are_idle(const struct roles *r);

/** Free everything, also what is half started, in the order that the rooms need. */
void roles_deinit(struct roles *r);
