/*
 * Lines
 *
 * Texts that wait to be sent, oldest first.
 */
#pragma once

#include "mcxd/base/list.h"

enum { SIM_MAX_LINES = 1000 };

struct sim_lines {
	struct list list;
	size_t n;
};

void sim_lines_init(struct sim_lines *l);
void sim_lines_deinit(struct sim_lines *l);

/** Append a copy. Returns false if SIM_MAX_LINES are already waiting. */
bool sim_lines_add(struct sim_lines *l, const char *text);

/** Remove the oldest; free() it. NULL: there is none. */
char *sim_lines_take(struct sim_lines *l);
