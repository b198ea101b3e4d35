/*
 * mcxctl: what is there
 */
#include "mcxd/tools/mcxctl/mcxctl.h"
#include "proto/text/percent.h"

#define HEADINGS(...) ((const char *const[]){ __VA_ARGS__, NULL })

/* One row of a listing from one object of the answer. */
typedef void row_h(struct ctl_table *t, struct json_object *o);

struct listing {
	const char *path;
	const char *member; /* the array in the answer */
	const char *const *headings;
	row_h *add_row;
	const char *if_empty;
};

static int list(struct ctl *c, const struct listing *listing)
{
	CLEANUP(mem_free_string) char *path = ctl_path_of_user(c, listing->path);
	struct json_object *answer, *rows;
	int code = ctl_call(c, "GET", path, NULL, &answer);
	struct ctl_table t;

	if (code != CTL_YES)
		return code;
	if (c->options.json) {
		ctl_print_json(answer);
	} else {
		rows = ctl_get_object(answer, listing->member);
		ctl_table_init(&t, listing->headings);
		for (size_t i = 0; rows && i < json_object_array_length(rows); i++)
			listing->add_row(&t, json_object_array_get_idx(rows, i));
		ctl_table_print(&t, listing->if_empty);
		ctl_table_deinit(&t);
	}
	json_object_put(answer);
	return CTL_YES;
}

static const char *yes_no(struct json_object *o, const char *name)
{
	return json_object_get_boolean(ctl_get_object(o, name)) ? "yes" : "no";
}

static void add_user_row(struct ctl_table *t, struct json_object *o)
{
	ctl_table_add(t, ctl_get(o, "aor"));
	ctl_table_add(t, ctl_get(o, "displayName"));
	ctl_table_add(t, yes_no(o, "enableMobility"));
	ctl_table_add(t, yes_no(o, "enablePush"));
	ctl_table_add(t, ctl_get(o, "contacts"));
	ctl_table_add(t, ctl_get(o, "phones"));
}

int ctl_users(struct ctl *c, int n_args, char *const *args)
{
	(void)n_args;
	(void)args;
	return list(c, &(struct listing){ .path = "users",
					  .member = "users",
					  .headings = HEADINGS("USER", "NAME", "MOBILITY", "PUSH",
							       "CONTACTS", "PHONES"),
					  .add_row = add_user_row,
					  .if_empty = "There are no users." });
}

static void add_endpoint_row(struct ctl_table *t, struct json_object *o)
{
	bool is_phone = strcmp(ctl_get(o, "type"), "phone") == 0;
	const char *platform = ctl_get(o, "subscription.platform");

	ctl_table_add(t, ctl_get(o, "user"));
	ctl_table_add(t, ctl_get(o, "type"));
	ctl_table_add(t, is_phone ? ctl_get(o, "state") : "-");
	ctl_table_add(t, *platform ? platform : "-");
	ctl_table_add(t, is_phone ? ctl_get(o, "queuedEvents") : "-");
	ctl_table_add(t, is_phone ? ctl_get(o, "missed") : "-");
	ctl_table_addf(t, "%s s", ctl_get(o, "expiresS"));
	ctl_table_add(t, ctl_get(o, is_phone ? "userAgent" : "contact"));
}

int ctl_endpoints(struct ctl *c, int n_args, char *const *args)
{
	(void)n_args;
	(void)args;
	return list(
		c, &(struct listing){ .path = "endpoints",
				      .member = "endpoints",
				      .headings = HEADINGS("USER", "TYPE", "STATE", "PUSH",
							   "QUEUED", "MISSED", "EXPIRES", "CLIENT"),
				      .add_row = add_endpoint_row,
				      .if_empty = "Nobody is signed in." });
}

static void add_conversation_row(struct ctl_table *t, struct json_object *o)
{
	char began[16];

	ctl_table_add(t, ctl_get(o, "id"));
	ctl_table_add(t, ctl_time_of_day(ctl_get(o, "began"), began, sizeof(began)));
	ctl_table_add(t, ctl_get(o, "from"));
	ctl_table_add(t, ctl_get(o, "to"));
	ctl_table_add(t, ctl_get(o, "state"));
	ctl_table_add(t, ctl_get(o, "messages"));
	ctl_table_addf(t, "%s %s", ctl_get(o, "status"), ctl_get(o, "reason"));
	ctl_table_add(t, ctl_get(o, "firstLine"));
}

int ctl_conversations(struct ctl *c, int n_args, char *const *args)
{
	(void)n_args;
	(void)args;
	return list(c, &(struct listing){ .path = "conversations",
					  .member = "conversations",
					  .headings = HEADINGS("ID", "BEGAN", "FROM", "TO", "STATE",
							       "MESSAGES", "RESULT", "FIRST LINE"),
					  .add_row = add_conversation_row,
					  .if_empty = "There was no conversation yet." });
}

static void add_push_row(struct ctl_table *t, struct json_object *o)
{
	bool is_test = json_object_get_boolean(ctl_get_object(o, "synthetic"));
	char sent[16];

	ctl_table_add(t, ctl_get(o, "id"));
	ctl_table_add(t, ctl_time_of_day(ctl_get(o, "sent"), sent, sizeof(sent)));
	ctl_table_add(t, is_test ? "(test)" : ctl_get(o, "user"));
	ctl_table_add(t, ctl_get(o, "platform"));
	ctl_table_add(t, ctl_get(o, "state"));
	if (*ctl_get(o, "latencyUs"))
		ctl_table_addf(t, "%.1f ms", (double)ctl_get_int(o, "latencyUs") / 1000);
	else
		ctl_table_add(t, "-");
	ctl_table_addf(t, "%s %s", ctl_get(o, "diagnosticsId"), ctl_get(o, "reason"));
	ctl_table_add(t, ctl_get(o, "text"));
}

int ctl_pushes(struct ctl *c, int n_args, char *const *args)
{
	(void)n_args;
	(void)args;
	return list(c,
		    &(struct listing){ .path = "pushes",
				       .member = "pushes",
				       .headings = HEADINGS("ID", "SENT", "USER", "PLATFORM",
							    "STATE", "LATENCY", "ANSWER", "TEXT"),
				       .add_row = add_push_row,
				       .if_empty = "No push was sent yet." });
}

static void add_metric_row(struct ctl_table *t, struct json_object *o)
{
	ctl_table_add(t, ctl_get(o, "name"));
	ctl_table_add(t, ctl_get(o, "value"));
	ctl_table_add(t, ctl_get(o, "help"));
}

int ctl_metrics(struct ctl *c, int n_args, char *const *args)
{
	(void)n_args;
	(void)args;
	return list(c, &(struct listing){ .path = "metrics",
					  .member = "metrics",
					  .headings = HEADINGS("NAME", "VALUE", "MEANING"),
					  .add_row = add_metric_row,
					  .if_empty = "Nothing is counted." });
}

/* ---- status ---- */

static void add_listeners(struct ctl_table *t, struct json_object *listeners)
{
	json_object_object_foreach (listeners, name, address) {
		ctl_table_add(t, name);
		ctl_table_add(t, json_object_get_string(address));
	}
}

static void print_listeners(struct json_object *listeners)
{
	struct ctl_table t;

	ctl_table_init(&t, HEADINGS("LISTENER", "ADDRESS"));
	if (listeners)
		add_listeners(&t, listeners);
	ctl_table_print(&t, "Nothing listens.");
	ctl_table_deinit(&t);
}

static void print_status(struct json_object *o)
{
	CLEANUP(text_deinit) struct text names = TEXT_INIT;
	struct json_object *roles = ctl_get_object(o, "roles");
	int64_t ahead_ms = ctl_get_int(o, "clock.offsetMs");

	for (size_t i = 0; roles && i < json_object_array_length(roles); i++)
		text_addf(&names, "%s%s", i ? ", " : "",
			  json_object_get_string(json_object_array_get_idx(roles, i)));
	ctl_print("mcxd %s, up %lld s, as %s", ctl_get(o, "version"),
		  (long long)(ctl_get_int(o, "uptimeMs") / 1000), text_str(&names));
	if (ctl_get_object(o, "counts"))
		ctl_print("%s users, %s contacts, %s phones, %s conversations",
			  ctl_get(o, "counts.users"), ctl_get(o, "counts.contacts"),
			  ctl_get(o, "counts.phones"), ctl_get(o, "counts.conversations"));
	ctl_print("clock %s, %lld.%03d s ahead", ctl_get(o, "clock.now"),
		  (long long)(ahead_ms / 1000), (int)(ahead_ms % 1000));
	if (strcmp(ctl_get(o, "journal.on"), "false") == 0)
		ctl_print("journal off");
	else
		ctl_print("journal %s to %s", ctl_get(o, "journal.first"),
			  ctl_get(o, "journal.last"));
	ctl_print("%s", "");
	print_listeners(ctl_get_object(o, "listeners"));
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
		print_status(answer);
	json_object_put(answer);
	return CTL_YES;
}

/* ---- user ---- */

static int add_user(struct ctl *c, int n_args, char *const *args)
{
	struct json_object *body = json_object_new_object(), *answer;
	int code;

	json_object_object_add(body, "aor", json_object_new_string(args[0]));
	json_object_object_add(body, "password", json_object_new_string(args[1]));
	if (n_args > 2)
		json_object_object_add(body, "displayName", json_object_new_string(args[2]));
	code = ctl_call(c, "POST", "users", body, &answer);
	if (code == CTL_YES && c->options.json)
		ctl_print_json(answer);
	json_object_put(answer);
	return code;
}

static int remove_user(struct ctl *c, const char *aor)
{
	CLEANUP(text_deinit) struct text path = TEXT_INIT;
	struct json_object *answer;
	int code;

	text_add(&path, "users/");
	percent_add_segment(&path, aor);
	code = ctl_call(c, "DELETE", text_str(&path), NULL, &answer);
	json_object_put(answer);
	return code;
}

int ctl_user(struct ctl *c, int n_args, char *const *args)
{
	if (strcmp(args[0], "add") == 0 && n_args >= 3)
		return add_user(c, n_args - 1, args + 1);
	if (strcmp(args[0], "remove") == 0 && n_args == 2)
		return remove_user(c, args[1]);
	ctl_complain("usage: mcxctl user add AOR PASSWORD [NAME] | remove AOR");
	return CTL_USAGE;
}
