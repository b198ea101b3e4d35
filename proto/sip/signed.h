/*
 * What a signature covers
 *
 * Lync's clients and servers sign messages: not their bytes, which proxies change, but a string made of the fields that
 * stay as they are ([MS-SIPAE] 3.1.4.2). Input is untrusted.
 */
#pragma once

#include "proto/text/text.h"

#include <stddef.h>

struct sip_signed {
	const char *scheme;         /* "NTLM" */
	const char *random, *count; /* crand and cnum, or srand and snum */
	const char *realm, *target;
	int version; /* of the string: 2, 3 or 4 */
};

/** Append the string for a message, which begins with its first line. Returns 0, or -EINVAL if it is not a SIP message. */
int sip_signed_add(struct text *out, const char *message, size_t n, const struct sip_signed *s);
