/*
 * Clearing house: outbox
 *
 * What is on its way to push services, by host and by channel. Notifications for one channel leave one at a time and in the
 * order in which they came: the next one when the one before has ended, also if that takes several attempts. A host gets a
 * limited number of requests at once, and a limited number of notifications may wait for it, so that a push service that
 * does not answer fills its own part of the outbox and no other.
 *
 * A channel:
 *
 *	          outbox_add                 outbox_next
 *	(none) ----------------> READY ------------------> ACTIVE
 *	   ^                       ^  ^                      | |
 *	   |                       |  |        outbox_end, more wait
 *	   |         outbox_resume |  +----------------------+ | outbox_pause
 *	   |                       |                           v
 *	   +-- outbox_end, empty   +------------------------ PAUSED
 */
#pragma once

#include "mcxd/base/list.h"

#include <stdbool.h>
#include <stddef.h>
#include <stdint.h>

struct outbox;
struct outbox_channel;

struct outbox_limits {
	int64_t per_host;    /* notifications */
	int64_t per_channel; /* notifications */
	int64_t requests;    /* to a host at once */
};

/** Embedded in a notification. Zeroed memory is in no outbox. */
struct outbox_item {
	struct list node;
	struct outbox_channel *channel;
};

enum outbox_answer { OUTBOX_TAKEN, OUTBOX_HOST_FULL, OUTBOX_CHANNEL_FULL };

/** The limits may change meanwhile. free() asserts that it is empty; NULL is fine. */
struct outbox *outbox_new(const struct outbox_limits *limits);
struct outbox *outbox_free(struct outbox *o);

enum outbox_answer outbox_add(struct outbox *o, const char *host, const char *channel,
			      struct outbox_item *item);

/** The next one to send a request for, of each host in turn; NULL: none may be sent now. */
struct outbox_item *outbox_next(struct outbox *o);

/** The one that outbox_next() gave waits before its next attempt: its place among the requests is free, those behind it in its
 *  channel wait with it. */
void outbox_pause(struct outbox_item *item);
/** It wants to be sent: outbox_next() gives it again. */
void outbox_resume(struct outbox_item *item);

/** It has ended, wherever it is. Not being in an outbox is fine. */
void outbox_end(struct outbox_item *item);

/** The first one of its channel, which may be itself; NULL: it is in no outbox. */
struct outbox_item *outbox_first(const struct outbox_item *item);

/** The one behind it in its channel, or NULL. */
struct outbox_item *outbox_behind(const struct outbox_item *item);

/** How many are in it, and how many of them for a host. */
size_t outbox_count(const struct outbox *o);
size_t outbox_count_of(const struct outbox *o, const char *host);
