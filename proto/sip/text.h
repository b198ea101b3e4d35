/*
 * SIP messages as text
 *
 * A builder for messages whose order and spelling of headers we control: sofia would write its own, and peers
 * are to see what Microsoft's stack sends. It checks everything that is added. The first fault, such as a value
 * with a line end in it, is kept and reported by sip_text_finish(), so that callers check once.
 */
#pragma once

#include "proto/text/text.h"

struct sip_text {
	struct text text;
	const char *error; /* a static sentence about the first fault, or NULL */
	bool ended;        /* the body was added */
};

#define SIP_TEXT_INIT ((struct sip_text){ 0 })

/** The start line of a request, or of an answer (phrase NULL: the standard one). Comes first. */
void sip_text_start_request(struct sip_text *m, const char *method, const char *uri);
void sip_text_start_answer(struct sip_text *m, int status, const char *phrase);

/** Whether s can be the value of a header: it has no control character but tabs, and what is escaped in a quoted string. */
bool sip_text_is_value(const char *s);

/** Add a header line, or nothing if value is NULL. */
void sip_text_header(struct sip_text *m, const char *name, const char *value);

/** The same for a number, and for a value in pieces. */
void sip_text_number(struct sip_text *m, const char *name, uint64_t value);
#define sip_text_pieces(m, name, ...)                                                              \
	sip_text_piece_list(m, name, (const char *const[]){ __VA_ARGS__, NULL })
void sip_text_piece_list(struct sip_text *m, const char *name, const char *const *pieces);

/** Add header lines of somebody else's, each ended by CRLF; NULL is fine. */
void sip_text_lines(struct sip_text *m, const char *lines);

/** Unless ok, make this static sentence the error: for checks that only the caller can make. */
void sip_text_require(struct sip_text *m, bool ok, const char *sentence);

/** Unless s can be a tag or a Call-ID, make that the error: it must not be empty or contain spaces, or
 *  separators that would end it (word of RFC 3261, 25.1, without brackets and quotes). */
void sip_text_check_word(struct sip_text *m, const char *s);

/** End the headers and add a body of n bytes, or none. Content-Length is a header like others, which the
 *  caller adds. */
void sip_text_body(struct sip_text *m, const void *p, size_t n);

/** Hand over the finished message. Returns 0, with *ret replaced, or -EINVAL with *ret unchanged and the
 *  error in *ret_why. The builder is empty afterwards in either case. */
int sip_text_finish(struct sip_text *m, struct text *ret, const char **ret_why);

/* What servers call themselves in Server and User-Agent. */
#define SIP_SERVER_FRONT_END       "RTC/4.0"
#define SIP_SERVER_EDGE            SIP_SERVER_FRONT_END
#define SIP_SERVER_MCX             "RTCC/4.0.0.0 McxService/4.0.0.0"
#define SIP_PRODUCT_CLEARING_HOUSE "PnchApplication"
#define SIP_SERVER_CLEARING_HOUSE  "RTCC/4.0.0.0 " SIP_PRODUCT_CLEARING_HOUSE

/* In ms-asserted-verification-level: the sender belongs to the domain that it claims. */
#define SIP_TEXT_VERIFIED   "ms-source-verified-user=verified"
#define SIP_TEXT_UNVERIFIED "ms-source-verified-user=unverified"
