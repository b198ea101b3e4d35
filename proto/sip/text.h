/*
 * SIP messages as text
 *
 * Whole messages of which order and spelling are under our control, as Microsoft's stack writes
 * them: sofia would put its own. The builder checks everything that goes in: a value with a line
 * end or another control character makes no message at all.
 */
#pragma once

#include "proto/diag.h"

struct sip_text {
	struct text text;
	const char *error; /* a static sentence about the first thing that was wrong; NULL: none */
	bool ended;        /* the body is in */
};

#define SIP_TEXT_INIT ((struct sip_text){ 0 })

/** Free what the message holds. For CLEANUP too. */
void sip_text_deinit(struct sip_text *m);

/** The start line of a request, or of an answer (phrase NULL: the standard one). First of all. */
void sip_text_start_request(struct sip_text *m, const char *method, const char *uri);
void sip_text_start_answer(struct sip_text *m, int status, const char *phrase);

/** Add a header line; nothing when value is NULL. */
void sip_text_header(struct sip_text *m, const char *name, const char *value);

/** One whose value is a number, and one whose value is in pieces. */
void sip_text_number(struct sip_text *m, const char *name, uint64_t value);
#define sip_text_pieces(m, name, ...)                                                              \
	sip_text_piece_list(m, name, (const char *const[]){ __VA_ARGS__, NULL })
void sip_text_piece_list(struct sip_text *m, const char *name, const char *const *pieces);

/** Latch the sentence as the error when ok is false: for what a caller checks beyond lines. */
void sip_text_require(struct sip_text *m, bool ok, const char *sentence);

/** End the headers and add the body; n 0: none. The Content-Length is the caller's own header. */
void sip_text_body(struct sip_text *m, const void *p, size_t n);

/** Hand the finished message over: 0, or -EINVAL with the sentence in *ret_why and *ret untouched. The
 *  builder is empty afterwards in either case. What was in ret is freed. */
int sip_text_finish(struct sip_text *m, struct text *ret, const char **ret_why);

/* ---- how servers call themselves in Server and User-Agent ---- */

#define SIP_SERVER_FRONT_END      "RTC/4.0"
#define SIP_SERVER_CLEARING_HOUSE "RTCC/4.0.0.0 PnchApplication"

/* ---- the push MESSAGE, as published traces of an Edge show it ---- */

#define SIP_TEXT_PUSH_TARGET "sip:push@push.lync.com"
#define SIP_TEXT_PUSH_CONTENT_TYPE                                                                 \
	"application/vnd.microsoft.lync.pushNotification+xml; charset=\"Unicode (UTF-8)\""
#define SIP_TEXT_PUSH_DISPLAY "Push Notification Clearing House"
#define SIP_TEXT_MCX_AGENT    "RTCC/4.0.0.0 McxService/4.0.0.0"
#define SIP_TEXT_VERIFIED     "ms-source-verified-user=verified"

struct sip_push_message {
	const char *target;        /* SIP URI; NULL: SIP_TEXT_PUSH_TARGET */
	const char *display_name;  /* of the phone's owner; may be NULL */
	const char *push_identity; /* 32 hex digits; NULL: From is the owner's own address */
	const char *aor;           /* of the phone's owner */
	const char *epid;          /* may be NULL */
	const char *tag;
	const char *call_id;
	unsigned cseq;
	const char *via; /* MCX's own, "SIP/2.0/TLS 127.0.0.1:49200;branch=…"; NULL: none */
	unsigned max_forwards;
	const char *edge_fqdn;     /* host of the Contact */
	const char *contact_token; /* 22 characters and "AA"; not used by the synthetic one */
	const char *body;
	size_t n_body;
};

/** The MESSAGE of a push, and that of Test-CsMcxPushNotification, which has neither display name nor GRUU
 *  and another USER-AGENT. Order and spelling are those of Microsoft's stack. Return 0, or -EINVAL with a
 *  static sentence in *ret_why and *ret untouched. What was in ret is freed. */
int sip_text_push(struct text *ret, const struct sip_push_message *p, const char **ret_why);
int sip_text_push_synthetic(struct text *ret, const struct sip_push_message *p,
			    const char **ret_why);

/* ---- answers ---- */

/** What an answer takes over from its request: values of headers, as they came. Vias and Record-Routes
 *  may be left to whoever sends the text. */
struct sip_request_echo {
	const char *const *vias; /* top first, one or more values each */
	size_t n_vias;
	const char *const *record_routes;
	size_t n_record_routes;
	const char *from;
	const char *to; /* its tag and epid, if any, make room for the answer's */
	const char *call_id;
	const char *cseq; /* "1 INVITE" */
};

struct sip_clearing_house_answer {
	struct sip_request_echo request;
	const char *to_tag;
	const char *content_type; /* of the request; NULL: none */
	struct diag diag;
};

/** The clearing house's answer, good or bad: its display name in To, all Vias on one line,
 *  ms-diagnostics-public. As sip_text_push(). */
int sip_text_clearing_house_answer(struct text *ret, const struct sip_clearing_house_answer *a,
				   const char **ret_why);

struct sip_mcx_answer {
	struct sip_request_echo request;
	int status;
	bool text_format;         /* SUPPORTED: ms-text-format, the first line was taken */
	const char *phrase;       /* NULL: the standard one */
	const char *display_name; /* of the callee; may be NULL */
	const char *aor; /* of the callee; NULL: P-ASSERTED-IDENTITY and CONTACT are left out */
	const char *to_tag;
	const char *epid;        /* of the endpoint that answers; may be NULL */
	const char *gruu_token;  /* its CONTACT; NULL: none */
	const char *user_agent;  /* the phone's own, the last part of SERVER; may be NULL */
	const struct diag *diag; /* ms-diagnostics; NULL: none */
	const char *diag_source; /* FQDN; may be NULL */
	const char *sdp;         /* body; NULL: none */
	size_t n_sdp;
};

/** An answer of MCX to an INVITE: 180, 200 with SDP, or a refusal. As sip_text_push(). */
int sip_text_mcx_answer(struct text *ret, const struct sip_mcx_answer *a, const char **ret_why);
