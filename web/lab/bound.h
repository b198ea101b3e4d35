/*
 * Bounds
 *
 * The smallest and largest value of a number, and the length of a text or list, that a request may have. What is checked and what
 * the document says (OpenAPI) are the same rows.
 */
#pragma once

#include <json-c/json.h>
#include <stdint.h>

struct lab_config;

/** Columns of a drawing as text. */
enum { LAB_MIN_WIDTH = 60, LAB_MAX_WIDTH = 400 };

struct lab_bound {
	const char *schema; /* of a body; NULL: a parameter of queries */
	const char *member;
	int64_t min, max;
};

/** The row of a member, with the limits of this config, which may be NULL for one that none of them limits. Without a largest
 *  value, that is INT64_MAX. */
struct lab_bound lab_bound(const struct lab_config *config, const char *schema, const char *member);

/** Say them all in the document. */
void lab_bounds_add(const struct lab_config *config, struct json_object *document);
