/*
 * mcxctl: calls of the lab API
 */
#pragma once

#include <json-c/json.h>

struct ctl;

/** Send a request to a path below /lab/v1 and wait for the answer. body, which may be NULL, is released.
 *  Returns CTL_YES and the answer (NULL if it has no body), which the caller releases with json_object_put();
 *  or complains with the error in the answer and returns another exit code. */
int ctl_call(struct ctl *c, const char *method, const char *path, struct json_object *body,
	     struct json_object **ret);

/** The same for a stream of JSON lines: on_line is called for each, until the daemon ends it. */
typedef void ctl_line_h(void *magic, struct json_object *line);
int ctl_follow(struct ctl *c, const char *path, ctl_line_h *on_line, void *magic);

/** A path, or the rest of a query ("" or "&name=value"), with user=… appended if --user is given. */
char *ctl_path_of_user(const struct ctl *c, const char *path);
