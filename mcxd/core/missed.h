/*
 * Missed conversation
 *
 * An invitation that was offered to a phone and that nobody answered, kept until the app deletes it. This file
 * decides how many a phone keeps, and stores them.
 */
#pragma once

#include "mcxd/base/list.h"
#include "mcxd/core/conversation.h"
#include "mcxd/core/core.h"
#include "mcxd/core/phone.h"
#include "mcxd/core/store_row.h"

#include <stdbool.h>
#include <stdint.h>

struct missed {
	struct list of_phone;
	struct phone *phone;
	uint64_t id; /* in the store */
	uint64_t conversation;
	char *from, *from_name;
	char *subject, *importance, *thread_id;
	char *first_line; /* and what was said after it; may be NULL */
	char *reason; /* why nobody answered: the diagnostics' words; NULL in a row of an earlier mcxd */
	int64_t wall_us;
	bool is_read;
};

/** Add it with what was said after its first line (or "") to the phone's list, which drops its oldest beyond core.max_missed, with an event for the phone.
 *  Returns false, and queues no event, if the phone keeps none. */
bool missed_add(struct phone *p, const struct conversation *v, const char *later);

/** NULL if the phone has not missed that conversation. */
struct missed *missed_find(const struct phone *p, uint64_t conversation);

/** Mark it as read; remove it. With an event for the phone if its counts change. */
void missed_read(struct missed *m);
void missed_remove(struct missed *m);

/** Remove all of the phone's, without an event. */
void missed_clear(struct phone *p);

/** Save its STORE_MISSED row. */
void missed_save(const struct missed *object);

/** A STORE_MISSED row. False if its phone is unknown. */
bool missed_restore(struct core *c, const struct store_row *row);
