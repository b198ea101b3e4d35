/*
 * Session descriptions of IM sessions
 *
 * SDP (RFC 4566) as far as an IM session of Lync needs it ([MS-CONFIM] 3.1, [MS-SIP] 2.2): a media
 * line `m=message` (`m=x-ms-message` from older clients) and the list of accepted types.
 */
#pragma once

#include "proto/text/text.h"

enum {
	SDP_IM_MAX_BYTES = 16384,
	SDP_IM_MAX_LINES = 512,
};

#define SDP_IM_CONTENT_TYPE "application/sdp"

struct sdp_im {
	bool im;        /* it offers an IM session */
	bool old_media; /* with x-ms-message */
	bool audio, video;
	unsigned port; /* of the IM media line */
	unsigned
		reads; /* the accepted types, as far as they are a format of messages; without a list
			   MESSAGE_PLAIN (see proto/text/message_format.h) */
};

/** Decode an offer or an answer. Media lines other than message over SIP, audio and video are skipped, and so are
 *  lines that say nothing about IM. Returns 0, or -EINVAL with a static sentence in *ret_why. */
int sdp_im_decode(const void *p, size_t n, struct sdp_im *ret, const char **ret_why);

/** Append what an answer repeats of an offer that can be decoded: its times and media lines (RFC 3264, 6). */
void sdp_im_outline(const void *p, size_t n, struct text *ret);

struct sdp_im_session {
	const char *address; /* IPv4 or IPv6, without brackets */
	const char *aor;     /* of the owner of the session; NULL writes "null", as in offers */
	const char *outline; /* of the offer that this answers; NULL: it is an offer */
	unsigned reads;      /* what is accepted */
	unsigned port;
	unsigned version; /* grows with every change (RFC 3264, 8) */
	bool old_media;   /* offer x-ms-message */
};

/** Append an offer or an answer, which refuses all media but the first session of messages. Returns 0, or -EINVAL, with nothing appended, if the address is not an IP
 *  address, the port is out of range, or a string has a character that would break its line. */
int sdp_im_encode(struct text *out, const struct sdp_im_session *s);
