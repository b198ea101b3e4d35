/*
 * mcxctl: wait, verify
 */
#include "mcxd/tools/mcxctl/call.h"
#include "mcxd/tools/mcxctl/json.h"
#include "mcxd/tools/mcxctl/mcxctl.h"
#include "mcxd/tools/mcxctl/options.h"
#include "mcxd/tools/mcxctl/output.h"
#include "mcxd/tools/mcxctl/table.h"
#include "proto/text/json_in.h"
#include "proto/text/mem.h"

/* "status=180", "text~^Hi" (which is searched for as a regular expression), "header.Server~McxService", "body=words". The
 * daemon knows which of them there are. */
static bool add_condition(struct json_object *body, const char *arg)
{
	static const char header[] = "header.";
	size_t n = strcspn(arg, "=~");
	CLEANUP(mem_free_string) char *name = mem_memdup(arg, n);
	struct json_object *value = json_object_new_string(arg[n] ? arg + n + 1 : "");

	if (!n || !arg[n]) {
		ctl_complain("\"%s\" is neither FIELD=VALUE nor FIELD~REGEX", arg);
		json_object_put(value);
		return false;
	}
	if (arg[n] == '~') {
		struct json_object *pattern = json_object_new_object();

		json_object_object_add(pattern, "matches", value);
		value = pattern;
	}
	if (strncmp(name, header, strlen(header)) == 0)
		json_object_object_add(ctl_member(body, "headers"), name + strlen(header), value);
	else if (strcmp(name, "body") == 0)
		json_object_object_add(body, "bodyContains", value);
	else if (strcmp(name, "key") == 0 && arg[n] == '=')
		json_object_object_add(body, name, value);
	else
		json_object_object_add(ctl_member(body, "fields"), name, value);
	return true;
}

/* KIND and its conditions, up to "then". Returns the number of words, or 0. */
static int add_step(struct json_object *step, const struct ctl_options *o, int n_args,
		    char *const *args)
{
	int i = 0;

	json_object_object_add(step, "kind", json_object_new_string(args[i++]));
	for (; i < n_args && strcmp(args[i], "then") != 0; i++)
		if (!add_condition(step, args[i]))
			return 0;
	json_object_object_add(step, "count", json_object_new_int64(o->count));
	return i;
}

static bool add_steps(struct json_object *order, const struct ctl_options *o, int n_args,
		      char *const *args)
{
	for (int i = 0; i < n_args; i++) {
		struct json_object *step = json_object_new_object();
		int n = add_step(step, o, n_args - i, args + i);

		json_object_array_add(order, step);
		i += n;
		if (n == 0)
			return false;
		if (i == n_args - 1) {
			ctl_complain("a KIND is missing behind \"then\"");
			return false;
		}
	}
	return true;
}

static void add_filters(struct json_object *body, const struct ctl_options *o)
{
	const struct {
		const char *name, *value;
	} given[] = { { "user", o->user }, { "hop", o->hop }, { "phone", o->phone } };

	for (size_t i = 0; i < ARRAY_SIZE(given); i++)
		if (*given[i].value)
			json_object_object_add(body, given[i].name,
					       json_object_new_string(given[i].value));
	if (o->conversation)
		json_object_object_add(body, "conversation",
				       json_object_new_int64(o->conversation));
	if (o->from)
		json_object_object_add(body, "from", json_object_new_int64(o->from));
}

/* What wait and verify have in common; NULL if the words are wrong. */
static struct json_object *expectation(const struct ctl_options *o, int n_args, char *const *args)
{
	struct json_object *body = json_object_new_object();
	struct json_object *order = json_object_new_array();

	json_object_object_add(body, "order", order);
	if (!add_steps(order, o, n_args, args)) {
		json_object_put(body);
		return NULL;
	}
	add_filters(body, o);
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

static int ask(struct ctl *c, const char *path, struct json_object *body)
{
	struct json_object *answer;
	int code = ctl_call(c, "POST", path, body, &answer);

	/* A daemon that ends has not said no. */
	if (c->status == 503)
		return CTL_NO_DAEMON;
	if (code != CTL_YES)
		return code;
	if (c->options.json)
		ctl_print_json(answer);
	else
		print_found(answer);
	json_object_put(answer);
	return CTL_YES;
}

int ctl_wait(struct ctl *c, int n_args, char *const *args)
{
	const struct ctl_options *o = &c->options;
	struct json_object *body = expectation(o, n_args, args);

	if (!body)
		return CTL_USAGE;
	if (CTL_IS_GIVEN(o, CTL_OPT_NEVER_WITHIN))
		json_object_object_add(body, "neverWithinMs",
				       json_object_new_int64(o->never_within_ms));
	if (CTL_IS_GIVEN(o, CTL_OPT_TIMEOUT) || !CTL_IS_GIVEN(o, CTL_OPT_NEVER_WITHIN))
		json_object_object_add(body, "timeoutMs", json_object_new_int64(o->timeout_ms));
	if (o->lab_time)
		json_object_object_add(body, "clock", json_object_new_string("lab"));
	return ask(c, "wait", body);
}

int ctl_verify(struct ctl *c, int n_args, char *const *args)
{
	struct json_object *body = expectation(&c->options, n_args, args);

	if (!body)
		return CTL_USAGE;
	json_object_object_add(body, "never", json_object_new_boolean(c->options.never));
	return ask(c, "verify", body);
}
