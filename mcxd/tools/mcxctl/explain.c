/*
 * mcxctl: explain
 */
#include "mcxd/tools/mcxctl/call.h"
#include "mcxd/tools/mcxctl/json.h"
#include "mcxd/tools/mcxctl/mcxctl.h"
#include "mcxd/tools/mcxctl/options.h"
#include "mcxd/tools/mcxctl/output.h"
#include "proto/text/json_in.h"
#include "proto/text/mem.h"
#include "proto/text/percent.h"
#include "proto/text/text.h"

enum { TOPIC_COLUMN = 16 };

/* A topic stands before the first of its sentences. */
static void print(struct json_object *answer)
{
	struct json_object *findings = json_in_path(answer, "findings");
	CLEANUP(text_deinit) struct text out = TEXT_INIT;
	const char *last = "";

	for (size_t i = 0; i < ctl_get_length(answer, "findings"); i++) {
		struct json_object *o = json_object_array_get_idx(findings, i);
		const char *topic = ctl_get(o, "topic");

		text_add_help(&out, strcmp(topic, last) ? topic : "", TOPIC_COLUMN,
			      ctl_get(o, "text"));
		last = topic;
	}
	ctl_write_clean(&out);
}

int ctl_explain(struct ctl *c, int n_args, char *const *args)
{
	CLEANUP(text_deinit) struct text path = TEXT_INIT;
	struct json_object *answer;
	int code;

	(void)n_args;
	text_add(&path, "users/");
	percent_add_segment(&path, args[0]);
	text_add(&path, "/explanation");
	code = ctl_call(c, "GET", text_str(&path), NULL, &answer);
	if (code != CTL_YES)
		return code;
	if (c->options.json)
		ctl_print_json(answer);
	else
		print(answer);
	code = json_in_path(answer, "advice") ? CTL_NO : CTL_YES;
	json_object_put(answer);
	return code;
}
