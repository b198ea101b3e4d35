/*
 * Starting a conversation
 *
 * Whom the phone writes to, kept until it has signed in.
 */
#pragma once

#include "mcxd/sim/phone/chat.h"
#include "mcxd/sim/phone/request.h"

struct sim_start {
	struct sim_requests *requests;
	struct sim_chats *chats;
	char *to, *text; /* NULL: nobody */
};

void sim_start_deinit(struct sim_start *s);

/** Write to this user ("bob@lab.test") with sim_start_go(), in place of an earlier one. NULL: nobody. */
void sim_start_set(struct sim_start *s, const char *to, const char *text);

/** Invite whom sim_start_set() named, if anybody. href: of startMessaging; NULL: the server has none. Events tell what
 *  comes of it. */
void sim_start_go(struct sim_start *s, const char *href);
