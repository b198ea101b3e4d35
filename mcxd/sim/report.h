/*
 * Report
 *
 * How a simulated client tells its host what happens (struct sim_ops). The end is reported from the loop,
 * with nothing of the client on the stack, so that the host may free the client there.
 */
#pragma once

#include "mcxd/sim/sim.h"
#include "proto/text/mem.h"

#include <stdint.h>

struct loop;

struct sim_report {
	struct loop *loop;
	const struct sim_ops *ops;
	void *magic;
	uint64_t post; /* the posted call that will report the end */
	enum sim_outcome outcome;
	bool ended;
};

/** ops must outlive the report. */
void sim_report_init(struct sim_report *r, struct loop *l, const struct sim_ops *ops, void *magic);
/** Zeroed memory is fine. */
void sim_report_deinit(struct sim_report *r);

void sim_report_event(struct sim_report *r, const struct sim_event *event);
void sim_report_problem(struct sim_report *r, const char *fmt, ...) PRINTF_LIKE(2, 3);
void sim_report_over(struct sim_report *r, enum sim_outcome outcome);

/** Nothing else is reported from here on. A second call changes nothing. */
void sim_report_end(struct sim_report *r, enum sim_outcome outcome);
