/*
 * Requests
 */
#include "mcxd/sim/phone/request.h"

#include "mcxd/base/list.h"
#include "mcxd/base/loop.h"
#include "mcxd/sim/phone/config.h"
#include "mcxd/sim/phone/links.h"
#include "mcxd/sim/report.h"
#include "mcxd/sim/sim.h"
#include "proto/text/json_in.h"
#include "proto/text/json_out.h"
#include "proto/text/mem.h"
#include "proto/text/text.h"
#include "proto/text/url.h"
#include "web/http/client.h"

#include <strings.h>

enum { TIMEOUT_MS = 30000 };

struct request {
	struct list of_phone;
	struct sim_requests *requests;
	uint64_t id;
	char *method, *href, *type, *body;
	bool plain, lasting, unparsed;
	bool renewed;      /* the token was renewed once because of this request */
	bool waits;        /* for the new token */
	uint64_t exchange; /* of the HTTP client; 0: none */
	uint64_t refusal;  /* the call that will answer it with `refused`; 0: none */
	const struct http_result *refused;
	sim_answer_h *on_answer;
	void *magic;
};

static void request_free(struct request *r)
{
	list_remove(&r->of_phone);
	free(r->method);
	free(r->href);
	free(r->type);
	free(r->body);
	free(r);
}

static void cancel(struct request *r)
{
	if (r->exchange)
		http_client_cancel(r->requests->http, r->exchange);
	loop_unpost(r->requests->args.loop, r->refusal);
	request_free(r);
}

void sim_request_cancel(struct sim_requests *rs, uint64_t id)
{
	list_for_each_safe (node, &rs->open) {
		struct request *r = LIST_ENTRY(node, struct request, of_phone);

		if (r->id == id)
			cancel(r);
	}
}

void sim_request_cancel_all(struct sim_requests *rs, const void *magic)
{
	list_for_each_safe (node, &rs->open) {
		struct request *r = LIST_ENTRY(node, struct request, of_phone);

		if (r->magic == magic)
			cancel(r);
	}
}

/* ---- answers ---- */

static struct json_object *parse(const struct http_result *r)
{
	struct json_object *body = NULL;
	const char *why;

	if (r->n_body && json_in_object(r->body, r->n_body, JSON_IN_MAX_DEPTH, &body, &why) < 0)
		return NULL;
	return body;
}

/* Unlinked first, since the handler may cancel any request. */
static void answer(struct request *r, const struct http_result *result)
{
	struct json_object *body = r->unparsed ? NULL : parse(result);

	list_remove(&r->of_phone);
	if (r->on_answer)
		r->on_answer(r->magic, result, body);
	else
		sim_request_ok(r->requests, result, body, r->href);
	json_object_put(body);
	request_free(r);
}

static bool needs_new_token(const struct request *r, const struct http_result *result)
{
	return result->status == 401 && !r->plain && !r->renewed && r->requests->token;
}

static void renew_for(struct request *r)
{
	struct sim_requests *rs = r->requests;

	r->renewed = r->waits = true;
	if (rs->renewing)
		return;
	rs->renewing = true;
	rs->args.on_expired(rs->args.magic);
}

static bool fail_unreachable(const struct request *r, const struct http_result *result)
{
	if (result->status != 0 || r->lasting)
		return false;
	return sim_requests_fail(r->requests, SIM_UNREACHABLE, "cannot reach %s: %s", r->href,
				 result->error ? result->error : "no answer");
}

static void on_result(void *magic, const struct http_result *result)
{
	struct request *r = magic;

	r->exchange = 0;
	if (needs_new_token(r, result)) {
		renew_for(r);
		return;
	}
	list_remove(&r->of_phone);
	if (fail_unreachable(r, result))
		request_free(r);
	else
		answer(r, result);
}

char *sim_request_problem(const struct http_result *r, struct json_object *body)
{
	const char *message = json_in_string(body, "message");
	const char *subcode = json_in_string(body, "subcode");

	if (r->status == 0)
		return mem_strdup(r->error ? r->error : "no answer");
	if (!message)
		message = json_in_string(body, "error");
	return text_format("%d%s%s%s%s", r->status, subcode && *subcode ? " " : "",
			   subcode ? subcode : "", message ? ": " : "", message ? message : "");
}

bool sim_request_ok(struct sim_requests *rs, const struct http_result *r, struct json_object *body,
		    const char *what)
{
	CLEANUP(mem_free_string) char *problem = NULL;

	if (r->status >= 200 && r->status < 300)
		return true;
	problem = sim_request_problem(r, body);
	sim_report_problem(rs->args.report, "%s was refused: %s", what, problem);
	return false;
}

/* ---- sending ---- */

static const struct http_result has_expired = { .status = 401 };
static const struct http_result is_offline = { .error = "there is no network" };
static const struct http_result is_elsewhere = { .error = "this is none of the lab's addresses" };

static void on_refusal(void *magic)
{
	struct request *r = magic;

	r->refusal = 0;
	answer(r, r->refused);
}

/* Answered from the loop, as if the answer had come from the server. */
static void refuse(struct request *r, const struct http_result *why)
{
	r->refused = why;
	r->refusal = loop_post(r->requests->args.loop, on_refusal, r);
}

static bool has_origin(const char *origin, const char *url)
{
	CLEANUP(mem_free_string) char *other = url ? url_origin(url) : NULL;

	return other && strcasecmp(origin, other) == 0;
}

static bool may_connect(const struct sim_phone_config *c, const char *url)
{
	CLEANUP(mem_free_string) char *origin = url_origin(url);

	if (!c->stays)
		return true;
	return origin && (has_origin(origin, c->server) || has_origin(origin, c->push_service_url));
}

static void transmit(struct request *r)
{
	struct sim_requests *rs = r->requests;
	CLEANUP(mem_free_string)
	char *url = sim_link_resolve(rs->origin ? rs->origin : "", r->href);
	CLEANUP(mem_free_string)
	char *authorization = text_concat("Authorization: Bearer ", rs->token ? rs->token : "");
	CLEANUP(mem_free_string)
	char *type = text_concat("Content-Type: ", r->type ? r->type : JSON_CONTENT_TYPE);
	CLEANUP(mem_free_string)
	char *agent = text_concat("User-Agent: ", rs->args.config->user_agent);
	const char accept[] = "Accept: " JSON_CONTENT_TYPE;
	const char *headers[] = { accept, agent, NULL, NULL, NULL };
	size_t n = 2;

	if (!r->plain && rs->token)
		headers[n++] = authorization;
	if (r->body)
		headers[n++] = type;
	if (rs->offline || !may_connect(rs->args.config, url)) {
		if (!rs->offline || !r->lasting)
			refuse(r, rs->offline ? &is_offline : &is_elsewhere);
		return;
	}
	r->exchange = http_client_send(
		rs->http,
		&(struct http_exchange){ .method = r->method,
					 .url = url,
					 .headers = headers,
					 .body = r->body,
					 .n_body = r->body ? strlen(r->body) : 0,
					 .timeout_ms = r->lasting ? 0 : TIMEOUT_MS },
		NULL, on_result, r);
}

uint64_t sim_request_send(struct sim_requests *rs, const struct sim_request *spec)
{
	struct request *r;

	rs->last_id++;
	if (rs->closed)
		return rs->last_id;
	r = MEM_NEW(struct request);
	r->requests = rs;
	r->id = rs->last_id;
	r->method = mem_strdup(spec->method);
	r->href = mem_strdup(spec->href);
	r->type = mem_strdup(spec->type);
	r->body = mem_strdup(spec->body);
	r->plain = spec->plain;
	r->lasting = spec->lasting;
	r->unparsed = spec->unparsed;
	r->on_answer = spec->on_answer;
	r->magic = spec->magic;
	list_append(&rs->open, &r->of_phone);
	if (rs->renewing && !r->plain)
		r->waits = true;
	else
		transmit(r);
	return rs->last_id;
}

/* ---- token and origin ---- */

void sim_requests_set_token(struct sim_requests *rs, const char *token)
{
	mem_set_string(&rs->token, token);
	rs->renewing = false;
	list_for_each (node, &rs->open) {
		struct request *r = LIST_ENTRY(node, struct request, of_phone);

		if (!r->waits)
			continue;
		r->waits = false;
		if (token)
			transmit(r);
		else
			refuse(r, &has_expired);
	}
}

void sim_requests_set_origin(struct sim_requests *rs, const char *url)
{
	char *origin = url_origin(url);

	if (!origin)
		return;
	free(rs->origin);
	rs->origin = origin;
}

/* ---- life ---- */

static void open_client(struct sim_requests *rs)
{
	const struct sim_phone_config *c = rs->args.config;

	rs->http = http_client_new(
		rs->args.loop,
		&(struct http_client_config){ .hosts = c->hosts, .ca_file = c->ca_file });
}

static void lose_network(struct sim_requests *rs)
{
	rs->http = http_client_free(rs->http);
	list_for_each (node, &rs->open) {
		struct request *r = LIST_ENTRY(node, struct request, of_phone);

		if (r->exchange && !r->lasting)
			refuse(r, &is_offline);
		r->exchange = 0;
	}
}

static void find_network(struct sim_requests *rs)
{
	open_client(rs);
	list_for_each (node, &rs->open) {
		struct request *r = LIST_ENTRY(node, struct request, of_phone);

		if (r->lasting && !r->waits && !r->refusal)
			transmit(r);
	}
}

void sim_requests_set_online(struct sim_requests *rs, bool online)
{
	if (rs->closed || rs->offline == !online)
		return;
	rs->offline = !online;
	if (online)
		find_network(rs);
	else
		lose_network(rs);
}

void sim_requests_init(struct sim_requests *rs, const struct sim_requests_args *args)
{
	*rs = (struct sim_requests){ .args = *args };
	list_init(&rs->open);
	open_client(rs);
}

void sim_requests_close(struct sim_requests *rs)
{
	rs->closed = true;
	list_for_each_safe (node, &rs->open)
		cancel(LIST_ENTRY(node, struct request, of_phone));
}

void sim_requests_deinit(struct sim_requests *rs)
{
	sim_requests_close(rs);
	http_client_free(rs->http);
	free(rs->origin);
	free(rs->token);
}

bool sim_requests_fail(struct sim_requests *rs, enum sim_outcome outcome, const char *fmt, ...)
{
	CLEANUP(text_deinit) struct text sentence = TEXT_INIT;
	va_list args;

	va_start(args, fmt);
	text_vaddf(&sentence, fmt, args);
	va_end(args);
	return rs->args.on_failure(rs->args.magic, outcome, text_str(&sentence));
}
