/*
 * HTTP exchanges of records
 */
#include "proto/exchange.h"

#include "proto/push/mpns.h"
#include "proto/record.h"
#include "proto/sip/line.h"
#include "proto/text/mem.h"
#include "proto/text/text.h"

size_t exchange_head(const char *p, size_t n)
{
	const char *gap = memmem(p, n, "\r\n\r\n", 4);

	return gap ? (size_t)(gap - p) + 4 : n;
}

/* How many bytes the first message has. */
static size_t message_length(const char *p, size_t n)
{
	size_t head = exchange_head(p, n);
	CLEANUP(text_deinit) struct text value = TEXT_INIT;
	struct sip_line line;
	int64_t length = 0;

	if (sip_line_find(p, head, "Content-Length", &line)) {
		sip_line_add_value(&value, &line);
		text_to_int(text_str(&value), 0, (int64_t)(n - head), &length);
	}
	return head + (size_t)length;
}

static bool is_message(const struct record *r)
{
	static const char version[] = " HTTP/1.1\r\n";
	const char *end = r->raw ? memmem(r->raw, r->n_raw, "\r\n", 2) : NULL;

	return end && (size_t)(end + 2 - (const char *)r->raw) > strlen(version) &&
	       memcmp(end + 2 - strlen(version), version, strlen(version)) == 0;
}

static void add_header(struct text *out, const char *name, const char *value)
{
	if (value)
		text_add_all(out, name, ": ", value, "\r\n");
}

static void make_request(const struct record *r, struct text *out)
{
	const char *path = record_value(r, "path"), *host = strstr(path ? path : "", "://");
	size_t n_host = host ? strcspn(host + 3, "/?#") : 0;

	if (host)
		path = host + 3 + n_host;
	text_add_all(out, record_value(r, "method"), " ", path && *path ? path : "/",
		     " HTTP/1.1\r\nHost: ");
	if (host)
		text_add_bytes(out, host + 3, n_host);
	else
		text_add(out, r->to);
	text_add(out, "\r\n");
	add_header(out, MPNS_HEADER_TARGET, record_value(r, "target"));
	if (r->n_raw)
		text_addf(out, "Content-Type: text/xml\r\nContent-Length: %zu\r\n", r->n_raw);
	text_add(out, "\r\n");
	text_add_bytes(out, r->raw, r->n_raw);
}

static void make_answer(const struct record *r, struct text *out)
{
	text_add_all(out, "HTTP/1.1 ", record_value(r, "status"), " \r\n");
	add_header(out, MPNS_HEADER_NOTIFICATION_STATUS, record_value(r, "notification"));
	add_header(out, MPNS_HEADER_CONNECTION_STATUS, record_value(r, "connection"));
	text_add(out, "Content-Length: 0\r\n\r\n");
}

void exchange_init(struct exchange *e, const struct record *r)
{
	*e = (struct exchange){ 0 };
	if (is_message(r)) {
		size_t n = message_length(r->raw, r->n_raw);

		text_add_bytes(&e->request, r->raw, n);
		text_add_bytes(&e->answer, (const char *)r->raw + n, r->n_raw - n);
		return;
	}
	if (record_value(r, "method"))
		make_request(r, &e->request);
	if (record_value(r, "status"))
		make_answer(r, &e->answer);
}

void exchange_deinit(struct exchange *e)
{
	text_deinit(&e->request);
	text_deinit(&e->answer);
}
