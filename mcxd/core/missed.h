/*
 * Missed conversation
 *
 * An invitation that a phone was offered and nobody took, kept until the app has read it.
 */
#pragma once

#include "mcxd/core/phone.h"

struct missed {
	struct list of_phone;
	struct phone *phone;
	uint64_t id; /* in the store */
	uint64_t conversation;
	char *from, *from_name;
	char *subject, *importance, *thread_id;
	char *first_line; /* may be NULL */
	int64_t wall_us;
};

/** Put it on the phone's list, drop the oldest over max_missed, and tell the phone. */
struct conversation;
void missed_add(struct phone *p, const struct conversation *v);

/** NULL when the phone has not missed that conversation. */
struct missed *missed_find(const struct phone *p, uint64_t conversation);

/** It has been read. */
void missed_remove(struct missed *m);

/** All of the phone's have been read. */
void missed_clear(struct phone *p);

/** A row of the store, STORE_MISSED; phones come first. */
void missed_restore(struct core *c, const struct store_row *row);
