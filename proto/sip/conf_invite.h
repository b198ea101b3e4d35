/*
 * Invitations to conferences
 *
 * application/ms-conf-invite+xml, the body of an INVITE that calls somebody into a conference ([MS-CONFIM] 2.2,
 * [MS-CONFAV]): the address of its focus, and what it is about. Only these are read.
 */
#pragma once

#include <stdbool.h>
#include <stddef.h>

#define CONF_INVITE_CONTENT_TYPE "application/ms-conf-invite+xml"

enum { CONF_INVITE_MAX_BYTES = 16384 };

/** Media that are available in it; instant messages if it names none. */
struct conf_invite {
	bool im, audio, video;
};

/** Decode it. Returns 0, or -EINVAL with a static sentence in *ret_why. */
int conf_invite_decode(const void *p, size_t n, struct conf_invite *ret, const char **ret_why);
