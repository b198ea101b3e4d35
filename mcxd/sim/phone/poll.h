/*
 * Poll
 *
 * The event request that an app in the foreground holds open, and the events in its answers. The next request
 * acknowledges what the last one brought.
 */
#pragma once

#include "mcxd/base/loop.h"
#include "mcxd/sim/phone/chat.h"
#include "mcxd/sim/phone/request.h"
#include "mcxd/sim/report.h"

#include <stdbool.h>
#include <stdint.h>

struct sim_poll_args {
	struct loop *loop;
	struct sim_requests *requests;
	struct sim_report *report;
	struct sim_chats *chats;
};

struct sim_poll {
	struct sim_poll_args args;
	char *next;    /* href of the next event request; NULL: none was sent yet */
	uint64_t held; /* id of the open one; 0: none is open */
	bool active;
	int n_failures;
	struct loop_timer retry;
};

void sim_poll_init(struct sim_poll *p, const struct sim_poll_args *args);
void sim_poll_deinit(struct sim_poll *p);

/** Go on from where it stopped, or begin at this link. */
void sim_poll_start(struct sim_poll *p, const char *href);

/** Drop the event request. */
void sim_poll_stop(struct sim_poll *p);

/** Leave the open event request, which acknowledges the last events, on its way, and ignore its answer.
 *  Returns whether there is one. */
bool sim_poll_leave(struct sim_poll *p);
