/*
 * Answers held against the shapes of resources
 */
#pragma once

#include <json-c/json.h>
#include <stdbool.h>

/** Fail the test if a resource anywhere in an answer or event packet has a member that its shape does not have, lacks
 *  one that it always has, or has one of another type. */
void shape_check(struct json_object *o);

/** Whether shape_check() has met a resource of this rel. */
bool shape_was_seen(const char *rel);
