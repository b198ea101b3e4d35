/*
 * mcxctl: status
 */
#include "mcxd/tools/mcxctl/call.h"
#include "mcxd/tools/mcxctl/json.h"
#include "mcxd/tools/mcxctl/mcxctl.h"
#include "mcxd/tools/mcxctl/options.h"
#include "mcxd/tools/mcxctl/output.h"
#include "mcxd/tools/mcxctl/table.h"
#include "proto/text/json_in.h"
#include "proto/text/mem.h"
#include "proto/text/text.h"

static void add_listeners(struct ctl_table *t, struct json_object *listeners)
{
	json_object_object_foreach (listeners, name, address) {
		ctl_table_add(t, name);
		ctl_table_add(t, json_object_get_string(address));
	}
}

static void print_listeners(const struct ctl *c, struct json_object *listeners)
{
	struct ctl_table t;

	ctl_table_init(&t, (const char *const[]){ "LISTENER", "ADDRESS", NULL });
	if (listeners)
		add_listeners(&t, listeners);
	ctl_table_print(&t, &c->options, "Nothing listens.");
	ctl_table_deinit(&t);
}

static void print_upstream(struct json_object *o)
{
	const char *trouble = ctl_get(o, "upstream.trouble");

	ctl_print("upstream %s: %lld of %lld phones registered%s%s",
		  ctl_get(o, "upstream.registrar"),
		  (long long)ctl_get_int(o, "upstream.registered"),
		  (long long)ctl_get_int(o, "upstream.phones"), *trouble ? "; " : "", trouble);
}

static void print_counts(struct json_object *o)
{
	static const char *const nouns[] = { "user", "contact", "phone", "conversation" };
	CLEANUP(text_deinit) struct text counts = TEXT_INIT;

	for (size_t i = 0; i < ARRAY_SIZE(nouns); i++) {
		CLEANUP(mem_free_string) char *path = text_format("counts.%ss", nouns[i]);
		int64_t n = ctl_get_int(o, path);

		text_addf(&counts, "%s%lld %s%s", i ? ", " : "", (long long)n, nouns[i],
			  n == 1 ? "" : "s");
	}
	ctl_print("%s", text_str(&counts));
}

static void print_status(const struct ctl *c, struct json_object *o)
{
	CLEANUP(text_deinit) struct text names = TEXT_INIT;
	struct json_object *roles = json_in_path(o, "roles");
	CLEANUP(text_deinit) struct text clock = TEXT_INIT;

	for (size_t i = 0; i < ctl_get_length(o, "roles"); i++)
		text_addf(&names, "%s%s", i ? ", " : "",
			  json_object_get_string(json_object_array_get_idx(roles, i)));
	ctl_print("mcxd %s, up %lld s", ctl_get(o, "version"),
		  (long long)(ctl_get_int(o, "uptimeMs") / 1000));
	ctl_print("roles %s", text_str(&names));
	if (json_in_path(o, "counts"))
		print_counts(o);
	ctl_add_clock(json_in_path(o, "clock"), &clock);
	ctl_print("clock %s", text_str(&clock));
	if (strcmp(ctl_get(o, "journal.on"), "false") == 0)
		ctl_print("journal off");
	else
		ctl_print("journal %s to %s", ctl_get(o, "journal.first"),
			  ctl_get(o, "journal.last"));
	if (strcmp(ctl_get(o, "trustsNetwork"), "true") == 0)
		ctl_print("net.trust_network is yes: anybody who reaches a SIP listener can be "
			  "anybody");
	if (json_in_path(o, "upstream"))
		print_upstream(o);
	if (json_in_path(o, "tlsKeyLog"))
		ctl_print("keys of TLS connections are being written to %s",
			  ctl_get(o, "tlsKeyLog"));
	ctl_print("%s", "");
	print_listeners(c, json_in_path(o, "listeners"));
}

int ctl_status(struct ctl *c, int n_args, char *const *args)
{
	struct json_object *answer;
	int code = ctl_call(c, "GET", "status", NULL, &answer);

	(void)n_args;
	(void)args;
	if (code != CTL_YES)
		return code;
	if (c->options.json)
		ctl_print_json(answer);
	else
		print_status(c, answer);
	json_object_put(answer);
	return CTL_YES;
}
