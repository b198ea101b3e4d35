/*
 * Simulated phone
 */
#include "mcxd/sim/phone/phone.h"

#include "mcxd/base/loop.h"
#include "mcxd/sim/lines.h"
#include "mcxd/sim/phone/activity.h"
#include "mcxd/sim/phone/answering.h"
#include "mcxd/sim/phone/chat.h"
#include "mcxd/sim/phone/config.h"
#include "mcxd/sim/phone/links.h"
#include "mcxd/sim/phone/missed.h"
#include "mcxd/sim/phone/poll.h"
#include "mcxd/sim/phone/private.h"
#include "mcxd/sim/phone/push.h"
#include "mcxd/sim/phone/request.h"
#include "mcxd/sim/phone/resume.h"
#include "mcxd/sim/phone/sign_in.h"
#include "mcxd/sim/phone/start.h"
#include "mcxd/sim/report.h"
#include "mcxd/sim/sim.h"
#include "proto/text/mem.h"

enum { IDLE_MS = 5000 }; /* until the screen goes dark */

static const char *inner_href(const struct sim_phone *p, const char *resource, const char *rel)
{
	return sim_link_href(sim_link_embedded(p->sign_in.application, resource, 0), rel);
}

bool sim_phone_sign_out(struct sim_phone *p)
{
	if (sim_phone_is_ending(p))
		return false;
	p->config.sign_out = true;
	return sim_phone_end(p, SIM_DONE);
}

static bool on_failure(void *magic, enum sim_outcome outcome, const char *sentence)
{
	struct sim_phone *p = magic;

	if (sim_phone_is_ending(p))
		return false;
	sim_report_problem(&p->report, "%s", sentence);
	sim_phone_end(p, outcome);
	return true;
}

/* ---- foreground and background ---- */

static void enter_background(struct sim_phone *p)
{
	p->phase = SIM_PHONE_BACKGROUND;
	p->chats.reaction = p->config.on_invite;
	sim_activity_stop(&p->activity);
	loop_timer_stop(&p->idle);
	sim_poll_stop(&p->poll);
	sim_answering_stop(&p->answering);
	sim_report_event(&p->report, &(struct sim_event){ SIM_EVENT_BACKGROUND });
}

static void on_idle(void *magic);

/* Something happened: the phone does not go to the background by itself for a while. */
static void touch(struct sim_phone *p)
{
	if (p->config.background && p->phase == SIM_PHONE_FOREGROUND)
		loop_timer_set_real(p->loop, &p->idle, IDLE_MS, on_idle, p);
}

static void on_idle(void *magic)
{
	struct sim_phone *p = magic;

	if (sim_chats_any_open(&p->chats))
		touch(p);
	else
		enter_background(p);
}

static void enter_foreground(struct sim_phone *p)
{
	bool was_away = p->phase == SIM_PHONE_BACKGROUND;

	p->phase = SIM_PHONE_FOREGROUND;
	sim_activity_start(&p->activity, inner_href(p, "me", "reportMyActivity"));
	if (was_away)
		sim_report_event(&p->report, &(struct sim_event){ SIM_EVENT_FOREGROUND });
	if (p->phase == SIM_PHONE_FOREGROUND)
		sim_missed_read(&p->missed, inner_href(p, "communication", "conversationLogs"));
}

static void look_who_rings(struct sim_phone *p)
{
	sim_answering_look(&p->answering, inner_href(p, "communication", "conversations"));
}

static void on_missed_read(void *magic)
{
	struct sim_phone *p = magic;

	if (p->phase != SIM_PHONE_FOREGROUND)
		return;
	sim_poll_start(&p->poll, sim_phone_href(p, "events"));
	look_who_rings(p);
	touch(p);
}

/* ---- from sign-in to the first conversation ---- */

static void start(struct sim_phone *p)
{
	touch(p);
	sim_start_go(&p->start, inner_href(p, "communication", "startMessaging"));
}

static void on_push_started(void *magic)
{
	struct sim_phone *p = magic;

	if (sim_phone_is_ending(p))
		return;
	if (p->config.background && !p->start.to && !sim_answering_is_wanted(&p->answering))
		enter_background(p);
	else
		enter_foreground(p);
	start(p);
}

static void on_resumed(void *magic)
{
	struct sim_phone *p = magic;

	if (sim_phone_is_ending(p))
		return;
	if (p->config.push_service_url)
		sim_push_start(&p->push, sim_phone_href(p, "pushSubscription"));
	else
		on_push_started(p);
}

static void on_signed_in(void *magic)
{
	struct sim_phone *p = magic;
	const struct sim_field fields[] = {
		{ "user", p->config.user },
		{ "application", sim_phone_href(p, "self") },
	};

	sim_report_event(&p->report, &(struct sim_event){ .kind = SIM_EVENT_SIGNED_IN,
							  .summary = p->config.user,
							  .fields = fields,
							  .n_fields = ARRAY_SIZE(fields) });
	if (sim_phone_is_ending(p))
		return;
	if (p->sign_in.is_back)
		sim_resume_read(&p->resume, inner_href(p, "communication", "conversations"));
	else
		on_resumed(p);
}

static void on_token_expired(void *magic)
{
	struct sim_phone *p = magic;

	sim_sign_in_renew(&p->sign_in);
}

static void on_chat_activity(void *magic)
{
	touch(magic);
}

static void on_chat_over(void *magic)
{
	struct sim_phone *p = magic;

	sim_report_over(&p->report, SIM_DONE);
	if (p->phase == SIM_PHONE_FOREGROUND && p->config.background &&
	    !sim_chats_any_open(&p->chats))
		enter_background(p);
}

static enum sim_reaction next_reaction(struct sim_phone *p)
{
	size_t last = p->config.n_on_toast - 1;
	size_t i = p->n_toasts < last ? p->n_toasts : last;

	p->n_toasts++;
	return p->config.on_toast[i];
}

/* An app in the foreground has the invitation already. */
static void on_toast(void *magic)
{
	struct sim_phone *p = magic;
	enum sim_reaction reaction;

	if (p->phase != SIM_PHONE_BACKGROUND)
		return;
	reaction = next_reaction(p);
	if (reaction == SIM_IGNORE) {
		on_chat_over(p);
		return;
	}
	p->chats.reaction = reaction;
	enter_foreground(p);
}

/* ---- life ---- */

static void init_parts(struct sim_phone *p)
{
	struct sim_requests *requests = &p->requests;
	struct sim_report *report = &p->report;
	const struct sim_phone_config *config = &p->config;

	sim_requests_init(requests, &(struct sim_requests_args){ .loop = p->loop,
								 .report = report,
								 .config = config,
								 .on_expired = on_token_expired,
								 .on_failure = on_failure,
								 .magic = p });
	sim_chats_init(&p->chats, &(struct sim_chats_args){ .requests = requests,
							    .report = report,
							    .config = config,
							    .on_activity = on_chat_activity,
							    .on_over = on_chat_over,
							    .magic = p });
	sim_poll_init(&p->poll, &(struct sim_poll_args){ .loop = p->loop,
							 .requests = requests,
							 .report = report,
							 .chats = &p->chats });
	sim_push_init(&p->push, &(struct sim_push_args){ .loop = p->loop,
							 .requests = requests,
							 .report = report,
							 .config = config,
							 .on_started = on_push_started,
							 .on_toast = on_toast,
							 .magic = p });
	p->start = (struct sim_start){ .requests = requests, .chats = &p->chats };
	p->answering = (struct sim_answering){ .requests = requests,
					       .report = report,
					       .chats = &p->chats };
	sim_start_set(&p->start, config->im_to, config->im_text);
	sim_activity_init(&p->activity, p->loop, requests);
	sim_missed_init(&p->missed, &(struct sim_missed_args){ .requests = requests,
							       .report = report,
							       .on_read = on_missed_read,
							       .magic = p });
	sim_resume_init(&p->resume, &(struct sim_resume_args){ .requests = requests,
							       .chats = &p->chats,
							       .on_read = on_resumed,
							       .magic = p });
	sim_sign_in_init(&p->sign_in, &(struct sim_sign_in_args){ .requests = requests,
								  .config = config,
								  .on_signed_in = on_signed_in,
								  .magic = p });
}

struct sim_phone *sim_phone_new(struct loop *l, const struct sim_phone_config *config,
				const struct sim_ops *ops, void *magic)
{
	struct sim_phone *p = MEM_NEW(struct sim_phone);

	p->loop = l;
	p->config = *config;
	sim_phone_config_complete(&p->config);
	sim_report_init(&p->report, l, ops, magic);
	init_parts(p);
	return p;
}

void sim_phone_start(struct sim_phone *p)
{
	sim_sign_in_start(&p->sign_in);
}

struct sim_phone *sim_phone_free(struct sim_phone *p)
{
	if (!p)
		return NULL;
	sim_activity_deinit(&p->activity);
	loop_timer_stop(&p->idle);
	loop_timer_stop(&p->deadline);
	sim_report_deinit(&p->report);
	sim_sign_in_deinit(&p->sign_in);
	sim_missed_deinit(&p->missed);
	sim_resume_deinit(&p->resume);
	sim_push_deinit(&p->push);
	sim_poll_deinit(&p->poll);
	sim_chats_deinit(&p->chats);
	sim_requests_deinit(&p->requests);
	sim_start_deinit(&p->start);
	free(p);
	return NULL;
}

/* ---- actions ---- */

enum sim_phone_phase sim_phone_phase(const struct sim_phone *p)
{
	return p->phase;
}

bool sim_phone_is_talking(const struct sim_phone *p)
{
	return sim_chats_any(&p->chats) || p->start.to;
}

bool sim_phone_is_busy(const struct sim_phone *p)
{
	return sim_chats_any_open(&p->chats) || p->chats.unsent.n > 0 || p->chats.n_starting > 0 ||
	       p->start.to;
}

static bool act(struct sim_phone *p)
{
	touch(p);
	return !sim_phone_is_ending(p);
}

static bool answer(struct sim_phone *p, enum sim_reaction reaction)
{
	if (!act(p))
		return false;
	if (!sim_answering_want(&p->answering, reaction) && !sim_phone_to_foreground(p) &&
	    p->phase == SIM_PHONE_FOREGROUND)
		look_who_rings(p);
	return true;
}

bool sim_phone_accept(struct sim_phone *p)
{
	return answer(p, SIM_ACCEPT);
}

bool sim_phone_decline(struct sim_phone *p)
{
	return answer(p, SIM_DECLINE);
}

bool sim_phone_to_foreground(struct sim_phone *p)
{
	if (p->phase != SIM_PHONE_BACKGROUND)
		return false;
	enter_foreground(p);
	return true;
}

void sim_phone_stay(struct sim_phone *p)
{
	p->config.background = false;
}

bool sim_phone_to_background(struct sim_phone *p)
{
	if (p->phase != SIM_PHONE_FOREGROUND || !sim_push_has_channel(&p->push))
		return false;
	enter_background(p);
	return true;
}

bool sim_phone_im(struct sim_phone *p, const char *to, const char *text)
{
	if (sim_phone_is_ending(p))
		return false;
	sim_start_set(&p->start, to, text);
	if (p->phase == SIM_PHONE_SIGNING_IN)
		return true;
	sim_phone_to_foreground(p);
	start(p);
	return true;
}

bool sim_phone_say(struct sim_phone *p, const char *text)
{
	return act(p) && sim_phone_is_talking(p) && sim_chats_say(&p->chats, text);
}

bool sim_phone_type(struct sim_phone *p)
{
	return act(p) && sim_chats_type(&p->chats);
}

bool sim_phone_hang_up(struct sim_phone *p)
{
	return act(p) && sim_chats_hang_up(&p->chats);
}

bool sim_phone_hang_up_all(struct sim_phone *p)
{
	return act(p) && sim_chats_hang_up_all(&p->chats);
}

void sim_phone_set_online(struct sim_phone *p, bool online)
{
	sim_requests_set_online(&p->requests, online);
}
