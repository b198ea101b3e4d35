/*
 * Instant messages in SIP
 */
#include "proto/sip/im.h"

#include "proto/text/base64.h"
#include "proto/text/charset.h"
#include "proto/text/content_type.h"
#include "proto/text/mem.h"
#include "proto/text/message_format.h"
#include "proto/text/multipart.h"
#include "proto/text/quoted_printable.h"
#include "proto/text/text.h"
#include "proto/text/utf8.h"
#include "proto/text/xml.h"

#include <errno.h>
#include <strings.h>

void sip_im_add_accept_types(struct text *out, unsigned reads)
{
	message_format_add_types(out, reads ? reads : MESSAGE_PLAIN, " ");
	text_add(out, " " SIP_IM_ALTERNATIVE_TYPE);
}

void sip_im_body_deinit(struct sip_im_body *b)
{
	text_deinit(&b->own);
	*b = (struct sip_im_body){ 0 };
}

static void take(struct sip_im_body *b, struct text *decoded)
{
	text_deinit(&b->own);
	b->own = *decoded;
	b->p = text_str(&b->own);
	b->n = b->own.n;
}

/* A body that is the message itself, except for its charset. Returns 0, 1 if its type or charset is not carried, or
 * -EINVAL. */
static int decode_text(const struct content_type *type, struct sip_im_body *b, const char **ret_why)
{
	unsigned format = message_format_of(type->type);
	struct text utf8 = TEXT_INIT;

	if (!format) {
		*ret_why = "This content type is not supported in an IM session";
		return 1;
	}
	b->content_type = message_format_type((enum message_format)format);
	if (charset_is_utf8(type->charset)) {
		if (utf8_is_text(b->p, b->n))
			return 0;
		*ret_why = "The message is not UTF-8";
		return -EINVAL;
	}
	if (charset_decode(&utf8, type->charset, b->p, b->n)) {
		text_deinit(&utf8);
		*ret_why = "The charset of the message is not supported";
		return 1;
	}
	take(b, &utf8);
	return 0;
}

/* ---- alternatives ---- */

/* Base64 comes in lines. */
static int decode_base64(struct text *out, const char *p, size_t n)
{
	CLEANUP(text_deinit) struct text joined = TEXT_INIT;

	for (size_t i = 0; i < n; i++)
		if (!strchr(" \t\r\n", p[i]) || !p[i])
			text_add_bytes(&joined, p + i, 1);
	return base64_decode(out, text_str(&joined), joined.n);
}

/* Returns 0, 1 if the encoding (RFC 2045, 6) is unknown, or -EINVAL. */
static int decode_transfer(const struct multipart_part *part, struct sip_im_body *b,
			   const char **ret_why)
{
	char encoding[MULTIPART_FIELDS_SIZE];
	struct text decoded = TEXT_INIT;

	*b = (struct sip_im_body){ .p = part->p, .n = part->n };
	if (!multipart_field(part, "Content-Transfer-Encoding", encoding) ||
	    !strcasecmp(encoding, "7bit") || !strcasecmp(encoding, "8bit") ||
	    !strcasecmp(encoding, "binary"))
		return 0;
	if (!strcasecmp(encoding, "quoted-printable")) {
		quoted_printable_decode(&decoded, part->p, part->n);
	} else if (!strcasecmp(encoding, "base64")) {
		if (decode_base64(&decoded, part->p, part->n)) {
			text_deinit(&decoded);
			*ret_why = "A part of the message is not base64, as it says";
			return -EINVAL;
		}
	} else {
		return 1;
	}
	take(b, &decoded);
	return 0;
}

/* Returns 0 if the part is a message, 1 if it is not, or -EINVAL. */
static int decode_part(struct multipart *parts, const struct multipart_part *part,
		       struct sip_im_body *ret, const char **ret_why)
{
	struct content_type type;
	const char *why;
	int r;

	if (multipart_type(part, &type, ret_why))
		return -EINVAL;
	if (!strcmp(type.type, SIP_IM_ALTERNATIVE_TYPE))
		return multipart_enter(parts, part, type.boundary, ret_why) ? -EINVAL : 1;
	r = decode_transfer(part, ret, ret_why);
	if (!r)
		r = decode_text(&type, ret, &why) ? 1 : 0;
	if (r)
		sip_im_body_deinit(ret);
	return r;
}

enum rank { CONVERTIBLE, PLAIN, READABLE };

static enum rank rank_of(const struct sip_im_body *b, unsigned reads)
{
	unsigned format = message_format_of(b->content_type);

	if (format & (reads ? reads : MESSAGE_PLAIN))
		return READABLE;
	return format == MESSAGE_PLAIN ? PLAIN : CONVERTIBLE;
}

/* Later parts are richer (RFC 2046, 5.1.4), so the last one that can be read is the best. */
static bool is_better(const struct sip_im_body *b, const struct sip_im_body *best, unsigned reads)
{
	enum rank rank = rank_of(b, reads);

	if (!best->p)
		return true;
	return rank == READABLE || rank > rank_of(best, reads);
}

static int decode_alternative(const struct content_type *type, const struct sip_im_body *whole,
			      unsigned reads, struct sip_im_body *ret, const char **ret_why)
{
	struct sip_im_body best = { 0 };
	struct multipart_part part;
	struct multipart parts;
	int r = multipart_init(&parts, type->boundary, whole->p, whole->n, SIP_IM_MAX_PARTS,
			       ret_why);

	while (!r) {
		struct sip_im_body body = { 0 };

		r = multipart_next(&parts, &part, ret_why);
		if (r)
			break;
		r = decode_part(&parts, &part, &body, ret_why);
		if (r == 0 && is_better(&body, &best, reads)) {
			sip_im_body_deinit(&best);
			best = body;
		} else {
			sip_im_body_deinit(&body);
		}
		r = r < 0 ? r : 0;
	}
	if (r < 0) {
		sip_im_body_deinit(&best);
		return r;
	}
	*ret = best;
	if (!best.p)
		*ret_why = "No part of the message has a type that is supported in an IM session";
	return best.p ? 0 : 1;
}

int sip_im_decode(const char *content_type, const void *p, size_t n, unsigned reads,
		  struct sip_im_body *ret, const char **ret_why)
{
	struct content_type type;
	struct sip_im_body body = { .p = p, .n = n };
	int r;

	*ret = (struct sip_im_body){ 0 };
	r = content_type_decode(content_type, &type, ret_why);
	if (r)
		return r;
	if (!strcmp(type.type, SIP_IM_ALTERNATIVE_TYPE))
		return decode_alternative(&type, &body, reads, ret, ret_why);
	r = decode_text(&type, &body, ret_why);
	if (!r)
		*ret = body;
	return r;
}

/* ---- the first line ---- */

void sip_im_first_line_deinit(struct sip_im_first_line *f)
{
	free(f->text);
	*f = (struct sip_im_first_line){ 0 };
}

static int decode_body(const struct content_type_param *p, size_t max, struct text *ret,
		       const char **ret_why)
{
	if (p->n_value / 4 * 3 > max + 3) {
		*ret_why = "The first line of the message is too long";
		return -EMSGSIZE;
	}
	if (base64_decode(ret, p->value, p->n_value)) {
		*ret_why = "The ms-body of the ms-text-format header is not base64";
		return -EINVAL;
	}
	if (ret->n > max) {
		*ret_why = "The first line of the message is too long";
		return -EMSGSIZE;
	}
	return 0;
}

/* There should be one ms-body; of several the last one counts. */
static int decode_params(const char *value, size_t max, struct text *body, bool *ret_found,
			 const char **ret_why)
{
	const char *s = value + strcspn(value, ";");
	struct content_type_param p;
	int r = content_type_param(&s, &p);

	for (; !r; r = content_type_param(&s, &p)) {
		if (!content_type_param_is(&p, "ms-body"))
			continue;
		text_reset(body);
		*ret_found = true;
		r = decode_body(&p, max, body, ret_why);
		if (r)
			return r;
	}
	if (r < 0)
		*ret_why = "The ms-text-format header is malformed";
	return r < 0 ? r : 0;
}

int sip_im_first_line_decode(const char *value, size_t max, struct sip_im_first_line *ret,
			     const char **ret_why)
{
	CLEANUP(text_deinit) struct text line = TEXT_INIT;
	CLEANUP(sip_im_body_deinit) struct sip_im_body body = { 0 };
	struct content_type type;
	bool found = false;
	int r;

	*ret = (struct sip_im_first_line){ 0 };
	r = content_type_decode(value, &type, ret_why);
	if (!r)
		r = decode_params(value, max, &line, &found, ret_why);
	body.p = text_str(&line);
	body.n = line.n;
	if (!r)
		r = decode_text(&type, &body, ret_why);
	if (!r && body.n > max) {
		*ret_why = "The first line of the message is too long";
		r = -EMSGSIZE;
	}
	if (r)
		return r;
	ret->content_type = body.content_type;
	ret->n = body.n;
	ret->text = found ? mem_memdup(body.p, body.n) : NULL;
	return 0;
}

void sip_im_first_line_encode(struct text *out, const char *content_type, const void *p, size_t n)
{
	text_addf(out, "%s; charset=UTF-8;ms-body=", content_type);
	base64_encode(out, p, n);
}

void sip_im_typing_encode(struct text *out, bool typing)
{
	text_addf(out,
		  "<?xml version=\"1.0\"?><KeyboardActivity><status "
		  "status=\"%s\"/></KeyboardActivity>",
		  typing ? "type" : "idle");
}

struct typing {
	bool known;
	bool active;
};

static const char *on_typing_start(void *magic, const struct xml_element *e)
{
	struct typing *t = magic;
	const char *status;

	if (e->depth == 1 && !xml_is(e, NULL, "KeyboardActivity"))
		return "The XML document is not a KeyboardActivity";
	if (e->depth != 2 || !xml_is(e, NULL, "status"))
		return NULL;
	status = xml_attribute(e, "status");
	if (!status || (strcmp(status, "type") != 0 && strcmp(status, "idle") != 0))
		return "The status of the KeyboardActivity is neither type nor idle";
	t->known = true;
	t->active = !strcmp(status, "type");
	return NULL;
}

int sip_im_typing_decode(const void *p, size_t n, bool *ret_typing, const char **ret_why)
{
	struct typing t = { 0 };
	struct xml_reader reader = { .max_bytes = SIP_IM_TYPING_MAX_BYTES,
				     .on_start = on_typing_start,
				     .magic = &t };
	int r = xml_read(p, n, &reader, ret_why);

	if (r)
		return r;
	if (!t.known) {
		*ret_why = "The KeyboardActivity has no status";
		return -EINVAL;
	}
	*ret_typing = t.active;
	return 0;
}
