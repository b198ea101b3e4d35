/*
 * Chats: what their files share
 *
 * chat.c is what the events say; chat_action.c is what the person does; chat_find.c finds one; chat_unsent.c is what
 * waits for one.
 */
#pragma once

#include "mcxd/base/list.h"
#include "mcxd/sim/lines.h"
#include "mcxd/sim/phone/chat.h"
#include "mcxd/sim/phone/request.h"
#include "mcxd/sim/sim.h"

#include <stdbool.h>
#include <stdint.h>

/* SIM_CHAT_GONE: why may follow in the same answer, with the end of its invitation. */
enum sim_chat_state {
	SIM_CHAT_RINGING,
	SIM_CHAT_ANSWERING,
	SIM_CHAT_CALLING,
	SIM_CHAT_CONNECTED,
	SIM_CHAT_GONE
};

struct chat {
	struct list of_phone;
	struct sim_chats *chats;
	enum sim_chat_state state;
	char *conversation; /* href, its name */
	char *invitation;   /* href */
	char *accept, *decline;
	char *send, *typing, *stop;
	char *from, *uri;
	char *first_line; /* may be NULL */
	struct sim_lines outbox;
	char *sending;    /* the text that is on its way; NULL: none */
	bool accepted;    /* and reported */
	bool counts;      /* it was answered, or ignored on purpose */
	bool closing;     /* hang up once every message is settled */
	bool knows_first; /* the first line has come as a message, too */
	int64_t n_messages;
	/* Messages sent whose outcome is not known yet; negative if the event overtakes the answer. */
	int64_t n_unsettled;
};

static inline struct chat *sim_chat_of(struct list *node)
{
	return LIST_ENTRY(node, struct chat, of_phone);
}

struct chat *sim_chat_find(struct sim_chats *cs, const char *conversation);
/** The newest in this state, or NULL. */
struct chat *sim_chat_newest(struct sim_chats *cs, enum sim_chat_state state);

void sim_chat_react(struct chat *c, enum sim_reaction reaction);
void sim_chat_post(struct chat *c, const char *href, const char *text, sim_answer_h *on_answer);
/** Ask the server to end it. */
void sim_chat_stop(struct chat *c);
/** Queue a message. False if the text is empty or too many are waiting. */
bool sim_chat_say(struct chat *c, const char *text);
/** End it once the outcome of every message is known. */
void sim_chat_hang_up(struct chat *c);
