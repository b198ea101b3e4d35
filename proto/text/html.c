/*
 * HTML of instant messages
 */
#include "proto/text/html.h"

#include "proto/text/chars.h"
#include "proto/text/html_entity.h"
#include "proto/text/mem.h"
#include "proto/text/text.h"

#include <stdbool.h>
#include <strings.h>

/* Elements that begin and end a line. */
static const char *const blocks[] = {
	"address",  "article", "aside",   "blockquote", "center",     "dd",   "div", "dl", "dt",
	"fieldset", "figure",  "footer",  "form",       "figcaption", "h1",   "h2",  "h3", "h4",
	"h5",       "h6",      "header",  "hr",         "li",         "main", "nav", "ol", "p",
	"pre",      "table",   "section", "caption",    "tr",         "ul",
};

/* What they contain is not for reading. */
static const char *const hidden[] = { "script", "style", "title" };

static const char *const cells[] = { "td", "th" };

struct reading {
	struct text *out;
	size_t start; /* of what is appended */
	const char *p, *end;
	unsigned pre;   /* open elements that keep white space */
	unsigned lines; /* line ends that come before the next character */
	bool space;     /* a space that comes before it, unless it begins a line */
	bool on_line;   /* the line has a character */
};

struct tag {
	const char *name;
	size_t n;
	bool closes;
};

static bool is_space(char c)
{
	return c == ' ' || c == '\t' || c == '\n' || c == '\r' || c == '\f';
}

static bool tag_is(const struct tag *t, const char *name)
{
	return strlen(name) == t->n && !strncasecmp(t->name, name, t->n);
}

static const char *tag_find(const struct tag *t, const char *const *names, size_t n)
{
	for (size_t i = 0; i < n; i++)
		if (tag_is(t, names[i]))
			return names[i];
	return NULL;
}

/* ---- lines ---- */

static void end_line(struct reading *r)
{
	r->lines++;
	r->on_line = r->space = false;
}

static void end_block(struct reading *r)
{
	if (r->on_line)
		end_line(r);
	r->space = false;
}

/* Before a character that is seen. */
static void begin(struct reading *r)
{
	if (r->out->n > r->start)
		for (; r->lines; r->lines--)
			text_add(r->out, "\n");
	r->lines = 0;
	if (r->space)
		text_add(r->out, " ");
	r->space = false;
	r->on_line = true;
}

/* ---- tags ---- */

/* Past the '>' of a tag whose attributes begin at p; one in quotes does not count. */
static const char *skip_attributes(const char *p, const char *end)
{
	while (p < end && *p != '>') {
		const char *quote;

		if (*p++ != '=')
			continue;
		while (p < end && is_space(*p))
			p++;
		if (p == end || (*p != '"' && *p != '\''))
			continue;
		quote = memchr(p + 1, *p, (size_t)(end - p - 1));
		p = quote ? quote + 1 : end;
	}
	return p < end ? p + 1 : end;
}

/* Past the end of a comment, a declaration or the like, which begins with "<!", "<?" or "</". */
static const char *skip_comment(const char *p, const char *end)
{
	size_t n = (size_t)(end - p);
	const char *close;

	if (n >= 4 && !memcmp(p, "<!--", 4)) {
		/* "<!-->" is a whole comment. */
		close = memmem(p + 2, n - 2, "-->", 3);
		return close ? close + 3 : end;
	}
	close = memchr(p, '>', n);
	return close ? close + 1 : end;
}

/* Past the element's end tag, which is the only tag in it. */
static const char *skip_element(const char *p, const char *end, const char *name)
{
	size_t n = strlen(name);

	for (; (p = memchr(p, '<', (size_t)(end - p))); p++) {
		if ((size_t)(end - p) >= n + 2 && p[1] == '/' && !strncasecmp(p + 2, name, n))
			return skip_attributes(p + 2 + n, end);
	}
	return end;
}

static void follow(struct reading *r, const struct tag *t)
{
	const char *name;

	if (tag_is(t, "br")) {
		end_line(r);
	} else if (tag_find(t, blocks, ARRAY_SIZE(blocks))) {
		end_block(r);
	} else if (tag_find(t, cells, ARRAY_SIZE(cells))) {
		r->space = r->on_line;
	} else if (!t->closes && (name = tag_find(t, hidden, ARRAY_SIZE(hidden)))) {
		r->p = skip_element(r->p, r->end, name);
	}
	if (!tag_is(t, "pre"))
		return;
	if (!t->closes)
		r->pre++;
	else if (r->pre)
		r->pre--;
}

/* False: the '<' at r->p is a character. */
static bool read_tag(struct reading *r)
{
	const char *p = r->p + 1;
	struct tag t = { .closes = p < r->end && *p == '/' };

	if (t.closes)
		p++;
	if (p == r->end || !chars_is_alpha(*p)) {
		if (!t.closes && (p == r->end || (*p != '!' && *p != '?')))
			return false;
		r->p = skip_comment(r->p, r->end);
		return true;
	}
	for (t.name = p; p < r->end && !is_space(*p) && *p != '>' && *p != '/'; p++)
		t.n++;
	r->p = skip_attributes(p, r->end);
	follow(r, &t);
	return true;
}

/* ---- characters ---- */

static void read_space(struct reading *r)
{
	char c = *r->p++;

	if (!r->pre) {
		r->space = r->on_line;
	} else if (c == '\n' || c == '\r') {
		if (c == '\r' && r->p < r->end && *r->p == '\n')
			r->p++;
		end_line(r);
	} else {
		begin(r);
		text_add(r->out, c == '\f' ? " " : (char[]){ c, '\0' });
	}
}

static void read_character(struct reading *r)
{
	size_t taken = 0;

	begin(r);
	if (*r->p == '&')
		taken = html_entity_add(r->out, r->p, (size_t)(r->end - r->p));
	if (!taken)
		text_add_bytes(r->out, r->p, taken = 1);
	r->p += taken;
}

void html_to_plain(struct text *out, const char *p, size_t n)
{
	struct reading r = { .out = out, .start = out->n, .p = p, .end = p + n };

	text_reserve(out, n);
	while (r.p < r.end) {
		if (is_space(*r.p))
			read_space(&r);
		else if (*r.p != '<' || !read_tag(&r))
			read_character(&r);
	}
}

void html_from_plain(struct text *out, const char *p, size_t n)
{
	bool blank = true; /* a browser would drop the next space */

	for (size_t i = 0; i < n; i++) {
		if (p[i] == '\r' && i + 1 < n && p[i + 1] == '\n')
			continue;
		switch (p[i]) {
		case '&': text_add(out, "&amp;"); break;
		case '<': text_add(out, "&lt;"); break;
		case '>': text_add(out, "&gt;"); break;
		case '"': text_add(out, "&quot;"); break;
		case '\r':
		case '\n': text_add(out, "<br>"); break;
		case ' ': text_add(out, blank ? "&nbsp;" : " "); break;
		default: text_add_bytes(out, p + i, 1);
		}
		blank = p[i] == '\r' || p[i] == '\n' || (p[i] == ' ' && !blank);
	}
}
