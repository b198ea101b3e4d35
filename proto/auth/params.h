/*
 * Parameters of authentication
 *
 * The values of WWW-Authenticate, Authorization, Authentication-Info and their kin: a scheme, and pairs of a name and a
 * token or quoted string (RFC 3261, 25.1; RFC 9110, 11). Input is untrusted.
 */
#pragma once

#include "proto/text/text.h"

#include <stdbool.h>
#include <stddef.h>

enum { AUTH_PARAMS_MAX = 24, AUTH_PARAMS_MAX_BYTES = 8192 };

struct auth_param {
	const char *name, *value; /* unescaped; the name as it was written */
	bool is_quoted;
};

struct auth_params {
	char *text; /* the scheme, and what the others point into */
	struct auth_param params[AUTH_PARAMS_MAX];
	size_t n;
};

/** Take one apart. Returns 0, or -EINVAL with *ret emptied and a static sentence in *ret_why. A parameter that is there twice is
 *  an error: two readers could each see another. */
int auth_params_decode(const char *s, size_t n, struct auth_params *ret, const char **ret_why);
void auth_params_deinit(struct auth_params *a);

/** The scheme, "" if it is empty; never NULL. */
const char *auth_params_scheme(const struct auth_params *a);

/** The value of a parameter, whose name is in any case; NULL: there is none. */
const char *auth_params_get(const struct auth_params *a, const char *name);

/** Append `name="value"` with a comma and a blank in front unless it is the first after a scheme. What may not stand in a header is
 *  left out of the value. */
void auth_params_add_quoted(struct text *out, const char *name, const char *value);
/** The same without quotes. */
void auth_params_add_token(struct text *out, const char *name, const char *value);
