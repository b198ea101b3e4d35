/*
 * Struck
 */
#include "mcxd/sip/struck.h"

#include "mcxd/base/fault.h"
#include "mcxd/base/list.h"
#include "proto/text/mem.h"
#include "proto/text/text.h"

#include <sofia-sip/sip_header.h>

/* What makes two requests the same (RFC 3261 17.2.3), and an answer theirs (17.1.3). Of those that have no branch the Call-ID says
 * it. Clients that were started in the same second may have made the same of both: the place that sent it tells them apart. */
static bool read_key(const sip_t *sip, struct text *ret)
{
	const sip_via_t *via = sip ? sip->sip_via : NULL;

	if (!via || !sip->sip_cseq || !sip->sip_call_id)
		return false;
	text_add_all(ret, via->v_branch ? via->v_branch : "", " ", via->v_host ? via->v_host : "",
		     ":", via->v_port ? via->v_port : "", " ", sip->sip_cseq->cs_method_name, " ",
		     sip->sip_call_id->i_id);
	return true;
}

struct struck *struck_new(struct list *all, tport_t *tp, const sip_t *request,
			  const struct fault_strike *strike)
{
	struct struck *s = MEM_NEW(struct struck);

	s->strike = *strike;
	s->tport = tport_ref(tp);
	read_key(request, &s->key);
	list_append(all, &s->of_transport);
	return s;
}

void struck_free(struct struck *s)
{
	list_remove(&s->of_transport);
	fault_hold_end(&s->hold);
	if (s->on_gone)
		s->on_gone(s->magic);
	text_deinit(&s->key);
	text_deinit(&s->bytes);
	tport_unref(s->tport);
	free(s);
}

struct struck *struck_find(const struct list *all, const sip_t *sip)
{
	CLEANUP(text_deinit) struct text key = TEXT_INIT;

	if (list_empty(all) || !read_key(sip, &key))
		return NULL;
	list_for_each (node, all) {
		struct struck *s = LIST_ENTRY(node, struct struck, of_transport);

		if (s->key.n == key.n && !memcmp(s->key.data, key.data, key.n))
			return s;
	}
	return NULL;
}

void struck_forget(const struct list *all, const tport_t *tp)
{
	list_for_each_safe (node, all) {
		struct struck *s = LIST_ENTRY(node, struct struck, of_transport);

		if (!tp || s->tport == tp)
			struck_free(s);
	}
}
