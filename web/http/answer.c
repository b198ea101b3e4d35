/*
 * HTTP server: answers
 */
#include "web/http/private.h"

#include "proto/text/chars.h"

#include <json-c/json.h>
#include <strings.h>
#include <time.h>

/* Headers */

static bool adds_up(const char *name)
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

void http_set_header(struct http_request *r, const char *name, const char *value)
{
	struct http_field *same = adds_up(name) ? NULL : find_header(r, name);

	if (!http_is_token(name) || !value || !value[0] || !chars_are_line(value)) {
		log_error("http", r->http->name, "header %s left out: it cannot be sent", name);
		return;
	}
	if (same) {
		free(same->value);
		same->value = mem_strdup(value);
		return;
	}
	r->headers = mem_realloc(r->headers, (r->n_headers + 1) * sizeof(*r->headers));
	r->headers[r->n_headers++] =
		(struct http_field){ .name = name, .value = mem_strdup(value) };
}

void http_answer_add_headers(struct http_request *r, const char *type)
{
	if (type)
		http_set_header(r, "Content-Type", type);
	if (!find_header(r, "Cache-Control"))
		http_set_header(r, "Cache-Control", "no-store");
	for (size_t i = 0; r->response && i < r->n_headers; i++) {
		const struct http_field *h = &r->headers[i];

		if (MHD_add_response_header(r->response, h->name, h->value) != MHD_YES)
			log_error("http", r->http->name, "header %s left out", h->name);
	}
}

/* Answers */

bool http_answer_is_due(const struct http_request *r, const char *what)
{
	if (r->status == 0 && r->state != HTTP_GONE)
		return true;
	log_error("http", r->http->name, "%s %s: %s, but it has an answer or has gone",
		  http_method(r), http_path(r), what);
	return false;
}

/* By the machine's clock and not the lab's, as libmicrohttpd dates all other answers of this connection. */
static void add_date(struct text *head)
{
	time_t now = time(NULL);
	struct tm tm;
	char date[64];

	gmtime_r(&now, &tm);
	strftime(date, sizeof(date), "%a, %d %b %Y %H:%M:%S GMT", &tm);
	text_addf(head, "Date: %s\r\n", date);
}

static void answer_raw(struct http_request *r, const void *body, size_t n)
{
	CLEANUP(text_deinit) struct text answer = TEXT_INIT;

	text_addf(&answer, "HTTP/1.1 %d %s\r\n", r->status,
		  MHD_get_reason_phrase_for((unsigned int)r->status));
	add_date(&answer);
	text_addf(&answer, "Connection: close\r\nContent-Length: %zu\r\n", n);
	for (size_t i = 0; i < r->n_headers; i++)
		text_addf(&answer, "%s: %s\r\n", r->headers[i].name, r->headers[i].value);
	text_add(&answer, "\r\n");
	text_add_bytes(&answer, body, n);
	http_conn_write(r->conn, text_str(&answer), answer.n);
}

void http_answer(struct http_request *r, int status, const char *type, const void *body, size_t n)
{
	struct http *h = r->http;
	union {
		const void *given;
		void *wanted; /* and only read */
	} u = { .given = body };

	if (!http_answer_is_due(r, "answered"))
		return;
	r->status = status >= 200 && status <= 599 ? status : 500;
	if (!r->raw)
		r->response = mem_check(
			MHD_create_response_from_buffer(n, u.wanted, MHD_RESPMEM_MUST_COPY));
	http_answer_add_headers(r, type);
	if (r->raw)
		answer_raw(r, body, n);
	http_count(h, HTTP_ANSWER_BYTES, (int64_t)n);
	http_conn_disarm(r->conn);
	http_unpark(r);
	r->state = HTTP_ANSWERED;
	if (h->args.after)
		h->args.after(h->args.magic, r, r->status);
	http_resume(r);
}

void http_answer_json(struct http_request *r, int status, const char *type,
		      struct json_object *body)
{
	size_t n = 0;
	const char *text = json_object_to_json_string_length(
		body, JSON_C_TO_STRING_PLAIN | JSON_C_TO_STRING_NOSLASHESCAPE, &n);

	http_answer(r, status, type ? type : "application/json", text, n);
	json_object_put(body);
}

/* Refusals */

static void count_refusal(struct http *h, int status)
{
	switch (status) {
	case 413: http_count(h, HTTP_OVERSIZED_BODIES, 1); break;
	case 400:
	case 414:
	case 431:
	case 501:
	case 505: http_count(h, HTTP_BAD_REQUESTS, 1); break;
	default: break;
	}
}

static char *sentence_of(int status, const char *allow)
{
	static const struct {
		int status;
		const char *sentence;
	} rows[] = {
		{ 400, "The request is not well-formed HTTP." },
		{ 404, "There is no resource with this path." },
		{ 408, "The request did not come to its end in time." },
		{ 413, "The body is too large." },
		{ 414, "The request line is too long." },
		{ 431, "The headers are too large." },
		{ 500, "The server failed." },
		{ 501, "The transfer encoding is not understood here." },
		{ 503, "The server has no room for this request." },
		{ 505, "HTTP 1.1 and 1.0 are spoken here." },
	};

	if (status == 405)
		return text_format("This resource takes %s.", allow ? allow : "other methods");
	for (size_t i = 0; i < ARRAY_SIZE(rows); i++)
		if (rows[i].status == status)
			return mem_strdup(rows[i].sentence);
	return text_concat(MHD_get_reason_phrase_for((unsigned int)status), ".");
}

void http_refuse(struct http_request *r, int status, const char *allow)
{
	struct http *h = r->http;
	CLEANUP(mem_free_string) char *why = sentence_of(status, allow);
	CLEANUP(mem_free_string) char *line = NULL;

	count_refusal(h, status);
	if (allow)
		http_set_header(r, "Allow", allow);
	if (h->args.on_error)
		h->args.on_error(h->args.magic, r, status, why);
	if (r->status != 0)
		return;
	line = text_concat(why, "\n");
	http_answer(r, status, "text/plain", line, strlen(line));
}

void http_refuse_raw(struct http_request *r, int status)
{
	r->raw = true;
	r->conn->last = true;
	r->conn->linger = true;
	http_refuse(r, status, NULL);
}
