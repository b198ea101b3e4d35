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

/** Send one in this dialog by this route. Returns false if that is not possible. */
bool sim_messages_send(struct sim_messages *m, nta_leg_t *leg, const char *route, const char *text);

/** Whether all are answered. */
bool sim_messages_settled(const struct sim_messages *m);

/** Forget those that are not answered. */
void sim_messages_drop(struct sim_messages *m);
