/*
 * HTTP server: exchanges as text
 */
#include "mcxd/base/loop.h"
#include "proto/text/mem.h"
#include "proto/text/text.h"
#include "web/http/conn.h"
#include "web/http/http.h"
#include "web/http/private.h"
#include "web/http/request.h"
#include "web/http/target.h"

#include <microhttpd.h>
#include <strings.h>

int64_t http_took_us(const struct http_request *r)
{
	return r->began_us ? loop_now_us(r->http->loop) - r->began_us : 0;
}

/* What says how a body was packed for its way. */
static bool is_packing(const char *name)
{
	static const char *const names[] = { "Content-Length", "Content-Encoding",
					     "Transfer-Encoding" };

	for (size_t i = 0; i < ARRAY_SIZE(names); i++)
		if (strcasecmp(name, names[i]) == 0)
			return true;
	return false;
}

static enum MHD_Result add_header(void *magic, enum MHD_ValueKind kind, const char *name,
				  const char *value)
{
	struct text *out = magic;

	(void)kind;
	if (!is_packing(name))
		text_add_all(out, name, ": ", value ? value : "", "\r\n");
	return MHD_YES;
}

static void add_request(const struct http_request *r, struct text *out)
{
	text_add_all(out, r->method, " ", r->target.sent, " HTTP/1.1\r\n");
	MHD_get_connection_values(r->conn->mhd, MHD_HEADER_KIND, add_header, out);
	if (r->n_body)
		text_addf(out, "Content-Length: %zu\r\n", r->n_body);
	text_add(out, "\r\n");
	text_add_bytes(out, r->body, r->n_body);
}

static void add_answer(const struct http_request *r, struct text *out)
{
	bool has_body = r->status != 204 && r->status != 304 && strcmp(r->method, "HEAD") != 0;

	text_addf(out, "HTTP/1.1 %d %s\r\n", r->status, http_phrase(r->status));
	for (size_t i = 0; i < r->n_headers; i++)
		add_header(out, MHD_HEADER_KIND, r->headers[i].name, r->headers[i].value);
	if (has_body)
		text_addf(out, "Content-Length: %zu\r\n", r->n_answer);
	text_add(out, "\r\n");
	if (has_body)
		text_add_bytes(out, r->answer, r->n_answer);
}

void http_capture(const struct http_request *r, struct text *request, struct text *answer)
{
	if (r->inner || !r->method || (!r->answer && r->n_answer))
		return;
	add_request(r, request);
	if (r->status)
		add_answer(r, answer);
}
