/*
 * mcxctl: expire
 */
#include "mcxd/tools/mcxctl/call.h"
#include "mcxd/tools/mcxctl/json.h"
#include "mcxd/tools/mcxctl/mcxctl.h"
#include "mcxd/tools/mcxctl/output.h"
#include "proto/text/json_in.h"
#include "proto/text/mem.h"
#include "proto/text/percent.h"
#include "proto/text/text.h"

/* type and member: of the endpoint that an address stands for. */
static const struct expirable {
	const char *what, *path, *rest, *type, *member;
} expirable[] = {
	{ "conversation", "conversations/", "/expire", NULL, NULL },
	{ "session", "phones/", "/expire", "phone", "appId" },
	{ "registration", "contacts/", "/expire", "contact", "id" },
	{ "subscription", "phones/", "/subscription/expire", "phone", "appId" },
};

static int find_only(const struct expirable *e, struct json_object *answer, const char *user,
		     char **ret_id)
{
	struct json_object *endpoints = json_in_path(answer, "endpoints");
	int n = 0;

	for (size_t i = 0; i < ctl_get_length(answer, "endpoints"); i++) {
		struct json_object *o = json_object_array_get_idx(endpoints, i);

		if (strcmp(ctl_get(o, "type"), e->type) == 0 && !n++)
			*ret_id = mem_strdup(ctl_get(o, e->member));
	}
	if (n == 1)
		return CTL_YES;
	ctl_complain("%s has %d %ss, not one; mcxctl endpoints --json lists them", user, n,
		     e->type);
	return CTL_NO;
}

/* The id that the command line names, or that of what this user alone has; free() it. */
static int find(struct ctl *c, const struct expirable *e, const char *arg, char **ret_id)
{
	CLEANUP(text_deinit) struct text path = TEXT_INIT;
	struct json_object *answer;
	int code;

	*ret_id = NULL;
	if (!e->type)
		return ctl_number_of(c, CTL_CONVERSATION, arg, ret_id);
	if (!strchr(arg, '@')) {
		*ret_id = mem_strdup(arg);
		return CTL_YES;
	}
	text_add(&path, "endpoints?user=");
	percent_add(&path, arg, strlen(arg), "@");
	code = ctl_call(c, "GET", text_str(&path), NULL, &answer);
	if (code == CTL_YES)
		code = find_only(e, answer, arg, ret_id);
	json_object_put(answer);
	return code;
}

static int expire(struct ctl *c, const struct expirable *e, const char *arg)
{
	CLEANUP(text_deinit) struct text path = TEXT_INIT;
	CLEANUP(mem_free_string) char *id = NULL;
	struct json_object *answer;
	int code = find(c, e, arg, &id);

	if (code != CTL_YES)
		return code;
	text_add(&path, e->path);
	percent_add_segment(&path, id);
	text_add(&path, e->rest);
	code = ctl_call(c, "POST", text_str(&path), NULL, &answer);
	json_object_put(answer);
	return code;
}

int ctl_expire(struct ctl *c, int n_args, char *const *args)
{
	(void)n_args;
	for (size_t i = 0; i < ARRAY_SIZE(expirable); i++)
		if (strcmp(args[0], expirable[i].what) == 0)
			return expire(c, &expirable[i], args[1]);
	ctl_complain("usage: mcxctl expire conversation|session|registration|subscription "
		     "ID|ADDRESS");
	return CTL_USAGE;
}
