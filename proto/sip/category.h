/*
 * Categories
 *
 * Presence as Microsoft's clients are notified of it and publish it ([MS-PRES]): the state, a note and the name of a
 * user, a category each. Input is untrusted.
 */
#pragma once

#include "proto/text/text.h"

#include <stdbool.h>
#include <stddef.h>
#include <stdint.h>

#define CATEGORY_CONTENT_TYPE      "application/msrtc-event-categories+xml"
#define CATEGORY_LIST_CONTENT_TYPE "application/msrtc-adrl-categorylist+xml"

enum { CATEGORY_MAX_BYTES = 65536 };

struct category {
	const char *aor;
	const char *name;         /* NULL: the user is not known */
	const char *availability; /* UCWA's word for it */
	const char *note;         /* NULL: none */
	bool mobile;
	int64_t wall_us; /* when it was published: microseconds since 1970 */
};

/** Append the document for this. */
void category_encode(struct text *out, const struct category *c);

/** Called with each address that a list of resources names. Returns NULL to go on, or a static sentence. */
typedef const char *category_resource_h(void *magic, const char *aor);

/** Read the list of a SUBSCRIBE. Returns 0, or -EINVAL with a static sentence. */
int category_read_list(const void *p, size_t n, category_resource_h *on_resource, void *magic,
		       const char **ret_why);
