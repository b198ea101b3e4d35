/*
 * Instant messages in SIP
 *
 * What MESSAGE and INFO carry in an IM session, and the first line of text, which the INVITE carries in
 * its ms-text-format header ([MS-CONFIM] 2.2, 3.1; [MS-SIP] 2.2).
 */
#pragma once

#include "proto/text/text.h"

#include <stdbool.h>
#include <stddef.h>

enum {
	SIP_IM_MAX_PARTS = 16, /* of a multipart body; more are refused */
	SIP_IM_TYPING_MAX_BYTES = 4096,
};

#define SIP_IM_ALTERNATIVE_TYPE "multipart/alternative"

/** What SDP offers and answers list for who reads these formats. */
void sip_im_add_accept_types(struct text *out, unsigned reads);

/** The value of an Accept header: what we take, to hand it on in a format that its reader knows. */
#define SIP_IM_ACCEPT_VALUE "text/plain, text/html, text/rtf, " SIP_IM_ALTERNATIVE_TYPE

struct sip_im_body {
	const char *content_type; /* static: "text/plain", "text/html", "text/rtf" */
	const char *p; /* UTF-8 without NULs, in the body that was decoded or in own; or empty */
	size_t n;
	struct text own;
};

void sip_im_body_deinit(struct sip_im_body *b);

/** Decode a body of this content type. The message is the body itself or, of multipart/alternative, the best part for
 *  who reads these formats (see proto/text/message_format.h): the last one that he can read, else plain text, else
 *  the first that we carry. Returns 0; 1 if we carry neither the type (or its charset) nor that of any part, which is
 *  a 415; or -EINVAL if the body is malformed. In both cases *ret_why is a static sentence, and *ret is empty. */
int sip_im_decode(const char *content_type, const void *p, size_t n, unsigned reads,
		  struct sip_im_body *ret, const char **ret_why);

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
