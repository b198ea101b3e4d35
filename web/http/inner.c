/*
 * HTTP server: requests inside a request
 */
#include "web/http/inner.h"

#include "proto/text/mem.h"
#include "proto/text/text.h"
#include "web/http/http.h"
#include "web/http/park.h"
#include "web/http/request.h"
#include "web/http/serve.h"
#include "web/http/target.h"

#include <strings.h>

struct http_inner {
	struct http_request *outer;
	struct own_field {
		char *name, *value;
	} * fields;
	size_t n_fields;
	void (*on_answer)(void *magic, const struct http_inner_answer *answer);
	void *magic;
};

bool http_is_inner(const struct http_request *r)
{
	return r->inner != NULL;
}

/* The client, its connection and its scheme are those of the outer request. */
static void take_origin(struct http_request *r, const struct http_request *outer)
{
	r->origin = outer->origin;
	r->origin.peer = mem_strdup(outer->origin.peer);
	r->origin.peer_host = mem_strdup(outer->origin.peer_host);
	r->origin.host = mem_strdup(outer->origin.host);
}

static const char *find(const struct http_inner *i, const char *name)
{
	for (size_t k = 0; k < i->n_fields; k++)
		if (!strcasecmp(i->fields[k].name, name))
			return i->fields[k].value;
	return NULL;
}

static const char *header(const struct http_request *r, const char *name)
{
	const char *value = find(r->inner, name);

	if (!value && !strcasecmp(name, "Authorization"))
		return http_header(r->inner->outer, name);
	return value;
}

/* What libmicrohttpd leaves out of an answer over a connection (RFC 9110, 6.4.1). */
static bool has_body(const struct http_request *r)
{
	return r->status != 204 && r->status != 304 && strcmp(r->method, "HEAD") != 0;
}

static void answered(struct http_request *r, const void *body, size_t n)
{
	CLEANUP(text_deinit) struct text headers = TEXT_INIT;

	for (size_t i = 0; i < r->n_headers; i++)
		text_addf(&headers, "%s: %s\r\n", r->headers[i].name, r->headers[i].value);
	r->inner->on_answer(r->inner->magic,
			    &(struct http_inner_answer){ .status = r->status,
							 .headers = text_str(&headers),
							 .body = body,
							 .n_body = has_body(r) ? n : 0 });
}

static const struct http_inner_ops ops = { .header = header, .answered = answered };

static void add_fields(struct http_inner *i, const struct http_inner_args *args)
{
	i->fields = mem_zalloc((args->n_fields + 1) * sizeof(*i->fields));
	for (; i->n_fields < args->n_fields; i->n_fields++) {
		const struct http_inner_field *f = &args->fields[i->n_fields];

		i->fields[i->n_fields] = (struct own_field){ .name = mem_strdup(f->name),
							     .value = mem_strdup(f->value) };
	}
}

struct http_request *http_inner_new(struct http_request *outer, const struct http_inner_args *args)
{
	struct http_request *r = MEM_NEW(struct http_request);
	struct http_inner *i = MEM_NEW(struct http_inner);

	r->http = outer->http;
	r->conn = outer->conn;
	r->inner = i;
	r->inner_ops = &ops;
	r->method = mem_strdup(args->method);
	r->n_target = strlen(args->target);
	r->target_is_bad = http_target_parse(args->target, &r->target) != 0;
	r->body = mem_memdup(args->body, args->n_body);
	r->n_body = args->n_body;
	take_origin(r, outer);
	i->outer = outer;
	i->on_answer = args->on_answer;
	i->magic = args->magic;
	add_fields(i, args);
	return r;
}

void http_inner_run(struct http_request *r)
{
	http_serve_run(r);
}

struct http_request *http_inner_free(struct http_request *r)
{
	struct http_inner *i;

	if (!r)
		return NULL;
	i = r->inner;
	if (r->id)
		http_park_gone(r);
	http_request_free(r);
	for (size_t k = 0; k < i->n_fields; k++) {
		free(i->fields[k].name);
		free(i->fields[k].value);
	}
	free(i->fields);
	free(i);
	return NULL;
}
