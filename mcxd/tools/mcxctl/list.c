/*
 * mcxctl: listings
 */
#include "mcxd/tools/mcxctl/call.h"
#include "mcxd/tools/mcxctl/json.h"
#include "mcxd/tools/mcxctl/mcxctl.h"
#include "mcxd/tools/mcxctl/options.h"
#include "mcxd/tools/mcxctl/output.h"
#include "mcxd/tools/mcxctl/table.h"
#include "proto/text/json_in.h"
#include "proto/text/mem.h"

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
		rows = json_in_path(answer, listing->member);
		ctl_table_init(&t, listing->headings);
		for (size_t i = 0; i < ctl_get_length(answer, listing->member); i++)
			listing->add_row(&t, json_object_array_get_idx(rows, i));
		ctl_table_print(&t, listing->if_empty);
		ctl_table_deinit(&t);
	}
	json_object_put(answer);
	return CTL_YES;
}

static const char *yes_no(struct json_object *o, const char *name)
{
	return json_object_get_boolean(json_in_path(o, name)) ? "yes" : "no";
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
					  .if_empty = "There has been no conversation yet." });
}

static void add_push_row(struct ctl_table *t, struct json_object *o)
{
	bool is_test = json_object_get_boolean(json_in_path(o, "synthetic"));
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
				       .if_empty = "No push has been sent yet." });
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
					  .if_empty = "There are no metrics." });
}
