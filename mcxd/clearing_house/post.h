/*
 * Clearing house: a request to a push service
 */
#pragma once

#include "proto/text/text.h"

#include <stdint.h>

struct http_client;

enum { POST_MAX_HEADERS = 12 };

/** Zeroed memory is an empty one. */
struct post {
	const char *what; /* "toast": for the journal */
	struct http_client *client;
	char *url;
	struct text body;
	struct text headers[POST_MAX_HEADERS];
	size_t n_headers;
	int64_t token_issued_s; /* when the provider token in it was made; 0: none is */
};

/** Add a header. The value must be free of line breaks. */
void post_add_header(struct post *p, const char *name, const char *value);
void post_deinit(struct post *p);
