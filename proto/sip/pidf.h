/*
 * Presence documents
 *
 * PIDF (RFC 3863), with the activities of RPID (RFC 4480) and the mobility of RFC 5196: what SIP clients publish of
 * themselves and are notified of others. Input is untrusted.
 */
#pragma once

#include "proto/text/text.h"

#include <stdbool.h>
#include <stddef.h>

#define PIDF_CONTENT_TYPE "application/pidf+xml"

enum { PIDF_MAX_BYTES = 16384, PIDF_NOTE_SIZE = 257 };

/** What a user does, as far as our users can: the last ones are said of the person, the first two of the address alone. */
enum pidf_activity {
	PIDF_CLOSED,
	PIDF_OPEN,
	PIDF_BUSY,
	PIDF_DO_NOT_DISTURB,
	PIDF_BE_RIGHT_BACK,
	PIDF_AWAY,
	N_PIDF_ACTIVITIES
};

struct pidf {
	const char *aor;
	enum pidf_activity activity;
	const char *note; /* NULL: none */
	bool mobile;      /* is at a phone */
	bool idle;        /* has not been active for a while */
};

/** Append the document for this. */
void pidf_encode(struct text *out, const struct pidf *p);

/** What somebody publishes. An activity that our users cannot have becomes the nearest one. note: the first one, cut; "" for
 *  none. Returns 0, or -EINVAL with a static sentence. */
int pidf_decode(const void *p, size_t n, enum pidf_activity *ret, char note[PIDF_NOTE_SIZE],
		const char **ret_why);
