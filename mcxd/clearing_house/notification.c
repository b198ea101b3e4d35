/*
 * Clearing house: a notification on its way to its push service
 */
#include "mcxd/clearing_house/notification.h"

#include "mcxd/base/backoff.h"
#include "mcxd/base/idtab.h"
#include "mcxd/base/limit.h"
#include "mcxd/base/list.h"
#include "mcxd/base/log.h"
#include "mcxd/base/loop.h"
#include "mcxd/base/metric.h"
#include "mcxd/base/random.h"
#include "mcxd/clearing_house/answer.h"
#include "mcxd/clearing_house/clearing_house.h"
#include "mcxd/clearing_house/dead.h"
#include "mcxd/clearing_house/outbox.h"
#include "mcxd/clearing_house/platform.h"
#include "mcxd/clearing_house/post.h"
#include "mcxd/clearing_house/private.h"
#include "mcxd/clearing_house/record.h"
#include "mcxd/clearing_house/request.h"
#include "proto/diag.h"
#include "proto/push/body.h"
#include "proto/sip/ident.h"
#include "proto/text/mem.h"
#include "proto/text/text.h"
#include "web/http/client.h"

#include <sofia-sip/sip.h>
#include <stdbool.h>
#include <stdint.h>

struct notification {
	struct clearing_house *house;
	uint64_t id;
	nta_incoming_t *irq; /* NULL once it is answered */
	const struct platform *platform;
	struct push_body body;
	struct record_names names;
	char *channel;
	struct outbox_item in_outbox;

	int step;
	const char *what; /* of its request */
	struct http_client *client;
	uint64_t exchange;      /* the request under way; 0: none */
	int64_t token_issued_s; /* of struct post, of its request */
	bool is_answered;
	int64_t n_attempts; /* at this step */
	struct outcome
		last; /* the push service's last word: on this step, or on what was before it in its channel */
	int64_t due_ms;          /* when the sender has to be answered */
	struct loop_timer timer; /* for that, or for the next attempt */
};

void notification_free(struct notification *n)
{
	if (!n)
		return;
	loop_timer_stop(&n->timer);
	outbox_end(&n->in_outbox);
	if (n->exchange)
		http_client_cancel(n->client, n->exchange);
	if (n->irq)
		nta_incoming_destroy(n->irq);
	idtab_remove(n->house->notifications, n->id);
	budget_give(&n->house->pending, 1);
	metric_add(&n->house->metrics.pending, -1);
	record_names_deinit(&n->names);
	push_body_deinit(&n->body);
	free(n->channel);
	free(n);
}

/* ---- the answer ---- */

static void answer(struct notification *n, const struct outcome *o)
{
	struct clearing_house_metrics *metrics = &n->house->metrics;
	struct diag diag = diag_because(o->code, *o->info ? o->info : NULL);
	nta_incoming_t *irq = n->irq;

	if (n->is_answered)
		return;
	n->is_answered = true;
	n->irq = NULL;
	metric_inc(o->code == DIAG_SUCCESS ? &metrics->accepted_total : &metrics->failed_total);
	if (irq)
		clearing_house_answer(n->house, irq, &diag, NULL);
}

/* The transaction ended before we answered: its connection broke, or sofia gave up on it. */
static int on_transaction(nta_incoming_magic_t *magic, nta_incoming_t *irq, const sip_t *sip)
{
	struct notification *n = (struct notification *)magic;

	if (!sip && n->irq == irq) {
		n->irq = NULL;
		nta_incoming_destroy(irq);
	}
	return 0;
}

static struct notification *notification_in(struct outbox_item *item)
{
	return item ? LIST_ENTRY(item, struct notification, in_outbox) : NULL;
}

/* "Later" is about the phone or the push service, and so about the next one, too. */
static void hand_on(struct notification *n, const struct outcome *o)
{
	struct notification *next = notification_in(outbox_behind(&n->in_outbox));

	if (o->is_later && next)
		next->last = *o;
}

static void end(struct notification *n, const struct outcome *o)
{
	struct clearing_house *house = n->house;

	if (o->code != DIAG_SUCCESS)
		log_warn("clearing_house", n->names.push_key,
			 "the push service did not take the %s: %s%s%s",
			 n->what ? n->what : "notification", diag_row(o->code)->reason,
			 *o->info ? ": " : "", o->info);
	answer(n, o);
	hand_on(n, o);
	notification_free(n);
	notification_send_ready(house);
}

/* ---- time ---- */

/* What to say of one that is not done in time: what the push service has said last, or that it says nothing. */
static struct outcome late_outcome(const struct notification *n)
{
	const struct notification *first = notification_in(outbox_first(&n->in_outbox));
	struct outcome o = { .code = DIAG_PUSH_UNREACHABLE,
			     .info = "Notifications before it were not done in time" };

	if (n->last.code != DIAG_SUCCESS)
		return n->last;
	if (first->last.is_later)
		return first->last;
	if (n->exchange)
		snprintf(o.info, sizeof(o.info), "%s", http_failure_sentence(HTTP_TIMED_OUT));
	return o;
}

/* A request that is under way is not called back: the push service may have taken it already. Later ones wait for its end. */
static void on_due(void *magic)
{
	struct notification *n = magic;
	const struct outcome o = late_outcome(n);

	if (!n->is_answered)
		metric_inc(&n->house->metrics.late_total);
	if (n->exchange)
		answer(n, &o);
	else
		end(n, &o);
}

static int64_t left_ms(const struct notification *n)
{
	int64_t ms = n->due_ms - loop_now_ms(n->house->loop);

	return ms > 0 ? ms : 0;
}

static void await_end(struct notification *n)
{
	loop_timer_set(n->house->loop, &n->timer, left_ms(n), on_due, n);
}

/* ---- requests ---- */

static bool send_step(struct notification *n);

static void on_retry(void *magic)
{
	struct notification *n = magic;

	await_end(n);
	outbox_resume(&n->in_outbox);
	notification_send_ready(n->house);
}

/* Returns whether it will be sent again. */
static bool retry(struct notification *n, const struct outcome *o)
{
	uint32_t random;
	int64_t ms;

	if (!o->is_later)
		return false;
	random_bytes(&random, sizeof(random));
	ms = backoff_delay(&n->house->config->backoff, n->n_attempts, o->after_ms, left_ms(n),
			   random);
	if (ms == BACKOFF_NEVER) {
		metric_inc(&n->house->metrics.given_up_total);
		return false;
	}
	metric_inc(&n->house->metrics.retries_total);
	record_retry(n->house->journal, &n->names, o, ms);
	outbox_pause(&n->in_outbox);
	loop_timer_set(n->house->loop, &n->timer, ms, on_retry, n);
	notification_send_ready(n->house);
	return true;
}

/* The channel is gone, and with it those that wait for it. */
static void bury(struct notification *n, const struct outcome *o)
{
	struct outbox_item *behind;

	metric_inc(&n->house->metrics.dead_total);
	record_dead(n->house->journal, &n->names, o);
	dead_add(n->house->dead, n->channel, n->names.user, loop_now_ms(n->house->loop));
	while ((behind = outbox_behind(&n->in_outbox))) {
		struct notification *other = notification_in(behind);

		answer(other, o);
		notification_free(other);
	}
}

/* A phone may take tiles and no toasts. */
static bool goes_on(const struct notification *n, enum diag_code code)
{
	return code == DIAG_SUCCESS || (n->step == 0 && code == DIAG_PUSH_SUPPRESSED);
}

static void on_result(void *magic, const struct http_result *r)
{
	struct notification *n = magic;
	const struct platform_answer answered = { r, n->token_issued_s };
	struct outcome o;

	n->exchange = 0;
	platform_judge(n->platform, n->house, &answered, &o);
	record_result(n->house->journal, &n->names, n->what, r);
	n->last = o;
	if (retry(n, &o))
		return;
	if (o.code == DIAG_PUSH_NO_CHANNEL)
		bury(n, &o);
	if (!goes_on(n, o.code)) {
		end(n, &o);
		return;
	}
	answer(n, &o);
	n->step++;
	n->n_attempts = 0;
	if (!send_step(n))
		end(n, &o);
}

static void send_post(struct notification *n, const struct post *p)
{
	const char *headers[POST_MAX_HEADERS + 1] = { 0 };
	const struct http_exchange x = {
		.method = "POST",
		.url = p->url,
		.headers = headers,
		.body = p->body.data,
		.n_body = p->body.n,
		.timeout_ms = n->house->config->exchange_timeout_ms,
	};

	for (size_t i = 0; i < p->n_headers; i++)
		headers[i] = text_str(&p->headers[i]);
	record_post(n->house->journal, &n->names, p);
	n->what = p->what;
	n->client = p->client;
	n->token_issued_s = p->token_issued_s;
	n->exchange = http_client_send(n->client, &x, NULL, on_result, n);
}

/* Returns false if there is no such step. Every platform has the first one. */
static bool send_step(struct notification *n)
{
	CLEANUP(post_deinit) struct post p = { 0 };

	if (!n->platform->make(n->house, &n->body, n->step, &p))
		return false;
	n->n_attempts++;
	send_post(n, &p);
	return true;
}

void notification_send_ready(struct clearing_house *house)
{
	struct outbox_item *item;

	while ((item = outbox_next(house->outbox)))
		send_step(notification_in(item));
}

void notification_forget(struct clearing_house *house, const char *aor)
{
	const struct outcome reset = { .code = DIAG_PUSH_UNAVAILABLE,
				       .info = "The lab has been reset" };
	struct notification *n;

	for (uint64_t cursor = 0; (n = idtab_next(house->notifications, &cursor));) {
		if (aor && (!n->names.user || strcmp(n->names.user, aor) != 0))
			continue;
		answer(n, &reset);
		notification_free(n);
	}
	notification_send_ready(house);
}

/* ---- the start ---- */

static bool refuse(struct notification *n, struct diag *ret, enum diag_code code, const char *info)
{
	*ret = diag_because(code, info);
	n->irq = NULL;
	notification_free(n);
	return false;
}

/* Takes the body of the request. */
static struct notification *make(struct clearing_house *house, struct clearing_house_request *r,
				 struct text *host)
{
	CLEANUP(text_deinit) struct text channel = TEXT_INIT;
	struct notification *n = MEM_NEW(struct notification);

	n->house = house;
	n->id = idtab_add(house->notifications, n);
	n->body = r->body;
	r->body = (struct push_body){ 0 };
	n->platform = platform_of(n->body.platform);
	n->names = (struct record_names){
		.body = &n->body,
		.user = *r->from.aor ? mem_strdup(r->from.aor) : NULL,
		.sip_key = text_concat("sip:", r->sip->sip_call_id->i_id),
		.push_key = text_concat(n->platform->key, n->body.id),
	};
	n->due_ms = loop_now_ms(house->loop) + house->config->deadline_ms;
	n->platform->address(&n->body, host, &channel);
	n->channel = text_take(&channel);
	metric_inc(&house->metrics.pending);
	return n;
}

bool notification_start(struct clearing_house *house, nta_incoming_t *irq,
			struct clearing_house_request *r, struct diag *ret_diag)
{
	CLEANUP(text_deinit) struct text host = TEXT_INIT;
	struct notification *n = make(house, r, &host);

	if (n->body.renewed)
		dead_revive(house->dead, n->channel);
	if (dead_has(house->dead, n->channel, loop_now_ms(house->loop)))
		return refuse(n, ret_diag, DIAG_PUSH_NO_CHANNEL,
			      "The push service has said so of an earlier notification");
	switch (outbox_add(house->outbox, text_str(&host), n->channel, &n->in_outbox)) {
	case OUTBOX_TAKEN: break;
	case OUTBOX_HOST_FULL:
		metric_inc(&house->metrics.host_full_total);
		return refuse(n, ret_diag, DIAG_PUSH_BUSY,
			      "clearing_house.max_pending_per_host is reached");
	case OUTBOX_CHANNEL_FULL:
		metric_inc(&house->metrics.channel_full_total);
		return refuse(n, ret_diag, DIAG_PUSH_BUSY,
			      "clearing_house.max_pending_per_channel is reached");
	}
	n->irq = irq;
	nta_incoming_bind(irq, on_transaction, (nta_incoming_magic_t *)n);
	record_push(house->journal, &n->names);
	await_end(n);
	notification_send_ready(house);
	return true;
}
