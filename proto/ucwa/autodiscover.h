/*
 * Autodiscover
 *
 * What lyncdiscover.<domain> answers: JSON for UCWA ("Create an application"), XML for older clients
 * ([MS-OCDISCWS] 2.2.4).
 */
#pragma once

#include "proto/sip/uri.h"

struct text;
struct ucwa_problem;

/** Path of the page that makes requests for pages of other origins ("Cross-domain IFRAME"). */
#define AUTODISCOVER_XFRAME "/Autodiscover/XFrame/XFrame.html"

#define AUTODISCOVER_XML_TYPE "application/vnd.microsoft.rtc.autodiscover+xml;v=1"

struct hal;

enum autodiscover_answer {
	AUTODISCOVER_ROOT,     /* where to ask next */
	AUTODISCOVER_REDIRECT, /* the root over plain HTTP: links that lead to HTTPS */
	AUTODISCOVER_DOMAIN,   /* the services of all users of the domain; XML only */
	AUTODISCOVER_USER      /* the services of the token's owner */
};

struct autodiscover_query {
	char domain[URI_MAX_HOST + 1]; /* "" if absent */
	char aor[URI_MAX_AOR + 1];     /* of sipuri, in lower case; "" if absent */
};

/** Decode the parameters of a root or user request; each may be NULL, and sipuri may lack "sip:".
 *  Returns 0, or -EINVAL with those that are wrong in *ret_problem. */
int autodiscover_query_decode(const char *sipuri, const char *original_domain,
			      struct autodiscover_query *ret, struct ucwa_problem *ret_problem);

/** Build an answer. base: the start of its links, "https://host:port" without a slash at the end. The
 *  caller frees the object. */
struct hal *autodiscover_json(enum autodiscover_answer what, const char *base, const char *domain);
void autodiscover_xml(struct text *out, enum autodiscover_answer what, const char *base,
		      const char *domain);

/** Whether this Accept header, which may be NULL, prefers XML. */
bool autodiscover_wants_xml(const char *accept);
