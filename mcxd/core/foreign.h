/*
 * Foreign words
 *
 * What a client says in a protocol of its own, and core does not read. It goes from leg to leg as it is: a leg that speaks the
 * same protocol passes it on to its client, any other leaves it out. These are plain values as those of core/party.h.
 */
#pragma once

#include "proto/diag.h"

#include <stddef.h>
#include <stdint.h>

struct im;

struct foreign {
	const char *phrase;     /* of an answer; NULL: the usual one */
	const char *headers;    /* lines "Name: value\r\n"; may be NULL */
	const char *challenges; /* the same, those that ask for credentials */
	const char *target;     /* URI to call instead; NULL: none, or it is in the headers */
	const char *body;       /* NULL: none */
	size_t n_body;
};

/** A request in a connected conversation, which its sender's client made for the other client. */
struct foreign_request {
	uint64_t id; /* chosen by the leg that asks */
	const char *method;
	const struct im *im; /* what it says, as far as that can be read; NULL: nothing */
	struct foreign words;
};

/** What came of it. */
struct foreign_answer {
	uint64_t id;
	int status; /* below 200: more is to come; 0: nothing came, see why */
	struct diag why;
	struct foreign words;
};

/** A copy with strings of its own, for foreign_free(). NULL for NULL. */
struct foreign *foreign_copy(const struct foreign *f);
void foreign_free(struct foreign *f);

/** Add the challenges of another answer. */
void foreign_add_challenges(struct foreign *f, const char *challenges);
