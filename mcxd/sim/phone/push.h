/*
 * Push
 *
 * The push side of a phone: a channel at the push service, the subscription that tells the server about it,
 * and the carrier connection, over which notifications arrive as long as the phone is on.
 */
#pragma once

#include "mcxd/base/loop.h"
#include "mcxd/sim/phone/config.h"
#include "mcxd/sim/phone/request.h"
#include "mcxd/sim/report.h"

#include <stdbool.h>
#include <stdint.h>

struct sim_push_args {
	struct loop *loop;
	struct sim_requests *requests;
	struct sim_report *report;
	const struct sim_phone_config *config; /* sim_push_start() needs its push_service_url */
	void (*on_started)(void *magic);       /* once: it has subscribed, or may not */
	void (*on_toast)(void *magic);         /* after the event was reported */
	void *magic;
};

struct sim_push {
	struct sim_push_args args;
	char *subscription_href;
	char *channel;          /* URL of the channel; NULL: it cannot be deleted */
	char *notification_uri; /* or the device token */
	char *carrier;          /* URL of the held request without its query; NULL: no channel */
	uint64_t after;         /* number of the last notification that arrived */
	uint64_t held;          /* id of the held request */
	int n_failures;
	bool stopped, is_started;
	struct loop_timer retry;
	struct loop_timer patience; /* with a request that should have been answered long ago */
};

void sim_push_init(struct sim_push *p, const struct sim_push_args *args);
void sim_push_deinit(struct sim_push *p);

/** Get a channel and subscribe with it. subscription_href is where; NULL fails the phone. */
void sim_push_start(struct sim_push *p, const char *subscription_href);

/** Whether toasts can arrive. */
bool sim_push_has_channel(const struct sim_push *p);

/** Take no more notifications. */
void sim_push_stop(struct sim_push *p);

/** Tell the push service that the last notifications have arrived. Returns false, and on_answer is not
 *  called, when there is no channel. */
bool sim_push_acknowledge(struct sim_push *p, sim_answer_h *on_answer, void *magic);

/** Delete the channel; the return value is as above. */
bool sim_push_delete_channel(struct sim_push *p, sim_answer_h *on_answer, void *magic);
