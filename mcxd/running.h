/*
 * Running settings
 *
 * The settings that the rooms look at while the daemon runs: those that it was started with, and over them what the lab
 * API has changed. Reading the file again replaces the former, a reset ends the latter, and either way all live values
 * change at once, or none does.
 */
#pragma once

#include "mcxd/base/setting_change.h"
#include "mcxd/base/setting_map.h"
#include "mcxd/settings.h"

#include <stddef.h>

struct text;

struct running_ops {
	/** Read the settings again into a zeroed struct. Returns 0, or a negative errno having appended a line for each
	 *  error; the struct is the caller's in either case. May be NULL: there is nothing to read. */
	int (*load)(const void *origin, struct settings *ret, struct text *errors);
	const void *origin;
	setting_changed_h *on_changed; /* for each that has changed, */
	void (*apply)(void *magic);    /* and then once */
	void *magic;
};

/** A zeroed one may be given to running_deinit(). */
struct running {
	struct settings base; /* as they were loaded */
	struct settings now;
	struct setting_map changed; /* by the lab API: names, and values as they were written */
	struct running_ops ops;
};

void running_init(struct running *r, const struct settings *loaded, const struct running_ops *ops);
void running_deinit(struct running *r);

/** Change some. Returns 0, or -EINVAL with a line for each error, and then nothing has changed. */
int running_change(struct running *r, const struct setting_change *changes, size_t n,
		   struct text *errors);

/** Read them again. What was changed here stays changed; what only a start can change is logged. Returns 0, or a negative
 *  errno with a line for each error, and then nothing has changed. */
int running_reload(struct running *r, struct text *errors);

/** Nothing is changed any more. */
void running_reset(struct running *r);
