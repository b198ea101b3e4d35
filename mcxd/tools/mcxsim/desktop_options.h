/*
 * Options of mcxsim desktop
 */
#pragma once

#include "mcxd/sim/desktop_config.h"

#include "mcxd/base/setting_map.h"

#include <json-c/json.h>
#include <stdbool.h>

struct desktop_options {
	struct sim_desktop_config desktop;
	const char *ready_file;
	const char *ca_file;
	struct setting_map hosts; /* --host */
	bool json;
	const char *peer; /* to invite; NULL: wait to be invited */
	const char *first_line;
	struct json_object *ready; /* keeps the strings that came from the ready file */
};

/** Returns -1 to go on, or an exit code. Deinit in both cases; strings may point into argv. */
int desktop_options_parse(int argc, char **argv, struct desktop_options *ret);
void desktop_options_deinit(struct desktop_options *o);
