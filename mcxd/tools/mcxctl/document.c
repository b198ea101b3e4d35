/*
 * mcxctl: what the daemon answers as text of its own: health, state machines, its description
 */
#include "mcxd/tools/mcxctl/call.h"
#include "mcxd/tools/mcxctl/mcxctl.h"
#include "mcxd/tools/mcxctl/options.h"
#include "mcxd/tools/mcxctl/output.h"
#include "proto/text/mem.h"
#include "proto/text/text.h"

/* Print it as it is; with --json as a string. */
static int print(struct ctl *c, const char *path)
{
	CLEANUP(text_deinit) struct text bytes = TEXT_INIT;
	int code = ctl_fetch(c, path, &bytes);
	struct json_object *o;

	if (code != CTL_YES)
		return code;
	if (c->options.json) {
		o = json_object_new_string(text_str(&bytes));
		ctl_print_json(o);
		json_object_put(o);
	} else {
		ctl_write(&bytes);
	}
	return code;
}

int ctl_print_metrics_text(struct ctl *c)
{
	return print(c, "/metrics");
}

int ctl_fsm(struct ctl *c, int n_args, char *const *args)
{
	CLEANUP(mem_free_string) char *path = text_concat("fsm/", args[0], ".dot");

	(void)n_args;
	if (strcmp(args[0], "conversation") != 0 && strcmp(args[0], "phone") != 0) {
		ctl_complain("there are two state machines: conversation and phone");
		return CTL_USAGE;
	}
	return print(c, path);
}

int ctl_openapi(struct ctl *c, int n_args, char *const *args)
{
	struct json_object *answer;
	int code = ctl_call(c, "GET", "openapi.json", NULL, &answer);

	(void)n_args;
	(void)args;
	if (code == CTL_YES)
		ctl_print_json(answer);
	json_object_put(answer);
	return code;
}

int ctl_health(struct ctl *c, int n_args, char *const *args)
{
	static const struct {
		const char *path, *member, *words;
	} probes[] = { { "/healthz", "runs", "it runs" },
		       { "/readyz", "ready", "it serves callers and phones" } };
	struct json_object *o = json_object_new_object();
	int code = CTL_YES;

	(void)n_args;
	(void)args;
	for (size_t i = 0; i < ARRAY_SIZE(probes) && code == CTL_YES; i++) {
		CLEANUP(text_deinit) struct text bytes = TEXT_INIT;

		code = ctl_fetch(c, probes[i].path, &bytes);
		json_object_object_add(o, probes[i].member,
				       json_object_new_boolean(code == CTL_YES));
		if (code == CTL_YES && !c->options.json)
			ctl_print("%s", probes[i].words);
	}
	if (c->options.json && code != CTL_NO_DAEMON)
		ctl_print_json(o);
	json_object_put(o);
	return code;
}
