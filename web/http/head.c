/*
 * HTTP server: the head of a request
 *
 * libmicrohttpd 0.9.75 takes more than HTTP allows and does not say so: a line that ends in LF alone (RFC 9112 2.2), a value
 * that goes on in a folded line (5.2; it drops what follows), and a NUL (RFC 9110 5.5), behind which the rest of the line is
 * invisible. Each of these another server may read in another way. None of its options refuses them, and every string that it
 * shows ends at the NUL, also where it tells a length.
 *
 * But it does not copy the head: the method, the target, the version, and the names and values of headers are where they
 * were received, with NULs in place of separators and line ends, and MHD_CONNECTION_INFO_REQUEST_HEADER_SIZE says how long
 * all of it is. So each of them has to begin where the one before it leads us to expect, and the last to end where the head
 * ends; what was hidden or left out in between shows as a distance. A folded line is copied and shows as well. What does not
 * show is a NUL in front of an LF, which looks as CRLF does.
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
	const char *at; /* where the next line has to begin */
	int64_t n_fields;
	int n_hosts;
	int n_lengths;
	int n_encodings;
	int n_credentials;
	int n_origins;
	int n_sites;
	bool is_packed; /* the body is gzip */
	bool is_coded;  /* the body is something else besides */
	bool is_malformed;
	bool is_hiding; /* there are bytes that libmicrohttpd does not show, or fewer than there have to be */
	bool is_encoded; /* other than chunked */
	bool closes;
};

bool http_head_is_token(const char *s)
{
	/* RFC 9110 5.6.2 */
	static const bool token[256] = {
		['0' ... '9'] = true, ['A' ... 'Z'] = true, ['a' ... 'z'] = true, ['!'] = true,
		['#'] = true,         ['$'] = true,         ['%'] = true,         ['&'] = true,
		['\''] = true,        ['*'] = true,         ['+'] = true,         ['-'] = true,
		['.'] = true,         ['^'] = true,         ['_'] = true,         ['`'] = true,
		['|'] = true,         ['~'] = true,
	};
	const char *at = s;

	while (token[(unsigned char)*at])
		at++;
	return at > s && !*at;
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

/* What follows a string, the separator behind it included. */
static const char *past(const char *s, size_t n_separator)
{
	return s + strlen(s) + n_separator;
}

static void check_place(struct head *head, const char *name, const char *value)
{
	const char *p;

	if (head->is_hiding || name != head->at) {
		head->is_hiding = true;
		return;
	}
	p = past(name, strlen(":"));
	p += strspn(p, " \t");
	head->is_hiding = value != p;
	head->at = past(p, strlen("\r\n"));
}

/* Most headers differ from these in their first letter. */
static bool is_named(const char *name, const char *known)
{
	return ((name[0] ^ known[0]) & ~0x20) == 0 && strcasecmp(name, known) == 0;
}

static void count_known(struct head *head, const char *name, const char *value)
{
	if (is_named(name, "Host"))
		head->n_hosts++;
	if (is_named(name, "Content-Length"))
		head->n_lengths++;
	if (is_named(name, "Authorization"))
		head->n_credentials++;
	if (is_named(name, "Origin"))
		head->n_origins++;
	if (is_named(name, "Sec-Fetch-Site"))
		head->n_sites++;
	if (is_named(name, "Transfer-Encoding")) {
		head->n_encodings++;
		head->is_encoded |= !value || strcasecmp(value, "chunked") != 0;
	}
	if (is_named(name, "Content-Encoding"))
		count_coding(head, value ? value : "");
	if (is_named(name, "Connection") && value && strcasestr(value, "close"))
		head->closes = true;
}

/* RFC 9110 5.5: spaces behind a value are not part of it. libmicrohttpd shows them; the value is in its read buffer, which it
 * does not read again, but for Transfer-Encoding, which it has not understood then. */
static void trim(const char *name, const char *value)
{
	if (is_named(name, "Transfer-Encoding"))
		return;
	for (char *end = strchr(value, '\0'); end > value && (end[-1] == ' ' || end[-1] == '\t');)
		*--end = '\0';
}

static enum MHD_Result count_field(void *cls, enum MHD_ValueKind kind, const char *name,
				   const char *value)
{
	struct head *head = cls;

	(void)kind;
	head->n_fields++;
	check_place(head, name, value);
	if (value && !head->is_hiding)
		trim(name, value);
	if (!http_head_is_token(name) || (value && !chars_are_line(value)))
		head->is_malformed = true;
	count_known(head, name, value);
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

/* Where the headers have to begin; NULL if the first line itself hides something. n_target: as the target was received, since
 * libmicrohttpd decodes it in place. */
static const char *past_line(const struct http_head_line *line, size_t n_target)
{
	if (line->target != past(line->method, strlen(" ")) ||
	    line->version != line->target + n_target + strlen(" "))
		return NULL;
	return past(line->version, strlen("\r\n"));
}

static bool ends_the_head(const struct http_request *r, const struct http_head_line *line,
			  const char *at)
{
	return at && at + strlen("\r\n") == line->method + head_size(r);
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
	       head->n_encodings > 1 || head->n_credentials > 1 || head->n_origins > 1 ||
	       head->n_sites > 1 || (head->n_lengths && head->n_encodings);
}

int http_head_check(struct http_request *r, const struct http_head_line *line)
{
	struct http_conn *c = r->conn;
	struct head head = { .at = past_line(line, r->n_target) };

	MHD_get_connection_values(c->mhd, MHD_HEADER_KIND, count_field, &head);
	c->last = head.closes || strcmp(line->version, "HTTP/1.1") != 0;
	if (leaves_no_room(r, &head))
		return 431;
	if (is_ambiguous(&head) || head.is_hiding || !ends_the_head(r, line, head.at))
		return 400;
	if (head.n_hosts == 0 && strcmp(line->version, "HTTP/1.0") != 0)
		return 400;
	if (head.is_encoded)
		return 501;
	if (head.is_coded)
		return 415;
	r->is_packed = head.is_packed;
	return announces_too_much(r) ? 413 : 0;
}
