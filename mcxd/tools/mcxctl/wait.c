/*
 * mcxctl: wait
 */
#include "mcxd/tools/mcxctl/call.h"
#include "mcxd/tools/mcxctl/json.h"
#include "mcxd/tools/mcxctl/mcxctl.h"
#include "mcxd/tools/mcxctl/options.h"
#include "mcxd/tools/mcxctl/output.h"
#include "mcxd/tools/mcxctl/table.h"
#include "proto/record.h"
#include "proto/text/json_in.h"
#include "proto/text/mem.h"

/* An unknown kind passes: the daemon refuses it. */
static bool check_field(enum record_kind kind, const char *name)
{
	const char *fields;

	if (kind == N_RECORD_KINDS || record_kind_has(kind, name))
		return true;
	fields = record_kinds[kind].fields;
	ctl_complain("%s records have no field \"%s\"; their fields are %s%skey",
		     record_kinds[kind].name, name, fields, *fields ? ", " : "");
	return false;
}

/* "status=180" or "text~^Hi"; key=… means the record's key. */
static bool add_condition(struct json_object *body, struct json_object *fields,
			  enum record_kind kind, const char *arg)
{
	size_t n = strcspn(arg, "=~");
	CLEANUP(mem_free_string) char *name = mem_memdup(arg, n);
	struct json_object *pattern;

	if (!n || !arg[n]) {
		ctl_complain("\"%s\" is neither FIELD=VALUE nor FIELD~REGEX", arg);
		return false;
	}
	if (!check_field(kind, name))
		return false;
	if (arg[n] == '~') {
		pattern = json_object_new_object();
		json_object_object_add(pattern, "matches", json_object_new_string(arg + n + 1));
		json_object_object_add(fields, name, pattern);
	} else if (strcmp(name, "key") == 0) {
		json_object_object_add(body, name, json_object_new_string(arg + n + 1));
	} else {
		json_object_object_add(fields, name, json_object_new_string(arg + n + 1));
	}
	return true;
}

static struct json_object *wait_body(const struct ctl_options *o, int n_args, char *const *args)
{
	struct json_object *body = json_object_new_object();
	struct json_object *fields = json_object_new_object();
	enum record_kind kind = record_kind_of(args[0]);

	json_object_object_add(body, "fields", fields);
	json_object_object_add(body, "kind", json_object_new_string(args[0]));
	for (int i = 1; i < n_args; i++) {
		if (add_condition(body, fields, kind, args[i]))
			continue;
		json_object_put(body);
		return NULL;
	}
	if (*o->user)
		json_object_object_add(body, "user", json_object_new_string(o->user));
	if (o->from)
		json_object_object_add(body, "from", json_object_new_int64(o->from));
	json_object_object_add(body, "count", json_object_new_int64(o->count));
	json_object_object_add(body, "timeoutMs", json_object_new_int64(o->timeout_ms));
	return body;
}

static void print_found(struct json_object *answer)
{
	struct json_object *records = json_in_path(answer, "records");

	for (size_t i = 0; i < ctl_get_length(answer, "records"); i++) {
		struct json_object *r = json_object_array_get_idx(records, i);
		char time[16];

		ctl_print("%s %s %s %s", ctl_get(r, "seq"),
			  ctl_time_of_day(ctl_get(r, "time"), time, sizeof(time)),
			  ctl_get(r, "kind"),
			  *ctl_get(r, "summary") ? ctl_get(r, "summary")
						 : ctl_get(r, "fields.start_line"));
	}
}

int ctl_wait(struct ctl *c, int n_args, char *const *args)
{
	struct json_object *body = wait_body(&c->options, n_args, args), *answer;
	bool matched;
	int code;

	if (!body)
		return CTL_USAGE;
	code = ctl_call(c, "POST", "wait", body, &answer);
	if (code != CTL_YES)
		return code;
	matched = json_object_get_boolean(json_in_path(answer, "matched"));
	if (c->options.json)
		ctl_print_json(answer);
	else
		print_found(answer);
	if (!matched)
		ctl_complain("%s", ctl_get(answer, "message"));
	json_object_put(answer);
	return matched ? CTL_YES : CTL_NO;
}
