/*
 * mcxctl: one conversation, one push
 */
#include "mcxd/ladder/title.h"
#include "mcxd/tools/mcxctl/call.h"
#include "mcxd/tools/mcxctl/json.h"
#include "mcxd/tools/mcxctl/mcxctl.h"
#include "mcxd/tools/mcxctl/options.h"
#include "mcxd/tools/mcxctl/output.h"
#include "mcxd/tools/mcxctl/table.h"
#include "proto/text/json_in.h"
#include "proto/text/mem.h"
#include "proto/text/text.h"
#include "proto/text/timestamp.h"

/* ---- which ---- */

static const struct noun {
	const char *path, *none, *wrong;
} nouns[] = {
	[CTL_CONVERSATION] = { "conversations", "there has been no conversation yet",
			       "is not a conversation number" },
	[CTL_PUSH] = { "pushes", "no push has been sent yet", "is not the number of a push" },
};

static int find_last(struct ctl *c, const struct noun *noun, char **ret_id)
{
	struct json_object *answer, *list;
	int code = ctl_call(c, "GET", noun->path, NULL, &answer);
	size_t n;

	if (code != CTL_YES)
		return code;
	list = json_in_path(answer, noun->path);
	n = ctl_get_length(answer, noun->path);
	if (n) {
		*ret_id = mem_strdup(ctl_get(json_object_array_get_idx(list, n - 1), "id"));
	} else {
		ctl_complain("%s", noun->none);
		code = CTL_NO;
	}
	json_object_put(answer);
	return code;
}

int ctl_number_of(struct ctl *c, enum ctl_noun noun, const char *arg, char **ret_id)
{
	*ret_id = NULL;
	if (strcmp(arg, "last") == 0)
		return find_last(c, &nouns[noun], ret_id);
	if (arg[strspn(arg, "0123456789")] || !*arg) {
		ctl_complain("\"%s\" %s", arg, nouns[noun].wrong);
		return CTL_USAGE;
	}
	*ret_id = mem_strdup(arg);
	return CTL_YES;
}

static int ask(struct ctl *c, enum ctl_noun noun, const char *arg, struct json_object **ret)
{
	CLEANUP(mem_free_string) char *id = NULL;
	CLEANUP(mem_free_string) char *path = NULL;
	int code = ctl_number_of(c, noun, arg, &id);

	*ret = NULL;
	if (code != CTL_YES)
		return code;
	path = text_concat(nouns[noun].path, "/", id);
	return ctl_call(c, "GET", path, NULL, ret);
}

/* As JSON, or as fn prints it. */
static int show(struct ctl *c, enum ctl_noun noun, const char *arg,
		void (*fn)(const struct ctl *c, struct json_object *o))
{
	struct json_object *o;
	int code = ask(c, noun, arg, &o);

	if (code != CTL_YES)
		return code;
	if (c->options.json)
		ctl_print_json(o);
	else
		fn(c, o);
	json_object_put(o);
	return code;
}

/* ---- times ---- */

/* Seconds from one moment to another, "0.104"; "" if either is unknown. */
static void add_after(struct ctl_table *t, const char *from, const char *to)
{
	int64_t began, then;

	if (timestamp_read(from, &began) && timestamp_read(to, &then))
		ctl_table_addf(t, "%lld.%03d", (long long)((then - began) / 1000000),
			       (int)((then - began) / 1000 % 1000));
	else
		ctl_table_add(t, "");
}

static void print_moment(const char *what, const char *stamp)
{
	if (*stamp)
		ctl_print("%-9s %s", what, stamp);
}

/* ---- a conversation ---- */

char *ctl_conversation_title(struct json_object *o, const char *id, bool ascii)
{
	CLEANUP(text_deinit) struct text title = TEXT_INIT;

	ladder_title(&title,
		     &(struct ladder_title){ .id = id,
					     .from = ctl_get(o, "from"),
					     .to = ctl_get(o, "to"),
					     .first_line = ctl_get(o, "firstLine"),
					     .status = ctl_get(o, "status"),
					     .reason = ctl_get(o, "reason"),
					     .state = ctl_get(o, "state") },
		     ascii);
	return text_take(&title);
}

static void print_legs(struct json_object *o)
{
	struct json_object *legs = json_in_path(o, "legs");

	for (size_t i = 0; i < ctl_get_length(o, "legs"); i++) {
		struct json_object *leg = json_object_array_get_idx(legs, i);
		bool has_answered = json_object_get_boolean(json_in_path(leg, "answered"));
		bool is_done = json_object_get_boolean(json_in_path(leg, "done"));

		ctl_print("%-9s %s%s%s", ctl_get(leg, "side"), ctl_get(leg, "type"),
			  has_answered ? ", has answered" : "", is_done ? ", done" : "");
	}
}

static void print_timeline(const struct ctl *c, struct json_object *o)
{
	struct json_object *moments = json_in_path(o, "timeline");
	struct ctl_table t;

	ctl_table_init(
		&t, (const char *const[]){ "AFTER", "KIND", "WHAT", "FROM", "TO", "FAULT", NULL });
	for (size_t i = 0; i < ctl_get_length(o, "timeline"); i++) {
		struct json_object *m = json_object_array_get_idx(moments, i);

		add_after(&t, ctl_get(o, "began"), ctl_get(m, "time"));
		ctl_table_add(&t, ctl_get(m, "kind"));
		ctl_table_add(&t, ctl_get(m, "label"));
		ctl_table_add(&t, ctl_get(m, "from"));
		ctl_table_add(&t, ctl_get(m, "to"));
		ctl_table_add(&t, ctl_get(m, "fault"));
	}
	ctl_table_print(&t, &c->options, "The journal has nothing of it.");
	ctl_table_deinit(&t);
}

static void print_conversation(const struct ctl *c, struct json_object *o)
{
	CLEANUP(mem_free_string)
	char *title = ctl_conversation_title(o, ctl_get(o, "id"), false);

	ctl_print("%s", title);
	print_moment("began", ctl_get(o, "began"));
	print_moment("deadline", ctl_get(o, "deadline"));
	print_moment("answered", ctl_get(o, "answered"));
	print_moment("ended", ctl_get(o, "ended"));
	print_legs(o);
	ctl_print("%s", "");
	if (*ctl_get(o, "earlier"))
		ctl_print("%s earlier moments are not shown (lab.max_page).",
			  ctl_get(o, "earlier"));
	print_timeline(c, o);
}

static int end(struct ctl *c, const char *arg)
{
	CLEANUP(mem_free_string) char *id = NULL;
	CLEANUP(mem_free_string) char *path = NULL;
	struct json_object *answer;
	int code = ctl_number_of(c, CTL_CONVERSATION, arg, &id);

	if (code != CTL_YES)
		return code;
	path = text_concat("conversations/", id, "/end");
	code = ctl_call(c, "POST", path, NULL, &answer);
	json_object_put(answer);
	return code;
}

int ctl_conversation(struct ctl *c, int n_args, char *const *args)
{
	if (n_args == 1)
		return show(c, CTL_CONVERSATION, args[0], print_conversation);
	if (strcmp(args[0], "end") == 0)
		return end(c, args[1]);
	ctl_complain("usage: mcxctl conversation [end] ID|last");
	return CTL_USAGE;
}

/* ---- a push ---- */

static void print_outcome(struct json_object *o)
{
	bool is_test = json_object_get_boolean(json_in_path(o, "synthetic"));

	if (is_test)
		ctl_print("Push %s, a test: %s", ctl_get(o, "id"), ctl_get(o, "state"));
	else
		ctl_print("Push %s to %s, \"%s\": %s", ctl_get(o, "id"), ctl_get(o, "user"),
			  ctl_get(o, "text"), ctl_get(o, "state"));
	if (*ctl_get(o, "reason"))
		ctl_print("%-9s %s", "reason", ctl_get(o, "reason"));
	if (*ctl_get(o, "status"))
		ctl_print("%-9s %s", "status", ctl_get(o, "status"));
	if (*ctl_get(o, "diagnosticsId"))
		ctl_print("%-9s %s", "diagnosis", ctl_get(o, "diagnosticsId"));
	print_moment("sent", ctl_get(o, "sent"));
	print_moment("answered", ctl_get(o, "answered"));
	ctl_print("%s", "");
}

static void print_hops(const struct ctl *c, struct json_object *o)
{
	struct json_object *hops = json_in_path(o, "hops");
	struct ctl_table t;

	ctl_table_init(&t, (const char *const[]){ "SENT", "RECEIVED", "FROM", "TO", "WHAT", NULL });
	for (size_t i = 0; i < ctl_get_length(o, "hops"); i++) {
		struct json_object *hop = json_object_array_get_idx(hops, i);

		add_after(&t, ctl_get(o, "sent"), ctl_get(hop, "sent"));
		add_after(&t, ctl_get(o, "sent"), ctl_get(hop, "received"));
		ctl_table_add(&t, ctl_get(hop, "from"));
		ctl_table_add(&t, ctl_get(hop, "to"));
		ctl_table_add(&t, ctl_get(hop, "label"));
	}
	ctl_table_print(&t, &c->options, "The journal has nothing of it.");
	ctl_table_deinit(&t);
}

static void print_push(const struct ctl *c, struct json_object *o)
{
	print_outcome(o);
	print_hops(c, o);
}

int ctl_show_push(struct ctl *c, int n_args, char *const *args)
{
	(void)n_args;
	return show(c, CTL_PUSH, args[0], print_push);
}
