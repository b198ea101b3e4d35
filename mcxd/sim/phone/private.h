/*
 * Simulated phone: what its files share
 *
 * phone.c is the phone until it ends; end.c is how it ends.
 */
#pragma once

#include "mcxd/base/loop.h"
#include "mcxd/sim/phone/activity.h"
#include "mcxd/sim/phone/answering.h"
#include "mcxd/sim/phone/chat.h"
#include "mcxd/sim/phone/config.h"
#include "mcxd/sim/phone/links.h"
#include "mcxd/sim/phone/missed.h"
#include "mcxd/sim/phone/phone.h"
#include "mcxd/sim/phone/poll.h"
#include "mcxd/sim/phone/push.h"
#include "mcxd/sim/phone/request.h"
#include "mcxd/sim/phone/resume.h"
#include "mcxd/sim/phone/sign_in.h"
#include "mcxd/sim/phone/start.h"
#include "mcxd/sim/report.h"
#include "mcxd/sim/sim.h"

#include <stdbool.h>
#include <stddef.h>

struct sim_phone {
	struct loop *loop;
	struct sim_phone_config config;
	struct sim_report report;
	struct sim_requests requests;
	struct sim_sign_in sign_in;
	struct sim_push push;
	struct sim_missed missed;
	struct sim_resume resume;
	struct sim_poll poll;
	struct sim_chats chats;
	struct sim_answering answering;
	enum sim_phone_phase phase;
	enum sim_outcome outcome; /* ENDING */
	size_t end_step;          /* ENDING: what is next */
	size_t n_toasts;
	struct sim_start start;
	struct sim_activity activity;
	struct loop_timer idle;     /* back to the background when nothing happens */
	struct loop_timer deadline; /* ENDING */
};

/** A link of its application, or NULL. */
static inline const char *sim_phone_href(const struct sim_phone *p, const char *rel)
{
	return sim_link_href(p->sign_in.application, rel);
}

static inline bool sim_phone_is_ending(const struct sim_phone *p)
{
	return p->phase == SIM_PHONE_ENDING;
}
