/*
 * SIPStack trace: decoder
 */
#include "proto/trace.h"

#include "proto/text/chars.h"
#include "proto/text/mem.h"
#include "proto/text/text.h"

#include <errno.h>
#include <time.h>

#define BEGIN_MARK "$$begin_record"
#define END_MARK   "$$end_record"
#define BODY       "Message-Body: "
#define START_LINE "Start-Line: "

struct cursor {
	const char *p;
	size_t n;
};

static bool read_literal(struct cursor *c, const char *s)
{
	size_t n = strlen(s);

	if (c->n < n || memcmp(c->p, s, n) != 0)
		return false;
	c->p += n;
	c->n -= n;
	return true;
}

/* A number of 1 to max digits. */
static bool read_number(struct cursor *c, unsigned base, unsigned max, uint32_t *ret)
{
	uint64_t value = 0;
	unsigned n = 0;

	while (c->n && n < max) {
		int digit = chars_hex(*c->p);

		if (digit < 0 || digit >= (int)base)
			break;
		value = value * base + (unsigned)digit;
		c->p++;
		c->n--;
		n++;
	}
	*ret = (uint32_t)value;
	return n > 0 && value <= UINT32_MAX;
}

static bool read_level(struct cursor *c, enum trace_level *ret)
{
	for (unsigned i = 0; i < N_TRACE_LEVELS; i++) {
		if (read_literal(c, trace_level_word((enum trace_level)i))) {
			*ret = (enum trace_level)i;
			return read_literal(c, "(");
		}
	}
	return false;
}

static bool skip_past(struct cursor *c, const char *mark)
{
	const char *at = c->n ? memmem(c->p, c->n, mark, strlen(mark)) : NULL;

	if (!at)
		return false;
	c->n -= (size_t)(at + strlen(mark) - c->p);
	c->p = at + strlen(mark);
	return true;
}

/* MM/DD/YYYY-HH:MM:SS.mmm */
static bool read_time(struct cursor *c, int64_t *ret)
{
	uint32_t month, day, year, hour, minute, second, ms;
	struct tm tm = { 0 };

	if (!read_number(c, 10, 2, &month) || !read_literal(c, "/") ||
	    !read_number(c, 10, 2, &day) || !read_literal(c, "/") ||
	    !read_number(c, 10, 4, &year) || !read_literal(c, "-") ||
	    !read_number(c, 10, 2, &hour) || !read_literal(c, ":") ||
	    !read_number(c, 10, 2, &minute) || !read_literal(c, ":") ||
	    !read_number(c, 10, 2, &second) || !read_literal(c, ".") || !read_number(c, 10, 3, &ms))
		return false;
	if (month < 1 || month > 12 || day < 1 || day > 31 || year < 1970 || hour > 23 ||
	    minute > 59 || second > 59)
		return false;
	tm.tm_mon = (int)month - 1;
	tm.tm_mday = (int)day;
	tm.tm_year = (int)year - 1900;
	tm.tm_hour = (int)hour;
	tm.tm_min = (int)minute;
	tm.tm_sec = (int)second;
	*ret = ((int64_t)timegm(&tm) * 1000 + ms) * 1000;
	return true;
}

static bool read_head(struct cursor line, struct trace_head *h)
{
	struct cursor *c = &line;
	uint32_t cpu;

	return read_level(c, &h->level) && skip_past(c, ") [") && read_number(c, 10, 4, &cpu) &&
	       read_literal(c, "]") && read_number(c, 16, 8, &h->process) && read_literal(c, ".") &&
	       read_number(c, 16, 8, &h->thread) && read_literal(c, "::") &&
	       read_time(c, &h->wall_us) && read_literal(c, ".") &&
	       read_number(c, 16, 8, &h->seq) && skip_past(c, BEGIN_MARK) && !c->n;
}

/* Take the next line off the record; without its line end. */
static struct cursor next_line(struct cursor *c)
{
	const char *end = c->n ? memchr(c->p, '\n', c->n) : NULL;
	struct cursor line = { .p = c->p, .n = end ? (size_t)(end - c->p) : c->n };
	size_t step = end ? line.n + 1 : line.n;

	c->p += step;
	c->n -= step;
	if (line.n && line.p[line.n - 1] == '\r')
		line.n--;
	return line;
}

/* direction[;source="…";destination="…"] */
static bool read_direction(struct cursor value, struct trace_record *r)
{
	const char *quote;

	r->incoming = read_literal(&value, "incoming");
	if (!r->incoming && !read_literal(&value, "outgoing"))
		return false;
	if (!value.n)
		return true;
	if (!read_literal(&value, ";source=\"") || r->source)
		return false;
	quote = memchr(value.p, '"', value.n);
	if (!quote)
		return false;
	r->source = mem_memdup(value.p, (size_t)(quote - value.p));
	if (!skip_past(&value, "\";destination=\"") || !value.n || value.p[value.n - 1] != '"')
		return false;
	r->destination = mem_memdup(value.p, value.n - 1);
	return true;
}

static bool keep(char **slot, struct cursor value)
{
	if (*slot)
		return false;
	*slot = mem_memdup(value.p, value.n);
	return true;
}

/* A line between the first one and the start line, or any line of a diagnostic record. Unknown lines are
 * skipped. */
static bool read_field(struct cursor l, struct trace_record *r)
{
	struct {
		const char *name;
		char **slot;
	} const fields[] = {
		{ "Peer: ", &r->peer },           { "Severity: ", &r->severity },
		{ "Text: ", &r->text },           { "Result-Code: ", &r->result },
		{ "SIP-Call-ID: ", &r->call_id }, { "SIP-Start-Line: ", &r->start_line },
		{ "SIP-CSeq: ", &r->cseq },       { "Data: ", &r->data },
	};

	if (read_literal(&l, "Trace-Correlation-Id: "))
		return read_number(&l, 10, 10, &r->correlation) && !l.n;
	if (read_literal(&l, "Instance-Id: "))
		return read_number(&l, 16, 8, &r->instance) && !l.n;
	if (read_literal(&l, "Direction: "))
		return read_direction(l, r);
	for (size_t i = 0; i < ARRAY_SIZE(fields); i++) {
		if (read_literal(&l, fields[i].name))
			return keep(fields[i].slot, l);
	}
	return true;
}

/* Header lines, then the body, which is the rest of the record. */
static bool read_message(struct cursor *c, struct trace_record *r)
{
	while (c->n && !read_literal(c, BODY)) {
		struct cursor l = next_line(c);

		text_add_bytes(&r->raw, l.p, l.n);
		text_add(&r->raw, "\r\n");
		if (!c->n)
			return false;
	}
	if (!c->n)
		return false;
	text_add(&r->raw, "\r\n");
	/* The line end before the end mark belongs to the record. */
	if (c->p[c->n - 1] == '\n')
		c->n--;
	if (c->n != 1 || *c->p != '-')
		text_add_bytes(&r->raw, c->p, c->n);
	return true;
}

static bool read_record(struct cursor *c, struct trace_record *r)
{
	if (!read_head(next_line(c), &r->head))
		return false;
	r->diagnostic = read_literal(c, "LogType: diagnostic\n") ||
			read_literal(c, "LogType: diagnostic\r\n");
	while (c->n) {
		struct cursor l = next_line(c);

		if (!r->diagnostic && read_literal(&l, START_LINE)) {
			text_add_bytes(&r->raw, l.p, l.n);
			text_add(&r->raw, "\r\n");
			return read_message(c, r);
		}
		if (!read_field(l, r))
			return false;
	}
	return r->diagnostic;
}

/* The end mark, which is at the start of a line. */
static const char *find_end(const char *p, size_t n)
{
	const char *end = memmem(p, n, "\n" END_MARK, strlen("\n" END_MARK));

	return end ? end + 1 : NULL;
}

static size_t skip_blanks(const char *p, size_t n)
{
	size_t i = 0;

	while (i < n && (p[i] == '\n' || p[i] == '\r' || p[i] == ' '))
		i++;
	return i;
}

void trace_record_deinit(struct trace_record *r)
{
	char **const strings[] = {
		&r->source, &r->destination, &r->peer,    &r->severity, &r->text,
		&r->result, &r->start_line,  &r->call_id, &r->cseq,     &r->data
	};

	for (size_t i = 0; i < ARRAY_SIZE(strings); i++)
		free(*strings[i]);
	text_deinit(&r->raw);
	*r = (struct trace_record){ 0 };
}

int trace_decode(const void *p, size_t n, struct trace_record *ret, size_t *ret_used,
		 const char **ret_why)
{
	const char *start = p;
	size_t blanks = skip_blanks(start, n);
	const char *end;
	struct cursor c;

	*ret = (struct trace_record){ 0 };
	*ret_used = blanks;
	start += blanks;
	n -= blanks;
	if (!n)
		return 1;
	end = find_end(start, n < TRACE_MAX_BYTES ? n : TRACE_MAX_BYTES);
	if (!end) {
		*ret_why = "The trace record does not end, or is too long";
		return -EINVAL;
	}
	c = (struct cursor){ .p = start, .n = (size_t)(end - start) };
	if (!read_record(&c, ret)) {
		trace_record_deinit(ret);
		*ret_why = "The trace record is malformed";
		return -EINVAL;
	}
	*ret_used += (size_t)(end - start) + strlen(END_MARK);
	return 0;
}
