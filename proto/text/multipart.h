/*
 * Multipart bodies
 *
 * Bodies of several parts (RFC 2046, 5.1), read part by part without copies: instant messages in two formats, forms
 * (RFC 7578) and batches of requests. Lines may end in LF alone. How many parts a body has, how deep they are nested
 * and how long the fields of a part are is limited.
 */
#pragma once

#include "proto/text/content_type.h"

#include <stdbool.h>
#include <stddef.h>

enum {
	MULTIPART_MAX_DEPTH = 4, /* a body of parts that are bodies of parts …; more are refused */
	MULTIPART_FIELDS_SIZE = 2048, /* of the fields of one part, with their line ends */
};

struct multipart_part {
	const char *fields;
	size_t n_fields; /* 0: it has none */
	const char *p;
	size_t n;
};

struct multipart {
	struct multipart_level {
		char delimiter[2 + CONTENT_TYPE_BOUNDARY_SIZE];
		size_t n_delimiter;
		const char *p; /* what is left */
		size_t n;
	} levels[MULTIPART_MAX_DEPTH];
	unsigned depth;
	unsigned n_parts; /* of all levels */
	unsigned max_parts;
};

/** Start reading p, which must outlive m. boundary: as in the content type. Returns 0, or -EINVAL with a static
 *  sentence in *ret_why. */
int multipart_init(struct multipart *m, const char *boundary, const void *p, size_t n,
		   unsigned max_parts, const char **ret_why);

/** The next part. Returns 0, 1 at the end, or -EINVAL with a static sentence in *ret_why. */
int multipart_next(struct multipart *m, struct multipart_part *ret, const char **ret_why);

/** Go on with the parts of this part, the last one that multipart_next() returned, and after them with those that
 *  follow it. Returns 0, or -EINVAL with a static sentence in *ret_why. */
int multipart_enter(struct multipart *m, const struct multipart_part *part, const char *boundary,
		    const char **ret_why);

/** The value of the first field of this name, ignoring case. A folded line is joined (RFC 5322, 2.2.3). */
bool multipart_field(const struct multipart_part *part, const char *name,
		     char ret[MULTIPART_FIELDS_SIZE]);

/** The content type of a part; text/plain if it does not say (RFC 2046, 5.1). Returns 0, or -EINVAL with a static
 *  sentence in *ret_why. */
int multipart_type(const struct multipart_part *part, struct content_type *ret,
		   const char **ret_why);
