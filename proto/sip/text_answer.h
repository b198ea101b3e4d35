/*
 * SIP messages as text: answers
 *
 * Those of the clearing house to a push, and those of MCX to an INVITE. Order and spelling are those of
 * Microsoft's stack.
 */
#pragma once

#include "proto/diag.h"
#include "proto/text/text.h"

#include <stdbool.h>

/** The header values that an answer repeats from its request, unchanged. Vias and Record-Routes may be left
 *  out if the sender of the text adds them. */
struct sip_request_echo {
	const char *const *vias; /* top first, one or more values each */
	size_t n_vias;
	const char *const *record_routes;
	size_t n_record_routes;
	const char *from;
	const char *to; /* its tag and epid, if any, are replaced by the answer's */
	const char *call_id;
	const char *cseq; /* "1 INVITE" */
};

struct sip_clearing_house_answer {
	struct sip_request_echo request;
	const char *to_tag;
	const char *content_type; /* of the request; NULL: none */
	bool verified;            /* ms-asserted-verification-level: we are who we say */
	struct diag diag;
};

/** The clearing house's answer, good or bad: its display name in To, all Vias on one line, and
 *  ms-diagnostics-public. Returns 0, with *ret replaced, or -EINVAL with *ret unchanged and a static sentence
 *  in *ret_why. */
int sip_text_clearing_house_answer(struct text *ret, const struct sip_clearing_house_answer *a,
				   const char **ret_why);

struct sip_mcx_answer {
	struct sip_request_echo request;
	int status;
	bool text_format;         /* SUPPORTED: ms-text-format; the first line was accepted */
	const char *phrase;       /* NULL: the standard one */
	const char *display_name; /* of the callee; may be NULL */
	const char *aor;          /* of the callee; NULL: neither P-ASSERTED-IDENTITY nor CONTACT */
	const char *to_tag;
	const char *epid;            /* of the endpoint that answers; may be NULL */
	const char *gruu_token;      /* its CONTACT; NULL: none */
	const char *contact;         /* a URI for CONTACT in place of its GRUU; NULL: none */
	const char *session_expires; /* SESSION-EXPIRES; NULL: none */
	const char *require;         /* what the caller has to do with it; NULL: nothing */
	const char *user_agent;      /* the phone's own, the last part of SERVER; may be NULL */
	const struct diag *diag;     /* ms-diagnostics; NULL: none */
	const char *diag_source;     /* FQDN; may be NULL */
	const char *sdp;             /* body; NULL: none */
	size_t n_sdp;
};

/** MCX's answer to an INVITE: 180, 200 with SDP, or a refusal. Returns the same. */
int sip_text_mcx_answer(struct text *ret, const struct sip_mcx_answer *a, const char **ret_why);
