/*
 * Foreign words
 *
 * What a client says in a protocol of its own, and core does not read. It goes from leg to leg as it is: a leg that speaks the
 * same protocol passes it on to its client, any other leaves it out. These are plain values as those of core/party.h.
 */
#pragma once

#include <stddef.h>

struct foreign {
	const char *phrase;     /* of an answer; NULL: the usual one */
	const char *headers;    /* lines "Name: value\r\n"; may be NULL */
	const char *challenges; /* the same, those that ask for credentials */
	const char *body;       /* NULL: none */
	size_t n_body;
};

/** A copy with strings of its own, for foreign_free(). NULL for NULL. */
struct foreign *foreign_copy(const struct foreign *f);
void foreign_free(struct foreign *f);

/** Add the challenges of another answer. */
void foreign_add_challenges(struct foreign *f, const char *challenges);
