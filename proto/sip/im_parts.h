/*
 * Parts of an instant message
 *
 * A multipart body (RFC 2046, 5.1), read part by part without copies. The number of parts and the size of their
 * headers are limited.
 */
#pragma once

#include "proto/text/content_type.h"

#include <stddef.h>

struct sip_im_part {
	struct content_type type; /* text/plain if the part does not say (RFC 2046, 5.1) */
	const char *p;
	size_t n;
};

struct sip_im_parts {
	char delimiter[2 + CONTENT_TYPE_BOUNDARY_SIZE];
	size_t n_delimiter;
	const char *p;
	size_t n;
	unsigned n_parts;
};

/** Start reading p, which must outlive parts. Returns 0, or -EINVAL with a static sentence in *ret_why. */
int sip_im_parts_init(struct sip_im_parts *parts, const char *boundary, const char *p, size_t n,
		      const char **ret_why);

/** The next part. Parts in a transfer encoding other than 7bit, 8bit and binary are skipped. Returns 0, 1 at
 *  the end, or -EINVAL with a static sentence in *ret_why. */
int sip_im_parts_next(struct sip_im_parts *parts, struct sip_im_part *ret, const char **ret_why);
