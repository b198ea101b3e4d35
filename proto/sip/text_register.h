/*
 * REGISTER
 *
 * The registration of a phone at somebody else's registrar, as the mobility service makes it on the phone's behalf.
 */
#pragma once

#include "proto/text/text.h"

#include <stdint.h>

struct sip_register {
	const char *aor;          /* of the phone's user */
	const char *display_name; /* may be NULL */
	const char *epid, *tag, *call_id;
	const char *contact; /* a URI */
	const char *methods; /* that the phone can be sent, as in Allow */
	uint32_t cseq;
	int64_t expires_s;         /* 0: it ends */
	const char *authorization; /* value of Authorization; NULL: none */
	const char *proxy_authorization;
};

/** Build it, without a Via. Returns 0 with *ret replaced, or -EINVAL with a static sentence. */
int sip_text_register(struct text *ret, const struct sip_register *r, const char **ret_why);
