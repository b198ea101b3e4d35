/*
 * Carrier connection
 */
#include "mcxd/push_service/carrier.h"

#include "mcxd/base/journal.h"
#include "mcxd/base/limit.h"
#include "mcxd/base/list.h"
#include "mcxd/base/loop.h"
#include "mcxd/base/metric.h"
#include "mcxd/push_service/answer.h"
#include "mcxd/push_service/notice.h"
#include "mcxd/push_service/private.h"
#include "mcxd/push_service/push_service.h"
#include "proto/push/mpns.h"
#include "proto/record.h"
#include "proto/text/json_out.h"
#include "proto/text/mem.h"
#include "proto/text/text.h"
#include "web/http/http.h"
#include "web/http/struck.h"

#include <json-c/json.h>

void carrier_init(struct carrier *c, struct push_service *service,
		  const struct carrier_names *names)
{
	c->service = service;
	c->names = *names;
	list_init(&c->notices);
	c->queue.max = service->config->max_queue;
	c->last_seen_ms = loop_now_ms(service->loop);
}

bool carrier_is_held(const struct carrier *c)
{
	return c->held != 0;
}

int64_t carrier_idle_ms(const struct carrier *c)
{
	return loop_now_ms(c->service->loop) - c->last_seen_ms;
}

static void touch(struct carrier *c)
{
	c->last_seen_ms = loop_now_ms(c->service->loop);
}

/* ---- delivery ---- */

static void record_delivery(const struct carrier *c, const struct notice *n, const char *fault)
{
	const struct mpns_notification *content = &n->content;
	CLEANUP(mem_free_string) char *summary = notice_summary(n);
	CLEANUP(mem_free_string)
	char *key = n->message_id ? text_concat(n->apple ? "apns:" : "mpns:", n->message_id) : NULL;
	char count[16], number[TEXT_NUMBER_SIZE], deliveries[16];
	struct record_field fields[] = {
		{ "text1", content->text1 },
		{ "text2", content->text2 },
		{ "count", content->count >= 0 ? count : NULL },
		{ "param", content->param },
		{ "number", text_number(number, n->number) },
		{ "deliveries", deliveries },
		{ "channel", c->names.channel },
	};

	snprintf(count, sizeof(count), "%d", content->count);
	snprintf(deliveries, sizeof(deliveries), "%d", n->deliveries);
	journal_add(c->service->journal, &(struct record){
						 .kind = mpns_kind_name(content->kind),
						 .from = RECORD_HOP_PUSH_SERVICE,
						 .to = c->names.hop,
						 .users = { c->names.user },
						 .fault = fault,
						 .key = key,
						 .summary = summary,
						 .fields = fields,
						 .n_fields = ARRAY_SIZE(fields),
					 });
}

/* A notice that is held back has number 0 and so is never ready. */
static bool is_ready_after(const struct notice *n, uint64_t after)
{
	return n->number > after;
}

static bool has_ready(const struct carrier *c, uint64_t after)
{
	list_for_each (node, &c->notices)
		if (is_ready_after(LIST_ENTRY(node, struct notice, of_carrier), after))
			return true;
	return false;
}

/* Answers with every notice that is ready after this number; there may be none. */
static void answer(struct carrier *c, struct http_request *r, uint64_t after)
{
	struct json_object *body = json_object_new_object();
	struct json_object *list = json_object_new_array();
	uint64_t next = after;

	list_for_each (node, &c->notices) {
		struct notice *n = LIST_ENTRY(node, struct notice, of_carrier);

		if (!is_ready_after(n, after))
			continue;
		n->deliveries++;
		next = n->number;
		json_object_array_add(list, notice_json(n));
		record_delivery(c, n, http_fault(r));
		metric_inc(&c->service->metrics.deliveries_total);
	}
	json_object_object_add(body, "notifications", list);
	json_out_int(body, "next", (int64_t)next);
	touch(c);
	http_answer_json(r, 200, NULL, body);
}

/* ---- the held request ---- */

/* Stop holding the request and return it; NULL if there is none or its client has gone. */
static struct http_request *release(struct carrier *c)
{
	uint64_t id = c->held;

	if (!id)
		return NULL;
	c->held = 0;
	touch(c);
	loop_timer_stop(&c->hold);
	return http_parked(c->service->http, id);
}

static void on_hold_over(void *magic)
{
	struct carrier *c = magic;
	uint64_t after = c->held_after;
	struct http_request *r = release(c);

	if (r)
		answer(c, r, after);
}

static void on_gone(void *magic, uint64_t id)
{
	struct carrier *c = magic;

	if (c->held == id)
		release(c);
}

static void hold(struct carrier *c, struct http_request *r, uint64_t after, int64_t timeout_s)
{
	c->held = http_park(r, on_gone, c);
	c->held_after = after;
	loop_timer_set(c->service->loop, &c->hold, timeout_s * 1000, on_hold_over, c);
}

static void refuse_held(struct carrier *c, int status, const char *why)
{
	struct http_request *r = release(c);

	if (r)
		push_service_refuse(r, status, why);
}

/* ---- the queue ---- */

static void drop(struct carrier *c, struct notice *n)
{
	budget_give(&c->queue, 1);
	notice_free(n);
}

static void acknowledge(struct carrier *c, uint64_t up_to)
{
	list_for_each_safe (node, &c->notices) {
		struct notice *n = LIST_ENTRY(node, struct notice, of_carrier);

		if (n->number && n->number <= up_to)
			drop(c, n);
	}
}

static void make_ready(struct notice *n)
{
	struct carrier *c = n->carrier;
	struct list *first_held_back = &c->notices;

	list_for_each (node, &c->notices) {
		if (LIST_ENTRY(node, struct notice, of_carrier)->number == 0) {
			first_held_back = node;
			break;
		}
	}
	n->number = ++c->last_number;
	/* Appending to a node of the ring inserts in front of that node. */
	list_append(first_held_back, &n->of_carrier);
	if (c->held && has_ready(c, c->held_after))
		on_hold_over(c);
}

static void on_delay_over(void *magic)
{
	struct notice *n = magic;

	list_remove(&n->of_carrier);
	make_ready(n);
}

static void on_expired(void *magic)
{
	struct notice *n = magic;

	metric_inc(&n->carrier->service->metrics.notices_expired_total);
	drop(n->carrier, n);
}

void carrier_keep_for(struct notice *n, int64_t left_ms)
{
	loop_timer_set(n->carrier->service->loop, &n->expiry, left_ms, on_expired, n);
}

static bool is_replaced(const struct notice *n, const char *collapse_id)
{
	return n->apple && n->apple->collapse_id && !strcmp(n->apple->collapse_id, collapse_id);
}

void carrier_replace(struct carrier *c, const char *collapse_id)
{
	list_for_each_safe (node, &c->notices) {
		struct notice *n = LIST_ENTRY(node, struct notice, of_carrier);

		if (!is_replaced(n, collapse_id))
			continue;
		metric_inc(&c->service->metrics.notices_replaced_total);
		drop(c, n);
	}
}

void carrier_keep_newest(struct carrier *c, int64_t max)
{
	while (c->queue.used > max) {
		metric_inc(&c->service->metrics.notices_replaced_total);
		drop(c, LIST_ENTRY(c->notices.next, struct notice, of_carrier));
	}
}

bool carrier_add(struct carrier *c, struct notice *n, int delay_s)
{
	if (!budget_take(&c->queue, 1)) {
		notice_free(n);
		return false;
	}
	n->carrier = c;
	n->received_wall_us = loop_wall_us(c->service->loop);
	if (delay_s == 0) {
		make_ready(n);
		return true;
	}
	list_append(&c->notices, &n->of_carrier);
	loop_timer_set(c->service->loop, &n->delay, delay_s * INT64_C(1000), on_delay_over, n);
	return true;
}

bool carrier_put_back(struct carrier *c, struct notice *n, int64_t delay_ms)
{
	if (!budget_take(&c->queue, 1)) {
		notice_free(n);
		return false;
	}
	n->carrier = c;
	list_append(&c->notices, &n->of_carrier);
	if (!n->number)
		loop_timer_set(c->service->loop, &n->delay, delay_ms, on_delay_over, n);
	return true;
}

void carrier_deinit(struct carrier *c, int status, const char *why)
{
	refuse_held(c, status, why);
	list_for_each_safe (node, &c->notices)
		drop(c, LIST_ENTRY(node, struct notice, of_carrier));
}

/* ---- the request ---- */

void carrier_on_request(struct carrier *c, struct http_request *r)
{
	const struct push_service_config *config = c->service->config;
	int64_t after = 0, timeout_s = config->carrier_timeout_ms / 1000;

	if (http_query_int(r, "after", 0, (int64_t)c->last_number, &after) < 0) {
		push_service_refuse(
			r, 400,
			"\"after\" must be 0 or the number of a notification of this channel");
		return;
	}
	if (http_query_int(r, "timeout", 0, config->max_carrier_timeout_ms / 1000, &timeout_s) <
	    0) {
		push_service_refuse(r, 400,
				    "\"timeout\" must be a number of seconds within the limit");
		return;
	}
	refuse_held(c, 409, "Another request for this channel's notifications took over");
	acknowledge(c, (uint64_t)after);
	touch(c);
	if (has_ready(c, (uint64_t)after) || timeout_s == 0)
		answer(c, r, (uint64_t)after);
	else
		hold(c, r, (uint64_t)after, timeout_s);
}
