/*
 * HTTP server: requests
 */
#include "web/http/request.h"

#include "mcxd/base/list.h"
#include "mcxd/base/log.h"
#include "proto/sip/uri.h"
#include "proto/text/mem.h"
#include "proto/text/text.h"
#include "web/http/conn.h"
#include "web/http/http.h"
#include "web/http/private.h"
#include "web/http/route.h"
#include "web/http/shard.h"
#include "web/http/target.h"

#include <assert.h>
#include <errno.h>
#include <strings.h>

struct http_request *http_request_new(struct http_conn *c, const char *target)
{
	struct http_request *r = MEM_NEW(struct http_request);

	r->http = c->http;
	r->conn = c;
	r->n_target = strlen(target);
	r->target_is_bad = http_target_parse(target, &r->target) != 0;
	c->request = r;
	list_append(&c->shard->incoming, &r->of_list);
	http_conn_arm(c);
	return r;
}

static void headers_free(struct http_request *r)
{
	for (size_t i = 0; i < r->n_headers; i++)
		free(r->headers[i].memory);
	free(r->headers);
}

void http_request_free(struct http_request *r)
{
	struct http_conn *c = r->conn;

	assert(!r->id);
	list_remove(&r->of_list);
	if (r->free_context)
		r->free_context(r->context);
	if (r->response)
		MHD_destroy_response(r->response);
	if (!r->inner) {
		c->request = NULL;
		if (!c->timed_out && !r->http->closing)
			http_conn_arm(c);
	}
	headers_free(r);
	text_deinit(&r->queue);
	http_target_deinit(&r->target);
	free(r->struck);
	free(r->origin.peer);
	free(r->origin.peer_host);
	free(r->origin.host);
	free(r->method);
	free(r->rest);
	free(r->body);
	free(r);
}

bool http_request_is_open(const struct http_request *r, const char *what)
{
	if (r->status == 0 && r->state != HTTP_GONE)
		return true;
	log_error("http", r->http->name,
		  "%s %s: handler %s a request that was already answered or closed", http_method(r),
		  http_path(r), what);
	return false;
}

/* ---- what handlers ask ---- */

const char *http_method(const struct http_request *r)
{
	return r->method ? r->method : "";
}

const char *http_path(const struct http_request *r)
{
	return r->target.path;
}

const char *http_param(const struct http_request *r, const char *name)
{
	return r->pattern ? http_pattern_param(r->pattern, &r->target, name, r->rest) : NULL;
}

const char *http_query(const struct http_request *r, const char *name)
{
	return http_target_query(&r->target, name);
}

bool http_has_query(const struct http_request *r)
{
	return r->target.n_query > 0;
}

static bool has_word(const char *words, const char *name)
{
	size_t n = strlen(name);

	for (const char *word = words; word && *word; word += strspn(word, " ")) {
		size_t n_word = strcspn(word, ":?=~[ ");

		if (n_word == n && strncasecmp(word, name, n) == 0)
			return true;
		word += strcspn(word, " ");
	}
	return false;
}

const char *http_query_unknown(const struct http_request *r, const char *known)
{
	for (size_t i = 0; i < r->target.n_query; i++) {
		const char *name = r->target.query[i].name;

		if (!has_word(known, name))
			return name;
	}
	return NULL;
}

const char *http_query_repeated(const struct http_request *r)
{
	for (size_t i = 0; i < r->target.n_query; i++)
		for (size_t j = 0; j < i; j++)
			if (strcasecmp(r->target.query[i].name, r->target.query[j].name) == 0)
				return r->target.query[i].name;
	return NULL;
}

int http_query_int(const struct http_request *r, const char *name, int64_t min, int64_t max,
		   int64_t *ret)
{
	const char *s = http_query(r, name);

	if (!s)
		return 1;
	return text_to_int(s, min, max, ret) ? 0 : -EINVAL;
}

const char *http_header(const struct http_request *r, const char *name)
{
	if (r->inner)
		return r->inner_ops->header(r, name);
	return MHD_lookup_connection_value(r->conn->mhd, MHD_HEADER_KIND, name);
}

const char *http_bearer(const struct http_request *r)
{
	const char *value = http_header(r, "Authorization");

	if (!value || strncasecmp(value, "Bearer ", 7) != 0)
		return NULL;
	return value + 7 + strspn(value + 7, " ");
}

const void *http_body(const struct http_request *r, size_t *ret_n)
{
	if (ret_n)
		*ret_n = r->n_body;
	return r->body ? r->body : "";
}

const struct http_route *http_route(const struct http_request *r)
{
	return r->pattern ? http_pattern_route(r->pattern) : NULL;
}

const struct http_route *http_route_of(const struct http_request *r, const char *method)
{
	const struct http_pattern *pattern =
		r->target_is_bad ? NULL : http_router_find(r->http->router, method, &r->target);

	return pattern ? http_pattern_route(pattern) : NULL;
}

char *http_allow(const struct http_request *r)
{
	return r->target_is_bad ? NULL : http_router_allow(r->http->router, &r->target);
}

const char *http_peer(const struct http_request *r)
{
	return r->origin.peer ? r->origin.peer : r->conn->peer;
}

const char *http_peer_host(const struct http_request *r)
{
	return r->origin.peer_host ? r->origin.peer_host : r->conn->peer_host;
}

const char *http_host(const struct http_request *r)
{
	const char *host = http_header(r, "Host");

	if (r->origin.host)
		return r->origin.host;
	/* It goes before Host (RFC 9112 3.2.2). */
	if (r->target.authority)
		return r->target.authority;
	return host && uri_is_host_port(host) ? host : NULL;
}

bool http_is_proxied(const struct http_request *r)
{
	return r->origin.is_told;
}

bool http_is_tls(const struct http_request *r)
{
	return r->origin.is_told ? r->origin.is_tls : r->http->tls != NULL;
}

void http_set_context(struct http_request *r, void *context, void (*free_fn)(void *))
{
	if (r->free_context)
		r->free_context(r->context);
	r->context = context;
	r->free_context = free_fn;
}

void *http_context(const struct http_request *r)
{
	return r->context;
}
