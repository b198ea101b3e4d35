/*
 * mcxctl: clock
 */
#include "mcxd/base/setting.h"
#include "mcxd/base/setting_value.h"
#include "mcxd/tools/mcxctl/call.h"
#include "mcxd/tools/mcxctl/json.h"
#include "mcxd/tools/mcxctl/mcxctl.h"
#include "mcxd/tools/mcxctl/options.h"
#include "mcxd/tools/mcxctl/output.h"
#include "proto/text/mem.h"
#include "proto/text/text.h"

bool ctl_read_duration(const char *what, const char *s, int64_t *ret_ms)
{
	static const struct setting row = { .type = SETTING_MS, .max = INT64_MAX };
	CLEANUP(text_deinit) struct text why = TEXT_INIT;

	if (setting_value_set(&row, ret_ms, s, &why) == 0)
		return true;
	ctl_complain("%s: %s", what, text_str(&why));
	return false;
}

void ctl_add_clock(struct json_object *clock, struct text *out)
{
	int64_t ahead_ms = ctl_get_int(clock, "offsetMs");
	int64_t ms = ahead_ms < 0 ? -ahead_ms : ahead_ms;

	text_addf(out, "%s, %lld.%03d s %s%s", ctl_get(clock, "now"), (long long)(ms / 1000),
		  (int)(ms % 1000), ahead_ms < 0 ? "behind" : "ahead",
		  strcmp(ctl_get(clock, "frozen"), "true") == 0 ? ", frozen" : "");
}

static int ask(struct ctl *c, const char *path, struct json_object *body)
{
	CLEANUP(text_deinit) struct text line = TEXT_INIT;
	struct json_object *answer;
	int code = ctl_call(c, strcmp(path, "clock") ? "POST" : "GET", path, body, &answer);

	if (code != CTL_YES)
		return code;
	ctl_add_clock(answer, &line);
	if (c->options.json)
		ctl_print_json(answer);
	else
		ctl_print("%s", text_str(&line));
	json_object_put(answer);
	return CTL_YES;
}

static int advance(struct ctl *c, const char *duration)
{
	struct json_object *body;
	int64_t ms;

	if (!ctl_read_duration("clock advance", duration, &ms))
		return CTL_USAGE;
	body = json_object_new_object();
	json_object_object_add(body, "ms", json_object_new_int64(ms));
	return ask(c, "clock/advance", body);
}

int ctl_clock(struct ctl *c, int n_args, char *const *args)
{
	if (n_args == 0)
		return ask(c, "clock", NULL);
	if (n_args == 2 && strcmp(args[0], "advance") == 0)
		return advance(c, args[1]);
	if (n_args == 1 && strcmp(args[0], "freeze") == 0)
		return ask(c, "clock/freeze", NULL);
	if (n_args == 1 && strcmp(args[0], "resume") == 0)
		return ask(c, "clock/resume", NULL);
	ctl_complain("usage: mcxctl clock [advance DURATION | freeze | resume]");
	return CTL_USAGE;
}
