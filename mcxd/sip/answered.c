/*
 * Answered
 */
#include "mcxd/sip/answered.h"

#include "mcxd/base/hash.h"
#include "mcxd/base/list.h"
#include "mcxd/base/loop.h"
#include "proto/text/mem.h"
#include "proto/text/text.h"

#include <sofia-sip/nta.h>
#include <strings.h>

enum { TIMER_J_MS = 64 * NTA_SIP_T1, MAX_BUCKETS = 1 << 20 };

static const char *method_of(const sip_t *sip)
{
	const char *method = sip->sip_cseq ? sip->sip_cseq->cs_method_name : NULL;

	if (!method || !strcmp(method, "INVITE") || !strcmp(method, "ACK"))
		return NULL;
	return method;
}

/* Read into a->key what makes two requests the same (RFC 3261 17.2.3). False: nothing does. */
static bool read_key(struct answered *a, const sip_t *sip)
{
	static const char cookie[] = "z9hG4bK";
	const sip_via_t *via = sip ? sip->sip_via : NULL;
	const char *method = via ? method_of(sip) : NULL;

	if (!method || !via->v_branch || !via->v_host ||
	    strncasecmp(via->v_branch, cookie, sizeof(cookie) - 1) != 0)
		return false;
	text_reset(&a->key);
	text_add_all(&a->key, via->v_branch, " ", method, " ", via->v_host, ":",
		     via->v_port ? via->v_port : "");
	return true;
}

static struct answer **bucket_of(const struct answered *a, uint64_t hash)
{
	return &a->buckets[hash & (a->n_buckets - 1)];
}

static struct answer *find(const struct answered *a, uint64_t hash)
{
	for (struct answer *x = *bucket_of(a, hash); x; x = x->next)
		if (x->hash == hash && x->n_key == a->key.n &&
		    !memcmp(x->bytes + x->n, a->key.data, x->n_key))
			return x;
	return NULL;
}

static void answer_free(struct answered *a, struct answer *x)
{
	struct answer **at = bucket_of(a, x->hash);

	while (*at != x)
		at = &(*at)->next;
	*at = x->next;
	list_remove(&x->of_age);
	a->n--;
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
	*a = (struct answered){ .loop = l, .n_buckets = 1, .max = max };
	while (a->n_buckets < (size_t)max && a->n_buckets < MAX_BUCKETS)
		a->n_buckets *= 2;
	a->buckets = (struct answer **)mem_zalloc(a->n_buckets * sizeof(struct answer *));
	list_init(&a->by_age);
}

void answered_deinit(struct answered *a)
{
	list_for_each_safe (node, &a->by_age)
		answer_free(a, LIST_ENTRY(node, struct answer, of_age));
	loop_timer_stop(&a->timer_j);
	text_deinit(&a->key);
	free((void *)a->buckets);
	*a = (struct answered){ 0 };
}

const struct answer *answered_find(struct answered *a, const sip_t *request, bool *ret_can_keep)
{
	bool has_key = read_key(a, request);

	*ret_can_keep = has_key && a->n < a->max;
	return has_key ? find(a, hash_keyed(a->key.data, a->key.n)) : NULL;
}

bool answered_wants(const sip_t *answer)
{
	return answer && answer->sip_status && answer->sip_status->st_status >= 200 &&
	       method_of(answer);
}

void answered_add(struct answered *a, const sip_t *answer, const struct address *peer,
		  const char *bytes, size_t n)
{
	struct answer *x, **bucket;
	uint64_t hash;

	if (a->n >= a->max || !read_key(a, answer))
		return;
	hash = hash_keyed(a->key.data, a->key.n);
	if (find(a, hash))
		return;
	x = mem_zalloc(sizeof(*x) + n + a->key.n);
	x->hash = hash;
	x->until_ms = loop_now_ms(a->loop) + TIMER_J_MS;
	x->peer = *peer;
	x->n = n;
	x->n_key = a->key.n;
	memcpy(x->bytes, bytes, n);
	memcpy(x->bytes + n, a->key.data, a->key.n);
	bucket = bucket_of(a, hash);
	x->next = *bucket;
	*bucket = x;
	a->n++;
	list_append(&a->by_age, &x->of_age);
	if (!loop_timer_is_set(&a->timer_j))
		loop_timer_set(a->loop, &a->timer_j, TIMER_J_MS, on_timer_j, a);
}
