/*
 * Diagnostics
 */
#include "proto/diag.h"

#include "proto/diag_table.h"
#include "proto/text/chars.h"
#include "proto/text/mem.h"
#include "proto/text/text.h"
#include "proto/text/utf8.h"

#include <errno.h>
#include <strings.h>

static const struct diag_row rows[] = {
#define X(name, id, sip, http, code, subcode, reason)                                              \
	[name] = { #name, id, sip, http, code, subcode, reason },
	DIAG_TABLE(X)
#undef X
};

/* RFC 3261, 21, and statuses from later RFCs (3903, 4028, 5626, 6665, 8599). 101 is Lync's own. */
static const struct {
	int status;
	const char *phrase;
} phrases[] = {
	{ 100, "Trying" },
	{ 101, "Progress Report" },
	{ 180, "Ringing" },
	{ 181, "Call Is Being Forwarded" },
	{ 182, "Queued" },
	{ 183, "Session Progress" },
	{ 200, "OK" },
	{ 202, "Accepted" },
	{ 300, "Multiple Choices" },
	{ 301, "Moved Permanently" },
	{ 302, "Moved Temporarily" },
	{ 305, "Use Proxy" },
	{ 380, "Alternative Service" },
	{ 400, "Bad Request" },
	{ 401, "Unauthorized" },
	{ 402, "Payment Required" },
	{ 403, "Forbidden" },
	{ 404, "Not Found" },
	{ 405, "Method Not Allowed" },
	{ 406, "Not Acceptable" },
	{ 407, "Proxy Authentication Required" },
	{ 408, "Request Timeout" },
	{ 409, "Conflict" },
	{ 410, "Gone" },
	{ 412, "Conditional Request Failed" },
	{ 413, "Request Entity Too Large" },
	{ 414, "Request-URI Too Long" },
	{ 415, "Unsupported Media Type" },
	{ 416, "Unsupported URI Scheme" },
	{ 420, "Bad Extension" },
	{ 421, "Extension Required" },
	{ 422, "Session Interval Too Small" },
	{ 423, "Interval Too Brief" },
	{ 430, "Flow Failed" },
	{ 480, "Temporarily Unavailable" },
	{ 481, "Call/Transaction Does Not Exist" },
	{ 482, "Loop Detected" },
	{ 483, "Too Many Hops" },
	{ 484, "Address Incomplete" },
	{ 485, "Ambiguous" },
	{ 486, "Busy Here" },
	{ 487, "Request Terminated" },
	{ 488, "Not Acceptable Here" },
	{ 489, "Bad Event" },
	{ 491, "Request Pending" },
	{ 493, "Undecipherable" },
	{ 500, "Server Internal Error" },
	{ 501, "Not Implemented" },
	{ 502, "Bad Gateway" },
	{ 503, "Service Unavailable" },
	{ 504, "Server Time-out" },
	{ 505, "Version Not Supported" },
	{ 513, "Message Too Large" },
	{ 555, "Push Notification Service Not Supported" },
	{ 600, "Busy Everywhere" },
	{ 603, "Decline" },
	{ 604, "Does Not Exist Anywhere" },
	{ 606, "Not Acceptable" },
};

const struct diag_row *diag_row(enum diag_code code)
{
	if ((unsigned)code >= N_DIAG_CODES)
		code = DIAG_SERVER_ERROR;
	return &rows[code];
}

struct diag diag_make(enum diag_code code)
{
	return (struct diag){ .code = code, .sip_status = diag_row(code)->sip_status };
}

struct diag diag_because(enum diag_code code, const char *info)
{
	struct diag d = diag_make(code);

	d.info = info;
	return d;
}

static enum diag_code code_of_class(int sip_status)
{
	switch (sip_status / 100) {
	case 1: return DIAG_PROXIED;
	case 2: return DIAG_SUCCESS;
	case 3: return DIAG_NO_ROUTE;
	case 4: return DIAG_BAD_REQUEST;
	case 6: return DIAG_DECLINED;
	default: return DIAG_SERVER_ERROR;
	}
}

enum diag_code diag_code_of_sip(int sip_status)
{
	/* The table's first row with this status is ELSEWHERE, which is more specific than the status alone. */
	if (sip_status == diag_row(DIAG_CANCELLED)->sip_status)
		return DIAG_CANCELLED;
	for (size_t i = 0; sip_status > 0 && i < ARRAY_SIZE(rows); i++) {
		if (rows[i].sip_status == sip_status)
			return (enum diag_code)i;
	}
	return code_of_class(sip_status);
}

enum diag_code diag_code_of_refusal(int sip_status)
{
	static const struct {
		int status;
		enum diag_code code;
	} outcomes[] = {
		{ 401, DIAG_NOT_REGISTERED }, { 403, DIAG_FORBIDDEN },
		{ 404, DIAG_USER_UNKNOWN },   { 407, DIAG_NOT_REGISTERED },
		{ 408, DIAG_INVITE_TIMEOUT }, { 410, DIAG_ENDPOINT_GONE },
		{ 413, DIAG_TOO_LARGE },      { 415, DIAG_BAD_TYPE },
		{ 480, DIAG_NOT_REGISTERED }, { 486, DIAG_BUSY },
		{ 487, DIAG_CANCELLED },      { 503, DIAG_UNREACHABLE },
		{ 600, DIAG_BUSY },           { 604, DIAG_USER_UNKNOWN },
	};

	for (size_t i = 0; i < ARRAY_SIZE(outcomes); i++)
		if (outcomes[i].status == sip_status)
			return outcomes[i].code;
	if (sip_status < 400)
		return DIAG_NOT_REGISTERED;
	return sip_status < 500 ? DIAG_CANNOT_ACCEPT : diag_code_of_sip(sip_status);
}

enum diag_code diag_code_of_http(int http_status)
{
	static const struct {
		int status;
		enum diag_code code;
	} outcomes[] = {
		{ 401, DIAG_UNAUTHORIZED },
		{ 403, DIAG_FORBIDDEN },
		{ 404, DIAG_NOT_FOUND },
		{ 405, DIAG_BAD_METHOD },
		{ 406, DIAG_NOT_ACCEPTABLE },
		{ 408, DIAG_CLIENT_TIMEOUT },
		{ 409, DIAG_CONFLICT },
		{ 410, DIAG_GONE },
		{ 412, DIAG_PRECONDITION_FAILED },
		{ 413, DIAG_TOO_LARGE },
		{ 415, DIAG_BAD_TYPE },
		{ 428, DIAG_PRECONDITION_REQUIRED },
		{ 429, DIAG_TOO_MANY_REQUESTS },
		{ 503, DIAG_SERVICE_UNAVAILABLE },
		{ 504, DIAG_SERVICE_TIMEOUT },
	};

	for (size_t i = 0; i < ARRAY_SIZE(outcomes); i++)
		if (outcomes[i].status == http_status)
			return outcomes[i].code;
	return http_status < 500 ? DIAG_BAD_REQUEST : DIAG_SERVER_ERROR;
}

const char *diag_sip_phrase(int sip_status)
{
	for (size_t i = 0; i < ARRAY_SIZE(phrases); i++) {
		if (phrases[i].status == sip_status)
			return phrases[i].phrase;
	}
	return sip_status >= 200 && sip_status < 300 ? "OK" : "Unknown";
}

const char *diag_lync_phrase(int sip_status)
{
	return sip_status == 504 ? "Server time-out" : diag_sip_phrase(sip_status);
}

/* A quoted-string (RFC 3261, 25.1). */
void diag_add_param(struct text *out, const char *name, const char *value)
{
	text_add_all(out, ";", name, "=\"");
	for (const char *c = value; *c; c++) {
		if (*c == '"' || *c == '\\')
			text_add_bytes(out, "\\", 1);
		text_add_bytes(out, chars_is_control(*c) ? " " : c, 1);
	}
	text_add_bytes(out, "\"", 1);
}

void diag_encode(struct text *out, const struct diag *d, const char *source)
{
	const struct diag_row *row = diag_row(d->code);

	text_add_number(out, (uint64_t)row->id);
	diag_add_param(out, "reason", row->reason);
	if (source)
		diag_add_param(out, "source", source);
	if (d->info)
		diag_add_param(out, "info", d->info);
}

void diag_encode_public(struct text *out, const struct diag *d)
{
	const struct diag_row *row = diag_row(d->code);

	text_add_number(out, (uint64_t)row->id);
	diag_add_param(out, "Reason", row->reason);
	if (d->info)
		diag_add_param(out, "info", d->info);
}

static const char *skip_space(const char *s)
{
	return s + strspn(s, " \t\r\n");
}

static const char *read_id(const char *s, int *ret_id)
{
	int id = 0;
	unsigned n;

	for (n = 0; s[n] >= '0' && s[n] <= '9'; n++) {
		if (n == 9)
			return NULL;
		id = id * 10 + (s[n] - '0');
	}
	if (!n)
		return NULL;
	s += n;
	/* Some servers append a sub-code after a dot. */
	if (*s == '.')
		s += 1 + strspn(s + 1, "0123456789");
	*ret_id = id;
	return skip_space(s);
}

/* Where the value of a parameter is kept; room is NULL if it is skipped. */
struct slot {
	char *room;
	size_t size;
	size_t n;
	bool cut;
};

static void keep(struct slot *slot, char c)
{
	if (!slot->room)
		return;
	slot->cut = slot->cut || slot->n + 1 == slot->size;
	if (slot->cut)
		return;
	if (chars_is_control(c))
		c = ' ';
	slot->room[slot->n++] = c;
}

static void finish(struct slot *slot)
{
	if (!slot->room)
		return;
	slot->room[slot->n] = '\0';
	if (slot->cut)
		slot->room[utf8_complete(slot->room, slot->n)] = '\0';
}

static const char *read_quoted(const char *s, struct slot *slot)
{
	for (; *s != '"'; s++) {
		if (*s == '\\')
			s++;
		if (!*s)
			return NULL;
		keep(slot, *s);
	}
	return s + 1;
}

static const char *read_value(const char *s, struct slot *slot)
{
	size_t n;

	if (*s == '"')
		return read_quoted(s + 1, slot);
	n = strcspn(s, "; \t\r\n\"");
	for (size_t i = 0; i < n; i++)
		keep(slot, s[i]);
	return s + n;
}

static struct slot slot_of(struct diag_header *h, const char *name, size_t n)
{
	const struct {
		const char *name;
		char *room;
		size_t size;
	} known[] = {
		{ "reason", h->reason, sizeof(h->reason) },
		{ "source", h->source, sizeof(h->source) },
		{ "info", h->info, sizeof(h->info) },
		{ "ErrorType", h->error_type, sizeof(h->error_type) },
	};

	for (size_t i = 0; i < ARRAY_SIZE(known); i++) {
		/* Given twice: the first one counts. */
		if (strlen(known[i].name) == n && !strncasecmp(known[i].name, name, n) &&
		    !known[i].room[0])
			return (struct slot){ .room = known[i].room, .size = known[i].size };
	}
	return (struct slot){ 0 };
}

/* One parameter, after its semicolon. Returns the rest, or NULL if it is malformed. */
static const char *read_parameter(const char *s, struct diag_header *h)
{
	struct slot slot;
	size_t n;

	s = skip_space(s);
	n = strcspn(s, "=;\" \t\r\n");
	if (!n)
		return NULL;
	slot = slot_of(h, s, n);
	s = skip_space(s + n);
	if (*s == '=')
		s = read_value(skip_space(s + 1), &slot);
	finish(&slot);
	return s ? skip_space(s) : NULL;
}

int diag_decode(const char *value, struct diag_header *ret)
{
	struct diag_header h = { 0 };
	const char *s = read_id(skip_space(value), &h.id);

	while (s && *s == ';')
		s = read_parameter(s + 1, &h);
	/* Several values may be joined by commas (RFC 3261, 7.3.1); the first is from the nearest server. */
	if (!s || (*s && *s != ',')) {
		*ret = (struct diag_header){ 0 };
		return -EINVAL;
	}
	*ret = h;
	return 0;
}
