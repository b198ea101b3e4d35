/*
 * Chats: actions
 */
#include "mcxd/base/list.h"
#include "mcxd/sim/lines.h"
#include "mcxd/sim/phone/chat.h"
#include "mcxd/sim/phone/chat_private.h"
#include "mcxd/sim/phone/request.h"
#include "mcxd/sim/sim.h"
#include "proto/text/mem.h"

bool sim_chats_answer(struct sim_chats *cs, enum sim_reaction reaction)
{
	struct chat *c = sim_chat_newest(cs, SIM_CHAT_RINGING);

	if (c)
		sim_chat_react(c, reaction);
	return c;
}

void sim_chats_answer_next(struct sim_chats *cs, enum sim_reaction reaction)
{
	cs->to_next = reaction;
	sim_chats_check_unsent(cs);
}

bool sim_chats_know(struct sim_chats *cs, const char *conversation)
{
	return sim_chat_find(cs, conversation);
}

const char *sim_chats_peer(struct sim_chats *cs)
{
	struct chat *c = sim_chat_newest(cs, SIM_CHAT_CONNECTED);

	if (!c)
		c = sim_chat_newest(cs, SIM_CHAT_ANSWERING);
	return c ? c->from : NULL;
}

bool sim_chats_say(struct sim_chats *cs, const char *text)
{
	struct chat *c = sim_chat_newest(cs, SIM_CHAT_CONNECTED);

	if (c)
		return sim_chat_say(c, text);
	return *text && sim_lines_add(&cs->unsent, text);
}

bool sim_chats_type(struct sim_chats *cs)
{
	struct chat *c = sim_chat_newest(cs, SIM_CHAT_CONNECTED);

	if (!c || !c->typing)
		return false;
	sim_chat_post(c, c->typing, NULL, NULL);
	return true;
}

bool sim_chats_hang_up(struct sim_chats *cs)
{
	struct chat *c = sim_chat_newest(cs, SIM_CHAT_CONNECTED);

	if (!c)
		c = sim_chat_newest(cs, SIM_CHAT_CALLING);
	if (c)
		sim_chat_hang_up(c);
	return c;
}

bool sim_chats_hang_up_all(struct sim_chats *cs)
{
	list_for_each (node, &cs->open)
		sim_chat_hang_up(sim_chat_of(node));
	return sim_chats_any_open(cs);
}

bool sim_chats_drop_next(struct sim_chats *cs, sim_answer_h *on_answer, void *magic)
{
	list_for_each (node, &cs->open) {
		struct chat *c = sim_chat_of(node);

		if (!c->stop)
			continue;
		sim_request_send(cs->args.requests, &(struct sim_request){ .method = "POST",
									   .href = c->stop,
									   .on_answer = on_answer,
									   .magic = magic });
		mem_set_string(&c->stop, NULL);
		return true;
	}
	return false;
}
