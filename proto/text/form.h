/*
 * Forms
 *
 * Bodies of FORM_CONTENT_TYPE, as posted to the token service.
 */
#pragma once

#include <stddef.h>

#define FORM_CONTENT_TYPE "application/x-www-form-urlencoded"

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

/** Decode. A name that occurs twice is an error. Returns 0, or -EINVAL with *ret empty and a static
 *  sentence in *ret_why. */
int form_decode(const void *p, size_t n, struct form *ret, const char **ret_why);

/** Value of a field, or NULL. */
const char *form_get(const struct form *f, const char *name);
