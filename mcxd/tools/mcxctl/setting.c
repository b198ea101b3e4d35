/*
 * mcxctl: settings
 */
#include "mcxd/tools/mcxctl/call.h"
#include "mcxd/tools/mcxctl/json.h"
#include "mcxd/tools/mcxctl/mcxctl.h"
#include "mcxd/tools/mcxctl/options.h"
#include "mcxd/tools/mcxctl/output.h"
#include "proto/text/json_in.h"

/* "name is value" for each. */
static void print_settings(struct json_object *answer)
{
	struct json_object *rows = json_in_path(answer, "settings");

	for (size_t i = 0; i < ctl_get_length(answer, "settings"); i++) {
		struct json_object *o = json_object_array_get_idx(rows, i);

		ctl_print("%s is %s", ctl_get(o, "name"), ctl_get(o, "value"));
	}
}

int ctl_set(struct ctl *c, int n_args, char *const *args)
{
	struct json_object *body = json_object_new_object(), *answer;
	int code;

	if (n_args > 1 && n_args % 2) {
		ctl_complain("%s has no value; give one, or the name alone to undo its change",
			     args[n_args - 1]);
		json_object_put(body);
		return CTL_USAGE;
	}
	for (int i = 0; i < n_args; i += 2)
		json_object_object_add(body, args[i],
				       i + 1 < n_args ? json_object_new_string(args[i + 1]) : NULL);
	code = ctl_call(c, "PATCH", "settings", body, &answer);
	if (code == CTL_YES && c->options.json)
		ctl_print_json(answer);
	else if (code == CTL_YES)
		print_settings(answer);
	json_object_put(answer);
	return code;
}
