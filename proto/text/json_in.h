/*
 * JSON from outside
 *
 * json-c's parser behind a scanner of our own: even in its strict mode json-c takes NaN, single
 * quotes, \u0000, raw control characters and duplicate members, and saturates big integers. Here
 * only what RFC 8259 allows passes, without NUL characters, unpaired surrogates, duplicate members
 * and numbers that do not fit.
 */
#pragma once

#include <json-c/json.h>
#include <stddef.h>

enum { JSON_IN_MAX_DEPTH = 32 };

/** Parse an object. max_depth: how deep it may be nested, at most JSON_IN_MAX_DEPTH; the object
 * itself is 1. Returns 0 and a reference of the caller's, or -EINVAL with a static sentence in
 * *ret_why. The size of the text is for the caller to limit. */
int json_in_object(const void *p, size_t n, int max_depth, struct json_object **ret,
		   const char **ret_why);

/** Find a member by its name in any case, as UCWA names its inputs. Returns how many there are; the
 *  value of the first goes to *ret, NULL is both none and null. */
int json_in_member(struct json_object *o, const char *name, struct json_object **ret);
