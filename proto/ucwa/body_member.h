/*
 * Members of UCWA request bodies
 *
 * What the decoders of bodies have in common.
 */
#pragma once

#include "proto/diag.h"
#include "proto/text/mem.h"

#include <json-c/json.h>
#include <stdbool.h>
#include <stddef.h>

struct ucwa_problem;

enum { BODY_REQUIRED = 1, BODY_SIP_URI = 2 };

/** A member whose value is a string. */
struct body_member {
	const char *name;
	size_t offset; /* of a char * in the struct that it goes to */
	size_t max;    /* characters */
	unsigned flags;
	const char *const *values; /* those that are allowed; NULL: any */
};

/* Those that return int return 0, or -EINVAL with *problem filled in. */

/** What is wrong is not a parameter. It counts only if no parameter is wrong. */
int body_refuse(struct ucwa_problem *problem, enum diag_code code, const char *fmt, ...)
	PRINTF_LIKE(3, 4);
/** A member is missing or invalid: "must be a string." name lives as long as *problem. */
int body_refuse_member(struct ucwa_problem *problem, const char *name, const char *fmt, ...)
	PRINTF_LIKE(3, 4);
/** must: "must be one of". */
int body_refuse_value(struct ucwa_problem *problem, const char *name, const char *must,
		      const char *const *values);

/** Parse an object; *problem is then empty. body_put() it. */
int body_parse(const void *p, size_t n, struct json_object **ret, struct ucwa_problem *problem);
void body_put(struct json_object **o);

/** Copy the string, if it is there, to where it goes in base. */
int body_get_member(struct json_object *o, const struct body_member *m, void *base,
		    struct ucwa_problem *problem);
/** The same for several; *problem has all that are wrong. */
int body_get_members(struct json_object *o, const struct body_member *members, size_t n, void *base,
		     struct ucwa_problem *problem);

/** A SIP URI without what the samples of UCWA's reference add: "sip : bob@lab.test", and that in quotes once more. */
char *body_sip_uri(const char *s);

/** Ignores case. */
bool body_is_one_of(const char *s, const char *const *values);
