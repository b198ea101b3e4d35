/*
 * What only trusted servers may say
 */
#include "proto/sip/trust.h"

#include "proto/sip/via.h"
#include "proto/text/chars.h"
#include "proto/text/mem.h"
#include "proto/text/text.h"

#include <string.h>
#include <strings.h>

#define INTERNAL_INFO "ms-internal-info"

/* What is copied lazily: as long as nothing was left out, there is no copy. */
struct strip {
	struct text *out;
	const char *kept; /* what comes from here is not copied yet */
	size_t n_removed;
	const char *head_end;
	const char *cr, *lf; /* the next ones, where they were last looked for; NULL: nowhere yet */
};

static bool is_blank(char c)
{
	return c == ' ' || c == '\t';
}

static bool is_space(char c)
{
	return is_blank(c) || c == '\r' || c == '\n';
}

static bool is_name(const char *p, size_t n, const char *name)
{
	return n == strlen(name) && !strncasecmp(p, name, n);
}

bool sip_trust_is_header(const char *name, size_t n)
{
	static const char *const names[] = { "ms-asserted-verification-level",
					     "ms-edge-proxy-message-trust", INTERNAL_INFO,
					     "P-Asserted-Identity" };

	for (size_t i = 0; i < ARRAY_SIZE(names); i++)
		if (is_name(name, n, names[i]))
			return true;
	return false;
}

static void leave_out(struct strip *s, const char *from, const char *to)
{
	text_add_bytes(s->out, s->kept, (size_t)(from - s->kept));
	s->kept = to;
	s->n_removed++;
}

/* Blanks before it go, too, and a lone CR or LF before it becomes CRLF: a strict parser would miss the empty line behind it, and
 * read the body as headers. */
static void leave_out_header(struct strip *s, const char *from, const char *to)
{
	struct text *out = s->out;

	leave_out(s, from, to);
	while (out->n > 0 && is_blank(out->data[out->n - 1]))
		out->data[--out->n] = '\0';
	if (out->n == 0 || (out->n >= 2 && !memcmp(out->data + out->n - 2, "\r\n", 2)))
		return;
	out->data[--out->n] = '\0';
	text_add(out, "\r\n");
}

/* ---- lines ---- */

static const char *skip_line_end(const char *p, const char *end)
{
	if (p < end && *p == '\r')
		p++;
	if (p < end && *p == '\n')
		p++;
	return p;
}

static const char *find_or_end(const char *p, const char *end, char c)
{
	const char *found = p < end ? memchr(p, c, (size_t)(end - p)) : NULL;

	return found ? found : end;
}

/* A CR or LF that is further on is not looked for again: a head of lone ones takes no longer. */
static const char *find_line_end(struct strip *s, const char *p)
{
	if (!s->cr || s->cr < p)
		s->cr = find_or_end(p, s->head_end, '\r');
	if (!s->lf || s->lf < p)
		s->lf = find_or_end(p, s->head_end, '\n');
	return s->cr < s->lf ? s->cr : s->lf;
}

static const char *skip_spaces(const char *p, const char *end)
{
	while (p < end && is_space(*p))
		p++;
	return p;
}

/* Behind the line, and those that it goes on in. */
static const char *skip_header(struct strip *s, const char *p)
{
	do
		p = skip_line_end(find_line_end(s, p), s->head_end);
	while (p < s->head_end && is_blank(*p));
	return p;
}

/* ---- Via ---- */

/* p: at the semicolon. Returns what follows it, or the parameter. What is malformed goes, too: what would be left could make up the
 * name anew. */
static const char *strip_param(struct strip *s, const char *p, const char *end)
{
	const char *name = skip_spaces(p + 1, end), *after = name;

	while (after < end && chars_is_token(*after))
		after++;
	if (!is_name(name, (size_t)(after - name), INTERNAL_INFO))
		return p + 1;
	after = sip_param_skip(after, end);
	leave_out(s, p, after);
	return after;
}

static void strip_via(struct strip *s, const char *p, const char *end)
{
	while ((p = sip_param_skip(p, end)) < end)
		p = *p == ';' ? strip_param(s, p, end) : p + 1;
}

/* ---- the head ---- */

static bool may_matter(char c)
{
	c = chars_lower(c);
	return c == 'm' || c == 'p' || c == 'v';
}

static const char *before_line_end(const char *p, const char *end)
{
	while (end > p && (end[-1] == '\r' || end[-1] == '\n'))
		end--;
	return end;
}

static void strip_header(struct strip *s, const char *p, const char *end)
{
	const char *name_end = p;
	size_t n;

	if (!may_matter(*p))
		return;
	while (name_end < end && chars_is_token(*name_end))
		name_end++;
	n = (size_t)(name_end - p);
	if (sip_trust_is_header(p, n))
		leave_out_header(s, p, end);
	else if (is_name(p, n, "Via") || is_name(p, n, "v"))
		strip_via(s, name_end, before_line_end(name_end, end));
}

/* Where a strict parser sees it, which a lenient one never sees behind that. */
static const char *find_head_end(const char *p, const char *end)
{
	const char *empty = p < end ? memmem(p, (size_t)(end - p), "\r\n\r\n", 4) : NULL;

	return empty ? empty + 4 : end;
}

size_t sip_trust_strip(struct text *out, const char *p, size_t n)
{
	const char *end = p + n;
	struct strip s = { .out = out, .kept = p };

	p = skip_spaces(p, end);
	s.head_end = find_head_end(p, end);
	/* sofia skips blanks before the first header. */
	p = skip_spaces(find_line_end(&s, p), s.head_end);
	while (p < s.head_end) {
		const char *next = skip_header(&s, p);

		strip_header(&s, p, next);
		p = skip_spaces(next, s.head_end);
	}
	if (s.n_removed)
		text_add_bytes(out, s.kept, (size_t)(end - s.kept));
	return s.n_removed;
}
