/*
 * mcxctl: actors
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

#include <strings.h>

static bool is_true(struct json_object *o, const char *name)
{
	return json_object_get_boolean(json_in_path(o, name));
}

/* What the person has before the eyes, in a line. */
static void add_sight(struct json_object *o, struct text *out)
{
	if (!is_true(o, "on")) {
		text_add(out, "switched off");
		return;
	}
	if (*ctl_get(o, "window"))
		text_add(out, ctl_get(o, "window"));
	if (*ctl_get(o, "screen"))
		text_addf(out, "%s screen, tile %s%s", ctl_get(o, "screen"), ctl_get(o, "tile"),
			  is_true(o, "online") ? "" : ", no network");
	if (json_in_path(o, "toast"))
		text_add_all(out, ", toast \"", ctl_get(o, "toast.from"), ": ",
			     ctl_get(o, "toast.text"), "\"");
	if (*ctl_get(o, "problem"))
		text_add_all(out, out->n ? "; " : "", ctl_get(o, "problem"));
}

static void add_row(struct ctl_table *t, struct json_object *o)
{
	CLEANUP(text_deinit) struct text sight = TEXT_INIT;

	add_sight(o, &sight);
	ctl_table_add(t, ctl_get(o, "id"));
	ctl_table_add(t, ctl_get(o, "kind"));
	ctl_table_add(t, ctl_get(o, "user"));
	ctl_table_add(t, ctl_get(o, "name"));
	ctl_table_add(t, ctl_get(o, "state"));
	ctl_table_add(t, text_str(&sight));
}

int ctl_actors(struct ctl *c, int n_args, char *const *args)
{
	static const char *const headings[] = {
		"ID", "KIND", "USER", "NAME", "STATE", "SEES", NULL
	};

	(void)n_args;
	(void)args;
	return ctl_list(c, &(struct ctl_listing){ .path = "actors",
						  .member = "actors",
						  .headings = headings,
						  .add_row = add_row,
						  .if_empty = "The lab hosts nobody." });
}

/* ---- one ---- */

static bool is_meant(struct json_object *o, const char *name)
{
	return strcasecmp(ctl_get(o, "user"), name) == 0 || strcmp(ctl_get(o, "name"), name) == 0;
}

static int find_named(const char *name, struct json_object *answer, char **ret_id)
{
	struct json_object *actors = json_in_path(answer, "actors");
	int n = 0;

	for (size_t i = 0; i < ctl_get_length(answer, "actors"); i++) {
		struct json_object *o = json_object_array_get_idx(actors, i);

		if (!is_meant(o, name))
			continue;
		if (!n++)
			*ret_id = mem_strdup(ctl_get(o, "id"));
	}
	if (n == 1)
		return CTL_YES;
	if (n)
		ctl_complain("%s has %d actors: say which by its number; mcxctl actors lists them",
			     name, n);
	else
		ctl_complain("no actor is called \"%s\"; mcxctl actors lists them", name);
	return CTL_NO;
}

/* The number of the one that the command line names; free() it. */
static int find(struct ctl *c, const char *arg, char **ret_id)
{
	struct json_object *answer;
	int code;

	*ret_id = NULL;
	if (*arg && !arg[strspn(arg, "0123456789")]) {
		*ret_id = mem_strdup(arg);
		return CTL_YES;
	}
	code = ctl_call(c, "GET", "actors", NULL, &answer);
	if (code == CTL_YES)
		code = find_named(arg, answer, ret_id);
	json_object_put(answer);
	return code;
}

static void print_actor(struct json_object *o)
{
	CLEANUP(text_deinit) struct text sight = TEXT_INIT;
	struct json_object *conversations = json_in_path(o, "conversations");
	struct json_object *lines = json_in_path(o, "lines");

	add_sight(o, &sight);
	ctl_print("%s %s: %s of %s, %s", ctl_get(o, "id"), ctl_get(o, "name"), ctl_get(o, "kind"),
		  ctl_get(o, "user"), ctl_get(o, "state"));
	if (sight.n)
		ctl_print("sees: %s", text_str(&sight));
	for (size_t i = 0; i < ctl_get_length(o, "conversations"); i++) {
		struct json_object *v = json_object_array_get_idx(conversations, i);

		ctl_print("%s with %s%s%s", ctl_get(v, "state"), ctl_get(v, "peer"),
			  is_true(v, "typing") ? ", who is typing" : "",
			  is_true(v, "ignored") ? ", ignored" : "");
	}
	for (size_t i = 0; i < ctl_get_length(o, "lines"); i++) {
		struct json_object *line = json_object_array_get_idx(lines, i);

		ctl_print("  %-8s  %s: %s", ctl_get(line, "state"), ctl_get(line, "peer"),
			  ctl_get(line, "text"));
	}
}

/* Ask, and print what the person sees then. */
static int ask(struct ctl *c, const char *method, const char *path, struct json_object *body)
{
	struct json_object *answer;
	int code = ctl_call(c, method, path, body, &answer);

	if (code == CTL_YES && answer) {
		if (c->options.json)
			ctl_print_json(answer);
		else
			print_actor(answer);
	}
	json_object_put(answer);
	return code;
}

static int make(struct ctl *c, const char *kind, const char *user)
{
	struct json_object *body = json_object_new_object();

	json_object_object_add(body, "kind", json_object_new_string(kind));
	json_object_object_add(body, "user", json_object_new_string(user));
	if (*c->options.name)
		json_object_object_add(body, "name", json_object_new_string(c->options.name));
	if (c->options.sign_in)
		json_object_object_add(body, "signIn", json_object_new_boolean(true));
	return ask(c, "POST", "actors", body);
}

static int order(struct ctl *c, const char *command, const char *id, const char *words)
{
	CLEANUP(text_deinit) struct text path = TEXT_INIT;
	struct json_object *body = NULL;

	if (words || *c->options.to)
		body = json_object_new_object();
	if (words)
		json_object_object_add(body, "text", json_object_new_string(words));
	if (*c->options.to)
		json_object_object_add(body, "to", json_object_new_string(c->options.to));
	text_add_all(&path, "actors/", id, "/");
	percent_add_segment(&path, command);
	return ask(c, "POST", text_str(&path), body);
}

int ctl_actor(struct ctl *c, int n_args, char *const *args)
{
	CLEANUP(mem_free_string) char *id = NULL;
	CLEANUP(mem_free_string) char *path = NULL;
	bool is_new = strcmp(args[0], "new") == 0;
	int code;

	if (is_new && n_args == 3)
		return make(c, args[1], args[2]);
	if (is_new || (n_args == 3 && strcmp(args[0], "send") != 0)) {
		ctl_complain("usage: mcxctl actor new desktop|phone USER | show|remove|ORDER ACTOR "
			     "| send ACTOR TEXT");
		return CTL_USAGE;
	}
	code = find(c, args[1], &id);
	if (code != CTL_YES)
		return code;
	path = text_concat("actors/", id);
	if (strcmp(args[0], "show") == 0)
		return ask(c, "GET", path, NULL);
	if (strcmp(args[0], "remove") == 0)
		return ask(c, "DELETE", path, NULL);
	return order(c, args[0], id, n_args == 3 ? args[2] : NULL);
}
