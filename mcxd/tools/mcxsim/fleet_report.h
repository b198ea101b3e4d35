/*
 * Report of a fleet
 */
#pragma once

#include "mcxd/sim/fleet/fleet.h"
#include "mcxd/sim/fleet/tally.h"
#include "proto/text/text.h"

#include <stdbool.h>
#include <stdint.h>

struct fleet_result {
	const struct sim_fleet_config *config;
	struct sim_tally *tally;
	int64_t took_us; /* from the first INVITE to the end of the last flow */
	int64_t cpu_us;  /* of this process, in that time */
};

/** Whether every flow that was asked for went as it was meant to, and nothing else went wrong. */
bool fleet_result_is_good(const struct fleet_result *r);

void fleet_report_text(const struct fleet_result *r, struct text *out);
void fleet_report_json(const struct fleet_result *r, struct text *out);
/** JUnit XML: a suite with a case for each kind of the mix, and one for what is of no flow. */
void fleet_report_junit(const struct fleet_result *r, struct text *out);
