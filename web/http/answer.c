/*
 * HTTP server: answers
 */
#include "web/http/answer.h"

#include "mcxd/base/log.h"
#include "mcxd/base/metric.h"
#include "proto/text/chars.h"
#include "proto/text/json_out.h"
#include "proto/text/mem.h"
#include "proto/text/quality.h"
#include "proto/text/text.h"
#include "web/http/conn.h"
#include "web/http/gzip.h"
#include "web/http/head.h"
#include "web/http/http.h"
#include "web/http/metrics.h"
#include "web/http/park.h"
#include "web/http/private.h"
#include "web/http/request.h"
#include "web/http/slow.h"
#include "web/http/suspend.h"

#include <json-c/json.h>
#include <microhttpd.h>
#include <strings.h>
#include <time.h>

/* ---- headers ---- */

/* Headers that an answer may have several times. */
static bool may_repeat(const char *name)
{
	return strcasecmp(name, "WWW-Authenticate") == 0 || strcasecmp(name, "Link") == 0 ||
	       strcasecmp(name, "Set-Cookie") == 0;
}

static struct http_field *find_header(const struct http_request *r, const char *name)
{
	for (size_t i = 0; i < r->n_headers; i++) {
		if (strcasecmp(r->headers[i].name, name) == 0)
			return &r->headers[i];
	}
	return NULL;
}

static struct http_field *add_field(struct http_request *r)
{
	enum { STEP = 2 };

	if (r->n_headers % STEP == 0)
		r->headers = mem_realloc(r->headers, (r->n_headers + STEP) * sizeof(*r->headers));
	r->headers[r->n_headers] = (struct http_field){ 0 };
	return &r->headers[r->n_headers++];
}

static void set_header(struct http_request *r, const char *name, const char *value, bool copy)
{
	struct http_field *field = may_repeat(name) ? NULL : find_header(r, name);

	if (!http_head_is_token(name) || !value || !value[0] || !chars_are_line(value)) {
		log_error("http", r->http->name, "left out header %s: invalid name or value", name);
		return;
	}
	if (!field)
		field = add_field(r);
	free(field->memory);
	field->memory = copy ? mem_strdup(value) : NULL;
	field->name = name;
	field->value = copy ? field->memory : value;
}

void http_set_header(struct http_request *r, const char *name, const char *value)
{
	set_header(r, name, value, true);
}

void http_set_constant(struct http_request *r, const char *name, const char *value)
{
	set_header(r, name, value, false);
}

void http_drop_header(struct http_request *r, const char *name)
{
	struct http_field *field = find_header(r, name);

	if (!field)
		return;
	free(field->memory);
	*field = r->headers[--r->n_headers];
}

void http_answer_add_headers(struct http_request *r, const char *type)
{
	if (type)
		http_set_header(r, "Content-Type", type);
	if (!find_header(r, "Cache-Control"))
		http_set_constant(r, "Cache-Control", "no-store");
	for (size_t i = 0; r->response && i < r->n_headers; i++) {
		const struct http_field *h = &r->headers[i];

		if (MHD_add_response_header(r->response, h->name, h->value) != MHD_YES)
			log_error("http", r->http->name,
				  "left out header %s: libmicrohttpd refused it", h->name);
	}
}

/* ---- answers ---- */

/* Real time and not the lab's, as in all other answers of this connection: libmicrohttpd dates those. */
static void add_date(struct text *head)
{
	time_t now = time(NULL);
	struct tm tm;
	char date[64];

	gmtime_r(&now, &tm);
	strftime(date, sizeof(date), "%a, %d %b %Y %H:%M:%S GMT", &tm);
	text_addf(head, "Date: %s\r\n", date);
}

const char *http_phrase(int status)
{
	return MHD_get_reason_phrase_for((unsigned int)status);
}

/* As it goes over the wire without libmicrohttpd, and ends the connection. */
static void format(struct http_request *r, const void *body, size_t n, struct text *answer)
{
	text_addf(answer, "HTTP/1.1 %d %s\r\n", r->status, http_phrase(r->status));
	add_date(answer);
	text_addf(answer, "Connection: close\r\nContent-Length: %zu\r\n", n);
	for (size_t i = 0; i < r->n_headers; i++)
		text_addf(answer, "%s: %s\r\n", r->headers[i].name, r->headers[i].value);
	text_add(answer, "\r\n");
	if (strcmp(http_method(r), "HEAD") != 0)
		text_add_bytes(answer, body, n);
}

static void answer_raw(struct http_request *r, const void *body, size_t n)
{
	CLEANUP(text_deinit) struct text answer = TEXT_INIT;

	format(r, body, n, &answer);
	http_conn_write(r->conn, text_str(&answer), answer.n);
}

static void answer_slowly(struct http_request *r, const void *body, size_t n)
{
	CLEANUP(text_deinit) struct text answer = TEXT_INIT;

	format(r, body, n, &answer);
	http_slow_start(r, text_str(&answer), answer.n);
}

static void add_vary(struct http_request *r)
{
	const struct http_field *before = find_header(r, "Vary");
	CLEANUP(mem_free_string)
	char *value = before ? text_concat(before->value, ", Accept-Encoding") : NULL;

	http_set_header(r, "Vary", value ? value : "Accept-Encoding");
}

static bool wants_gzip(const struct http_request *r)
{
	const char *accept = http_header(r, "Accept-Encoding");
	int weight;

	if (!accept)
		return false;
	weight = quality_of(accept, "gzip");
	if (weight < 0)
		weight = quality_of(accept, "x-gzip"); /* the same, RFC 9110 8.4.1.3 */
	return weight > 0 && weight >= quality_of(accept, "identity");
}

/* Take what goes over the wire in place of the body, if that is less. */
static void pack(struct http_request *r, struct text *packed, const void **body, size_t *n)
{
	if (*n < HTTP_GZIP_MIN || find_header(r, "Content-Encoding"))
		return;
	add_vary(r);
	if (!wants_gzip(r) || !http_gzip_pack(r->http->gzip, *body, *n, packed))
		return;
	http_set_header(r, "Content-Encoding", "gzip");
	*body = packed->data;
	*n = packed->n;
}

/* What goes over the wire is libmicrohttpd's from now on. own: the body, if it is to be taken over; NULL: it is copied. */
static void respond(struct http_request *r, struct text *own, const void **body, size_t *n)
{
	struct text packed = TEXT_INIT;
	bool takes;

	pack(r, &packed, body, n);
	if (packed.data == *body)
		own = &packed;
	takes = own && own->data;
	r->response = mem_check(MHD_create_response_from_buffer(
		*n, mem_no_const(*body), takes ? MHD_RESPMEM_MUST_FREE : MHD_RESPMEM_MUST_COPY));
	if (takes)
		*own = TEXT_INIT;
	text_deinit(&packed);
}

static void answer(struct http_request *r, int status, const char *type, const void *body, size_t n,
		   struct text *own)
{
	struct http *h = r->http;
	bool is_slow = http_is_slow(r);

	if (!http_request_is_open(r, "answered"))
		return;
	r->status = status >= 200 && status <= 599 ? status : 500;
	r->answer = body;
	r->n_answer = n;
	if (!r->raw && !r->inner && !is_slow)
		respond(r, own, &body, &n);
	http_answer_add_headers(r, type);
	if (r->raw)
		answer_raw(r, body, n);
	metric_add(&h->metrics.answer_bytes_total, (int64_t)n);
	http_conn_disarm(r->conn);
	if (is_slow) {
		answer_slowly(r, body, n);
	} else {
		http_unpark(r);
		r->state = HTTP_ANSWERED;
	}
	if (h->args.after)
		h->args.after(h->args.magic, r, r->status);
	r->answer = NULL;
	if (r->inner)
		r->inner_ops->answered(r, body, n);
	else if (!is_slow)
		http_resume(r);
}

void http_answer(struct http_request *r, int status, const char *type, const void *body, size_t n)
{
	answer(r, status, type, body, n, NULL);
}

void http_answer_text(struct http_request *r, int status, const char *type, struct text *body)
{
	answer(r, status, type, text_str(body), body->n, body);
	text_deinit(body);
}

void http_answer_json(struct http_request *r, int status, const char *type,
		      struct json_object *body)
{
	size_t n = 0;
	const char *text = json_object_to_json_string_length(
		body, JSON_C_TO_STRING_PLAIN | JSON_C_TO_STRING_NOSLASHESCAPE, &n);

	http_answer(r, status, type ? type : JSON_CONTENT_TYPE, text, n);
	json_object_put(body);
}
