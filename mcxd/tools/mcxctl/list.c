/*
 * mcxctl: what is listed
 */
#include "mcxd/tools/mcxctl/call.h"
#include "mcxd/tools/mcxctl/json.h"
#include "mcxd/tools/mcxctl/mcxctl.h"
#include "mcxd/tools/mcxctl/options.h"
#include "mcxd/tools/mcxctl/output.h"
#include "mcxd/tools/mcxctl/table.h"
#include "proto/text/json_in.h"
#include "proto/text/mem.h"

#define HEADINGS(...)                                                                              \
	(const char *const[])                                                                      \
	{                                                                                          \
		__VA_ARGS__, NULL                                                                  \
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
	return ctl_list(c,
			&(struct ctl_listing){ .path = "users",
					       .member = "users",
					       .headings = HEADINGS("USER", "NAME", "MOBILITY",
								    "PUSH", "CONTACTS", "PHONES"),
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
	return ctl_list(c, &(struct ctl_listing){ .path = "endpoints",
						  .member = "endpoints",
						  .headings = HEADINGS("USER", "TYPE", "STATE",
								       "PUSH", "QUEUED", "MISSED",
								       "EXPIRES", "CLIENT"),
						  .add_row = add_endpoint_row,
						  .if_empty = "Nobody is signed in.",
						  .if_user_has_none = "is not signed in" });
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
	return ctl_list(
		c, &(struct ctl_listing){ .path = "conversations",
					  .member = "conversations",
					  .headings = HEADINGS("ID", "BEGAN", "FROM", "TO", "STATE",
							       "MESSAGES", "RESULT", "FIRST LINE"),
					  .add_row = add_conversation_row,
					  .if_empty = "There has been no conversation yet.",
					  .if_user_has_none = "has had no conversation yet" });
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

static void add_not_sent_row(struct ctl_table *t, struct json_object *o)
{
	char due[16];

	ctl_table_add(t, ctl_time_of_day(ctl_get(o, "time"), due, sizeof(due)));
	ctl_table_add(t, ctl_get(o, "user"));
	ctl_table_add(t, ctl_get(o, "conversation"));
	ctl_table_add(t, ctl_get(o, "reason"));
}

static const struct ctl_listing pushes_sent = {
	.path = "pushes",
	.member = "pushes",
	.headings =
		HEADINGS("ID", "SENT", "USER", "PLATFORM", "STATE", "LATENCY", "ANSWER", "TEXT"),
	.add_row = add_push_row,
	.if_empty = "No push has been sent yet.",
	.if_user_has_none = "has been sent no push yet",
};

static const struct ctl_listing pushes_not_sent = {
	.member = "notSent",
	.headings = HEADINGS("DUE", "USER", "CONVERSATION", "NOT SENT BECAUSE"),
	.add_row = add_not_sent_row,
};

int ctl_pushes(struct ctl *c, int n_args, char *const *args)
{
	CLEANUP(mem_free_string) char *path = ctl_path_of_list(c, pushes_sent.path);
	struct json_object *answer;
	int code = ctl_call(c, "GET", path, NULL, &answer);

	(void)n_args;
	(void)args;
	if (code == CTL_YES)
		ctl_print_list(c, &pushes_sent, answer);
	if (code == CTL_YES && !c->options.json && ctl_get_length(answer, pushes_not_sent.member)) {
		ctl_print("%s", "");
		ctl_print_list(c, &pushes_not_sent, answer);
	}
	json_object_put(answer);
	return code;
}

/* ---- phones ---- */

static void add_phone_row(struct ctl_table *t, struct json_object *o)
{
	struct json_object *toasts = json_in_path(o, "toasts");
	struct json_object *toast =
		ctl_get_length(o, "toasts") ? json_object_array_get_idx(toasts, 0) : NULL;
	const char *obstacle = ctl_get(o, "pushObstacle");

	ctl_table_add(t, ctl_get(o, "user"));
	ctl_table_add(t, ctl_get(o, "appId"));
	ctl_table_add(t, ctl_get(o, "state"));
	ctl_table_add(t, yes_no(o, "foreground"));
	ctl_table_add(t, *obstacle ? obstacle : ctl_get(o, "subscription.platform"));
	ctl_table_add(t, *ctl_get(o, "tile") ? ctl_get(o, "tile") : "-");
	if (toast)
		ctl_table_addf(t, "%s: %s", ctl_get(toast, "title"), ctl_get(toast, "text"));
	else
		ctl_table_add(t, "-");
}

int ctl_phones(struct ctl *c, int n_args, char *const *args)
{
	(void)n_args;
	(void)args;
	return ctl_list(c, &(struct ctl_listing){
				   .path = "phones",
				   .member = "phones",
				   .headings = HEADINGS("USER", "APPLICATION", "STATE",
							"FOREGROUND", "PUSH", "TILE", "LAST TOAST"),
				   .add_row = add_phone_row,
				   .if_empty = "No phone is signed in.",
				   .if_user_has_none = "has no phone signed in" });
}

/* ---- settings, limits, metrics ---- */

static void add_setting_row(struct ctl_table *t, struct json_object *o)
{
	const char *value = ctl_get(o, "value"), *fallback = ctl_get(o, "default");

	ctl_table_add(t, ctl_get(o, "name"));
	if (strcmp(value, fallback) == 0)
		ctl_table_add(t, value);
	else
		ctl_table_addf(t, "%s (default: %s)", *value ? value : "empty",
			       *fallback ? fallback : "empty");
	ctl_table_add(t, ctl_get(o, "help"));
}

int ctl_settings(struct ctl *c, int n_args, char *const *args)
{
	return ctl_list(c,
			&(struct ctl_listing){ .path = "settings",
					       .member = "settings",
					       .word = n_args ? args[0] : NULL,
					       .headings = HEADINGS("SETTING", "VALUE", "MEANING"),
					       .add_row = add_setting_row,
					       .noun = "setting" });
}

static const char *or_dash(struct json_object *o, const char *name)
{
	return *ctl_get(o, name) ? ctl_get(o, name) : "-";
}

static void add_limit_row(struct ctl_table *t, struct json_object *o)
{
	ctl_table_add(t, ctl_get(o, "name"));
	ctl_table_add(t, ctl_get(o, "value"));
	ctl_table_add(t, or_dash(o, "use"));
	ctl_table_add(t, or_dash(o, "refused"));
	ctl_table_add(t, ctl_get(o, "help"));
}

int ctl_limits(struct ctl *c, int n_args, char *const *args)
{
	return ctl_list(c, &(struct ctl_listing){ .path = "limits",
						  .member = "limits",
						  .word = n_args ? args[0] : NULL,
						  .headings = HEADINGS("LIMIT", "AT MOST", "IN USE",
								       "REFUSED", "MEANING"),
						  .add_row = add_limit_row,
						  .noun = "limit" });
}

static void add_metric_row(struct ctl_table *t, struct json_object *o)
{
	ctl_table_add(t, ctl_get(o, "name"));
	ctl_table_add(t, ctl_get(o, "value"));
	ctl_table_add(t, ctl_get(o, "help"));
}

int ctl_metrics(struct ctl *c, int n_args, char *const *args)
{
	if (n_args && strcmp(args[0], "prometheus") != 0) {
		ctl_complain("usage: mcxctl metrics [prometheus]");
		return CTL_USAGE;
	}
	if (n_args)
		return ctl_print_metrics_text(c);
	return ctl_list(c, &(struct ctl_listing){ .path = "metrics",
						  .member = "metrics",
						  .headings = HEADINGS("NAME", "VALUE", "MEANING"),
						  .add_row = add_metric_row,
						  .if_empty = "There are no metrics." });
}
