/*
 * Notice
 *
 * A notification that MPNS has accepted and that waits for its phone. (A notification is what somebody
 * posts to MPNS; the notice is what becomes of it here.)
 */
#pragma once

#include "mcxd/base/list.h"
#include "mcxd/base/loop.h"
#include "proto/push/apns.h"
#include "proto/push/mpns.h"

#include <stddef.h>
#include <stdint.h>

struct carrier;
struct json_object;

/* What only Apple's have. */
struct notice_apple {
	char *topic;
	char *collapse_id; /* may be NULL */
	char *withdraws;   /* id of the push that it takes back; may be NULL */
	enum apns_push_type push_type;
	int priority;
	int64_t expiration_s; /* as in struct apns_headers */
};

struct notice {
	struct list of_carrier;
	struct carrier *carrier; /* that it waits at */
	uint64_t number;         /* counts up from 1 per channel; 0 while its class holds it back */
	struct mpns_notification content; /* of Apple's: what there is of it in the payload */
	char *raw; /* of a raw notification, which has no document; of Apple's, the payload */
	size_t n_raw;
	struct notice_apple *apple; /* NULL: of Windows Phone */
	int class;                  /* X-NotificationClass; 0: it came without */
	char *message_id;           /* X-MessageID or apns-id; may be NULL */
	int64_t received_wall_us;
	int deliveries;           /* how often it was written to a carrier request */
	struct loop_timer delay;  /* runs while number is 0 */
	struct loop_timer expiry; /* of Apple's: when it is not to be delivered any more */
};

/** Takes over what content holds, and leaves it empty; message_id is copied and may be NULL. */
struct notice *notice_new(struct mpns_notification *content, const char *message_id);

/** The same of Apple's: the headers and the payload, which is taken apart here and must be well-formed. */
struct notice *notice_new_apple(const struct apns_headers *headers, const void *payload, size_t n);

/** Takes it out of its list, if it is in one. NULL is fine. */
void notice_free(struct notice *n);

/** As a phone gets it. */
struct json_object *notice_json(const struct notice *n);

/** A line about it for people; free() it. */
char *notice_summary(const struct notice *n);
