/*
 * Life of the simulated phone
 */
#include "mcxd/sim/phone/phone.h"

#include <signal.h>
#include <unistd.h>

enum {
	ACTIVITY_MS = 180000, /* UCWA wants to hear something every four minutes */
	IDLE_MS = 5000,       /* the screen goes dark */
	END_MS = 2000         /* for the last words */
};

/* ---- foreground and background ---- */

static void on_activity(void *magic)
{
	struct sim_phone *h = magic;
	const char *href = link_href(link_embedded(h->application, "me", 0), "reportMyActivity");

	if (href)
		request_send(h, &(struct request_spec){ .method = "POST", .href = href });
	loop_timer_set_real(h->loop, &h->activity, ACTIVITY_MS, on_activity, h);
}

static void on_idle(void *magic)
{
	struct sim_phone *h = magic;

	if (chat_any_open(h))
		sim_phone_touch(h);
	else
		sim_phone_to_background(h);
}

void sim_phone_touch(struct sim_phone *h)
{
	if (h->options->background && h->phase == PHASE_FOREGROUND)
		loop_timer_set_real(h->loop, &h->idle, IDLE_MS, on_idle, h);
}

static void on_missed_read(struct sim_phone *h)
{
	if (h->phase != PHASE_FOREGROUND)
		return;
	events_start(h);
	sim_phone_touch(h);
}

void sim_phone_to_foreground(struct sim_phone *h)
{
	if (h->phase == PHASE_BACKGROUND)
		sim_event(h->options->json, "foreground", NULL, NULL, 0);
	h->phase = PHASE_FOREGROUND;
	loop_timer_set_real(h->loop, &h->activity, ACTIVITY_MS, on_activity, h);
	missed_read(h, on_missed_read);
}

void sim_phone_to_background(struct sim_phone *h)
{
	h->phase = PHASE_BACKGROUND;
	h->woken = false;
	loop_timer_stop(&h->activity);
	loop_timer_stop(&h->idle);
	events_stop(h);
	sim_event(h->options->json, "background", NULL, NULL, 0);
}

void sim_phone_on_signed_in(struct sim_phone *h)
{
	sim_event(h->options->json, "signed-in", h->options->user,
		  (struct sim_field[]){ { "user", h->options->user },
					{ "application", link_href(h->application, "self") } },
		  2);
	if (h->options->push_service_url)
		push_start(h);
	else
		sim_phone_on_subscribed(h);
}

void sim_phone_on_subscribed(struct sim_phone *h)
{
	if (h->options->background)
		sim_phone_to_background(h);
	else
		sim_phone_to_foreground(h);
}

/* ---- the end ---- */

void sim_phone_check_end(struct sim_phone *h)
{
	bool enough = h->options->count && h->n_done >= h->options->count;
	bool waits = h->options->count && !enough;

	if (enough || (h->eof && !waits && !chat_any_open(h) && !h->n_unsent))
		sim_phone_end(h, SIM_OK);
}

void sim_phone_on_done(struct sim_phone *h)
{
	h->n_done++;
	sim_phone_check_end(h);
	if (h->phase == PHASE_FOREGROUND && h->options->background && !chat_any_open(h))
		sim_phone_to_background(h);
}

static void end_next(struct sim_phone *h);

static void on_end_answer(struct sim_phone *h, const struct http_result *r,
			  struct json_object *body, void *magic)
{
	(void)r;
	(void)body;
	(void)magic;
	end_next(h);
}

static void end_send(struct sim_phone *h, const char *method, const char *href, bool plain)
{
	request_send(h, &(struct request_spec){ .method = method,
						.href = href,
						.plain = plain,
						.on_answer = on_end_answer });
}

/* Returns false when there is nothing to wait for. */
typedef bool end_step_h(struct sim_phone *h);

/* One at a time; the other side is told. */
static bool end_chats(struct sim_phone *h)
{
	list_for_each (node, &h->chats) {
		struct chat *c = LIST_ENTRY(node, struct chat, of_phone);

		if (!c->stop)
			continue;
		h->end_step--;
		end_send(h, "POST", c->stop, false);
		mem_set_string(&c->stop, NULL);
		return true;
	}
	return false;
}

/* Says that the last notices have arrived. */
static bool end_carrier(struct sim_phone *h)
{
	CLEANUP(mem_free_string) char *url = NULL;

	if (!h->carrier)
		return false;
	h->carrier_request = request_cancel(h->carrier_request);
	url = text_format("%s?after=%llu&timeout=0", h->carrier,
			  (unsigned long long)h->carrier_after);
	end_send(h, "GET", url, true);
	return true;
}

/* The event request that acknowledges the last packet is on its way; this comes after it. */
static bool end_events(struct sim_phone *h)
{
	const char *self = link_href(h->application, "self");

	if (!h->events || !self)
		return false;
	end_send(h, "GET", self, false);
	return true;
}

static bool end_channel(struct sim_phone *h)
{
	if (!h->options->sign_out || !h->channel)
		return false;
	end_send(h, "DELETE", h->channel, true);
	return true;
}

static bool end_application(struct sim_phone *h)
{
	const char *self = link_href(h->application, "self");

	if (!h->options->sign_out || !self)
		return false;
	end_send(h, "DELETE", self, false);
	return true;
}

static void end_next(struct sim_phone *h)
{
	static end_step_h *const steps[] = {
		end_chats, end_carrier, end_events, end_channel, end_application,
	};

	while (h->code != SIM_UNREACHABLE && h->end_step < ARRAY_SIZE(steps))
		if (steps[h->end_step++](h))
			return;
	loop_stop(h->loop);
}

static void on_end_late(void *magic)
{
	struct sim_phone *h = magic;

	loop_stop(h->loop);
}

void sim_phone_end(struct sim_phone *h, int code)
{
	if (h->phase == PHASE_ENDING)
		return;
	h->phase = PHASE_ENDING;
	h->code = code;
	loop_timer_stop(&h->activity);
	loop_timer_stop(&h->idle);
	loop_timer_stop(&h->retry_events);
	loop_timer_stop(&h->retry_carrier);
	loop_timer_set_real(h->loop, &h->deadline, END_MS, on_end_late, h);
	end_next(h);
}

void sim_phone_fail(struct sim_phone *h, int code, const char *fmt, ...)
{
	CLEANUP(text_deinit) struct text sentence = TEXT_INIT;
	va_list args;

	if (h->phase == PHASE_ENDING)
		return;
	va_start(args, fmt);
	text_vaddf(&sentence, fmt, args);
	va_end(args);
	sim_complain("%s", text_str(&sentence));
	sim_phone_end(h, code);
}

/* ---- the beginning ---- */

static void on_signal(void *magic, int signo)
{
	struct sim_phone *h = magic;

	(void)signo;
	if (h->phase == PHASE_ENDING)
		loop_stop(h->loop);
	else
		sim_phone_end(h, h->options->count > h->n_done ? SIM_FAILED : SIM_OK);
}

static void on_deadline(void *magic)
{
	struct sim_phone *h = magic;

	sim_phone_fail(h, SIM_FAILED, "what was asked did not happen within %lld seconds",
		       (long long)h->options->timeout_s);
}

struct sim_phone *sim_phone_new(struct loop *l, const struct phone_options *o)
{
	struct sim_phone *h = MEM_NEW(struct sim_phone);

	h->loop = l;
	h->options = o;
	h->http = http_client_new(l, &(struct http_client_config){ .ca_file = o->ca });
	list_init(&h->requests);
	list_init(&h->chats);
	list_init(&h->unsent);
	return h;
}

void sim_phone_start(struct sim_phone *h)
{
	loop_signal_add(h->loop, SIGINT, on_signal, h);
	loop_signal_add(h->loop, SIGTERM, on_signal, h);
	h->input = sim_input_new(h->loop, STDIN_FILENO, line_on_read, line_on_eof, h);
	if (h->options->timeout_s)
		loop_timer_set_real(h->loop, &h->deadline, h->options->timeout_s * 1000,
				    on_deadline, h);
	sign_in_start(h);
}

static void stop_timers(struct sim_phone *h)
{
	loop_timer_stop(&h->activity);
	loop_timer_stop(&h->idle);
	loop_timer_stop(&h->retry_events);
	loop_timer_stop(&h->retry_carrier);
	loop_timer_stop(&h->deadline);
}

struct sim_phone *sim_phone_free(struct sim_phone *h)
{
	if (!h)
		return NULL;
	stop_timers(h);
	list_for_each_safe (node, &h->chats)
		chat_free(LIST_ENTRY(node, struct chat, of_phone));
	list_for_each_safe (node, &h->unsent) {
		struct line *l = LIST_ENTRY(node, struct line, of_list);

		free(l->text);
		free(l);
	}
	request_cancel_all(h, NULL);
	http_client_free(h->http);
	sim_input_free(h->input);
	json_object_put(h->application);
	json_object_put(h->missed);
	free(h->origin);
	free(h->token);
	free(h->token_href);
	free(h->user_href);
	free(h->next_events);
	free(h->channel);
	free(h->notification_uri);
	free(h->carrier);
	free(h);
	return NULL;
}
