/*
 * mcxctl: test-push
 */
#include "mcxd/tools/mcxctl/call.h"
#include "mcxd/tools/mcxctl/json.h"
#include "mcxd/tools/mcxctl/mcxctl.h"
#include "mcxd/tools/mcxctl/options.h"
#include "mcxd/tools/mcxctl/output.h"

/* As the cmdlet prints its result object: it leaves the target out, and the latency. With --json both are told. */
static void print_test(struct json_object *answer)
{
	ctl_print("TargetFqdn :");
	ctl_print("Result     : %s", ctl_get(answer, "result"));
	ctl_print("Latency    : 00:00:00");
	ctl_print("Error      : %s", ctl_get(answer, "error"));
	ctl_print("Diagnosis  : %s", ctl_get(answer, "diagnosis"));
}

int ctl_test_push(struct ctl *c, int n_args, char *const *args)
{
	struct json_object *body = json_object_new_object(), *answer;
	int code;

	(void)n_args;
	(void)args;
	if (*c->options.user)
		json_object_object_add(body, "user", json_object_new_string(c->options.user));
	if (*c->options.edge)
		json_object_object_add(body, "edge", json_object_new_string(c->options.edge));
	code = ctl_call(c, "POST", "test-push", body, &answer);
	if (code != CTL_YES)
		return code;
	if (c->options.json)
		ctl_print_json(answer);
	else
		print_test(answer);
	code = strcmp(ctl_get(answer, "result"), "Success") == 0 ? CTL_YES : CTL_NO;
	json_object_put(answer);
	return code;
}
