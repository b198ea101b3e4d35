/*
 * Edge: the text of what passes
 */
#include "mcxd/edge/text.h"

#include <errno.h>
#include <strings.h>

enum { DEFAULT_MAX_FORWARDS = 70 };

/* One header, with the lines that it is folded into. */
struct line {
	const char *p;
	size_t n; /* its CRLF included */
	size_t n_name;
	const char *value;
	size_t n_value; /* without the CRLF */
};

static const char *find_crlf(const char *p, const char *end)
{
	for (; end - p >= 2; p++)
		if (p[0] == '\r' && p[1] == '\n')
			return p;
	return NULL;
}

/* Reads the header at p. Returns false at the empty line, or where there is none. */
static bool read_line(const char *p, const char *end, struct line *ret)
{
	const char *crlf = find_crlf(p, end), *colon;

	if (!crlf || crlf == p)
		return false;
	while (crlf && end - crlf > 2 && (crlf[2] == ' ' || crlf[2] == '\t'))
		crlf = find_crlf(crlf + 2, end);
	if (!crlf)
		return false;
	colon = memchr(p, ':', (size_t)(crlf - p));
	if (!colon)
		return false;
	*ret = (struct line){ .p = p, .n = (size_t)(crlf - p) + 2, .n_name = (size_t)(colon - p) };
	while (ret->n_name > 0 && (p[ret->n_name - 1] == ' ' || p[ret->n_name - 1] == '\t'))
		ret->n_name--;
	ret->value = colon + 1;
	while (ret->value < crlf && (*ret->value == ' ' || *ret->value == '\t'))
		ret->value++;
	ret->n_value = (size_t)(crlf - ret->value);
	return true;
}

static bool is_named(const struct line *l, const char *name)
{
	return l->n_name == strlen(name) && !strncasecmp(l->p, name, l->n_name);
}

static bool is_via(const struct line *l)
{
	return is_named(l, "Via") || is_named(l, "v");
}

/* Bytes of the first of the values that commas separate. */
static size_t first_value(const struct line *l)
{
	bool quoted = false;

	for (size_t i = 0; i < l->n_value; i++) {
		char c = l->value[i];

		if (quoted && c == '\\')
			i++;
		else if (c == '"')
			quoted = !quoted;
		else if (c == ',' && !quoted)
			return i;
	}
	return l->n_value;
}

static void add_range(struct text *out, const char *from, const char *to)
{
	text_add_bytes(out, from, (size_t)(to - from));
}

/* ---- requests ---- */

static void forward_via(struct text *out, const struct line *l, const struct edge_hop *hop)
{
	size_t n = first_value(l);

	add_range(out, l->p, l->value);
	text_addf(out, "%s\r\n", hop->via);
	add_range(out, l->p, l->value + n);
	while (out->n > 0 && (out->data[out->n - 1] == ' ' || out->data[out->n - 1] == '\t'))
		out->data[--out->n] = '\0';
	text_add(out, hop->via_params);
	add_range(out, l->value + n, l->p + l->n);
}

/* Returns 1 when there are none left, -EINVAL when it is no number. */
static int forward_max_forwards(struct text *out, const struct line *l)
{
	size_t n = l->n_value;
	unsigned hops = 0;

	while (n > 0 && (l->value[n - 1] == ' ' || l->value[n - 1] == '\t'))
		n--;
	if (n == 0 || n > 3)
		return -EINVAL;
	for (size_t i = 0; i < n; i++) {
		if (l->value[i] < '0' || l->value[i] > '9')
			return -EINVAL;
		hops = hops * 10 + (unsigned)(l->value[i] - '0');
	}
	if (hops == 0)
		return 1;
	add_range(out, l->p, l->value);
	text_addf(out, "%u\r\n", hops - 1);
	return 0;
}

int edge_text_forward(struct text *out, const char *p, size_t n, const struct edge_hop *hop)
{
	const char *end = p + n, *crlf = find_crlf(p, end);
	bool via_done = false, hops_done = false;
	struct line l;
	int err;

	if (!crlf)
		return -EINVAL;
	add_range(out, p, crlf + 2);
	for (p = crlf + 2; read_line(p, end, &l); p += l.n) {
		if (!via_done && is_via(&l)) {
			forward_via(out, &l, hop);
			via_done = true;
		} else if (is_named(&l, "Max-Forwards")) {
			err = forward_max_forwards(out, &l);
			if (err)
				return err;
			hops_done = true;
		} else {
			text_add_bytes(out, l.p, l.n);
		}
	}
	if (!via_done || find_crlf(p, end) != p)
		return -EINVAL;
	if (!hops_done)
		text_addf(out, "Max-Forwards: %d\r\n", DEFAULT_MAX_FORWARDS);
	add_range(out, p, end);
	return 0;
}

/* ---- answers ---- */

static void drop_first_via(struct text *out, const struct line *l)
{
	size_t n = first_value(l);

	if (n == l->n_value)
		return;
	n++;
	while (n < l->n_value && (l->value[n] == ' ' || l->value[n] == '\t'))
		n++;
	add_range(out, l->p, l->value);
	add_range(out, l->value + n, l->p + l->n);
}

int edge_text_answer(struct text *out, const char *p, size_t n, const char *line)
{
	const char *end = p + n, *crlf = find_crlf(p, end);
	bool via_done = false;
	struct line l;

	if (!crlf)
		return -EINVAL;
	add_range(out, p, crlf + 2);
	for (p = crlf + 2; read_line(p, end, &l); p += l.n) {
		if (!via_done && is_via(&l)) {
			drop_first_via(out, &l);
			via_done = true;
		} else {
			text_add_bytes(out, l.p, l.n);
		}
	}
	if (!via_done || find_crlf(p, end) != p)
		return -EINVAL;
	text_addf(out, "%s\r\n", line);
	add_range(out, p, end);
	return 0;
}
