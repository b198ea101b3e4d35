/*
 * Agent: answered requests that may be repeated
 *
 * Over UDP the answer to anything but an INVITE is kept for 64 T1, to be sent again if the request is repeated
 * (RFC 3261, 17.2.2). sofia keeps the whole transaction for that, with the request and everything parsed from it:
 * 8.7 kB each and 20 kB a conversation, instead of 4 kB here. We keep the bytes of the answer and tell sofia that
 * the transport is reliable, so that it frees the transaction. It asks that, and delivers messages, through the
 * dynamic linker: these definitions take the place of its own.
 */
#include "mcxd/sip/private.h"

#include "mcxd/base/idtab.h"
#include "mcxd/base/interpose.h"
#include "mcxd/base/list.h"
#include "mcxd/base/loop.h"
#include "proto/text/mem.h"
#include "proto/text/text.h"

#include <sofia-sip/sip_header.h>
#include <sofia-sip/tport_tag.h>

enum { TIMER_J_MS = 64 * NTA_SIP_T1 };

struct completed {
	struct list of_agent;
	char *key;
	int64_t until_ms;
	char peer[64]; /* where the answer went: "127.0.0.1:5062" */
	size_t n;
	char answer[];
};

/* The transport of the request being delivered, until sofia asks whether it is reliable. */
static const tport_t *delivering;

static const char *method_of(const sip_t *sip)
{
	const char *method = sip->sip_cseq ? sip->sip_cseq->cs_method_name : NULL;

	if (!method || !strcmp(method, "INVITE") || !strcmp(method, "ACK"))
		return NULL;
	return method;
}

/* What makes two requests the same (RFC 3261, 17.2.3). NULL if the branch does not tell, or if repetitions are
 * handled elsewhere (TCP, INVITE, ACK). */
static char *make_key(const tport_t *tp, const sip_t *sip)
{
	const sip_via_t *via = sip ? sip->sip_via : NULL;
	const char *method = via ? method_of(sip) : NULL;
	struct text key = TEXT_INIT;

	if (!tport_is_udp(tp) || !method || !via->v_branch || !via->v_host ||
	    strncasecmp(via->v_branch, "z9hG4bK", 7) != 0)
		return NULL;
	text_add_all(&key, via->v_branch, " ", method, " ", via->v_host, ":",
		     via->v_port ? via->v_port : "");
	return text_take(&key);
}

/* ---- kept answers ---- */

static void completed_free(struct agent *a, struct completed *c)
{
	list_remove(&c->of_agent);
	strtab_remove(a->completed, c->key);
	free(c->key);
	free(c);
}

static void on_timer_j(void *magic)
{
	struct agent *a = magic;
	int64_t now_ms = loop_now_ms(a->loop);

	list_for_each_safe (node, &a->completed_by_age) {
		struct completed *c = LIST_ENTRY(node, struct completed, of_agent);

		if (c->until_ms > now_ms) {
			loop_timer_set(a->loop, &a->timer_j, c->until_ms - now_ms, on_timer_j, a);
			return;
		}
		completed_free(a, c);
	}
}

static void keep(struct agent *a, char *key, const char *peer, const void *answer, size_t n)
{
	struct completed *c = mem_zalloc(sizeof(*c) + n);

	c->key = key;
	c->until_ms = loop_now_ms(a->loop) + TIMER_J_MS;
	text_join(c->peer, sizeof(c->peer), peer);
	c->n = n;
	memcpy(c->answer, answer, n);
	list_append(&a->completed_by_age, &c->of_agent);
	strtab_add(a->completed, key, c);
	if (!loop_timer_is_set(&a->timer_j))
		loop_timer_set(a->loop, &a->timer_j, TIMER_J_MS, on_timer_j, a);
}

bool completed_wants(const tport_t *tp, const sip_t *sip)
{
	return tport_is_udp(tp) && sip && sip->sip_status && sip->sip_status->st_status >= 200 &&
	       method_of(sip);
}

void completed_sent(struct agent *a, const tport_t *tp, const sip_t *sip, const char *peer,
		    const void *bytes, size_t n)
{
	char *key = make_key(tp, sip);

	/* There is a place for every request that was accepted. One beyond the limit was refused, and will be
	 * refused again. */
	if (key && !strtab_get(a->completed, key) &&
	    strtab_count(a->completed) < (size_t)a->max_transactions)
		keep(a, key, peer, bytes, n);
	else
		free(key);
}

void completed_init(struct agent *a)
{
	a->completed = strtab_new();
	list_init(&a->completed_by_age);
}

void completed_deinit(struct agent *a)
{
	list_for_each_safe (node, &a->completed_by_age) {
		completed_free(a, LIST_ENTRY(node, struct completed, of_agent));
	}
	loop_timer_stop(&a->timer_j);
	strtab_free(a->completed);
}

size_t agent_n_completed(const struct agent *a)
{
	return strtab_count(a->completed);
}

/* ---- repeated requests ---- */

static void send_again(tport_t *tp, const struct completed *c)
{
	msg_t *answer = agent_parse(c->answer, c->n);
	CLEANUP(mem_free_string) char *host = mem_strdup(c->peer);
	char *colon = strrchr(host, ':');
	tp_name_t tpn = { .tpn_proto = "udp", .tpn_canon = host, .tpn_host = host };

	if (!answer || !colon)
		return;
	*colon = '\0';
	tpn.tpn_port = colon + 1;
	tport_tsend(tp, answer, &tpn, TPTAG_MTU(INT_MAX), TAG_END());
	msg_destroy(answer);
}

/* Answer a repeated request as before. False if it is new. */
static bool came_before(struct agent *a, tport_t *tp, msg_t *msg, su_time_t now)
{
	const sip_t *sip = sip_object(msg);
	CLEANUP(mem_free_string) char *key = NULL;
	const struct completed *c;

	if (!sip || !sip->sip_request)
		return false;
	key = make_key(tp, sip);
	if (!key)
		return false;
	c = strtab_get(a->completed, key);
	if (!c) {
		delivering = tp;
		return false;
	}
	tport_log_msg(tp, msg, "recv", "from", now);
	send_again(tp, c);
	return true;
}

/* NOLINTNEXTLINE(readability-inconsistent-declaration-parameter-name): sofia's names */
void tport_deliver(tport_t *self, msg_t *msg, msg_t *next, tport_compressor_t *compressor,
		   su_time_t now)
{
	static typeof(tport_deliver) *original;
	struct agent *a = msg_has_error(msg) ? NULL : agent_of_tport(self);

	INTERPOSE_ORIGINAL(original, "tport_deliver");
	if (a && came_before(a, self, msg, now))
		msg_destroy(msg);
	else
		original(self, msg, next, compressor, now);
	delivering = NULL;
}

int tport_is_reliable(tport_t const *tport)
{
	static typeof(tport_is_reliable) *original;

	INTERPOSE_ORIGINAL(original, "tport_is_reliable");
	if (!delivering || tport != delivering)
		return original(tport);
	delivering = NULL;
	return 1;
}
