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

/* "60s", written as in a setting. */
static bool read_duration(const char *s, int64_t *ret_ms)
{
	static const struct setting row = { .type = SETTING_MS, .max = INT64_MAX };
	CLEANUP(text_deinit) struct text why = TEXT_INIT;

	if (setting_value_set(&row, ret_ms, s, &why) == 0)
		return true;
	ctl_complain("clock advance: %s", text_str(&why));
	return false;
}

int ctl_clock(struct ctl *c, int n_args, char *const *args)
{
	bool advance = n_args == 2 && strcmp(args[0], "advance") == 0;
	struct json_object *body = NULL, *answer;
	int64_t ahead_ms, ms = 0;
	int code;

	if (n_args && !advance) {
		ctl_complain("usage: mcxctl clock [advance DURATION]");
		return CTL_USAGE;
	}
	if (advance) {
		if (!read_duration(args[1], &ms))
			return CTL_USAGE;
		body = json_object_new_object();
		json_object_object_add(body, "ms", json_object_new_int64(ms));
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
