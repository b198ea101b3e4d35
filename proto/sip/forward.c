/*
 * SIP messages in transit
 */
#include "proto/sip/forward.h"

#include "proto/sip/line.h"
#include "proto/sip/via.h"
#include "proto/text/chars.h"
#include "proto/text/mem.h"
#include "proto/text/text.h"

#include <errno.h>
#include <stdbool.h>
#include <string.h>

enum {
	DEFAULT_MAX_FORWARDS = 70, /* for a request without one (RFC 3261, 16.6, step 3) */
	MAX_MAX_FORWARDS = 255,    /* RFC 3261, 20.22 */
};

static bool is_blank(char c)
{
	return c == ' ' || c == '\t';
}

/* What may be between the parts of a value: blanks, and the line end of a fold. */
static bool is_space(char c)
{
	return is_blank(c) || c == '\r' || c == '\n';
}

static const char *find_crlf(const char *p, const char *end)
{
	for (; end - p >= 2; p++)
		if (p[0] == '\r' && p[1] == '\n')
			return p;
	return NULL;
}

/* Whether a CR or LF of the head stands alone. Some parsers end a line there, so that what follows it would be a header to them. */
static bool has_lone_line_end(const char *p, const char *end)
{
	const char *head_end = memmem(p, (size_t)(end - p), "\r\n\r\n", 4);
	const char *c;

	if (head_end)
		end = head_end + 4;
	for (c = p; (c = memchr(c, '\n', (size_t)(end - c))); c++)
		if (c == p || c[-1] != '\r')
			return true;
	for (c = p; (c = memchr(c, '\r', (size_t)(end - c))); c++)
		if (c + 1 == end || c[1] != '\n')
			return true;
	return false;
}

static bool is_via(const struct sip_line *l)
{
	return sip_line_is(l, "Via", 'v');
}

/* Length of the first value of a comma-separated list; a comma in quotes does not count. */
static size_t first_value(const struct sip_line *l)
{
	const char *p = l->value, *end = p + l->n_value;

	while ((p = sip_param_skip(p, end)) < end && *p == ';')
		p++;
	return (size_t)(p - l->value);
}

/* Whether the empty line is here. */
static bool ends_head(const char *p, const char *end)
{
	return p && end - p >= 2 && p[0] == '\r' && p[1] == '\n';
}

static void add_range(struct text *out, const char *from, const char *to)
{
	text_add_bytes(out, from, (size_t)(to - from));
}

/* ---- requests ---- */

static void add_own_via(struct text *out, const struct sip_line *l,
			const struct sip_forward_via *via)
{
	add_range(out, l->p, l->value);
	text_add_all(out, via->own, "\r\n");
}

static void add_received_via(struct text *out, const struct sip_line *l,
			     const struct sip_forward_via *via)
{
	size_t n = first_value(l);

	add_range(out, l->p, l->value);
	sip_via_add_received(out, l->value, n, &via->source);
	add_range(out, l->value + n, l->p + l->n);
}

/* Returns 1 if no hops are left, -EINVAL if the value is not a number of hops. It may have leading zeros. */
static int forward_max_forwards(struct text *out, const struct sip_line *l)
{
	size_t n = l->n_value;
	unsigned hops = 0;

	while (n > 0 && is_space(l->value[n - 1]))
		n--;
	if (n == 0)
		return -EINVAL;
	for (size_t i = 0; i < n; i++) {
		if (!chars_is_digit(l->value[i]))
			return -EINVAL;
		hops = hops * 10 + (unsigned)(l->value[i] - '0');
		if (hops > MAX_MAX_FORWARDS)
			return -EINVAL;
	}
	if (hops == 0)
		return 1;
	add_range(out, l->p, l->value);
	text_add_number(out, hops - 1);
	text_add(out, "\r\n");
	return 0;
}

static bool is_max_forwards(const struct sip_line *l)
{
	return sip_line_is(l, "Max-Forwards", 0);
}

/* Look at all header lines. One without a name is for another parser perhaps something else. Returns 0 with the first Via and the first Max-Forwards, which may be missing (p NULL); or -EINVAL. */
static int read_head(const char *p, const char *end, struct sip_line *ret_via,
		     struct sip_line *ret_hops)
{
	struct sip_line l;

	*ret_via = *ret_hops = (struct sip_line){ 0 };
	while (sip_line_read(&p, end, &l)) {
		if (!l.n_name)
			return -EINVAL;
		if (!ret_via->p && is_via(&l))
			*ret_via = l;
		else if (!ret_hops->p && is_max_forwards(&l))
			*ret_hops = l;
	}
	return ret_via->p && ends_head(p, end) ? 0 : -EINVAL;
}

/* Returns as forward_max_forwards(). */
static int add_max_forwards(struct text *out, const struct sip_line *hops)
{
	if (hops->p)
		return forward_max_forwards(out, hops);
	text_addf(out, "Max-Forwards: %d\r\n", DEFAULT_MAX_FORWARDS);
	return 0;
}

/* "MESSAGE sip:bob@lab.test SIP/2.0" with another URI. */
static int add_request_line(struct text *out, const char *p, const char *crlf, const char *target)
{
	const char *uri = memchr(p, ' ', (size_t)(crlf - p));
	const char *version = memrchr(p, ' ', (size_t)(crlf - p));

	if (!target) {
		add_range(out, p, crlf + 2);
		return 0;
	}
	if (!uri || version == uri)
		return -EINVAL;
	add_range(out, p, uri + 1);
	text_add(out, target);
	add_range(out, version, crlf + 2);
	return 0;
}

/* Whether it says something to this server alone: the way to it, who the sender is, and what proves that. With credentials the next
 * receiver could guess the password (RFC 3261, 22.3). */
static bool ends_here(const struct sip_line *l)
{
	static const char *const names[] = {
		"Route",
		"Record-Route",
		"Authorization",
		"Proxy-Authorization",
		"Authentication-Info",
		"Proxy-Authentication-Info",
		"P-Asserted-Identity",
		"P-Preferred-Identity",
	};

	for (size_t i = 0; i < ARRAY_SIZE(names); i++)
		if (sip_line_is(l, names[i], 0))
			return true;
	return false;
}

static bool is_left_out(const struct sip_line *l, const struct sip_forward_via *via)
{
	return is_max_forwards(l) || (via->target && ends_here(l));
}

int sip_forward_request(struct text *out, const char *p, size_t n,
			const struct sip_forward_via *via)
{
	const char *end = p + n, *crlf = find_crlf(p, end);
	struct sip_line first, hops, l;
	int err;

	if (!crlf || has_lone_line_end(p, end) || read_head(crlf + 2, end, &first, &hops) ||
	    add_request_line(out, p, crlf, via->target))
		return -EINVAL;
	for (p = crlf + 2; sip_line_read(&p, end, &l);) {
		if (l.p == first.p) {
			add_own_via(out, &l, via);
			err = add_max_forwards(out, &hops);
			if (err)
				return err;
			add_received_via(out, &l, via);
		} else if (!is_left_out(&l, via)) {
			text_add_bytes(out, l.p, l.n);
		}
	}
	add_range(out, p, end);
	return 0;
}

/* ---- answers ---- */

static void drop_first_via(struct text *out, const struct sip_line *l)
{
	size_t n = first_value(l);

	if (n == l->n_value)
		return;
	n++;
	while (n < l->n_value && is_blank(l->value[n]))
		n++;
	add_range(out, l->p, l->value);
	add_range(out, l->value + n, l->p + l->n);
}

/* What the hop before us says of the sender: the line that is added says it in our words. */
static bool is_level(const struct sip_line *l)
{
	return sip_line_is(l, "ms-asserted-verification-level", 0) ||
	       sip_line_is(l, "ms-edge-proxy-message-trust", 0);
}

int sip_forward_answer(struct text *out, const char *p, size_t n, const char *line)
{
	const char *end = p + n, *crlf = find_crlf(p, end);
	bool via_done = false;
	struct sip_line l;

	if (!crlf || has_lone_line_end(p, end))
		return -EINVAL;
	add_range(out, p, crlf + 2);
	for (p = crlf + 2; sip_line_read(&p, end, &l);) {
		if (!l.n_name)
			return -EINVAL;
		if (!via_done && is_via(&l)) {
			drop_first_via(out, &l);
			via_done = true;
		} else if (!is_level(&l)) {
			text_add_bytes(out, l.p, l.n);
		}
	}
	if (!via_done || !ends_head(p, end))
		return -EINVAL;
	text_add_all(out, line, "\r\n");
	add_range(out, p, end);
	return 0;
}

int sip_forward_bare_answer(struct text *out, const char *p, size_t n)
{
	const char *end = p + n, *crlf = find_crlf(p, end);
	struct sip_line l;

	if (!crlf || has_lone_line_end(p, end))
		return -EINVAL;
	add_range(out, p, crlf + 2);
	for (p = crlf + 2; sip_line_read(&p, end, &l);) {
		if (!l.n_name)
			return -EINVAL;
		if (!is_via(&l) && !ends_here(&l))
			text_add_bytes(out, l.p, l.n);
	}
	if (!ends_head(p, end))
		return -EINVAL;
	add_range(out, p, end);
	return 0;
}
