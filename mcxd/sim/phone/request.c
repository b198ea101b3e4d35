/*
 * Requests of the simulated phone
 */
#include "mcxd/sim/phone/phone.h"

#include "proto/text/json_in.h"

enum { TIMEOUT_MS = 30000 };

struct request {
	struct list of_phone;
	struct sim_phone *phone;
	char *method, *href, *type, *body;
	bool plain, lasting;
	bool renewed; /* the token, for its sake */
	bool waits;   /* for the new token */
	uint64_t exchange;
	answer_h *on_answer;
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

struct request *request_cancel(struct request *r)
{
	if (!r)
		return NULL;
	http_client_cancel(r->phone->http, r->exchange);
	request_free(r);
	return NULL;
}

void request_cancel_all(struct sim_phone *h, const void *magic)
{
	list_for_each_safe (node, &h->requests) {
		struct request *r = LIST_ENTRY(node, struct request, of_phone);

		if (!magic || r->magic == magic)
			request_cancel(r);
	}
}

static void transmit(struct request *r);

/* All that met the old token's end go on. */
static void on_token(struct sim_phone *h, bool ok)
{
	list_for_each_safe (node, &h->requests) {
		struct request *r = LIST_ENTRY(node, struct request, of_phone);

		if (!r->waits)
			continue;
		r->waits = false;
		if (ok) {
			transmit(r);
			continue;
		}
		if (r == h->events)
			h->events = NULL;
		request_free(r);
	}
}

static struct json_object *parse(const struct http_result *r)
{
	struct json_object *body = NULL;
	const char *why;

	if (r->n_body && json_in_object(r->body, r->n_body, JSON_IN_MAX_DEPTH, &body, &why) < 0)
		return NULL;
	return body;
}

static void on_result(void *magic, const struct http_result *result)
{
	struct request *r = magic;
	struct sim_phone *h = r->phone;
	struct json_object *body;

	r->exchange = 0;
	if (result->status == 401 && !r->plain && !r->renewed) {
		r->renewed = r->waits = true;
		sign_in_renew(h, on_token);
		return;
	}
	/* Whoever asked may go now. */
	list_remove(&r->of_phone);
	if (result->status == 0 && !r->lasting && h->phase != PHASE_ENDING) {
		sim_phone_fail(h, SIM_UNREACHABLE, "%s cannot be reached: %s", r->href,
			       result->error ? result->error : "no answer");
		request_free(r);
		return;
	}
	body = parse(result);
	if (r->on_answer)
		r->on_answer(h, result, body, r->magic);
	else
		request_ok(result, body, r->href);
	json_object_put(body);
	request_free(r);
}

static void transmit(struct request *r)
{
	struct sim_phone *h = r->phone;
	CLEANUP(mem_free_string) char *url = link_resolve(h->origin ? h->origin : "", r->href);
	CLEANUP(mem_free_string)
	char *authorization = text_format("Authorization: Bearer %s", h->token ? h->token : "");
	CLEANUP(mem_free_string)
	char *type = text_format("Content-Type: %s", r->type ? r->type : "application/json");
	CLEANUP(mem_free_string)
	char *agent = text_format("User-Agent: %s", h->options->user_agent);
	const char *headers[6] = { "Accept: application/json", agent };
	size_t n = 2;

	if (!r->plain && h->token)
		headers[n++] = authorization;
	if (r->body)
		headers[n++] = type;
	r->exchange = http_client_send(
		h->http,
		&(struct http_exchange){ .method = r->method,
					 .url = url,
					 .headers = headers,
					 .body = r->body,
					 .n_body = r->body ? strlen(r->body) : 0,
					 .timeout_ms = r->lasting ? 0 : TIMEOUT_MS },
		NULL, on_result, r);
}

struct request *request_send(struct sim_phone *h, const struct request_spec *spec)
{
	struct request *r = MEM_NEW(struct request);

	r->phone = h;
	r->method = mem_strdup(spec->method);
	r->href = mem_strdup(spec->href);
	r->type = mem_strdup(spec->type);
	r->body = mem_strdup(spec->body);
	r->plain = spec->plain;
	r->lasting = spec->lasting;
	r->on_answer = spec->on_answer;
	r->magic = spec->magic;
	list_append(&h->requests, &r->of_phone);
	if (h->renewing && !r->plain)
		r->waits = true;
	else
		transmit(r);
	return r;
}

char *request_problem(const struct http_result *r, struct json_object *body)
{
	const char *message = link_string(body, "message");
	const char *subcode = link_string(body, "subcode");

	if (r->status == 0)
		return mem_strdup(r->error ? r->error : "no answer");
	if (!message)
		message = link_string(body, "error");
	return text_format("%d%s%s%s%s", r->status, subcode && *subcode ? " " : "",
			   subcode ? subcode : "", message ? ": " : "", message ? message : "");
}

bool request_ok(const struct http_result *r, struct json_object *body, const char *what)
{
	CLEANUP(mem_free_string) char *problem = NULL;

	if (r->status >= 200 && r->status < 300)
		return true;
	problem = request_problem(r, body);
	sim_complain("%s was answered %s", what, problem);
	return false;
}
