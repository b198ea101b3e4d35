/*
 * Summary
 *
 * What stays of a conversation that has ended, for listings. Bounded by max_history, oldest first.
 */
#pragma once

#include "mcxd/core/conversation.h"

struct conversation_summary {
	struct list of_history;
	uint64_t id;
	char *from, *to, *first_line;
	int sip_status;
	char *reason;
	int64_t began_wall_us, answered_wall_us, ended_wall_us;
	unsigned n_messages;
};

void summary_add(struct core *c, const struct conversation *v);
void summaries_forget(struct core *c);
