/*
 * HTTP server: the head of a request
 */
#include "web/http/head.h"

#include "proto/text/chars.h"
#include "web/http/conn.h"
#include "web/http/http.h"
#include "web/http/private.h"
#include "web/http/request.h"

#include <microhttpd.h>
#include <strings.h>

/* libmicrohttpd builds the head of the answer in what the head of the request leaves of the
 * connection's memory. */
#define ANSWER_ROOM 1536
#define FIELD_COST  64 /* of a header, besides its text */

struct head {
	int64_t n_fields;
	size_t n_bytes; /* of the lines of the headers, if nothing stands in them that need not */
	int n_hosts;
	int n_lengths;
	int n_encodings;
	bool is_packed; /* the body is gzip */
	bool is_coded;  /* the body is something else besides */
	bool is_malformed;
	bool is_encoded; /* other than chunked */
	bool closes;
};

bool http_head_is_token(const char *s)
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

/* RFC 9110 8.4.1: x-gzip is gzip, and several codings are applied one after the other. */
static void count_coding(struct head *head, const char *value)
{
	bool is_gzip = strcasecmp(value, "gzip") == 0 || strcasecmp(value, "x-gzip") == 0;

	if (strcasecmp(value, "identity") == 0)
		return;
	head->is_coded |= !is_gzip || head->is_packed;
	head->is_packed |= is_gzip;
}

static enum MHD_Result count_field(void *cls, enum MHD_ValueKind kind, const char *name,
				   const char *value)
{
	struct head *head = cls;

	(void)kind;
	head->n_fields++;
	head->n_bytes += strlen(name) + strlen(":") + (value ? strlen(value) : 0) + strlen("\r\n");
	if (!http_head_is_token(name) || (value && !chars_are_line(value)))
		head->is_malformed = true;
	if (strcasecmp(name, "Host") == 0)
		head->n_hosts++;
	if (strcasecmp(name, "Content-Length") == 0)
		head->n_lengths++;
	if (strcasecmp(name, "Transfer-Encoding") == 0) {
		head->n_encodings++;
		head->is_encoded |= !value || strcasecmp(value, "chunked") != 0;
	}
	if (strcasecmp(name, "Content-Encoding") == 0)
		count_coding(head, value ? value : "");
	if (strcasecmp(name, "Connection") == 0 && value && strcasestr(value, "close"))
		head->closes = true;
	return MHD_YES;
}

static bool announces_too_much(const struct http_request *r)
{
	const char *length = http_header(r, "Content-Length");

	/* libmicrohttpd has refused what is not a number or does not fit into 64 bits. */
	return length && strtoull(length, NULL, 10) > (uint64_t)r->http->config.max_body_bytes;
}

static size_t head_size(const struct http_request *r)
{
	const union MHD_ConnectionInfo *info =
		MHD_get_connection_info(r->conn->mhd, MHD_CONNECTION_INFO_REQUEST_HEADER_SIZE);

	return info ? info->header_size : 0;
}

/* libmicrohttpd takes lines that end in LF alone, and does not say so. It does say how long the head was; if that is less
 * than its lines with CRLF would be, there were such lines. Spaces in front of values, which it drops, can make up for
 * that, so not all of them are found. */
static bool ends_lines_in_lf(const struct http_request *r, const struct head *head,
			     const char *version)
{
	size_t n_line = strlen(r->method) + strlen(" ") + r->n_target + strlen(" ") +
			strlen(version) + strlen("\r\n");

	return head_size(r) < n_line + head->n_bytes + strlen("\r\n");
}

static bool leaves_no_room(const struct http_request *r, const struct head *head)
{
	int64_t n = (int64_t)head_size(r);

	return n + head->n_fields * FIELD_COST > r->http->config.memory_bytes - ANSWER_ROOM;
}

/* RFC 9112 5 and 6. What two parsers could read in two ways is refused, because a proxy may stand in
 * front of us and have read it in the other one. */
static bool is_ambiguous(const struct head *head)
{
	return head->is_malformed || head->n_hosts > 1 || head->n_lengths > 1 ||
	       head->n_encodings > 1 || (head->n_lengths && head->n_encodings);
}

int http_head_check(struct http_request *r, const char *version)
{
	struct http_conn *c = r->conn;
	struct head head = { 0 };

	MHD_get_connection_values(c->mhd, MHD_HEADER_KIND, count_field, &head);
	c->last = head.closes || strcmp(version, "HTTP/1.1") != 0;
	if (leaves_no_room(r, &head))
		return 431;
	if (is_ambiguous(&head) || ends_lines_in_lf(r, &head, version))
		return 400;
	if (head.n_hosts == 0 && strcmp(version, "HTTP/1.0") != 0)
		return 400;
	if (head.is_encoded)
		return 501;
	if (head.is_coded)
		return 415;
	r->is_packed = head.is_packed;
	return announces_too_much(r) ? 413 : 0;
}
