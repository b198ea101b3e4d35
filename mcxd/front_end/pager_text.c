/*
 * Messages outside a dialog: our own
 */
#include "mcxd/front_end/pager_text.h"

#include "mcxd/base/list.h"
#include "mcxd/base/log.h"
#include "mcxd/base/random.h"
#include "mcxd/core/binding.h"
#include "mcxd/core/user.h"
#include "mcxd/front_end/ability.h"
#include "mcxd/front_end/link.h"
#include "mcxd/front_end/outcome.h"
#include "mcxd/front_end/private.h"
#include "mcxd/sip/agent.h"
#include "proto/diag.h"
#include "proto/sip/text.h"
#include "proto/sip/uri.h"
#include "proto/text/mem.h"
#include "proto/text/text.h"

#include <sofia-sip/sip_header.h>

enum { MAX_FORWARDS = 70 }; /* RFC 3261, 8.1.1.6 */

struct copy {
	struct list of_sending;
	struct pager_sending *sending;
	nta_outgoing_t *orq;
	uint64_t binding, n_registers; /* 0: none */
};

struct pager_sending {
	struct front_end *front_end;
	struct list copies;
	pager_sent_h *on_sent;
	void *magic;
	uint64_t id;
};

static void copy_free(struct copy *c)
{
	list_remove(&c->of_sending);
	if (c->orq)
		nta_outgoing_destroy(c->orq);
	free(c);
}

void pager_text_forget(struct pager_sending *m)
{
	list_for_each_safe (node, &m->copies)
		copy_free(LIST_ENTRY(node, struct copy, of_sending));
	free(m);
}

/* ---- the answer ---- */

static struct diag outcome_of(const struct copy *c, nta_outgoing_t *orq, const sip_t *sip)
{
	CLEANUP(text_deinit) struct text why = TEXT_INIT; /* the log has it */
	struct front_end *s = c->sending->front_end;
	int status = sip->sip_status->st_status;

	if (nta_sip_is_internal(sip)) {
		if (status == 503 && c->binding)
			binding_lost(s->core, c->binding, c->n_registers);
		return diag_make(agent_failure(orq, status, &why));
	}
	ability_learn(s, c->binding, sip);
	return sip_outcome(sip);
}

static int on_response(nta_outgoing_magic_t *magic, nta_outgoing_t *orq, const sip_t *sip)
{
	struct copy *c = (struct copy *)magic;
	struct pager_sending *m = c->sending;
	struct diag outcome;

	if (sip->sip_status->st_status < 200)
		return 0;
	outcome = outcome_of(c, orq, sip);
	copy_free(c);
	if (outcome.code != DIAG_SUCCESS && !list_empty(&m->copies))
		return 0;
	m->on_sent(m->magic, m->id, &outcome);
	pager_text_forget(m);
	return 0;
}

/* ---- the request ---- */

struct names {
	struct text from, to;
	char call_id[33], tag[17];
};

static void names_init(struct names *n, const struct pager_text *t)
{
	*n = (struct names){ 0 };
	random_hex(16, n->call_id);
	random_hex(8, n->tag);
	uri_add_name_addr(&n->from, t->self_name, t->self);
	text_addf(&n->from, ";tag=%s", n->tag);
	uri_add_name_addr(&n->to, NULL, t->peer);
}

static void names_deinit(struct names *n)
{
	text_deinit(&n->from);
	text_deinit(&n->to);
}

static int make_message(const struct pager_text *t, const char *uri, const struct names *names,
			struct text *ret, const char **ret_why)
{
	struct sip_text m = SIP_TEXT_INIT;

	sip_text_start_request(&m, "MESSAGE", uri);
	sip_text_header(&m, "From", text_str(&names->from));
	sip_text_header(&m, "To", text_str(&names->to));
	sip_text_header(&m, "Call-ID", names->call_id);
	sip_text_header(&m, "CSeq", "1 MESSAGE");
	sip_text_number(&m, "Max-Forwards", MAX_FORWARDS);
	sip_text_header(&m, "User-Agent", SIP_SERVER_FRONT_END);
	sip_text_header(&m, "Content-Type", t->type);
	sip_text_number(&m, "Content-Length", t->n);
	sip_text_body(&m, t->body, t->n);
	return sip_text_finish(&m, ret, ret_why);
}

/* binding may be NULL. Each copy is a request of its own, with a Call-ID of its own: nobody merges them. */
static void send_copy(struct pager_sending *m, const struct pager_text *t,
		      const struct binding *binding)
{
	CLEANUP(text_deinit) struct text message = TEXT_INIT;
	CLEANUP(text_deinit) struct text peer = TEXT_INIT;
	CLEANUP(names_deinit) struct names names;
	struct copy *c = MEM_NEW(struct copy);
	const char *why;

	names_init(&names, t);
	uri_add_aor(&peer, t->peer);
	c->sending = m;
	c->binding = binding ? binding->id : 0;
	c->n_registers = binding ? binding->n_registers : 0;
	list_append(&m->copies, &c->of_sending);
	if (make_message(t, binding ? binding->contact : text_str(&peer), &names, &message, &why)) {
		log_warn("front_end", t->key, "cannot send MESSAGE to %s: %s", t->peer, why);
	} else {
		front_end_link(m->front_end, t->key, names.call_id, "says something to a client");
		c->orq = agent_send_text(m->front_end->agent, binding ? binding->route : t->route,
					 &message, on_response, c);
	}
	if (!c->orq)
		copy_free(c);
}

static void send_to_all(struct pager_sending *m, const struct pager_text *t, const struct user *u,
			bool only_able)
{
	list_for_each (node, &u->bindings) {
		const struct binding *b = LIST_ENTRY(node, struct binding, of_user);

		if (b->route && *b->route && (!only_able || ability_takes_messages(b)))
			send_copy(m, t, b);
	}
}

static void send_copies(struct pager_sending *m, const struct pager_text *t)
{
	const struct binding *b = binding_get(m->front_end->core, t->binding);
	const struct user *u = user_find(m->front_end->core, t->peer);

	if (b)
		send_copy(m, t, b);
	if (u && list_empty(&m->copies))
		send_to_all(m, t, u, true);
	if (u && list_empty(&m->copies))
		send_to_all(m, t, u, false);
	if (t->route && list_empty(&m->copies))
		send_copy(m, t, NULL);
}

struct pager_sending *pager_text_send(struct front_end *s, const struct pager_text *t, uint64_t id,
				      pager_sent_h *on_sent, void *magic)
{
	struct pager_sending *m = MEM_NEW(struct pager_sending);

	*m = (struct pager_sending){ .front_end = s, .on_sent = on_sent, .magic = magic, .id = id };
	list_init(&m->copies);
	send_copies(m, t);
	if (!list_empty(&m->copies))
		return m;
	pager_text_forget(m);
	return NULL;
}
