/*
 * Frame
 */
#include "proto/sip/frame.h"

#include "proto/text/chars.h"

#include <string.h>
#include <strings.h>

enum {
	MAX_LENGTH_DIGITS = 12,
	/* A first line that is longer without its end is looked at no more: the limit of the head deals with it. */
	MAX_START_LINE = 2048
};

static const char head_end[] = "\r\n\r\n";
enum { N_HEAD_END = sizeof(head_end) - 1 };

bool frame_may_be_sip(const char *p, size_t n)
{
	const char *end = n > 0 ? memchr(p, '\n', n) : NULL;

	if (n > 0 && !chars_is_token(*p))
		return false;
	return !end || memmem(p, (size_t)(end - p), "SIP/", 4);
}

/* A line ends in CRLF, or for lenient parsers in one of them. */
bool frame_begins_folded(const char *p, size_t n)
{
	const char *end = p + n;

	while (p < end && *p != '\r' && *p != '\n')
		p++;
	if (p < end && *p == '\r')
		p++;
	if (p < end && *p == '\n')
		p++;
	return p < end && (*p == ' ' || *p == '\t');
}

/* ---- NUL ---- */

/* What a character of a header's value stands in. */
struct quoting {
	bool in_string;
	size_t n_comments; /* they nest */
};

static bool is_quoted(const struct quoting *q)
{
	return q->in_string || q->n_comments > 0;
}

static void quoting_step(struct quoting *q, char c)
{
	if (c == '"' && q->n_comments == 0)
		q->in_string = !q->in_string;
	else if (c == '(' && !q->in_string)
		q->n_comments++;
	else if (c == ')' && !q->in_string && q->n_comments > 0)
		q->n_comments--;
}

/* At the end of a line: a folded one goes on in what it was. */
static bool goes_on(const char *eol, const char *end)
{
	return eol + 1 < end && (eol[1] == ' ' || eol[1] == '\t');
}

bool frame_has_bare_nul(const char *p, size_t n)
{
	const char *end = p + n, *rest;
	struct quoting q = { 0 };

	if (n == 0 || !memchr(p, '\0', n))
		return false;
	rest = memmem(p, n, head_end, N_HEAD_END);
	if (rest)
		end = rest;
	/* a start line has no quoted pairs */
	rest = memchr(p, '\n', (size_t)(end - p));
	if (!rest)
		rest = end;
	if (memchr(p, '\0', (size_t)(rest - p)))
		return true;
	for (const char *c = rest; c < end; c++) {
		if (*c == '\0')
			return true;
		if (*c == '\n' && !goes_on(c, end))
			q = (struct quoting){ 0 };
		else if (*c == '\\' && is_quoted(&q) && c + 1 < end && c[1] != '\r' && c[1] != '\n')
			c++;
		else
			quoting_step(&q, *c);
	}
	return false;
}

/* ---- Content-Length ---- */

static const char *skip_space(const char *p, const char *end)
{
	while (p < end && (*p == ' ' || *p == '\t'))
		p++;
	return p;
}

/* The value, if the line at p is "Content-Length: …" or "l: …"; else NULL. */
static const char *length_value(const char *p, const char *end)
{
	static const char name[] = "Content-Length";
	size_t n = sizeof(name) - 1;

	if (chars_lower(*p) == 'l')
		n = 1;
	else if (chars_lower(*p) != 'c' || (size_t)(end - p) < n || strncasecmp(p, name, n) != 0)
		return NULL;
	p = skip_space(p + n, end);
	return p < end && *p == ':' ? p + 1 : NULL;
}

/* White space may contain one line end that is followed by more of it (RFC 3261 7.3.1). */
static const char *skip_folded(const char *p, const char *end)
{
	p = skip_space(p, end);
	if (end - p > 2 && p[0] == '\r' && p[1] == '\n' && (p[2] == ' ' || p[2] == '\t'))
		p = skip_space(p + 2, end);
	return p;
}

static bool read_length(const char *p, const char *end, size_t *ret)
{
	size_t n = 0, digits = 0;

	p = skip_folded(p, end);
	for (; p < end && chars_is_digit(*p) && digits < MAX_LENGTH_DIGITS; p++, digits++)
		n = n * 10 + (size_t)(*p - '0');
	p = skip_folded(p, end);
	*ret = n;
	return digits > 0 && p < end && *p == '\r';
}

/* The body's length, 0 if no line says one. NULL, or what is wrong: two lengths that differ let an attacker hide a message
 * from one of two hops. */
static const char *body_length(const char *head, const char *end, size_t *ret)
{
	bool found = false;
	const char *eol;

	*ret = 0;
	for (const char *p = head; (eol = memchr(p, '\n', (size_t)(end - p))); p = eol + 1) {
		const char *value = eol + 1 < end ? length_value(eol + 1, end) : NULL;
		size_t n;

		if (!value)
			continue;
		if (!read_length(value, end, &n))
			return "Content-Length is not a number";
		if (found && n != *ret)
			return "There are two different Content-Lengths";
		*ret = n;
		found = true;
	}
	return NULL;
}

/* ---- frames ---- */

/* Where the end of the head begins, not before `from`; NULL: it is not there. By lines: that takes a third of the search for four bytes. */
static const char *find_head_end(const char *p, size_t n, size_t from)
{
	const char *end = p + n, *eol;

	for (const char *at = p + from; (eol = memchr(at, '\n', (size_t)(end - at))); at = eol + 1)
		if (end - eol > 2 && eol[1] == '\r' && eol[2] == '\n' && eol > p && eol[-1] == '\r')
			return eol - 1;
	return NULL;
}

size_t frame_count_blanks(const char *p, size_t n)
{
	size_t i = 0;

	while (i < n && (p[i] == '\r' || p[i] == '\n' || p[i] == ' ' || p[i] == '\t'))
		i++;
	return i;
}

static struct frame message_of(const char *p, size_t n, size_t n_head)
{
	struct frame f = { .n_head = n_head };
	size_t n_body = 0;

	if (frame_begins_folded(p, n_head))
		f.why = FRAME_FOLDED;
	else
		f.why = body_length(p, p + n_head, &n_body);
	f.n = n_head + (f.why ? 0 : n_body);
	if (f.why)
		f.kind = FRAME_UNFRAMED;
	else
		f.kind = n >= f.n ? FRAME_MESSAGE : FRAME_MORE;
	return f;
}

/* Lines that end in LF alone are no SIP (RFC 3261 7.1), but what people type into a socket by hand. Such a head is looked for the
 * end that it was meant to have, so that it can be answered; else it would be waited for until its time is over. Whichever end comes
 * first counts, however the bytes arrive. */
static bool ends_in_lf(const char *p, size_t n, size_t from, const char *crlf_end,
		       size_t *ret_n_head)
{
	const char *eol = memchr(p, '\n', n), *end;

	if (!eol || eol == p || eol[-1] == '\r')
		return false;
	end = memmem(p + from, (crlf_end ? (size_t)(crlf_end - p) : n) - from, "\n\n", 2);
	if (!end)
		return false;
	*ret_n_head = (size_t)(end - p) + 2;
	return true;
}

struct frame frame_find(const char *p, size_t n, size_t *scanned)
{
	size_t n_blank = *scanned == 0 ? frame_count_blanks(p, n) : 0;
	size_t from = *scanned >= N_HEAD_END ? *scanned - (N_HEAD_END - 1) : 0;
	const char *end;
	size_t lf_end;

	if (n_blank > 0)
		return (struct frame){ .kind = FRAME_BLANK,
				       .n = n_blank,
				       .is_ping = n_blank >= N_HEAD_END &&
						  !memcmp(p, head_end, N_HEAD_END) };
	if (n == 0)
		return (struct frame){ .kind = FRAME_MORE };
	if (*scanned < MAX_START_LINE && !frame_may_be_sip(p, n))
		return (struct frame){ .kind = FRAME_JUNK,
				       .n = n,
				       .why = "received data that is not SIP" };
	end = find_head_end(p, n, from);
	if (ends_in_lf(p, n, from, end, &lf_end))
		return (struct frame){ .kind = FRAME_BARE_LF,
				       .n = lf_end,
				       .n_head = lf_end,
				       .why = "Lines end in LF alone, not in CRLF" };
	/* so that the end is found again while the body is awaited */
	*scanned = end ? (size_t)(end - p) + N_HEAD_END - 1 : n;
	if (!end)
		return (struct frame){ .kind = FRAME_MORE };
	return message_of(p, n, (size_t)(end - p) + N_HEAD_END);
}
