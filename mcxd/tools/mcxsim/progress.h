/*
 * Progress
 *
 * A bar on standard error, if that is a terminal.
 */
#pragma once

#include <stdbool.h>
#include <stdint.h>

struct progress {
	bool terminal;
	bool drawn;
};

void progress_init(struct progress *p);
void progress_draw(struct progress *p, const char *what, int64_t n, int64_t all, int64_t n_failed);
/** Leave the line empty. */
void progress_clear(struct progress *p);
