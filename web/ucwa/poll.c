/*
 * HTTPS API: event requests
 *
 * An event request is parked while there is nothing to report, and core wakes it by its number. The number may
 * outlive the request and the phone: then the look-up finds nothing, and the wake-up does nothing.
 */
#include "web/ucwa/poll.h"

#include "mcxd/base/idtab.h"
#include "mcxd/base/list.h"
#include "mcxd/base/metric.h"
#include "mcxd/core/core.h"
#include "mcxd/core/delivery.h"
#include "mcxd/core/event.h"
#include "mcxd/core/phone.h"
#include "mcxd/core/ports.h"
#include "mcxd/core/user.h"
#include "proto/diag.h"
#include "proto/text/mem.h"
#include "proto/ucwa/event.h"
#include "web/http/http.h"
#include "web/ucwa/answer.h"
#include "web/ucwa/app.h"
#include "web/ucwa/auth.h"
#include "web/ucwa/events.h"
#include "web/ucwa/metrics.h"
#include "web/ucwa/private.h"
#include "web/ucwa/record.h"
#include "web/ucwa/request.h"
#include "web/ucwa/ucwa.h"

struct ucwa_poll {
	struct ucwa *u;
	struct http *http;
	uint64_t id;
	uint64_t parked; /* the request, for http_parked(); 0: its handler still runs */
	uint64_t phone_id;
};

uint64_t ucwa_next_ack(const struct phone *p)
{
	return event_queue_next(&p->events);
}

static void forget(struct ucwa_poll *poll)
{
	struct ucwa *u = poll->u;
	struct ucwa_app *app = idtab_get(u->apps, poll->phone_id);

	if (app && app->held_poll == poll->id)
		app->held_poll = 0;
	if (poll->parked)
		metric_add(&u->metrics.polls, -1);
	idtab_remove(u->polls, poll->id);
	free(poll);
}

static void answer_packet(struct ucwa_request *q, struct phone *p, uint64_t number)
{
	q->user = p->user;
	q->phone = p;
	q->app = ucwa_app_of(q->u, p);
	metric_inc(&q->u->metrics.packets_total);
	ucwa_expect(q, 200);
	ucwa_json(q, 200, ucwa_packet(q, number));
}

static void answer(struct ucwa_poll *poll, struct ucwa_request *q)
{
	struct core *c = poll->u->core;
	uint64_t number;

	switch (delivery_take(c, poll->phone_id, poll->id, &number)) {
	case POLL_PACKET: answer_packet(q, phone_get(c, poll->phone_id), number); return;
	case POLL_REPLACED:
		metric_inc(&poll->u->metrics.polls_replaced_total);
		ucwa_fail(q, DIAG_PGET_REPLACED, NULL);
		return;
	case POLL_NOT_STORED: ucwa_fail(q, DIAG_NOT_STORED, NULL); return;
	case POLL_GONE: break;
	}
	ucwa_fail(q, DIAG_APPLICATION_NOT_FOUND, "The application has signed out or expired.");
}

static void wake(void *adapter, uint64_t poll_id)
{
	struct ucwa *u = adapter;
	struct ucwa_poll *poll = idtab_get(u->polls, poll_id);
	struct http_request *r;

	/* While the handler runs, the request is not parked yet; the handler answers it. */
	if (!poll || !poll->parked)
		return;
	r = http_parked(poll->http, poll->parked);
	if (r)
		answer(poll, http_context(r));
	else
		delivery_drop(u->core, poll->phone_id, poll->id);
	forget(poll);
}

static bool restore_token(void *adapter, const struct store_row *row)
{
	return auth_restore(((struct ucwa *)adapter)->auth, row);
}

static bool can_restore_token(void *adapter, const struct store_row *row)
{
	return auth_can_restore(((struct ucwa *)adapter)->auth, row);
}

static void save_tokens(void *adapter)
{
	auth_save_all(((struct ucwa *)adapter)->auth);
}

static void forget_tokens(void *adapter, const char *aor)
{
	auth_forget(((struct ucwa *)adapter)->auth, aor);
}

const struct poll_port ucwa_poll_port = { .wake = wake,
					  .restore_token = restore_token,
					  .can_restore_token = can_restore_token,
					  .save_tokens = save_tokens,
					  .forget_tokens = forget_tokens };

static void on_gone(void *magic, uint64_t id)
{
	struct ucwa_poll *poll = magic;

	(void)id;
	delivery_drop(poll->u->core, poll->phone_id, poll->id);
	forget(poll);
}

/* ---- the request ---- */

struct parameters {
	int64_t ack, priority;
	int64_t timeout_s, medium_s, low_s; /* 0: absent, keep the one before */
};

static bool get_parameters(struct ucwa_request *q, struct parameters *ret)
{
	int err;

	*ret = (struct parameters){ 0 };
	err = ucwa_number(q, "ack", 0, INT64_MAX / 2, &ret->ack);
	if (err > 0)
		ucwa_fail_parameter(q, "ack", "is missing; follow the server's event links.");
	return err == 0 && ucwa_number(q, "low", 5, 1800, &ret->low_s) >= 0 &&
	       ucwa_number(q, "medium", 5, 1800, &ret->medium_s) >= 0 &&
	       ucwa_number(q, "timeout", 180, 1800, &ret->timeout_s) >= 0 &&
	       ucwa_number(q, "priority", 0, INT32_MAX, &ret->priority) >= 0;
}

static bool is_outranked(const struct ucwa_app *app, const struct parameters *p)
{
	return app->held_poll && app->held_ack == p->ack && app->held_priority > p->priority;
}

static int64_t count_held(struct ucwa *u, const struct user *user)
{
	int64_t n = 0;

	list_for_each (node, &user->phones) {
		const struct phone *p = LIST_ENTRY(node, struct phone, of_user);
		const struct ucwa_app *app = idtab_get(u->apps, p->id);

		n += app && app->held_poll;
	}
	return n;
}

/* The one that this request replaces has been answered. */
static bool has_room(struct ucwa_request *q)
{
	struct ucwa *u = q->u;

	if (u->metrics.polls.value >= u->config.max_held)
		ucwa_fail(q, DIAG_SERVICE_UNAVAILABLE,
			  "The server holds no more event requests at the moment.");
	else if (count_held(u, q->user) >= u->config.max_held_per_user)
		ucwa_fail(q, DIAG_LIMIT, "No more event requests are held for this user.");
	else
		return true;
	metric_inc(&u->metrics.polls_refused_total);
	return false;
}

static void hold(struct ucwa_request *q, struct ucwa_poll *poll, const struct parameters *p)
{
	if (!has_room(q)) {
		delivery_drop(q->u->core, poll->phone_id, poll->id);
		forget(poll);
		return;
	}
	poll->parked = http_park(q->r, on_gone, poll);
	metric_inc(&q->u->metrics.polls);
	q->app->held_poll = poll->id;
	q->app->held_ack = p->ack;
	q->app->held_priority = p->priority;
}

static void answer_resync(struct ucwa_request *q)
{
	ucwa_json(q, 200, ucwa_packet_resync(q->app->path, ucwa_next_ack(q->phone)));
}

void ucwa_get_events(struct ucwa_request *q)
{
	struct parameters p;
	struct ucwa_poll *poll;

	if (!get_parameters(q, &p))
		return;
	/* HEAD changes nothing (RFC 9110 9.2.1): it neither acknowledges nor waits. */
	if (!strcmp(http_method(q->r), "HEAD")) {
		answer_resync(q);
		return;
	}
	if (is_outranked(q->app, &p)) {
		ucwa_fail(q, DIAG_PGET_REPLACED,
			  "An event request of higher priority is held open.");
		return;
	}
	if (p.timeout_s)
		q->app->timeout_ms = p.timeout_s * 1000;
	delivery_set_delays(q->phone, p.medium_s * 1000, p.low_s * 1000);
	poll = MEM_NEW(struct ucwa_poll);
	poll->u = q->u;
	poll->http = q->listener->http;
	poll->phone_id = q->phone->id;
	poll->id = idtab_add(q->u->polls, poll);
	switch (delivery_poll(q->phone, (uint64_t)p.ack, poll->id, q->app->timeout_ms)) {
	case POLL_HELD: hold(q, poll, &p); return;
	case POLL_READY: answer(poll, q); break;
	case POLL_WRONG_ACK:
		metric_inc(&q->u->metrics.resyncs_total);
		answer_resync(q);
		break;
	}
	forget(poll);
}
