/*
 * Starting a conversation
 */
#pragma once

#include "mcxd/sim/phone/request.h"

struct sim_start {
	const char *href; /* of startMessaging */
	const char *to;   /* "bob@lab.test" */
	const char *text; /* first line; may be empty */
	sim_answer_h *on_answer;
	void *magic;
};

/** Invite somebody. Events tell what comes of it. */
void sim_start_messaging(struct sim_requests *rs, const struct sim_start *start);
