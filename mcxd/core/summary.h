/*
 * Summary
 *
 * What remains of a conversation that has ended, so that it can be listed. Core keeps the newest
 * core.max_history of them in core->history, oldest first. The conversation decides what stands in one.
 */
#pragma once

#include "mcxd/base/list.h"
#include "mcxd/core/core.h"

#include <stdint.h>

struct conversation_summary {
	struct list of_history;
	uint64_t id; /* of the conversation */
	char *from, *to, *first_line;
	int sip_status;
	char *reason;
	int64_t began_wall_us, answered_wall_us, ended_wall_us;
	unsigned n_messages;
};

/** A new one at the end of the history, for the caller to fill in; NULL if there is no history. */
struct conversation_summary *summary_add(struct core *c);

/** Forget those of this user, on either side; NULL: all. */
void summary_forget(struct core *c, const char *aor);

void summary_free_all(struct core *c);
