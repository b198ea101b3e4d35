/*
 * Options of mcxsim phone
 */
#pragma once

#include "mcxd/sim/phone/config.h"

#include "mcxd/base/setting_map.h"

#include <json-c/json.h>
#include <stdbool.h>
#include <stdint.h>

struct phone_options {
	struct sim_phone_config phone;
	const char *ready_file;
	struct setting_map hosts; /* --host */
	bool json;
	int64_t count;             /* conversations, then exit; 0: no end */
	int64_t timeout_s;         /* then give up; 0: never */
	struct json_object *ready; /* keeps the strings that came from the ready file */
};

/** Returns -1 to go on, or an exit code. Deinit in both cases; strings may point into argv. */
int phone_options_parse(int argc, char **argv, struct phone_options *ret);
void phone_options_deinit(struct phone_options *o);
