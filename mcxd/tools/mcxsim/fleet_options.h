/*
 * Options of mcxsim fleet
 */
#pragma once

#include "mcxd/sim/fleet/fleet.h"

#include "mcxd/base/setting_map.h"

#include <json-c/json.h>
#include <stdbool.h>
#include <stdint.h>

struct fleet_options {
	struct sim_fleet_config fleet;
	const char *ready_file;
	struct setting_map hosts; /* --host */
	bool plain_http;          /* phones use the ready file's "http" */
	const char *users;        /* "m%@lab.test"; NULL: they are added to the lab */
	const char *password;
	const char *lab_socket; /* NULL: not known */
	int64_t n_phones, n_senders, patience_s;
	bool hold; /* no flows */
	bool json;
	const char *junit;         /* file; NULL: none */
	struct json_object *ready; /* keeps the strings that came from the ready file */
};

/** Returns -1 to go on, or an exit code. Deinit in both cases; strings may point into argv. */
int fleet_options_parse(int argc, char **argv, struct fleet_options *ret);
void fleet_options_deinit(struct fleet_options *o);
