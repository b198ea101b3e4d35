/*
 * Notice
 *
 * A notification that MPNS has accepted and that waits for its phone. (A notification is what somebody
 * posts to MPNS; the notice is what becomes of it here.)
 */
#pragma once

#include "mcxd/base/list.h"
#include "mcxd/base/loop.h"
#include "proto/push/mpns.h"

#include <stddef.h>
#include <stdint.h>

struct carrier;
struct json_object;

struct notice {
	struct list of_carrier;
	struct carrier *carrier; /* that it waits at */
	uint64_t number;         /* counts up from 1 per channel; 0 while its class holds it back */
	struct mpns_notification content;
	char *raw; /* of a raw notification, which has no document */
	size_t n_raw;
	char *message_id; /* X-MessageID; may be NULL */
	int64_t received_wall_us;
	int deliveries;          /* how often it was written to a carrier request */
	struct loop_timer delay; /* runs while number is 0 */
};

/** Takes over what content holds, and leaves it empty; message_id is copied and may be NULL. */
struct notice *notice_new(struct mpns_notification *content, const char *message_id);

/** Takes it out of its list, if it is in one. NULL is fine. */
void notice_free(struct notice *n);

/** As a phone gets it. */
struct json_object *notice_json(const struct notice *n);

/** A line about it for people; free() it. */
char *notice_summary(const struct notice *n);
