/*
 * mcxctl: faults
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

#define ARROW "\u2192"

/* ---- what there is ---- */

static void add_how_often(struct ctl_table *t, struct json_object *o)
{
	if (*ctl_get(o, "times"))
		ctl_table_addf(t, "the first %s", ctl_get(o, "times"));
	else if (*ctl_get(o, "nth"))
		ctl_table_addf(t, "number %s only", ctl_get(o, "nth"));
	else if (*ctl_get(o, "probability"))
		ctl_table_addf(t, "one in %s", ctl_get(o, "probability"));
	else
		ctl_table_add(t, "always");
}

/* "status 503", "delay 200 ms". */
static void add_what(struct ctl_table *t, struct json_object *o)
{
	const char *status = ctl_get(o, "status"), *ms = ctl_get(o, "ms");

	ctl_table_addf(t, "%s%s%s%s%s%s", ctl_get(o, "what"), *status ? " " : "", status,
		       *ms ? " " : "", ms, *ms ? " ms" : "");
}

static void add_row(struct ctl_table *t, struct json_object *o)
{
	ctl_table_add(t, ctl_get(o, "where"));
	add_what(t, o);
	add_how_often(t, o);
	ctl_table_add(t, *ctl_get(o, "user") ? ctl_get(o, "user") : "everybody");
	ctl_table_add(t, ctl_get(o, "struck"));
}

static const struct ctl_listing listing = {
	.path = "faults",
	.member = "faults",
	.headings = (const char *const[]){ "WHERE", "WHAT", "HOW OFTEN", "FOR", "STRUCK", NULL },
	.add_row = add_row,
	.if_empty = "Nothing is broken; mcxctl faults --help says what can be.",
};

/* ---- rules of the command line ---- */

char *ctl_joint_of(const char *word)
{
	const char *arrow = strstr(word, "->");
	CLEANUP(mem_free_string) char *before = NULL;

	if (!arrow)
		return mem_strdup(word);
	before = mem_memdup(word, (size_t)(arrow - word));
	return text_concat(before, ARROW, arrow + 2);
}

/* A value of this member: a number, a duration, or else words. */
static struct json_object *value_of(const char *name, const char *value)
{
	int64_t n;

	if (strcmp(name, "user") == 0)
		return json_object_new_string(value);
	if (text_to_int(value, 0, INT64_MAX, &n) ||
	    (strcmp(name, "ms") == 0 && ctl_read_duration(name, value, &n)))
		return json_object_new_int64(n);
	return json_object_new_string(value);
}

/* "status=503" or "delay=200ms" says what happens and how; "drop" alone, only what. */
static void add_happening(struct json_object *rule, const char *word)
{
	size_t n = strcspn(word, "=");
	CLEANUP(mem_free_string) char *what = mem_memdup(word, n);
	const char *member = strcmp(what, "status") ? "ms" : "status";

	json_object_object_add(rule, "what", json_object_new_string(what));
	if (word[n])
		json_object_object_add(rule, member, value_of(member, word + n + 1));
}

static bool add_limit(struct json_object *rule, const char *word)
{
	size_t n = strcspn(word, "=");
	CLEANUP(mem_free_string) char *name = mem_memdup(word, n);

	if (!word[n]) {
		ctl_complain("\"%s\" is not NAME=VALUE", word);
		return false;
	}
	json_object_object_add(rule, name, value_of(name, word + n + 1));
	return true;
}

/* WHERE WHAT [LIMIT]..., up to "and". Returns the number of words, or 0. */
static int add_rule(struct json_object *rules, int n_args, char *const *args)
{
	struct json_object *rule = json_object_new_object();
	CLEANUP(mem_free_string) char *joint = ctl_joint_of(args[0]);

	json_object_array_add(rules, rule);
	if (n_args < 2 || strcmp(args[1], "and") == 0) {
		ctl_complain("what happens at %s? see mcxctl faults --help", args[0]);
		return 0;
	}
	json_object_object_add(rule, "where", json_object_new_string(joint));
	add_happening(rule, args[1]);
	for (int i = 2; i < n_args; i++) {
		if (strcmp(args[i], "and") == 0)
			return i;
		if (!add_limit(rule, args[i]))
			return 0;
	}
	return n_args;
}

static bool add_rules(struct json_object *rules, int n_args, char *const *args)
{
	int i = 0;

	while (i < n_args) {
		int n = add_rule(rules, n_args - i, args + i);

		if (!n)
			return false;
		i += n + 1;
		if (i == n_args) {
			ctl_complain("a joint is missing behind \"and\"");
			return false;
		}
	}
	return true;
}

/* ---- setting ---- */

/* Those that there are, with how often they have struck. */
static int add_present(struct ctl *c, struct json_object *body, struct json_object *rules)
{
	struct json_object *answer, *present;
	int code = ctl_call(c, "GET", "faults", NULL, &answer);

	if (code != CTL_YES)
		return code;
	present = json_in_path(answer, "faults");
	for (size_t i = 0; i < ctl_get_length(answer, "faults"); i++)
		json_object_array_add(rules,
				      json_object_get(json_object_array_get_idx(present, i)));
	if (!c->options.seed)
		json_object_object_add(body, "seed", json_object_get(json_in_path(answer, "seed")));
	json_object_put(answer);
	return code;
}

static int set(struct ctl *c, bool keeps, int n_args, char *const *args)
{
	struct json_object *body = json_object_new_object(), *rules = json_object_new_array();
	struct json_object *answer = NULL;
	int code = CTL_YES;

	json_object_object_add(body, "faults", rules);
	if (keeps)
		code = add_present(c, body, rules);
	if (c->options.seed)
		json_object_object_add(body, "seed", json_object_new_int64(c->options.seed));
	if (code == CTL_YES && !add_rules(rules, n_args, args))
		code = CTL_USAGE;
	if (code != CTL_YES) {
		json_object_put(body);
		return code;
	}
	code = ctl_call(c, "PUT", "faults", body, &answer);
	if (code == CTL_YES)
		ctl_print_list(c, &listing, answer);
	json_object_put(answer);
	return code;
}

int ctl_faults(struct ctl *c, int n_args, char *const *args)
{
	struct json_object *answer;
	int code;

	if (n_args == 0)
		return ctl_list(c, &listing);
	if (n_args > 1 && (strcmp(args[0], "set") == 0 || strcmp(args[0], "add") == 0))
		return set(c, strcmp(args[0], "add") == 0, n_args - 1, args + 1);
	if (n_args == 1 && strcmp(args[0], "clear") == 0) {
		code = ctl_call(c, "DELETE", "faults", NULL, &answer);
		json_object_put(answer);
		return code;
	}
	ctl_complain("usage: mcxctl faults [set|add WHERE WHAT [LIMIT]... [and WHERE...]... | "
		     "clear]");
	return CTL_USAGE;
}
