/*
 * Content type
 *
 * A Content-Type value (RFC 3261, 20.15) and the parameters of values in the same form.
 */
#pragma once

#include "proto/text/text.h"

enum {
	CONTENT_TYPE_SIZE = 128,
	CONTENT_TYPE_CHARSET_SIZE = 32,
	CONTENT_TYPE_BOUNDARY_SIZE = 71, /* RFC 2046, 5.1.1: up to 70 characters */
};

struct content_type {
	char type[CONTENT_TYPE_SIZE];            /* "text/plain", lower case */
	char charset[CONTENT_TYPE_CHARSET_SIZE]; /* lower case; "" for none */
	char boundary[CONTENT_TYPE_BOUNDARY_SIZE];
};

/** Returns 0, or -EINVAL with a static sentence in *ret_why. */
int content_type_decode(const char *value, struct content_type *ret, const char **ret_why);

/** A parameter as it stands in the value, quoted ones without their quotes. Nothing is terminated.
 */
struct content_type_param {
	const char *name;
	size_t n_name;
	const char *value;
	size_t n_value;
};

/** Read the parameter that *s points to (at its semicolon) and move *s behind it. Values may hold
 * more than a token: Lync puts base64 there without quotes. Returns 0, 1 at the end, or -EINVAL. */
int content_type_param(const char **s, struct content_type_param *ret);

/** Whether it is the parameter of this name, in any case. */
bool content_type_param_is(const struct content_type_param *p, const char *name);
