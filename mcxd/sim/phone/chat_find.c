/*
 * Chats: finding one
 */
#include "mcxd/base/list.h"
#include "mcxd/sim/phone/chat.h"
#include "mcxd/sim/phone/chat_private.h"

#include <string.h>

struct chat *sim_chat_find(struct sim_chats *cs, const char *conversation)
{
	list_for_each (node, &cs->open)
		if (conversation && !strcmp(sim_chat_of(node)->conversation, conversation))
			return sim_chat_of(node);
	return NULL;
}

struct chat *sim_chat_newest(struct sim_chats *cs, enum sim_chat_state state)
{
	for (struct list *node = cs->open.prev; node != &cs->open; node = node->prev)
		if (sim_chat_of(node)->state == state)
			return sim_chat_of(node);
	return NULL;
}
