/*
 * Messages
 */
#include "mcxd/sim/messages.h"

#include "mcxd/base/list.h"
#include "mcxd/sim/auth.h"
#include "mcxd/sip/agent.h"
#include "proto/text/mem.h"
#include "proto/text/text.h"

#include <sofia-sip/sip_status.h>
#include <sofia-sip/sip_tag.h>

struct message {
	struct list of_messages;
	struct sim_messages *messages;
	nta_outgoing_t *orq;
	struct sim_way way;
	char *text;
};

void sim_messages_init(struct sim_messages *m,
		       void (*on_answer)(void *magic, const char *text, const char *refusal),
		       void *magic)
{
	list_init(&m->unanswered);
	m->on_answer = on_answer;
	m->magic = magic;
}

static void message_free(struct message *m)
{
	list_remove(&m->of_messages);
	if (m->orq)
		nta_outgoing_destroy(m->orq);
	free(m->text);
	free(m);
}

static nta_response_f on_answer;

/* After a challenge. */
static bool send_again(struct message *m, const sip_t *sip)
{
	nta_outgoing_t *next = NULL;

	if (m->way.auth && sim_auth_take(m->way.auth, sip))
		next = agent_send_next(m->way.agent, m->orq, m->way.leg, m->way.route, on_answer,
				       m);
	if (!next)
		return false;
	nta_outgoing_destroy(m->orq);
	m->orq = next;
	return true;
}

static int on_answer(nta_outgoing_magic_t *magic, nta_outgoing_t *orq, const sip_t *sip)
{
	struct message *m = (void *)magic;
	struct sim_messages *all = m->messages;
	int status = nta_outgoing_status(orq);
	CLEANUP(mem_free_string) char *refusal = NULL;
	CLEANUP(mem_free_string) char *text = NULL;

	if (status < 200 || send_again(m, sip))
		return 0;
	if (status / 100 != 2)
		refusal = text_format("%d %s", status,
				      sip ? sip->sip_status->st_phrase : "no answer");
	text = m->text;
	m->text = NULL;
	message_free(m);
	all->on_answer(all->magic, text, refusal);
	return 0;
}

bool sim_messages_send(struct sim_messages *m, const struct sim_way *way, const char *text)
{
	struct message *message = MEM_NEW(struct message);

	message->messages = m;
	message->way = *way;
	message->text = mem_strdup(text);
	list_append(&m->unanswered, &message->of_messages);
	message->orq = nta_outgoing_tcreate(way->leg, on_answer, (void *)message,
					    agent_url(way->route), SIP_METHOD_MESSAGE, NULL,
					    SIPTAG_CONTENT_TYPE_STR("text/plain; charset=UTF-8"),
					    SIPTAG_PAYLOAD_STR(text), TAG_END());
	if (message->orq)
		return true;
	message_free(message);
	return false;
}

bool sim_messages_settled(const struct sim_messages *m)
{
	return list_empty(&m->unanswered);
}

void sim_messages_drop(struct sim_messages *m)
{
	list_for_each_safe (node, &m->unanswered)
		message_free(LIST_ENTRY(node, struct message, of_messages));
}
