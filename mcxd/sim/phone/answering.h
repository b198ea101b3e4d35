/*
 * Answering
 *
 * A person who answers an invitation that the app does not know yet: the toast is on the screen, and the app in the
 * background. The app asks the server which conversations there are. If there is one that it has not heard of, the event
 * of its invitation is on its way, and is answered when it comes; if there is none, nobody rings.
 */
#pragma once

#include "mcxd/sim/phone/chat.h"
#include "mcxd/sim/phone/request.h"
#include "mcxd/sim/report.h"
#include "mcxd/sim/sim.h"

#include <stdbool.h>
#include <stdint.h>

struct sim_answering {
	struct sim_requests *requests;
	struct sim_report *report;
	struct sim_chats *chats;
	uint64_t asked; /* id of the request; 0: none is open */
};

/** Answer what rings, or what the next events say is ringing. Returns whether it rings already. */
bool sim_answering_want(struct sim_answering *a, enum sim_reaction reaction);

/** Whether that is still to come. */
bool sim_answering_is_wanted(const struct sim_answering *a);

/** Ask whether anything rings, if that is wanted. href: of the list of conversations; NULL: the server has none. */
void sim_answering_look(struct sim_answering *a, const char *href);

/** The app goes to the background: nothing is wanted any more. */
void sim_answering_stop(struct sim_answering *a);
