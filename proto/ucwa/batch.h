/*
 * Requests in a batch
 *
 * The text of a part of type application/http: a request line, fields, an empty line, and maybe a body.
 */
#pragma once

#include <stddef.h>

enum { UCWA_BATCH_FIELDS = 32 };

struct ucwa_batch_field {
	const char *name, *value;
};

/** Its strings are in text. */
struct ucwa_batch_request {
	char *text;
	const char *method, *target;
	struct ucwa_batch_field fields[UCWA_BATCH_FIELDS];
	size_t n_fields;
	const char *body;
	size_t n_body;
};

/** Returns 0, or -EINVAL with a static sentence in *ret_why and *ret empty. */
int ucwa_batch_request_decode(const void *p, size_t n, struct ucwa_batch_request *ret,
			      const char **ret_why);
void ucwa_batch_request_deinit(struct ucwa_batch_request *r);
