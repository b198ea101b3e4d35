/*
 * Instant messages in SIP
 */
#include "proto/sip/im.h"

#include "proto/text/base64.h"
#include "proto/text/content_type.h"
#include "proto/text/mem.h"
#include "proto/text/multipart.h"
#include "proto/text/text.h"
#include "proto/text/utf8.h"
#include "proto/text/xml.h"

#include <errno.h>
#include <strings.h>

static const struct {
	const char *type;
	enum sip_im_kind kind;
	const char *canonical; /* of a message itself */
} kinds[] = {
	{ SIP_IM_PLAIN_TYPE, SIP_IM_PLAIN, SIP_IM_PLAIN_TYPE },
	{ SIP_IM_HTML_TYPE, SIP_IM_HTML, SIP_IM_HTML_TYPE },
	{ SIP_IM_RTF_TYPE, SIP_IM_RTF, SIP_IM_RTF_TYPE },
	{ "application/rtf", SIP_IM_RTF, SIP_IM_RTF_TYPE },
	{ SIP_IM_ALTERNATIVE_TYPE, SIP_IM_ALTERNATIVE, NULL },
};

enum sip_im_kind sip_im_kind(const struct content_type *type)
{
	for (size_t i = 0; i < ARRAY_SIZE(kinds); i++) {
		if (!strcmp(kinds[i].type, type->type))
			return kinds[i].kind;
	}
	return SIP_IM_OTHER;
}

const char *sip_im_message_type(const struct content_type *type)
{
	for (size_t i = 0; i < ARRAY_SIZE(kinds); i++) {
		if (!strcmp(kinds[i].type, type->type))
			return kinds[i].canonical;
	}
	return NULL;
}

static bool is_utf8_charset(const char *charset)
{
	return !*charset || !strcmp(charset, "utf-8") || !strcmp(charset, "utf8") ||
	       !strcmp(charset, "us-ascii");
}

/* A body that is the message itself. */
static int decode_single(const struct content_type *type, const char *p, size_t n,
			 struct sip_im_body *ret, const char **ret_why)
{
	enum sip_im_kind kind = sip_im_kind(type);

	if (kind == SIP_IM_OTHER || kind == SIP_IM_ALTERNATIVE) {
		*ret_why = "This content type is not supported in an IM session";
		return 1;
	}
	if (!is_utf8_charset(type->charset)) {
		*ret_why = "The charset of the message is not UTF-8";
		return 1;
	}
	if (!utf8_is_text(p, n)) {
		*ret_why = "The message is not UTF-8";
		return -EINVAL;
	}
	*ret = (struct sip_im_body){ .content_type = sip_im_message_type(type), .p = p, .n = n };
	return 0;
}

static bool is_plain_encoding(const struct multipart_part *part)
{
	char encoding[MULTIPART_FIELDS_SIZE];

	return !multipart_field(part, "Content-Transfer-Encoding", encoding) ||
	       !strcasecmp(encoding, "7bit") || !strcasecmp(encoding, "8bit") ||
	       !strcasecmp(encoding, "binary");
}

/* Returns 0 if the part is a message, 1 if it is not, or -EINVAL. */
static int decode_part(struct multipart *parts, const struct multipart_part *part,
		       struct sip_im_body *ret, const char **ret_why)
{
	struct content_type type;
	const char *why;

	if (multipart_type(part, &type, ret_why))
		return -EINVAL;
	if (!is_plain_encoding(part))
		return 1;
	if (sip_im_kind(&type) == SIP_IM_ALTERNATIVE)
		return multipart_enter(parts, part, type.boundary, ret_why) ? -EINVAL : 1;
	return decode_single(&type, part->p, part->n, ret, &why) ? 1 : 0;
}

/* The best part: plain text, else the first one that can be carried. */
static int decode_alternative(const struct content_type *type, const char *p, size_t n,
			      struct sip_im_body *ret, const char **ret_why)
{
	struct multipart parts;
	struct multipart_part part;
	bool found = false, plain = false;
	int r = multipart_init(&parts, type->boundary, p, n, SIP_IM_MAX_PARTS, ret_why);

	while (!r && !plain) {
		struct sip_im_body body;

		r = multipart_next(&parts, &part, ret_why);
		if (r)
			break;
		r = decode_part(&parts, &part, &body, ret_why);
		if (r == 0) {
			plain = !strcmp(body.content_type, SIP_IM_PLAIN_TYPE);
			if (!found || plain)
				*ret = body;
			found = true;
		}
		r = r < 0 ? r : 0;
	}
	if (r < 0)
		return r;
	if (!found)
		*ret_why = "No part of the message has a type that is supported in an IM session";
	return found ? 0 : 1;
}

int sip_im_decode(const char *content_type, const void *p, size_t n, struct sip_im_body *ret,
		  const char **ret_why)
{
	struct content_type type;
	int r = content_type_decode(content_type, &type, ret_why);

	if (r)
		return r;
	if (sip_im_kind(&type) == SIP_IM_ALTERNATIVE)
		return decode_alternative(&type, p, n, ret, ret_why);
	return decode_single(&type, p, n, ret, ret_why);
}

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
	if (!utf8_is_text(text_str(ret), ret->n)) {
		*ret_why = "The first line of the message is not UTF-8";
		return -EINVAL;
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
	CLEANUP(text_deinit) struct text body = TEXT_INIT;
	struct content_type type;
	bool found = false;
	int r;

	*ret = (struct sip_im_first_line){ 0 };
	r = content_type_decode(value, &type, ret_why);
	if (r)
		return r;
	if (sip_im_kind(&type) == SIP_IM_OTHER || sip_im_kind(&type) == SIP_IM_ALTERNATIVE ||
	    !is_utf8_charset(type.charset)) {
		*ret_why = "The type of the first line is not supported in an IM session";
		return 1;
	}
	r = decode_params(value, max, &body, &found, ret_why);
	if (r)
		return r;
	ret->content_type = sip_im_message_type(&type);
	ret->n = body.n;
	ret->text = found ? text_take(&body) : NULL;
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
