/*
 * SIP messages as text: the push MESSAGE
 *
 * What a front end sends to the clearing house. Order and spelling are those of Microsoft's stack, as published
 * traces of an Edge show them.
 */
#pragma once

#include "proto/text/text.h"

#define SIP_TEXT_PUSH_DOMAIN  "push.lync.com"
#define SIP_TEXT_PUSH_ADDRESS "push@" SIP_TEXT_PUSH_DOMAIN
#define SIP_TEXT_PUSH_TARGET  "sip:" SIP_TEXT_PUSH_ADDRESS

struct sip_push_message {
	const char *target;        /* SIP URI; NULL: SIP_TEXT_PUSH_TARGET */
	const char *display_name;  /* of the phone's owner; may be NULL */
	const char *push_identity; /* 32 hex digits; NULL: From is the owner's own address */
	const char *aor;           /* of the phone's owner */
	const char *epid;          /* may be NULL */
	const char *tag;
	const char *call_id;
	unsigned cseq;
	const char *via; /* the sender's own, "SIP/2.0/TLS 127.0.0.1:49200;branch=…"; NULL: none */
	const char *mcx_via; /* of the hop before it, below Max-Forwards; NULL: none */
	unsigned max_forwards;
	const char *edge_fqdn;     /* host of the Contact */
	const char *contact_token; /* 22 characters and "AA"; unused by the synthetic one */
	const char *content_type;
	const char *body;
	size_t n_body;
};

/** The MESSAGE of a push, and that of Test-CsMcxPushNotification, which has neither display name nor GRUU
 *  and another USER-AGENT. Both return 0, with *ret replaced, or -EINVAL with *ret unchanged and a static
 *  sentence in *ret_why. */
int sip_text_push(struct text *ret, const struct sip_push_message *p, const char **ret_why);
int sip_text_push_synthetic(struct text *ret, const struct sip_push_message *p,
			    const char **ret_why);
