/*
 * Answered
 */
#include "mcxd/sip/answered.h"

#include "mcxd/base/idtab.h"
#include "mcxd/base/list.h"
#include "mcxd/base/loop.h"
#include "proto/text/mem.h"
#include "proto/text/text.h"

#include <sofia-sip/nta.h>
#include <strings.h>

enum { TIMER_J_MS = 64 * NTA_SIP_T1 };

static const char *method_of(const sip_t *sip)
{
	const char *method = sip->sip_cseq ? sip->sip_cseq->cs_method_name : NULL;

	if (!method || !strcmp(method, "INVITE") || !strcmp(method, "ACK"))
		return NULL;
	return method;
}

/* What makes two requests the same (RFC 3261 17.2.3), or NULL. */
static char *make_key(const sip_t *sip)
{
	static const char cookie[] = "z9hG4bK";
	const sip_via_t *via = sip ? sip->sip_via : NULL;
	const char *method = via ? method_of(sip) : NULL;
	struct text key = TEXT_INIT;

	if (!method || !via->v_branch || !via->v_host ||
	    strncasecmp(via->v_branch, cookie, sizeof(cookie) - 1) != 0)
		return NULL;
	text_add_all(&key, via->v_branch, " ", method, " ", via->v_host, ":",
		     via->v_port ? via->v_port : "");
	return text_take(&key);
}

static void answer_free(struct answered *a, struct answer *x)
{
	list_remove(&x->of_age);
	strtab_remove(a->by_key, x->key);
	free(x->key);
	free(x);
}

static void on_timer_j(void *magic)
{
	struct answered *a = magic;
	int64_t now_ms = loop_now_ms(a->loop);

	list_for_each_safe (node, &a->by_age) {
		struct answer *x = LIST_ENTRY(node, struct answer, of_age);

		if (x->until_ms > now_ms) {
			loop_timer_set(a->loop, &a->timer_j, x->until_ms - now_ms, on_timer_j, a);
			return;
		}
		answer_free(a, x);
	}
}

void answered_init(struct answered *a, struct loop *l, int64_t max)
{
	*a = (struct answered){ .loop = l, .by_key = strtab_new(), .max = max };
	list_init(&a->by_age);
}

void answered_deinit(struct answered *a)
{
	list_for_each_safe (node, &a->by_age)
		answer_free(a, LIST_ENTRY(node, struct answer, of_age));
	loop_timer_stop(&a->timer_j);
	strtab_free(a->by_key);
	*a = (struct answered){ 0 };
}

size_t answered_count(const struct answered *a)
{
	return strtab_count(a->by_key);
}

const struct answer *answered_find(const struct answered *a, const sip_t *request)
{
	CLEANUP(mem_free_string) char *key = make_key(request);

	return key ? strtab_get(a->by_key, key) : NULL;
}

bool answered_can_keep(const struct answered *a, const sip_t *request)
{
	CLEANUP(mem_free_string) char *key = make_key(request);

	return key && strtab_count(a->by_key) < (size_t)a->max;
}

bool answered_wants(const sip_t *answer)
{
	return answer && answer->sip_status && answer->sip_status->st_status >= 200 &&
	       method_of(answer);
}

void answered_add(struct answered *a, const sip_t *answer, const struct address *peer,
		  const char *bytes, size_t n)
{
	char *key = make_key(answer);
	struct answer *x;

	if (!key || strtab_get(a->by_key, key) || strtab_count(a->by_key) >= (size_t)a->max) {
		free(key);
		return;
	}
	x = mem_zalloc(sizeof(*x) + n);
	x->key = key;
	x->until_ms = loop_now_ms(a->loop) + TIMER_J_MS;
	x->peer = *peer;
	x->n = n;
	memcpy(x->bytes, bytes, n);
	list_append(&a->by_age, &x->of_age);
	strtab_add(a->by_key, key, x);
	if (!loop_timer_is_set(&a->timer_j))
		loop_timer_set(a->loop, &a->timer_j, TIMER_J_MS, on_timer_j, a);
}
