/*
 * HTTPS API, inside
 *
 * What the room consists of. Its words:
 *
 *	application      what a phone is to a UCWA client that signed in: a resource, below which the
 *	                 others hang. `app` in identifiers
 *	operation        a method and a path, as in OpenAPI: a row of the table of routes
 *	event request    GET …/events, which core holds open until there is something to report. `poll` in
 *	                 identifiers, as in core
 */
#pragma once

#include "mcxd/base/list.h"
#include "mcxd/core/core.h"
#include "web/http/http.h"
#include "web/ucwa/metrics.h"
#include "web/ucwa/ucwa.h"

#include <stdbool.h>

struct auth;
struct cors;
struct guesses;
struct idtab;
struct journal;
struct loop;
struct metrics;

/** One listener: a server with the table of routes. */
struct ucwa_listener {
	struct list of_ucwa;
	struct ucwa *u;
	struct http *http;
	bool tls;
};

struct ucwa {
	struct loop *loop;
	struct core *core;
	struct journal *journal;
	struct faults *faults;
	struct ucwa_config config;
	char *public_url;
	struct auth *auth;
	struct guesses *guesses;
	struct cors *cors;
	struct http_route *routes; /* their extra is a struct ucwa_operation */
	size_t n_routes;
	struct idtab *polls;        /* struct ucwa_poll */
	struct idtab *apps;         /* struct ucwa_app by the phone's id */
	struct list sign_ins;       /* under way */
	struct list stored;         /* answers that wait for the store */
	struct list listeners;      /* struct ucwa_listener */
	struct metrics *metric_set; /* that listeners add to; may be NULL */
	struct ucwa_metrics metrics;
};
