/*
 * HTTPS API
 *
 * UCWA 1.0 as far as IM with a phone needs it, with a push extension of ours (GET /openapi.json lists
 * everything): an adapter of core. One room serves any number of listeners, TLS and plain; an
 * application that signed in on one is there on all.
 */
#pragma once

#include "mcxd/core/core.h"
#include "web/http/http.h"
#include "web/ucwa/auth.h"

struct ucwa;

struct ucwa_config {
	/** "https://lyncweb.lab.test:443", the start of absolute links; NULL or "": what the client
	 *  called us in Host. */
	const char *public_url;
	/** Autodiscover over plain HTTP answers with a redirection to the TLS listener, if there is
	 *  one. */
	bool redirect_plain;
	int64_t max_recent; /* messages and invitations that stay readable, per application */
	struct auth_config auth;
};

#define UCWA_CONFIG_DEFAULT                                                                        \
	((struct ucwa_config){                                                                     \
		.redirect_plain = true,                                                            \
		.max_recent = 100,                                                                 \
		.auth = { .token_lifetime_ms = 28800000,                                           \
			  .max_tokens_per_user = 32,                                               \
			  .max_tokens = 200000 },                                                  \
	})

struct ucwa_args {
	struct loop *loop;
	struct core *core;
	struct journal *journal;          /* may be NULL */
	struct metrics *metrics;          /* may be NULL */
	const struct ucwa_config *config; /* copied, its strings too */
};

/** Make the room, which puts itself into core as its poll port. */
struct ucwa *ucwa_new(const struct ucwa_args *args);

/** Close the listeners and forget everything. Before core_free(); the loop must not run in between,
 *  since a sign-in may be waiting for the store. NULL is fine. */
struct ucwa *ucwa_free(struct ucwa *u);

/** Add a listener: an http_new() with this room's routes. name: "https", "http". The server belongs to
 *  the room; *ret_http, which may be NULL, is for http_listen() and http_reload(). Returns 0, or the
 *  negative errno of http_new(). */
int ucwa_listen(struct ucwa *u, const char *name, const struct http_config *config,
		struct http **ret_http);
