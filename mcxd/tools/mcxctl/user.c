/*
 * mcxctl: user
 */
#include "mcxd/tools/mcxctl/call.h"
#include "mcxd/tools/mcxctl/mcxctl.h"
#include "mcxd/tools/mcxctl/options.h"
#include "mcxd/tools/mcxctl/output.h"
#include "proto/text/mem.h"
#include "proto/text/percent.h"
#include "proto/text/text.h"

static int add_user(struct ctl *c, int n_args, char *const *args)
{
	struct json_object *body = json_object_new_object(), *answer;
	int code;

	json_object_object_add(body, "aor", json_object_new_string(args[0]));
	json_object_object_add(body, "password", json_object_new_string(args[1]));
	if (n_args > 2)
		json_object_object_add(body, "displayName", json_object_new_string(args[2]));
	code = ctl_call(c, "POST", "users", body, &answer);
	if (code == CTL_YES && c->options.json)
		ctl_print_json(answer);
	json_object_put(answer);
	return code;
}

static int remove_user(struct ctl *c, const char *aor)
{
	CLEANUP(text_deinit) struct text path = TEXT_INIT;
	struct json_object *answer;
	int code;

	text_add(&path, "users/");
	percent_add_segment(&path, aor);
	code = ctl_call(c, "DELETE", text_str(&path), NULL, &answer);
	json_object_put(answer);
	return code;
}

int ctl_user(struct ctl *c, int n_args, char *const *args)
{
	if (strcmp(args[0], "add") == 0 && n_args >= 3)
		return add_user(c, n_args - 1, args + 1);
	if (strcmp(args[0], "remove") == 0 && n_args == 2)
		return remove_user(c, args[1]);
	ctl_complain("usage: mcxctl user add ADDRESS PASSWORD [NAME] | remove ADDRESS");
	return CTL_USAGE;
}
