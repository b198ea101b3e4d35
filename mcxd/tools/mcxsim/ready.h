/*
 * Ready file
 *
 * What mcxd writes once every role listens.
 */
#pragma once

#include <json-c/json.h>

/** Read it; json_object_put() it. NULL, after a complaint, when it cannot be read. */
struct json_object *ready_load(const char *path);

/** A member, "https" or "sip.tcp". NULL when it is missing or empty. */
const char *ready_get(struct json_object *ready, const char *name);
