/*
 * Session descriptions of IM sessions
 */
#include "proto/sip/sdp_im.h"

#include "proto/sip/im.h"
#include "proto/sip/uri.h"
#include "proto/text/chars.h"
#include "proto/text/mem.h"
#include "proto/text/message_format.h"
#include "proto/text/text.h"

#include <arpa/inet.h>
#include <errno.h>
#include <strings.h>

#define ACCEPT_TYPES "accept-types:"
#define IM_PROTO     "sip"

/* A line without its end. */
struct line {
	const char *p;
	size_t n;
};

static int malformed(const char **ret_why, const char *why)
{
	*ret_why = why;
	return -EINVAL;
}

/* Take the next word off the line; n is 0 at its end. */
static struct line next_word(struct line *l)
{
	struct line word;

	while (l->n && *l->p == ' ') {
		l->p++;
		l->n--;
	}
	word = *l;
	for (word.n = 0; word.n < l->n && word.p[word.n] != ' '; word.n++)
		;
	l->p += word.n;
	l->n -= word.n;
	return word;
}

static bool word_is(struct line word, const char *s)
{
	return word.n == strlen(s) && !memcmp(word.p, s, word.n);
}

static bool is_old_media(struct line media)
{
	return word_is(media, "x-ms-message");
}

/* A session of messages by any other protocol, such as MSRP, is not one of ours. */
static bool is_im(struct line media, struct line proto)
{
	return (word_is(media, "message") || is_old_media(media)) && proto.n == strlen(IM_PROTO) &&
	       !strncasecmp(proto.p, IM_PROTO, proto.n);
}

/* <port> or <port>/<count of ports> */
static int read_port(struct line word, unsigned *ret)
{
	unsigned port = 0;
	size_t i;

	for (i = 0; i < word.n && i < 6 && chars_is_digit(word.p[i]); i++)
		port = port * 10 + (unsigned)(word.p[i] - '0');
	if (!i || port > 65535 || (i < word.n && word.p[i] != '/'))
		return -EINVAL;
	*ret = port;
	return 0;
}

/* m=<media> <port> <proto> <fmt> ... */
static int read_media(struct line l, struct sdp_im *sdp, bool *ret_im, const char **ret_why)
{
	struct line media = next_word(&l);
	struct line port_word = next_word(&l);
	struct line proto = next_word(&l);
	unsigned port = 0;

	*ret_im = false;
	if (!media.n || read_port(port_word, &port) || !proto.n || !next_word(&l).n)
		return malformed(ret_why, "A media line of the SDP is malformed");
	/* Port 0 rejects the medium (RFC 3264, 6). */
	if (word_is(media, "audio"))
		sdp->audio = sdp->audio || port;
	else if (word_is(media, "video"))
		sdp->video = sdp->video || port;
	else if (is_im(media, proto))
		*ret_im = port && !sdp->im;
	if (*ret_im) {
		sdp->im = true;
		sdp->old_media = is_old_media(media);
		sdp->port = port;
		sdp->reads = MESSAGE_PLAIN;
	}
	return 0;
}

/* "*" is any type (RFC 4975, 8.6). */
static void read_accept_types(struct line l, struct sdp_im *sdp)
{
	unsigned all = MESSAGE_PLAIN | MESSAGE_HTML | MESSAGE_RTF;
	struct line word;

	sdp->reads = 0;
	for (word = next_word(&l); word.n; word = next_word(&l)) {
		CLEANUP(mem_free_string) char *type = mem_memdup(word.p, word.n);

		sdp->reads |= !strcmp(type, "*") ? all : message_format_of(type);
	}
}

static bool is_line(struct line l)
{
	if (l.n < 2 || !chars_is_alpha(l.p[0]) || l.p[1] != '=')
		return false;
	for (size_t i = 2; i < l.n; i++) {
		if (chars_is_control(l.p[i]) && l.p[i] != '\t')
			return false;
	}
	return true;
}

struct reading {
	struct sdp_im sdp;
	bool in_im; /* between the IM media line and the next one */
	unsigned n_lines, n_media;
};

static int read_line(struct reading *r, struct line l, const char **ret_why)
{
	struct line value = { .p = l.p + 2, .n = l.n - 2 };
	const size_t n_accept = strlen(ACCEPT_TYPES);

	if (!is_line(l))
		return malformed(ret_why, "A line of the SDP is malformed");
	if (++r->n_lines > SDP_IM_MAX_LINES)
		return malformed(ret_why, "The SDP has too many lines");
	if (r->n_lines == 1)
		return word_is(l, "v=0") ? 0
					 : malformed(ret_why, "The SDP does not begin with v=0");
	if (l.p[0] == 'm') {
		r->n_media++;
		return read_media(value, &r->sdp, &r->in_im, ret_why);
	}
	if (l.p[0] != 'a' || !r->in_im || value.n < n_accept ||
	    memcmp(value.p, ACCEPT_TYPES, n_accept) != 0)
		return 0;
	value.p += n_accept;
	value.n -= n_accept;
	read_accept_types(value, &r->sdp);
	return 0;
}

/* Take the next line off the text. */
static struct line next_line(const char **p, size_t *left)
{
	const char *end = memchr(*p, '\n', *left);
	struct line l = { .p = *p, .n = end ? (size_t)(end - *p) : *left };
	size_t step = end ? l.n + 1 : l.n;

	*p += step;
	*left -= step;
	if (l.n && l.p[l.n - 1] == '\r')
		l.n--;
	return l;
}

int sdp_im_decode(const void *p, size_t n, struct sdp_im *ret, const char **ret_why)
{
	struct reading r = { 0 };
	const char *s = p;

	if (n > SDP_IM_MAX_BYTES)
		return malformed(ret_why, "The SDP is too large");
	while (n) {
		struct line l = next_line(&s, &n);
		int err = l.n ? read_line(&r, l, ret_why) : 0;

		if (err)
			return err;
	}
	if (!r.n_lines)
		return malformed(ret_why, "The SDP is empty");
	if (!r.n_media)
		return malformed(ret_why, "The SDP has no media line");
	*ret = r.sdp;
	return 0;
}

void sdp_im_outline(const void *p, size_t n, struct text *ret)
{
	const char *s = p;

	while (n) {
		struct line l = next_line(&s, &n);

		if (l.n < 2 || (l.p[0] != 't' && l.p[0] != 'm') || l.p[1] != '=')
			continue;
		text_add_bytes(ret, l.p, l.n);
		text_add(ret, "\r\n");
	}
}

static void add_media(struct text *out, const struct sdp_im_session *s, bool old_media)
{
	char port[TEXT_NUMBER_SIZE];

	text_add_all(out, "m=", old_media ? "x-ms-message" : "message", " ",
		     text_number(port, s->port), " ", IM_PROTO, " ");
	if (s->aor)
		uri_add_aor(out, s->aor);
	else
		text_add(out, "null");
	text_add(out, "\r\na=accept-types:");
	sip_im_add_accept_types(out, s->reads);
	text_add(out, "\r\n");
}

/* Port 0 refuses a medium; the rest of its line stays as it is (RFC 3264, 6). Returns whether it was taken. */
static bool answer_media(struct text *out, const struct sdp_im_session *s, struct line l,
			 bool is_taken)
{
	struct line rest = { .p = l.p + 2, .n = l.n - 2 };
	struct line media = next_word(&rest);
	struct line port_word = next_word(&rest);
	struct line formats = rest;
	struct line proto = next_word(&rest);
	unsigned port = 0;

	if (!is_taken && !read_port(port_word, &port) && port && is_im(media, proto)) {
		add_media(out, s, is_old_media(media));
		return true;
	}
	text_add(out, "m=");
	text_add_bytes(out, media.p, media.n);
	text_add(out, " 0");
	text_add_bytes(out, formats.p, formats.n);
	text_add(out, "\r\n");
	return false;
}

/* As many media lines as were offered, in their order, and the same times (RFC 3264, 6). */
static void answer_outline(struct text *out, const struct sdp_im_session *s)
{
	size_t left = strlen(s->outline);
	const char *p = s->outline;
	bool is_taken = false;

	if (*p != 't')
		text_add(out, "t=0 0\r\n");
	while (left) {
		struct line l = next_line(&p, &left);

		if (*l.p == 'm') {
			is_taken = answer_media(out, s, l, is_taken) || is_taken;
			continue;
		}
		text_add_bytes(out, l.p, l.n);
		text_add(out, "\r\n");
	}
}

int sdp_im_encode(struct text *out, const struct sdp_im_session *s)
{
	struct in6_addr address;
	const char *family = "IP4";
	char version[TEXT_NUMBER_SIZE];

	if (inet_pton(AF_INET6, s->address, &address) == 1)
		family = "IP6";
	else if (inet_pton(AF_INET, s->address, &address) != 1)
		return -EINVAL;
	if (s->port > 65535 || (s->aor && !uri_is_aor(s->aor)))
		return -EINVAL;
	text_add_all(out, "v=0\r\no=- 0 ", text_number(version, s->version), " IN ", family, " ",
		     s->address, "\r\ns=session\r\nc=IN ", family, " ", s->address, "\r\n");
	if (s->outline) {
		answer_outline(out, s);
		return 0;
	}
	text_add(out, "t=0 0\r\n");
	add_media(out, s, s->old_media);
	return 0;
}
