/*
 * JSON from outside
 *
 * A scanner of our own, and then json-c's parser. Even in its strict mode json-c accepts NaN, single quotes,
 * \u0000, raw control characters and duplicate members, and saturates big integers. Here passes only what
 * RFC 8259 allows, with or without a byte order mark; but no NUL characters, unpaired surrogates, duplicate members and
 * numbers that do not fit.
 */
#pragma once

#include <json-c/json.h>
#include <stddef.h>

enum { JSON_IN_MAX_DEPTH = 32 };

/** Parse an object. max_depth: how deep it may be nested, at most JSON_IN_MAX_DEPTH; the object itself is 1.
 *  The caller limits n. Returns 0 with a new reference in *ret, or -EINVAL with a static sentence in
 *  *ret_why. */
int json_in_object(const void *p, size_t n, int max_depth, struct json_object **ret,
		   const char **ret_why);

/** The same, and a comma may end an object, as it does in the request with which Microsoft's documents sign in ("Create an
 *  application", step 9). */
int json_in_object_lax(const void *p, size_t n, int max_depth, struct json_object **ret,
		       const char **ret_why);

/* ---- an object in parts ---- */

/* A tree of json-c's takes 50 times as long as to scan its text and fills the cache with hash tables of 640 bytes. Who reads
 * little of a big object has the big members left out, and reads them one by one. */

struct json_in_part {
	const char *p;
	size_t n, n_members;
};

struct json_in_parts {
	const char *name;
	struct json_in_part *all; /* in the text, which must be there as long */
	size_t n, room;
};

/** The same as json_in_object(), but the outermost members of this name are only checked, and left out. Deinit the parts in
 *  any case. */
int json_in_object_in_parts(const void *p, size_t n, const char *name,
			    struct json_in_parts *ret_parts, struct json_object **ret,
			    const char **ret_why);

/** The object that was left out of o, an object of that tree. A new reference; NULL if there is none, and if a member occurs
 *  twice in it or a number is too big. */
struct json_object *json_in_read_part(const struct json_in_parts *parts, struct json_object *o);

void json_in_parts_deinit(struct json_in_parts *parts);

/* ---- members ---- */

/** Find a member by name, ignoring case, as UCWA does for its inputs. Returns how many there are; *ret is the
 *  value of the first: NULL if there is none, or if it is null. */
int json_in_member(struct json_object *o, const char *name, struct json_object **ret);

/** A member of an object. NULL if there is none, if it is null, or if o is not an object, which may be NULL. What
 *  these three return belongs to o. */
struct json_object *json_in_find(struct json_object *o, const char *name);

/** A member that is a string; NULL if there is none. */
const char *json_in_string(struct json_object *o, const char *name);

/** A member of a member: "clock.offsetMs". A name without dots is that of a member of o itself. */
struct json_object *json_in_path(struct json_object *o, const char *path);
