/*
 * HTTP server: requests
 */
#include "web/http/private.h"

#include "proto/text/chars.h"

#include <strings.h>

/* The body grows with what comes, not with what Content-Length promises. */
#define BODY_MIN_SIZE 1024

/* The head of the answer is built in what that of the request leaves of the connection's memory. */
#define ANSWER_ROOM 1536
#define FIELD_COST  64 /* of a header, besides its text */

/* Life */

struct http_request *http_request_new(struct http_conn *c, const char *target)
{
	struct http_request *r = MEM_NEW(struct http_request);

	r->http = c->http;
	r->conn = c;
	r->target_is_bad = http_target_parse(target, &r->target) != 0;
	c->request = r;
	http_conn_arm(c);
	return r;
}

static void headers_free(struct http_request *r)
{
	for (size_t i = 0; i < r->n_headers; i++) {
		free(r->headers[i].value);
	}
	free(r->headers);
}

void http_request_free(struct http_request *r)
{
	struct http_conn *c = r->conn;

	if (r->state == HTTP_WAITING || r->state == HTTP_STREAMING)
		http_park_gone(r);
	http_unpark(r);
	list_remove(&r->resume);
	if (r->free_context)
		r->free_context(r->context);
	if (r->response)
		MHD_destroy_response(r->response);
	c->request = NULL;
	if (!c->timed_out && !r->http->closing)
		http_conn_arm(c);
	headers_free(r);
	text_deinit(&r->queue);
	http_target_deinit(&r->target);
	free(r->method);
	free(r->rest);
	free(r->body);
	free(r);
}

/* The head */

struct head {
	int64_t n_fields;
	int n_hosts;
	int n_lengths;
	int n_encodings;
	bool is_malformed;
	bool is_encoded; /* in another way than chunked */
	bool closes;
};

bool http_is_token(const char *s)
{
	static const char others[] = "!#$%&'*+-.^_`|~";

	if (!s[0])
		return false;
	for (; *s; s++) {
		if (!chars_is_alnum(*s) && *s != '-' && !strchr(others, *s))
			return false;
	}
	return true;
}

/* RFC 9112 5 and 6: what two parsers could read in two ways is refused, since a proxy may stand in
 * front of us. */
static enum MHD_Result look_at_header(void *cls, enum MHD_ValueKind kind, const char *name,
				      const char *value)
{
	struct head *head = cls;

	(void)kind;
	head->n_fields++;
	if (!http_is_token(name) || (value && !chars_are_line(value)))
		head->is_malformed = true;
	if (strcasecmp(name, "Host") == 0)
		head->n_hosts++;
	if (strcasecmp(name, "Content-Length") == 0)
		head->n_lengths++;
	if (strcasecmp(name, "Transfer-Encoding") == 0) {
		head->n_encodings++;
		head->is_encoded |= !value || strcasecmp(value, "chunked") != 0;
	}
	if (strcasecmp(name, "Connection") == 0 && value && strcasestr(value, "close"))
		head->closes = true;
	return MHD_YES;
}

static bool is_promised_too_much(const struct http_request *r)
{
	const char *length = http_header(r, "Content-Length");

	/* libmicrohttpd has refused what is not a number, or too large for one. */
	return length && strtoull(length, NULL, 10) > (uint64_t)r->http->config.max_body_bytes;
}

static int judge_head(const struct http_request *r, const struct head *head, const char *version)
{
	if (head->is_malformed || head->n_hosts > 1 || head->n_lengths > 1 ||
	    head->n_encodings > 1 || (head->n_lengths && head->n_encodings))
		return 400;
	if (strcmp(version, "HTTP/1.0") != 0 && head->n_hosts == 0)
		return 400;
	if (head->is_encoded)
		return 501;
	if (is_promised_too_much(r))
		return 413;
	return 0;
}

static bool head_leaves_no_room(const struct http_request *r, const struct head *head)
{
	const union MHD_ConnectionInfo *info =
		MHD_get_connection_info(r->conn->mhd, MHD_CONNECTION_INFO_REQUEST_HEADER_SIZE);
	int64_t n = info ? (int64_t)info->header_size : 0;

	return n + head->n_fields * FIELD_COST > r->http->config.memory_bytes - ANSWER_ROOM;
}

bool http_request_head(struct http_request *r, const char *method, const char *version)
{
	struct http_conn *c = r->conn;
	struct head head = { 0 };
	int status;

	r->state = HTTP_READING;
	r->method = mem_strdup(method);
	MHD_get_connection_values(c->mhd, MHD_HEADER_KIND, look_at_header, &head);
	c->last = head.closes || strcmp(version, "HTTP/1.1") != 0;
	if (head_leaves_no_room(r, &head)) {
		http_refuse_raw(r, 431);
		return false;
	}
	status = judge_head(r, &head, version);
	if (!status)
		return true;
	/* An answer before the body makes libmicrohttpd close the connection behind it. */
	c->last = true;
	c->linger = true;
	http_refuse(r, status, NULL);
	return false;
}

/* The body */

bool http_request_body(struct http_request *r, const char *p, size_t n)
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
	http_count(h, HTTP_BODY_BYTES, (int64_t)n);
	return true;
}

/* The handler */

static bool finds_route(struct http_request *r)
{
	struct http *h = r->http;
	CLEANUP(mem_free_string) char *allow = NULL;

	if (r->target_is_bad) {
		http_refuse(r, 400, NULL);
		return false;
	}
	r->pattern = http_router_find(h->router, r->method, &r->target);
	if (r->pattern) {
		r->rest = http_pattern_rest(r->pattern, &r->target);
		return true;
	}
	allow = http_router_allow(h->router, &r->target);
	if (allow && strcmp(r->method, "OPTIONS") == 0) {
		http_set_header(r, "Allow", allow);
		http_answer(r, 204, NULL, NULL, 0);
	} else {
		http_refuse(r, allow ? 405 : 404, allow);
	}
	return false;
}

void http_request_run(struct http_request *r)
{
	struct http *h = r->http;
	const struct http_route *route;

	r->state = HTTP_RUNNING;
	http_conn_disarm(r->conn);
	http_count(h, HTTP_REQUESTS, 1);
	if (h->closing) {
		http_refuse(r, 503, NULL);
		return;
	}
	if (!finds_route(r))
		return;
	route = http_pattern_route(r->pattern);
	if (!h->args.before || h->args.before(h->args.magic, r, route))
		route->handler(h->args.magic, r);
	if (r->state == HTTP_RUNNING) {
		log_error("http", h->name, "%s %s: the handler neither answered nor parked it",
			  r->method, route->path);
		http_refuse(r, 500, NULL);
	}
}

/* What handlers ask */

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

const char *http_header(const struct http_request *r, const char *name)
{
	return MHD_lookup_connection_value(r->conn->mhd, MHD_HEADER_KIND, name);
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

const char *http_peer(const struct http_request *r)
{
	return r->conn->peer;
}

bool http_is_tls(const struct http_request *r)
{
	return r->http->tls != NULL;
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
