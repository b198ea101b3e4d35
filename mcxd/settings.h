/*
 * Settings of mcxd
 *
 * One table of rows (settings.c) fills this struct: defaults, INI file, --set, and the README's table.
 */
#pragma once

#include "mcxd/base/journal.h"
#include "mcxd/base/setting.h"
#include "mcxd/clearing_house/clearing_house.h"
#include "mcxd/core/core.h"
#include "mcxd/edge/edge.h"
#include "mcxd/front_end/front_end.h"
#include "mcxd/push_service/push_service.h"
#include "web/lab/lab.h"
#include "web/ucwa/ucwa.h"

struct settings {
	char *state_dir;
	char *users_file;
	char *log_level;
	bool log_json;
	char *lab_socket;
	char *push_next_hop;
	char *clearing_house_ca_file;
	char *https_names;
	struct http_config https, http;
	struct core_config core;
	struct front_end_config sip;
	struct ucwa_config ucwa;
	struct edge_config edge;
	struct clearing_house_config clearing_house;
	struct push_service_config push_service;
	struct lab_config lab;
	struct journal_config journal;
};

extern const struct setting_table settings_table;
