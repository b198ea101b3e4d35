/*
 * Push queue
 *
 * What waits to be pushed to one phone. Only one push at a time is under way to a phone, from the MESSAGE to its answer or the
 * end of the wait for it: so a withdrawal never overtakes what it takes back, and of several numbers for the tile the newest
 * arrives last, however late a server on the way hands one on. What to do with a queue is core/push's matter.
 */
#pragma once

#include "mcxd/base/list.h"
#include "mcxd/core/ports.h"

#include <stdbool.h>
#include <stdint.h>

struct push_queue {
	struct list waiting; /* struct queued_push.of_queue, oldest first */
	int64_t n_waiting;
	uint64_t under_way; /* the push that waits for its answer; 0: none */
};

enum { N_QUEUED_STRINGS = 6 };

/** The message lacks what the phone says of itself, which may change while it waits. */
struct queued_push {
	struct list of_queue;
	struct push_message message;
	char *strings[N_QUEUED_STRINGS]; /* of the message */
	int n_strings;
};

void push_queue_init(struct push_queue *q);

/** Whether another push has to wait. */
bool push_queue_is_busy(const struct push_queue *q);

/** At the end. Copied is what the message is about; modality is kept as it is. */
void push_queue_add(struct push_queue *q, const struct push_message *m);

/** Take one out, for queued_push_free(). id 0: the oldest. NULL: it is not there. */
struct queued_push *push_queue_take(struct push_queue *q, uint64_t id);

void queued_push_free(struct queued_push *e);

void push_queue_deinit(struct push_queue *q);
