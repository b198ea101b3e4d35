/*
 * Push
 */
#include "mcxd/sim/phone/push.h"

#include "mcxd/base/loop.h"
#include "mcxd/sim/phone/config.h"
#include "mcxd/sim/phone/links.h"
#include "mcxd/sim/phone/request.h"
#include "mcxd/sim/report.h"
#include "mcxd/sim/sim.h"
#include "proto/push/apns.h"
#include "proto/push/body.h"
#include "proto/push/withdrawal.h"
#include "proto/text/base64.h"
#include "proto/text/json_in.h"
#include "proto/text/json_out.h"
#include "proto/text/mem.h"
#include "proto/text/text.h"
#include "proto/text/url.h"
#include "proto/text/utf8.h"
#include "proto/ucwa/body.h"
#include "web/http/client.h"

#define PROBLEM "the push subscription was refused: %s"

enum { HOLD_S = 30, PATIENCE_MS = 40000, MAX_FAILURES = 5, RETRY_MS = 200 };

void sim_push_init(struct sim_push *p, const struct sim_push_args *args)
{
	*p = (struct sim_push){ .args = *args };
}

void sim_push_deinit(struct sim_push *p)
{
	loop_timer_stop(&p->retry);
	loop_timer_stop(&p->patience);
	free(p->subscription_href);
	free(p->channel);
	free(p->notification_uri);
	free(p->carrier);
}

/* ---- subscription ---- */

/* A phone that may not have pushes is signed in all the same and hears of an invitation while the app is open; with the app closed it
 * would wait for ever. */
static void on_subscribed(void *magic, const struct http_result *r, struct json_object *body)
{
	struct sim_push *p = magic;
	CLEANUP(mem_free_string) char *problem = NULL;

	if (r->status == 200 || r->status == 201) {
		sim_report_event(p->args.report, &(struct sim_event){ SIM_EVENT_SUBSCRIBED });
	} else {
		problem = sim_request_problem(r, body);
		if (r->status != 403 || p->args.config->background) {
			sim_requests_fail(p->args.requests, SIM_FAILED, PROBLEM, problem);
			return;
		}
		sim_report_problem(p->args.report, PROBLEM, problem);
		sim_report_event(p->args.report, &(struct sim_event){ SIM_EVENT_NOT_SUBSCRIBED });
	}
	if (!p->is_started)
		p->args.on_started(p->args.magic);
	p->is_started = true;
}

/* As much of the phone's name as the server takes. */
static void add_phone_name(struct json_object *body, const struct sim_phone_config *c)
{
	CLEANUP(mem_free_string)
	char *name = mem_memdup(c->phone_name, utf8_first(c->phone_name, UCWA_MAX_STRING));

	json_out_string(body, "deviceName", name);
}

static void subscribe(struct sim_push *p)
{
	struct json_object *body = json_object_new_object();

	json_out_optional(body, "platform",
			  p->args.config->iphone ? PUSH_PLATFORM_APPLE
						 : PUSH_PLATFORM_WINDOWS_PHONE);
	json_out_optional(body, p->args.config->iphone ? "deviceToken" : "notificationUri",
			  p->notification_uri);
	add_phone_name(body, p->args.config);
	json_out_optional(body, "userAgent", p->args.config->user_agent);
	sim_request_send(p->args.requests,
			 &(struct sim_request){ .method = "PUT",
						.href = p->subscription_href,
						.body = json_object_to_json_string(body),
						.on_answer = on_subscribed,
						.magic = p });
	json_object_put(body);
}

/* ---- notifications ---- */

static void on_toast(struct sim_push *p, struct json_object *notice)
{
	const char *from = json_in_string(notice, "text1");
	const char *text = json_in_string(notice, "text2");
	CLEANUP(mem_free_string)
	char *summary = text_format("%s: %s", from ? from : "", text ? text : "");
	const struct sim_field fields[] = {
		{ "from", from },
		{ "text", text },
		{ "param", json_in_string(notice, "param") },
		{ "messageId", json_in_string(notice, "messageId") },
	};

	sim_report_event(p->args.report, &(struct sim_event){ .kind = SIM_EVENT_TOAST,
							      .summary = summary,
							      .fields = fields,
							      .n_fields = ARRAY_SIZE(fields) });
	p->args.on_toast(p->args.magic);
}

static void on_tile(struct sim_push *p, struct json_object *notice)
{
	struct json_object *count = json_in_find(notice, "count");
	const char *number = count ? json_object_get_string(count) : "0";

	sim_report_event(p->args.report,
			 &(struct sim_event){ .kind = SIM_EVENT_TILE,
					      .summary = number,
					      .fields = &(struct sim_field){ "count", number },
					      .n_fields = 1 });
}

static void on_withdrawal(struct sim_push *p, const char *push)
{
	sim_report_event(p->args.report,
			 &(struct sim_event){ .kind = SIM_EVENT_WITHDRAWN,
					      .summary = push,
					      .fields = &(struct sim_field){ "push", push },
					      .n_fields = 1 });
}

/* An iPhone's has everything in one: an alert and the badge, or the badge and what is taken off. */
static void on_apple(struct sim_push *p, struct json_object *notice)
{
	const char *withdraws = json_in_string(notice, "withdraws");
	const char *kind = json_in_string(notice, "kind");

	if (withdraws)
		on_withdrawal(p, withdraws);
	else if (!strcmp(kind, "toast"))
		on_toast(p, notice);
	if (json_in_find(notice, "count"))
		on_tile(p, notice);
}

/* The app understands one kind of raw notification. */
static void on_raw(struct sim_push *p, struct json_object *notice)
{
	CLEANUP(text_deinit) struct text raw = TEXT_INIT;
	const char *encoded = json_in_string(notice, "rawBase64"), *why;
	char push[WITHDRAWAL_ID_SIZE];

	if (!encoded || base64_decode(&raw, encoded, strlen(encoded)) ||
	    withdrawal_decode(raw.data, raw.n, push, &why)) {
		sim_report_event(p->args.report, &(struct sim_event){ SIM_EVENT_RAW });
		return;
	}
	on_withdrawal(p, push);
}

static void on_notice(struct sim_push *p, struct json_object *notice)
{
	const char *kind = json_in_string(notice, "kind");

	if (!kind)
		return;
	if (p->args.config->iphone)
		on_apple(p, notice);
	else if (!strcmp(kind, "toast"))
		on_toast(p, notice);
	else if (!strcmp(kind, "tile"))
		on_tile(p, notice);
	else
		on_raw(p, notice);
}

/* ---- carrier ---- */

static void listen(struct sim_push *p);
static void make_channel(struct sim_push *p);

static void on_retry(void *magic)
{
	listen(magic);
}

/* The request, or its answer, is lost on the way: what guards a socket goes by real time. */
static void on_patience(void *magic)
{
	struct sim_push *p = magic;

	sim_request_cancel(p->args.requests, p->held);
	listen(p);
}

/* A push service that was started again has forgotten it; a real phone asks for another one as well. */
static void renew_channel(struct sim_push *p)
{
	free(p->channel);
	free(p->notification_uri);
	free(p->carrier);
	p->channel = p->notification_uri = p->carrier = NULL;
	p->after = 0;
	make_channel(p);
}

static void on_carrier_failure(struct sim_push *p, const struct http_result *r,
			       struct json_object *body)
{
	CLEANUP(mem_free_string) char *problem = sim_request_problem(r, body);

	bool is_gone = r->status == 404 || r->status == 410;

	if (++p->n_failures > MAX_FAILURES || (!is_gone && r->status >= 400 && r->status < 500)) {
		sim_requests_fail(p->args.requests, r->status ? SIM_FAILED : SIM_UNREACHABLE,
				  "the carrier connection is lost: %s", problem);
		return;
	}
	if (is_gone)
		renew_channel(p);
	else
		loop_timer_set_real(p->args.loop, &p->retry, RETRY_MS << p->n_failures, on_retry,
				    p);
}

static void on_carrier(void *magic, const struct http_result *r, struct json_object *body)
{
	struct sim_push *p = magic;
	struct json_object *list = json_in_find(body, "notifications");
	struct json_object *next = json_in_find(body, "next");

	p->held = 0;
	loop_timer_stop(&p->patience);
	if (p->stopped)
		return;
	if (r->status != 200 || !json_object_is_type(list, json_type_array) || !next) {
		on_carrier_failure(p, r, body);
		return;
	}
	p->n_failures = 0;
	p->after = (uint64_t)json_object_get_int64(next);
	/* The next request acknowledges these, so it goes out before anything is done with them. */
	listen(p);
	for (size_t i = 0; i < json_object_array_length(list) && !p->stopped; i++)
		on_notice(p, json_object_array_get_idx(list, i));
}

static uint64_t ask(struct sim_push *p, int hold_s, bool lasting, sim_answer_h *on_answer,
		    void *magic)
{
	CLEANUP(mem_free_string)
	char *url = text_format("%s?after=%llu&timeout=%d", p->carrier,
				(unsigned long long)p->after, hold_s);

	return sim_request_send(p->args.requests, &(struct sim_request){ .method = "GET",
									 .href = url,
									 .plain = true,
									 .lasting = lasting,
									 .on_answer = on_answer,
									 .magic = magic });
}

static void listen(struct sim_push *p)
{
	p->held = ask(p, HOLD_S, true, on_carrier, p);
	loop_timer_set_real(p->args.loop, &p->patience, PATIENCE_MS, on_patience, p);
}

/* ---- channel ---- */

static void on_channel(void *magic, const struct http_result *r, struct json_object *body)
{
	struct sim_push *p = magic;
	const char *id = json_in_string(body, "channelId");
	const char *uri =
		json_in_string(body, p->args.config->iphone ? "deviceToken" : "notificationUri");
	const char *carrier = json_in_string(body, "carrier");
	const char *channel = json_in_string(body, "channel");
	CLEANUP(mem_free_string) char *origin = url_origin(p->args.config->push_service_url);
	CLEANUP(mem_free_string) char *problem = NULL;
	const struct sim_field fields[] = { { "uri", uri }, { "id", id } };

	if (r->status != 201 || !id || !uri || !carrier) {
		problem = sim_request_problem(r, body);
		sim_requests_fail(p->args.requests, SIM_FAILED,
				  "the push service gave no channel: %s", problem);
		return;
	}
	if (channel)
		p->channel = sim_link_resolve(origin, channel);
	p->notification_uri = mem_strdup(uri);
	p->carrier = sim_link_resolve(origin, carrier);
	sim_report_event(p->args.report, &(struct sim_event){ .kind = SIM_EVENT_CHANNEL,
							      .summary = uri,
							      .fields = fields,
							      .n_fields = ARRAY_SIZE(fields) });
	if (p->stopped)
		return;
	listen(p);
	subscribe(p);
}

static void make_channel(struct sim_push *p)
{
	const struct sim_phone_config *c = p->args.config;
	CLEANUP(mem_free_string) char *url = text_format("%s/channels", c->push_service_url);
	struct json_object *body = json_object_new_object();

	add_phone_name(body, c);
	json_out_optional(body, "userAgent", c->user_agent);
	json_out_optional(body, "user", c->user);
	if (c->no_toasts) {
		struct json_object *kinds = json_object_new_array();

		json_object_array_add(kinds, json_object_new_string("toast"));
		json_object_object_add(body, "suppress", kinds);
	}
	if (c->iphone) {
		json_out_string(body, "platform", PUSH_PLATFORM_APPLE);
		json_out_string(body, "topic", APNS_LAB_TOPIC);
	}
	sim_request_send(p->args.requests,
			 &(struct sim_request){ .method = "POST",
						.href = url,
						.body = json_object_to_json_string(body),
						.plain = true,
						.on_answer = on_channel,
						.magic = p });
	json_object_put(body);
}

void sim_push_start(struct sim_push *p, const char *subscription_href)
{
	if (!subscription_href) {
		sim_requests_fail(p->args.requests, SIM_FAILED,
				  "this server has no push subscriptions");
		return;
	}
	p->subscription_href = mem_strdup(subscription_href);
	make_channel(p);
}

bool sim_push_has_channel(const struct sim_push *p)
{
	return p->carrier;
}

void sim_push_stop(struct sim_push *p)
{
	p->stopped = true;
	loop_timer_stop(&p->retry);
	loop_timer_stop(&p->patience);
	sim_request_cancel(p->args.requests, p->held);
	p->held = 0;
}

bool sim_push_acknowledge(struct sim_push *p, sim_answer_h *on_answer, void *magic)
{
	if (!p->carrier)
		return false;
	ask(p, 0, false, on_answer, magic);
	return true;
}

bool sim_push_delete_channel(struct sim_push *p, sim_answer_h *on_answer, void *magic)
{
	if (!p->channel)
		return false;
	sim_request_send(p->args.requests, &(struct sim_request){ .method = "DELETE",
								  .href = p->channel,
								  .plain = true,
								  .on_answer = on_answer,
								  .magic = magic });
	return true;
}
