/*
 * HTTP server: refusals
 */
#include "web/http/refusal.h"

#include "mcxd/base/list.h"
#include "mcxd/base/metric.h"
#include "proto/text/mem.h"
#include "proto/text/text.h"
#include "web/http/conn.h"
#include "web/http/http.h"
#include "web/http/metrics.h"
#include "web/http/private.h"
#include "web/http/request.h"
#include "web/http/shard.h"

#include <microhttpd.h>

static void count_refusal(struct http *h, int status)
{
	switch (status) {
	case 413: metric_inc(&h->metrics.oversized_bodies_total); break;
	case 429: metric_inc(&h->metrics.rate_limited_total); break;
	case 400:
	case 415:
	case 431:
	case 501: metric_inc(&h->metrics.bad_requests_total); break;
	default: break;
	}
}

/* One sentence, free() it. */
static char *sentence_of(const struct http *h, int status, const char *allow)
{
	static const struct {
		int status;
		const char *sentence;
	} rows[] = {
		{ 400, "The request is not well-formed HTTP." },
		{ 404, "There is no resource with this path." },
		{ 408, "The request was not complete within the time limit." },
		{ 415, "A body must be sent as it is or with Content-Encoding: gzip." },
		{ 429, "Too many requests came from this address." },
		{ 431, "The headers are larger than the limit." },
		{ 500, "The server failed." },
		{ 501, "Transfer-Encoding must be chunked." },
		{ 503, "The server is shutting down." },
	};

	if (status == 413)
		return text_format("The body is larger than the limit of %lld bytes.",
				   (long long)h->config.max_body_bytes);
	if (status == 405 && allow)
		return text_format("This resource supports %s.", allow);
	for (size_t i = 0; i < ARRAY_SIZE(rows); i++)
		if (rows[i].status == status)
			return mem_strdup(rows[i].sentence);
	return text_concat(http_phrase(status), ".");
}

void http_refuse(struct http_request *r, int status, const char *allow)
{
	struct http *h = r->http;
	CLEANUP(mem_free_string) char *why = sentence_of(h, status, allow);
	CLEANUP(mem_free_string) char *line = NULL;

	count_refusal(h, status);
	if (allow)
		http_set_header(r, "Allow", allow);
	if (status == 415)
		http_set_header(r, "Accept-Encoding", "gzip"); /* RFC 9110 15.5.16 */
	if (status == 503)
		http_set_header(r, "Retry-After", HTTP_RETRY_AFTER_S);
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

/* ---- what libmicrohttpd refuses ---- */

static bool has_whole_head(const struct http_request *r)
{
	return MHD_get_connection_info(r->conn->mhd, MHD_CONNECTION_INFO_REQUEST_HEADER_SIZE);
}

/* The request in question, as far as that is certain. Of those whose head is complete and has not been shown to us there is
 * never more than one: the one that libmicrohttpd is looking at. 431 is about a request whose line has been shown to us, and
 * which is incomplete, be it in the head or behind the body. Any other refusal may as well be about a connection that has not
 * sent a line. */
static struct http_request *refused(const struct http_shard *s, int status)
{
	struct http_request *only = NULL;
	size_t n = 0;

	list_for_each (node, &s->incoming) {
		struct http_request *r = LIST_ENTRY(node, struct http_request, of_list);

		if (r->status != 0)
			continue;
		if (r->state == HTTP_NEW && has_whole_head(r))
			return r;
		only = r;
		n++;
	}
	return status == 431 && n == 1 ? only : NULL;
}

bool http_refuse_for_library(struct http_shard *s, int status)
{
	struct http_request *r = refused(s, status);

	if (!r)
		return false;
	http_refuse_raw(r, status);
	http_conn_shut_down(r->conn);
	return true;
}
