/*
 * Simulated phone: its end
 */
#include "mcxd/base/loop.h"
#include "mcxd/sim/phone/activity.h"
#include "mcxd/sim/phone/chat.h"
#include "mcxd/sim/phone/config.h"
#include "mcxd/sim/phone/missed.h"
#include "mcxd/sim/phone/phone.h"
#include "mcxd/sim/phone/poll.h"
#include "mcxd/sim/phone/private.h"
#include "mcxd/sim/phone/push.h"
#include "mcxd/sim/phone/request.h"
#include "mcxd/sim/report.h"
#include "mcxd/sim/sim.h"
#include "proto/text/mem.h"
#include "web/http/client.h"

enum { END_MS = 2000 }; /* for the last requests */

static void end_next(struct sim_phone *p);

static void on_end_answer(void *magic, const struct http_result *r, struct json_object *body)
{
	(void)r;
	(void)body;
	end_next(magic);
}

static void end_send(struct sim_phone *p, const char *method, const char *href)
{
	sim_request_send(&p->requests, &(struct sim_request){ .method = method,
							      .href = href,
							      .on_answer = on_end_answer,
							      .magic = p });
}

/* Returns false when no answer has to be waited for. */
typedef bool end_step_h(struct sim_phone *p);

/* One at a time; the other side is told. */
static bool end_chats(struct sim_phone *p)
{
	if (!sim_chats_drop_next(&p->chats, on_end_answer, p))
		return false;
	p->end_step--;
	return true;
}

static bool end_carrier(struct sim_phone *p)
{
	return sim_push_acknowledge(&p->push, on_end_answer, p);
}

/* The event request that acknowledges the last events is on its way; this one arrives after it. */
static bool end_poll(struct sim_phone *p)
{
	const char *self = sim_phone_href(p, "self");

	if (!sim_poll_leave(&p->poll) || !self)
		return false;
	end_send(p, "GET", self);
	return true;
}

static bool end_channel(struct sim_phone *p)
{
	return p->config.sign_out && sim_push_delete_channel(&p->push, on_end_answer, p);
}

static bool end_application(struct sim_phone *p)
{
	const char *self = sim_phone_href(p, "self");

	if (!p->config.sign_out || !self)
		return false;
	end_send(p, "DELETE", self);
	return true;
}

static void finish(struct sim_phone *p)
{
	loop_timer_stop(&p->deadline);
	sim_requests_close(&p->requests);
	sim_report_end(&p->report, p->outcome);
}

static void end_next(struct sim_phone *p)
{
	static end_step_h *const steps[] = {
		end_chats, end_carrier, end_poll, end_channel, end_application,
	};

	while (p->outcome != SIM_UNREACHABLE && p->end_step < ARRAY_SIZE(steps))
		if (steps[p->end_step++](p))
			return;
	finish(p);
}

static void on_deadline(void *magic)
{
	finish(magic);
}

bool sim_phone_end(struct sim_phone *p, enum sim_outcome outcome)
{
	if (sim_phone_is_ending(p))
		return false;
	p->phase = SIM_PHONE_ENDING;
	p->outcome = outcome;
	sim_activity_stop(&p->activity);
	loop_timer_stop(&p->idle);
	sim_missed_stop(&p->missed);
	sim_poll_leave(&p->poll);
	sim_push_stop(&p->push);
	loop_timer_set_real(p->loop, &p->deadline, END_MS, on_deadline, p);
	end_next(p);
	return true;
}
