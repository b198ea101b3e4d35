/*
 * HTTP server: serving
 */
#include "web/http/serve.h"

#include "mcxd/base/list.h"
#include "mcxd/base/log.h"
#include "mcxd/base/loop.h"
#include "mcxd/base/metric.h"
#include "mcxd/base/rate.h"
#include "proto/text/mem.h"
#include "proto/text/network.h"
#include "proto/text/text.h"
#include "web/http/conn.h"
#include "web/http/deadline.h"
#include "web/http/gzip.h"
#include "web/http/head.h"
#include "web/http/http.h"
#include "web/http/metrics.h"
#include "web/http/park.h"
#include "web/http/private.h"
#include "web/http/proxy.h"
#include "web/http/refusal.h"
#include "web/http/request.h"
#include "web/http/route.h"
#include "web/http/shard.h"
#include "web/http/suspend.h"
#include "web/http/target.h"

#include <errno.h>
#include <microhttpd.h>

/* The buffer of a body grows with what arrives, not with what Content-Length announces. */
#define BODY_MIN_SIZE 1024

/* ---- the connection ---- */

static void on_connection(void *cls, struct MHD_Connection *mhd, void **socket_context,
			  enum MHD_ConnectionNotificationCode code)
{
	struct http_shard *s = cls;

	if (code == MHD_CONNECTION_NOTIFY_STARTED) {
		*socket_context = http_conn_new(s, mhd);
	} else {
		http_conn_free(*socket_context);
		*socket_context = NULL;
	}
}

void http_serve_expired(struct http_deadline *d)
{
	struct http_conn *c = LIST_ENTRY(d, struct http_conn, deadline);

	c->timed_out = true;
	metric_inc(&c->http->metrics.timeouts_total);
	if (c->request)
		http_refuse_raw(c->request, 408);
	http_conn_shut_down(c);
}

/* The request line. libmicrohttpd would go on to copy each parameter of the query into the
 * connection's memory; when that is full it loses its own refusal and leaves the client waiting. We
 * have decoded the query, so it is cut off in libmicrohttpd's read buffer, which target points to. */
static void *on_target(void *cls, const char *target, struct MHD_Connection *mhd)
{
	struct http_request *r = http_request_new(http_conn_of(mhd), target ? target : "");
	char *query = target ? strchr(target, '?') : NULL;

	(void)cls;
	if (query && query[1])
		query[1] = '\0';
	return r;
}

/* ---- head and body ---- */

static bool take_head(struct http_request *r, const struct http_head_line *line)
{
	struct http_conn *c = r->conn;
	int status;

	r->state = HTTP_READING;
	r->method = mem_strdup(line->method);
	status = http_head_check(r, line);
	if (!status) {
		http_proxy_resolve(r);
		return true;
	}
	if (status == 431) {
		http_refuse_raw(r, status);
		return false;
	}
	/* libmicrohttpd closes the connection after an answer that comes before the body. */
	c->last = true;
	c->linger = true;
	http_refuse(r, status, NULL);
	return false;
}

static bool take_body(struct http_request *r, const char *p, size_t n)
{
	struct http *h = r->http;

	if (r->n_body + n > (size_t)h->config.max_body_bytes) {
		http_refuse_raw(r, 413);
		return false;
	}
	if (r->n_body + n + 1 > r->size_body) {
		size_t size = r->size_body ? 2 * r->size_body : BODY_MIN_SIZE;

		while (size < r->n_body + n + 1)
			size *= 2;
		r->body = mem_realloc(r->body, size);
		r->size_body = size;
	}
	memcpy(r->body + r->n_body, p, n);
	r->n_body += n;
	r->body[r->n_body] = '\0';
	metric_add(&h->metrics.body_bytes_total, (int64_t)n);
	return true;
}

static bool unpack_body(struct http_request *r)
{
	struct text plain = TEXT_INIT;
	int err;

	if (!r->is_packed || r->n_body == 0)
		return true;
	err = http_gzip_unpack(r->http->gzip, r->body, r->n_body,
			       (size_t)r->http->config.max_body_bytes, &plain);
	if (err) {
		text_deinit(&plain);
		http_refuse(r, err == -E2BIG ? 413 : 400, NULL);
		return false;
	}
	r->n_body = plain.n;
	free(r->body);
	r->body = text_take(&plain);
	return true;
}

/* ---- the handler ---- */

static bool is_of_this_machine(const char *host)
{
	return strncmp(host, "127.", 4) == 0 || strcmp(host, "::1") == 0 ||
	       strcmp(host, "unix") == 0;
}

static bool keeps_rate(struct http_request *r)
{
	struct http *h = r->http;
	const char *host = http_peer_host(r);
	char network[NETWORK_SIZE], seconds[TEXT_NUMBER_SIZE];
	int64_t wait_s;

	if (!h->rates || is_of_this_machine(host) ||
	    rates_take(h->rates, network_of(host, network), loop_real_ms(h->loop), &wait_s))
		return true;
	http_set_header(r, "Retry-After", text_number(seconds, (uint64_t)wait_s));
	http_refuse(r, 429, NULL);
	return false;
}

static bool find_route(struct http_request *r)
{
	struct http *h = r->http;
	CLEANUP(mem_free_string) char *allow = NULL;

	/* "*" is for OPTIONS alone (RFC 9112 3.2.4). */
	if (r->target_is_bad || (!r->target.n_segments && strcmp(r->method, "OPTIONS") != 0)) {
		http_refuse(r, 400, NULL);
		return false;
	}
	r->pattern = http_router_find(h->router, r->method, &r->target);
	if (h->args.admit && !h->args.admit(h->args.magic, r))
		return false;
	if (r->pattern) {
		r->rest = http_pattern_rest(r->pattern, &r->target);
		return true;
	}
	allow = http_router_allow(h->router, &r->target);
	if (allow && strcmp(r->method, "OPTIONS") == 0) {
		http_set_header(r, "Allow", allow);
		if (!h->args.on_options || !h->args.on_options(h->args.magic, r))
			http_answer(r, 204, NULL, NULL, 0);
	} else {
		http_refuse(r, allow ? 405 : 404, allow);
	}
	return false;
}

void http_serve_run(struct http_request *r)
{
	struct http *h = r->http;
	const struct http_route *route;

	r->state = HTTP_RUNNING;
	list_remove(&r->of_list);
	r->began_us = loop_now_us(h->loop);
	http_conn_disarm(r->conn);
	metric_inc(&h->metrics.requests_total);
	if (h->closing) {
		http_refuse(r, 503, NULL);
		return;
	}
	if (!keeps_rate(r) || !unpack_body(r) || !find_route(r))
		return;
	route = http_pattern_route(r->pattern);
	if (!h->args.before || h->args.before(h->args.magic, r, route))
		route->handler(h->args.magic, r);
	if (r->state == HTTP_RUNNING) {
		log_error("http", h->name,
			  "%s %s: the handler neither answered nor parked the request", r->method,
			  route->path);
		http_refuse(r, 500, NULL);
	}
}

void http_serve_again(struct http_request *r)
{
	const struct http_args *args = &r->http->args;
	const struct http_route *route = http_pattern_route(r->pattern);

	if (!args->before || args->before(args->magic, r, route))
		route->handler(args->magic, r);
}

/* Hand over the answer, or wait for it. */
static enum MHD_Result settle(struct http_request *r)
{
	enum MHD_Result result;

	if (r->response) {
		result = MHD_queue_response(r->conn->mhd, (unsigned int)r->status, r->response);
		MHD_destroy_response(r->response);
		r->response = NULL;
		return result;
	}
	if (r->state != HTTP_PARKED && r->state != HTTP_SLOW)
		return MHD_NO;
	http_suspend(r);
	return MHD_YES;
}

/* NOLINTNEXTLINE(readability-function-size): libmicrohttpd defines the parameters. */
static enum MHD_Result on_access(void *cls, struct MHD_Connection *mhd, const char *url,
				 const char *method, const char *version, const char *upload_data,
				 size_t *upload_data_size, void **context)
{
	struct http_request *r = *context;

	(void)cls;
	(void)mhd;
	if (r->state == HTTP_NEW) {
		const struct http_head_line line = { method, url, version };

		if (take_head(r, &line))
			return MHD_YES;
		return settle(r);
	}
	if (*upload_data_size > 0) {
		size_t n = *upload_data_size;

		*upload_data_size = 0;
		return take_body(r, upload_data, n) ? MHD_YES : MHD_NO;
	}
	if (r->state == HTTP_READING)
		http_serve_run(r);
	return settle(r);
}

static void on_completed(void *cls, struct MHD_Connection *mhd, void **context,
			 enum MHD_RequestTerminationCode code)
{
	struct http_request *r = *context;

	(void)cls;
	(void)mhd;
	*context = NULL;
	if (!r)
		return;
	/* It never came to an answer of ours: libmicrohttpd has refused what it read. */
	if (code == MHD_REQUEST_TERMINATED_WITH_ERROR && r->status == 0 && r->state <= HTTP_READING)
		http_conn_fault(r->conn);
	if (r->state == HTTP_STREAMING && code == MHD_REQUEST_TERMINATED_TIMEOUT_REACHED)
		metric_inc(&r->http->metrics.slow_readers_total);
	if (r->id)
		http_park_gone(r);
	http_request_free(r);
}

const struct http_shard_calls http_serve_calls = {
	.on_connection = on_connection,
	.on_target = on_target,
	.on_access = on_access,
	.on_completed = on_completed,
	.on_refusal = http_refuse_for_library,
};
