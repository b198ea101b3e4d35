/*
 * mcxctl: drills, and the test of messages
 */
#include "mcxd/tools/mcxctl/call.h"
#include "mcxd/tools/mcxctl/json.h"
#include "mcxd/tools/mcxctl/mcxctl.h"
#include "mcxd/tools/mcxctl/options.h"
#include "mcxd/tools/mcxctl/output.h"
#include "mcxd/tools/mcxctl/table.h"
#include "proto/text/json_in.h"
#include "proto/text/mem.h"
#include "proto/text/percent.h"
#include "proto/text/text.h"

#include <string.h>

static bool is_passed(struct json_object *o)
{
	return json_object_get_boolean(json_object_object_get(o, "passed"));
}

static int list_drills(struct ctl *c)
{
	static const char *const headings[] = { "DRILL", "EXPLAINED AS", "DISTURBS", "WHAT HAPPENS",
						NULL };
	struct json_object *answer, *list;
	struct ctl_table table;
	int code = ctl_call(c, "GET", "drills", NULL, &answer);

	if (code != CTL_YES)
		return code;
	if (c->options.json) {
		ctl_print_json(answer);
		json_object_put(answer);
		return CTL_YES;
	}
	list = json_in_path(answer, "drills");
	ctl_table_init(&table, headings);
	for (size_t i = 0; i < ctl_get_length(answer, "drills"); i++) {
		struct json_object *o = json_object_array_get_idx(list, i);

		ctl_table_add(&table, ctl_get(o, "name"));
		ctl_table_add(&table, ctl_get(o, "cause"));
		ctl_table_add(&table, json_object_get_boolean(json_object_object_get(o, "disturbs"))
					      ? "everybody"
					      : "nobody");
		ctl_table_add(&table, ctl_get(o, "title"));
	}
	ctl_table_print(&table, &c->options, "There are no drills.");
	ctl_table_deinit(&table);
	json_object_put(answer);
	return CTL_YES;
}

static void print_drill(struct json_object *answer)
{
	struct json_object *checks = json_in_path(answer, "checks");

	ctl_print("%s: %s", ctl_get(answer, "name"), ctl_get(answer, "title"));
	for (size_t i = 0; i < ctl_get_length(answer, "checks"); i++) {
		struct json_object *o = json_object_array_get_idx(checks, i);

		ctl_print("  %s  %s: %s", is_passed(o) ? "ok    " : "not ok", ctl_get(o, "what"),
			  ctl_get(o, "seen"));
		if (!is_passed(o))
			ctl_print("          wanted: %s", ctl_get(o, "wanted"));
	}
	if (*ctl_get(answer, "problem"))
		ctl_print("  It could not be played: %s", ctl_get(answer, "problem"));
	ctl_print("%s", is_passed(answer) ? "passed" : "failed");
}

int ctl_drill(struct ctl *c, int n_args, char *const *args)
{
	CLEANUP(text_deinit) struct text path = TEXT_INIT;
	struct json_object *answer;
	int code;

	(void)n_args;
	if (!strcmp(args[0], "list"))
		return list_drills(c);
	text_add(&path, "drills/");
	percent_add_segment(&path, args[0]);
	code = ctl_call(c, "POST", text_str(&path), NULL, &answer);
	if (code != CTL_YES)
		return code;
	if (c->options.json)
		ctl_print_json(answer);
	else
		print_drill(answer);
	code = is_passed(answer) ? CTL_YES : CTL_NO;
	json_object_put(answer);
	return code;
}

/* As the cmdlet prints its result object; the latency is a .NET TimeSpan. */
static void print_im_test(struct json_object *answer)
{
	int64_t us = ctl_get_int(answer, "latencyUs");

	ctl_print("Target Fqdn   : %s", ctl_get(answer, "targetFqdn"));
	ctl_print("Target Uri    : %s", ctl_get(answer, "targetUri"));
	ctl_print("Result        : %s", ctl_get(answer, "result"));
	ctl_print("Latency       : %02lld:%02d:%02d.%06d0", (long long)(us / 3600000000),
		  (int)(us / 60000000 % 60), (int)(us / 1000000 % 60), (int)(us % 1000000));
	ctl_print("Error Message : %s", ctl_get(answer, "error"));
	ctl_print("Diagnosis     : %s", ctl_get(answer, "diagnosis"));
}

int ctl_test_im(struct ctl *c, int n_args, char *const *args)
{
	struct json_object *body = json_object_new_object(), *answer;
	int code;

	(void)n_args;
	json_object_object_add(body, "from", json_object_new_string(args[0]));
	json_object_object_add(body, "to", json_object_new_string(args[1]));
	code = ctl_call(c, "POST", "test-im", body, &answer);
	if (code != CTL_YES)
		return code;
	if (c->options.json)
		ctl_print_json(answer);
	else
		print_im_test(answer);
	code = strcmp(ctl_get(answer, "result"), "Success") == 0 ? CTL_YES : CTL_NO;
	json_object_put(answer);
	return code;
}
