/*
 * Device tokens that have been
 *
 * APNs says since when a device token has not been valid (410). So those are remembered: a number of them, the latest.
 */
#pragma once

#include "proto/push/apns.h"

#include <stdint.h>

struct ended;

struct ended *ended_new(void);
struct ended *ended_free(struct ended *e); /* NULL is fine */

/** How many are kept, from the next one on: a limit that is only tried forgets nothing. */
void ended_limit(struct ended *e, int64_t max);

/** Remember one. wall_ms: when it ended, by the lab's clock. */
void ended_add(struct ended *e, const char *token, enum apns_reason reason, int64_t wall_ms);

/** The reason why it ended; APNS_ACCEPTED: it is not known. */
enum apns_reason ended_find(const struct ended *e, const char *token, int64_t *ret_wall_ms);

/** Each of them, the oldest first. */
void ended_each(const struct ended *e,
		void (*on_token)(void *magic, const char *token, enum apns_reason reason,
				 int64_t wall_ms),
		void *magic);

/** Forget all. */
void ended_clear(struct ended *e);
