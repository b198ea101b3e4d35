/*
 * mcxctl: user
 */
#include "mcxd/base/setting.h"
#include "mcxd/base/setting_value.h"
#include "mcxd/tools/mcxctl/call.h"
#include "mcxd/tools/mcxctl/json.h"
#include "mcxd/tools/mcxctl/mcxctl.h"
#include "mcxd/tools/mcxctl/options.h"
#include "mcxd/tools/mcxctl/output.h"
#include "proto/text/mem.h"
#include "proto/text/percent.h"
#include "proto/text/text.h"

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

static int ask(struct ctl *c, const char *method, const char *aor, struct json_object *body,
	       struct json_object **ret)
{
	CLEANUP(text_deinit) struct text path = TEXT_INIT;

	text_add(&path, "users/");
	percent_add_segment(&path, aor);
	return ctl_call(c, method, text_str(&path), body, ret);
}

static int remove_user(struct ctl *c, const char *aor)
{
	struct json_object *answer;
	int code = ask(c, "DELETE", aor, NULL, &answer);

	json_object_put(answer);
	return code;
}

/* ---- showing and changing one ---- */

static const struct {
	const char *name, *member;
	bool is_flag;
} properties[] = {
	{ "name", "displayName", false },
	{ "password", "password", false },
	{ "number", "number", false },
	{ "mobility", "enableMobility", true },
	{ "push", "enablePush", true },
	{ "outside", "outsideVoiceNumber", false },
	{ "outside-voice", "enableOutsideVoice", true },
};

/* "push=no" as a member of the body. */
static bool add_property(struct json_object *body, const char *arg)
{
	static const struct setting flag_row = { .type = SETTING_BOOL };
	const char *value = strchr(arg, '=');

	for (size_t i = 0; value && i < ARRAY_SIZE(properties); i++) {
		CLEANUP(text_deinit) struct text why = TEXT_INIT;
		bool flag = false;

		if (strlen(properties[i].name) != (size_t)(value - arg) ||
		    strncmp(arg, properties[i].name, (size_t)(value - arg)) != 0)
			continue;
		if (properties[i].is_flag &&
		    setting_value_set(&flag_row, &flag, value + 1, &why) < 0) {
			ctl_complain("%s: %s", arg, text_str(&why));
			return false;
		}
		json_object_object_add(body, properties[i].member,
				       properties[i].is_flag ? json_object_new_boolean(flag)
							     : json_object_new_string(value + 1));
		return true;
	}
	ctl_complain("%s: expected name=, password=, number=, mobility=, push=, outside= or "
		     "outside-voice=",
		     arg);
	return false;
}

static int print_user(struct ctl *c, struct json_object *o)
{
	if (c->options.json) {
		ctl_print_json(o);
		return CTL_YES;
	}
	ctl_print("%s, %s, from the %s", ctl_get(o, "aor"), ctl_get(o, "displayName"),
		  strcmp(ctl_get(o, "origin"), "file") ? ctl_get(o, "origin") : "users file");
	if (*ctl_get(o, "number"))
		ctl_print("number %s", ctl_get(o, "number"));
	if (*ctl_get(o, "outsideVoiceNumber"))
		ctl_print("outside %s", ctl_get(o, "outsideVoiceNumber"));
	for (size_t i = 0; i < ARRAY_SIZE(properties); i++)
		if (properties[i].is_flag)
			ctl_print("%s %s", properties[i].name,
				  strcmp(ctl_get(o, properties[i].member), "true") ? "no" : "yes");
	ctl_print("%s contacts, %s phones", ctl_get(o, "contacts"), ctl_get(o, "phones"));
	return CTL_YES;
}

static int show_or_set(struct ctl *c, int n_args, char *const *args)
{
	struct json_object *body = n_args > 1 ? json_object_new_object() : NULL, *answer;
	int code;

	for (int i = 1; i < n_args; i++)
		if (!add_property(body, args[i])) {
			json_object_put(body);
			return CTL_USAGE;
		}
	code = ask(c, body ? "PATCH" : "GET", args[0], body, &answer);
	if (code == CTL_YES)
		code = print_user(c, answer);
	json_object_put(answer);
	return code;
}

int ctl_user(struct ctl *c, int n_args, char *const *args)
{
	if (strcmp(args[0], "add") == 0 && n_args >= 3)
		return add_user(c, n_args - 1, args + 1);
	if (strcmp(args[0], "remove") == 0 && n_args == 2)
		return remove_user(c, args[1]);
	if (strcmp(args[0], "show") == 0 && n_args == 2)
		return show_or_set(c, 1, args + 1);
	if (strcmp(args[0], "set") == 0 && n_args >= 3)
		return show_or_set(c, n_args - 1, args + 1);
	ctl_complain("usage: mcxctl user add ADDRESS PASSWORD [NAME] | show ADDRESS | "
		     "set ADDRESS NAME=VALUE... | remove ADDRESS");
	return CTL_USAGE;
}

int ctl_reset(struct ctl *c, int n_args, char *const *args)
{
	struct json_object *body = json_object_new_object(), *answer;
	int code;

	if (n_args)
		json_object_object_add(body, "user", json_object_new_string(args[0]));
	code = ctl_call(c, "POST", "reset", body, &answer);
	json_object_put(answer);
	return code;
}
