/*
 * Content type
 *
 * A Content-Type value (RFC 3261, 20.15), and the parameters of other values of the same form.
 */
#pragma once

#include <stdbool.h>
#include <stddef.h>

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

/** Whether the value of an HTTP header, which may be NULL, is this media type, and UTF-8 if it names a charset. In HTTP
 *  a parameter may be empty (RFC 9110, 5.6.6), unlike in SIP, which content_type_decode() follows. */
bool content_type_is(const char *value, const char *type);

/** A parameter as written in the value, without quotes. Its strings are not terminated. */
struct content_type_param {
	const char *name;
	size_t n_name;
	const char *value;
	size_t n_value;
};

/** Read the parameter whose semicolon *s points to, and move *s past it. A value may be more than a token: Lync
 *  writes base64 without quotes. Returns 0, 1 at the end, or -EINVAL. */
int content_type_param(const char **s, struct content_type_param *ret);

/** Whether the parameter has this name, ignoring case. */
bool content_type_param_is(const struct content_type_param *p, const char *name);
