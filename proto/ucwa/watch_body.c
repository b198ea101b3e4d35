/*
 * Bodies about presence subscriptions
 */
#include "proto/ucwa/watch_body.h"

#include "proto/text/json_in.h"
#include "proto/text/mem.h"
#include "proto/ucwa/body.h"
#include "proto/ucwa/body_member.h"

#include <errno.h>

/* subscribeToGroupPresence_ref */
enum { MAX_GROUP = 256 };

void ucwa_watch_body_deinit(struct ucwa_watch_body *b)
{
	for (size_t i = 0; i < b->n_uris; i++)
		free(b->uris[i]);
	free(b->uris);
	free(b->group);
	*b = (struct ucwa_watch_body){ 0 };
}

static int get_uris(struct json_object *list, const char *name, struct ucwa_watch_body *ret,
		    struct ucwa_problem *problem)
{
	size_t n;

	if (!json_object_is_type(list, json_type_array))
		return body_refuse_member(problem, name, "must be an array.");
	n = json_object_array_length(list);
	if (n > UCWA_MAX_URIS)
		return body_refuse_member(problem, name, "has more than %d URIs.", UCWA_MAX_URIS);
	ret->uris = mem_zalloc(n * sizeof(*ret->uris));
	for (size_t i = 0; i < n; i++) {
		struct json_object *uri = json_object_array_get_idx(list, i);

		if (!json_object_is_type(uri, json_type_string))
			return body_refuse_member(problem, name, "must have only strings.");
		ret->uris[ret->n_uris++] = body_sip_uri(json_object_get_string(uri));
	}
	return 0;
}

static int get_list(struct json_object *o, struct ucwa_watch_body *ret,
		    struct ucwa_problem *problem)
{
	struct json_object *uris, *contacts;
	int n = json_in_member(o, "uris", &uris) + json_in_member(o, "contactUris", &contacts);

	if (n > 1)
		return body_refuse_member(problem, "uris",
					  "and contactUris must not occur more than once.");
	if (uris)
		return get_uris(uris, "uris", ret, problem);
	return contacts ? get_uris(contacts, "contactUris", ret, problem) : 0;
}

static int get_duration(struct json_object *o, struct ucwa_watch_body *ret,
			struct ucwa_problem *problem)
{
	struct json_object *duration;
	int n = json_in_member(o, "duration", &duration);

	/* What no resource allows is refused here, before it becomes milliseconds. */
	if (n > 1 || (duration && (!json_object_is_type(duration, json_type_int) ||
				   json_object_get_int64(duration) < 1 ||
				   json_object_get_int64(duration) > UCWA_MAX_DURATION_MIN)))
		return body_refuse_member(problem, "duration", "must be a number of minutes.");
	ret->duration_min = duration ? json_object_get_int64(duration) : 0;
	return 0;
}

int ucwa_watch_body_decode(const void *p, size_t n, struct ucwa_watch_body *ret,
			   struct ucwa_problem *ret_problem)
{
	static const struct body_member group = { "groupId",
						  offsetof(struct ucwa_watch_body, group),
						  MAX_GROUP };
	CLEANUP(body_put) struct json_object *o = NULL;
	int err;

	*ret = (struct ucwa_watch_body){ 0 };
	if (!n)
		return 0;
	err = body_parse(p, n, &o, ret_problem);
	if (!err) {
		err |= get_duration(o, ret, ret_problem);
		err |= get_list(o, ret, ret_problem);
		err |= body_get_member(o, &group, ret, ret_problem);
	}
	if (!err)
		return 0;
	ucwa_watch_body_deinit(ret);
	return -EINVAL;
}
