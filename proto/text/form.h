/*
 * Forms
 *
 * As posted to the token service: names and values, in one of two media types.
 */
#pragma once

#include <stddef.h>

#define FORM_CONTENT_TYPE   "application/x-www-form-urlencoded"
#define FORM_MULTIPART_TYPE "multipart/form-data"

enum { FORM_MAX_FIELDS = 16 };

struct form_field {
	char *name;
	char *value; /* UTF-8, without NULs */
};

struct form {
	struct form_field fields[FORM_MAX_FIELDS];
	size_t n_fields;
};

/** Wipes the values before they are freed: one of them may be a password. */
void form_deinit(struct form *f);

/** Decode one of this content type, which may be NULL. A name that occurs twice is an error. Returns 0; 1 if it is the
 *  type of no form, or not UTF-8; or -EINVAL. In both cases *ret is empty and *ret_why a static sentence. */
int form_decode(const char *content_type, const void *p, size_t n, struct form *ret,
		const char **ret_why);

/** Value of a field, or NULL. */
const char *form_get(const struct form *f, const char *name);
