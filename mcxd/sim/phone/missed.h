/*
 * Missed conversations
 *
 * When the app is opened it reads the list of missed conversations, shows each and deletes it.
 */
#pragma once

#include "mcxd/sim/phone/request.h"
#include "mcxd/sim/report.h"

#include <json-c/json.h>
#include <stdbool.h>
#include <stddef.h>

struct sim_missed_args {
	struct sim_requests *requests;
	struct sim_report *report;
	void (*on_read)(void *magic); /* when all are read */
	void *magic;
};

struct sim_missed {
	struct sim_missed_args args;
	struct json_object *logs; /* being read; NULL: nothing is */
	size_t n_read;
	bool stopped;
};

void sim_missed_init(struct sim_missed *m, const struct sim_missed_args *args);
void sim_missed_deinit(struct sim_missed *m);

/** Read those at this link, then call on_read; immediately if href is NULL or reading is under way. */
void sim_missed_read(struct sim_missed *m, const char *href);

/** Read no further. */
void sim_missed_stop(struct sim_missed *m);
