/*
 * Instant messages in SIP
 *
 * What MESSAGE and INFO carry in an IM session, and the first line of text, which the INVITE carries in
 * its ms-text-format header ([MS-CONFIM] 2.2, 3.1; [MS-SIP] 2.2).
 */
#pragma once

#include "proto/text/content_type.h"

#include <stdbool.h>
#include <stddef.h>

struct text;

enum {
	SIP_IM_MAX_PARTS = 16, /* of a multipart body; more are refused */
	SIP_IM_TYPING_MAX_BYTES = 4096,
};

#define SIP_IM_PLAIN_TYPE       "text/plain"
#define SIP_IM_HTML_TYPE        "text/html"
#define SIP_IM_RTF_TYPE         "text/rtf"
#define SIP_IM_ALTERNATIVE_TYPE "multipart/alternative"

/** What the session carries; application/rtf counts as text/rtf. */
enum sip_im_kind { SIP_IM_OTHER, SIP_IM_PLAIN, SIP_IM_HTML, SIP_IM_RTF, SIP_IM_ALTERNATIVE };

enum sip_im_kind sip_im_kind(const struct content_type *type);

/** Our own spelling of a type that a message itself can have: "text/plain", "text/html" or "text/rtf". NULL: it
 *  is another. */
const char *sip_im_message_type(const struct content_type *type);

/** What SDP offers and answers list. */
#define SIP_IM_ACCEPT_TYPES                                                                        \
	SIP_IM_PLAIN_TYPE " " SIP_IM_ALTERNATIVE_TYPE " " SIP_IM_HTML_TYPE " " SIP_IM_RTF_TYPE

/** The same as the value of an Accept header. */
#define SIP_IM_ACCEPT_VALUE                                                                        \
	SIP_IM_PLAIN_TYPE ", " SIP_IM_HTML_TYPE ", " SIP_IM_RTF_TYPE ", " SIP_IM_ALTERNATIVE_TYPE

struct sip_im_body {
	const char *content_type; /* static: "text/plain", "text/html", "text/rtf" */
	const char *p;            /* into the body that was decoded; UTF-8 without NULs */
	size_t n;
};

/** Decode a body of this content type. The message is the body itself or, of multipart/alternative, the
 *  text/plain part, else the first one that we carry, of nested ones, too. Returns 0; 1 if we carry neither the type (or its
 *  charset) nor that of any part, which is a 415; or -EINVAL if the body is malformed. In both cases *ret_why
 *  is a static sentence. */
int sip_im_decode(const char *content_type, const void *p, size_t n, struct sip_im_body *ret,
		  const char **ret_why);

/** The first line, as in the ms-text-format header of an INVITE. */
struct sip_im_first_line {
	const char *content_type; /* static, as in struct sip_im_body */
	char *text;               /* owned, UTF-8 without NULs; NULL if the header has no ms-body */
	size_t n;
};

void sip_im_first_line_deinit(struct sip_im_first_line *f);

/** Decode "text/plain; charset=UTF-8;msgr=<base64>;ms-body=<base64>". Returns 0; 1 if we do not carry the
 *  type; -EMSGSIZE if the line has more than max bytes; or -EINVAL if the value is malformed. Except after 0,
 *  *ret_why is a static sentence and *ret is empty. */
int sip_im_first_line_decode(const char *value, size_t max, struct sip_im_first_line *ret,
			     const char **ret_why);

/** Append such a value, without msgr. */
void sip_im_first_line_encode(struct text *out, const char *content_type, const void *p, size_t n);

#define SIP_IM_TYPING_CONTENT_TYPE "application/xml"

/** Append <KeyboardActivity> with a status of "type" or "idle". */
void sip_im_typing_encode(struct text *out, bool typing);

/** Decode it, whatever its namespace. Returns 0, or -EINVAL with a static sentence in *ret_why. */
int sip_im_typing_decode(const void *p, size_t n, bool *ret_typing, const char **ret_why);
