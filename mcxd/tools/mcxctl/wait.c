/*
 * mcxctl: wait, clock, test-push
 */
#include "mcxd/tools/mcxctl/mcxctl.h"

/* ---- wait ---- */

/* "status=180" or "text~^Hi"; key=… is the record's key. */
static bool add_condition(struct json_object *body, struct json_object *fields, const char *arg)
{
	size_t n = strcspn(arg, "=~");
	CLEANUP(mem_free_string) char *name = mem_memdup(arg, n);
	struct json_object *pattern;

	if (!n || !arg[n]) {
		ctl_complain("\"%s\" is neither FIELD=VALUE nor FIELD~REGEX", arg);
		return false;
	}
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

	json_object_object_add(body, "fields", fields);
	json_object_object_add(body, "kind", json_object_new_string(args[0]));
	for (int i = 1; i < n_args; i++) {
		if (add_condition(body, fields, args[i]))
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
	struct json_object *records = ctl_get_object(answer, "records");

	for (size_t i = 0; records && i < json_object_array_length(records); i++) {
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
	matched = json_object_get_boolean(ctl_get_object(answer, "matched"));
	if (c->options.json)
		ctl_print_json(answer);
	else
		print_found(answer);
	if (!matched)
		ctl_complain("%s", ctl_get(answer, "message"));
	json_object_put(answer);
	return matched ? CTL_YES : CTL_NO;
}

/* ---- clock ---- */

int ctl_clock(struct ctl *c, int n_args, char *const *args)
{
	bool advance = n_args == 2 && strcmp(args[0], "advance") == 0;
	struct json_object *body = NULL, *answer;
	int64_t ahead_ms;
	int code;

	if (n_args && !advance) {
		ctl_complain("usage: mcxctl clock [advance DURATION]");
		return CTL_USAGE;
	}
	if (advance) {
		if (!ctl_read_duration(c, args[1]))
			return CTL_USAGE;
		body = json_object_new_object();
		json_object_object_add(body, "ms", json_object_new_int64(c->options.duration_ms));
	}
	code = ctl_call(c, advance ? "POST" : "GET", advance ? "clock/advance" : "clock", body,
			&answer);
	if (code != CTL_YES)
		return code;
	ahead_ms = ctl_get_int(answer, "offsetMs");
	if (c->options.json)
		ctl_print_json(answer);
	else
		ctl_print("%s, %lld.%03d s ahead", ctl_get(answer, "now"),
			  (long long)(ahead_ms / 1000), (int)(ahead_ms % 1000));
	json_object_put(answer);
	return CTL_YES;
}

/* ---- test-push ---- */

/* As the cmdlet prints its result object; the latency is a .NET TimeSpan. */
static void print_test(struct json_object *answer)
{
	int64_t us = ctl_get_int(answer, "latencyUs");

	ctl_print("TargetFqdn : %s", ctl_get(answer, "targetFqdn"));
	ctl_print("Result     : %s", ctl_get(answer, "result"));
	ctl_print("Latency    : %02lld:%02d:%02d.%06d0", (long long)(us / 3600000000),
		  (int)(us / 60000000 % 60), (int)(us / 1000000 % 60), (int)(us % 1000000));
	ctl_print("Error      : %s", ctl_get(answer, "error"));
	ctl_print("Diagnosis  : %s", ctl_get(answer, "diagnosis"));
}

int ctl_test_push(struct ctl *c, int n_args, char *const *args)
{
	struct json_object *body = json_object_new_object(), *answer;
	int code;

	(void)n_args;
	(void)args;
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
