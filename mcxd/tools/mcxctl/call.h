/*
 * mcxctl: calls of the lab API
 */
#pragma once

#include <json-c/json.h>

struct ctl;
struct ctl_options;
struct text;

/** Send a request to a path below /lab/v1, or to one that begins with "/", and wait for the answer. body, which may be NULL, is released.
 *  Returns CTL_YES and the answer (NULL if it has no body), which the caller releases with json_object_put();
 *  or complains with the error in the answer and returns another exit code. */
int ctl_call(struct ctl *c, const char *method, const char *path, struct json_object *body,
	     struct json_object **ret);

/** The same for an answer that is not JSON: its bytes are appended to ret. */
int ctl_fetch(struct ctl *c, const char *path, struct text *ret);

/** The same for the stream of the journal: on_record is called for each record, until the daemon ends it. */
typedef void ctl_record_h(void *magic, struct json_object *record);
int ctl_follow(struct ctl *c, const char *path, ctl_record_h *on_record, void *magic);

/** "&name=value" for every filter of the journal that is given. free() it. */
char *ctl_filters(const struct ctl_options *o, const char *kind);

/** A path with --user and --state, if they are given, as its query. free() it. */
char *ctl_path_of_list(const struct ctl *c, const char *path);
