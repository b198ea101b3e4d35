/*
 * HTTPS API
 *
 * UCWA 1.0 as far as instant messaging with a phone needs it, and a push extension of ours; GET
 * /openapi.json lists all of it. An adapter of core. It serves any number of listeners, TLS and plain: an
 * application that has signed in on one of them exists on all.
 */
#pragma once

#include "mcxd/core/core.h"
#include "web/http/http.h"
#include "web/ucwa/auth.h"

struct faults;
struct guesses;
struct journal;
struct ucwa;

struct ucwa_config {
	/** "https://lyncweb.lab.test:443", the start of absolute links; NULL or "": the name that the
	 *  client gave in Host. */
	const char *public_url;
	/** Origins of web pages that may use the API, with spaces or commas between them; NULL or "": none but its
	 *  own. */
	const char *allowed_origins;
	/** Plain HTTP serves nothing but the root of autodiscover, which redirects to the TLS listener, if there is
	 *  one. */
	bool redirect_plain;
	int64_t max_batch;                   /* requests in a batch */
	int64_t max_batch_bytes;             /* of its answers, from which on none is executed */
	int64_t max_contacts;                /* listed for a user */
	int64_t max_held, max_held_per_user; /* event requests */
	struct auth_config auth;
};

#define UCWA_CONFIG_DEFAULT                                                                        \
	((struct ucwa_config){                                                                     \
		.redirect_plain = true,                                                            \
		.max_batch = 100,                                                                  \
		.max_batch_bytes = 4194304,                                                        \
		.max_contacts = 1000,                                                              \
		.max_held = 100000,                                                                \
		.max_held_per_user = 32,                                                           \
		.auth = { .token_lifetime_ms = 28800000,                                           \
			  .max_tokens_per_user = 32,                                               \
			  .max_tokens = 200000 },                                                  \
	})

struct ucwa_args {
	struct loop *loop;
	struct core *core;
	struct journal *journal;          /* may be NULL */
	struct metrics *metrics;          /* may be NULL */
	struct faults *faults;            /* may be NULL */
	struct guesses *guesses;          /* of wrong passwords; NULL: they cost nothing */
	const struct ucwa_config *config; /* copied, with its strings */
};

/** Create it and make it core's poll port. */
struct ucwa *ucwa_new(const struct ucwa_args *args);

/** Other limits of batches, contacts and event requests; the rest of the config stays as it was at first. */
void ucwa_apply_config(struct ucwa *u, const struct ucwa_config *config);

/** Whether no answer waits for the store. */
bool ucwa_is_idle(const struct ucwa *u);

/** Close the listeners and free everything. Call it before core_free(), without running the loop in
 *  between: a sign-in may be waiting for the store. NULL is fine. */
struct ucwa *ucwa_free(struct ucwa *u);

/** Add a listener: an HTTP server with the API's routes. name: "https", "http". The API owns the server;
 *  *ret_http is for http_listen() and http_reload(), and ret_http may be NULL. Returns 0, or the negative
 *  errno of http_new(). */
int ucwa_listen(struct ucwa *u, const char *name, const struct http_config *config,
		struct http **ret_http);
