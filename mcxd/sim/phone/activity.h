/*
 * Activity
 *
 * While the app is open, the server has to hear that somebody uses it: UCWA expects reportMyActivity at least every
 * four minutes.
 */
#pragma once

#include "mcxd/base/loop.h"
#include "mcxd/sim/phone/request.h"

struct sim_activity {
	struct loop *loop;
	struct sim_requests *requests;
	char *href; /* NULL: the server does not want to know */
	struct loop_timer timer;
};

void sim_activity_init(struct sim_activity *a, struct loop *l, struct sim_requests *requests);
void sim_activity_deinit(struct sim_activity *a);

/** Report at this link from here on. */
void sim_activity_start(struct sim_activity *a, const char *href);
void sim_activity_stop(struct sim_activity *a);
