/*
 * Messages
 *
 * The MESSAGE requests of a call that have no answer yet.
 */
#pragma once

#include "mcxd/base/list.h"

#include <sofia-sip/nta.h>
#include <stdbool.h>

struct sim_messages {
	struct list unanswered;
	/** One with this text is answered. refusal: "480 Temporarily Unavailable"; NULL: it was taken. */
	void (*on_answer)(void *magic, const char *text, const char *refusal);
	void *magic;
};

void sim_messages_init(struct sim_messages *m,
		       void (*on_answer)(void *magic, const char *text, const char *refusal),
		       void *magic);

struct agent;
struct sim_auth;

/** How they are sent; it all outlives them. */
struct sim_way {
	struct agent *agent;
	nta_leg_t *leg;
	const char *route;
	struct sim_auth *auth; /* which answers challenges; may be NULL */
};

/** Send one in this dialog by this route. Returns false if that is not possible. */
bool sim_messages_send(struct sim_messages *m, const struct sim_way *way, const char *text);

/** Whether all are answered. */
bool sim_messages_settled(const struct sim_messages *m);

/** Forget those that are not answered. */
void sim_messages_drop(struct sim_messages *m);
