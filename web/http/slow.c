/*
 * HTTP server: answers that a fault makes slow
 */
#include "web/http/slow.h"

#include "mcxd/base/fault.h"
#include "mcxd/base/idtab.h"
#include "mcxd/base/loop.h"
#include "mcxd/base/metric.h"
#include "mcxd/base/trickle.h"
#include "proto/text/mem.h"
#include "web/http/conn.h"
#include "web/http/http.h"
#include "web/http/metrics.h"
#include "web/http/park.h"
#include "web/http/private.h"
#include "web/http/request.h"
#include "web/http/struck.h"
#include "web/http/suspend.h"

#include <errno.h>

struct slow {
	struct http_request *request;
	struct trickle trickle;
	struct fault_hold hold;
	struct loop_fd *room;       /* the socket takes no more at present */
	struct loop_timer patience; /* with a reader that takes nothing */
};

bool http_is_slow(const struct http_request *r)
{
	return r->struck && r->struck->strike.what == FAULT_SLOW && !r->raw && !r->inner;
}

static void stop_waiting(struct slow *s)
{
	s->room = loop_fd_free(s->room);
	loop_timer_stop(&s->patience);
}

static void on_gone(void *magic, uint64_t id)
{
	struct slow *s = magic;

	(void)id;
	stop_waiting(s);
	trickle_deinit(&s->trickle);
	fault_hold_end(&s->hold);
	free(s);
}

void http_slow_end(struct http_request *r)
{
	on_gone(r->gone_magic, r->id);
	r->on_gone = NULL;
	http_unpark(r);
	r->state = HTTP_GONE;
	r->conn->last = true;
	http_conn_shut_down(r->conn);
	http_resume(r);
}

static void on_patience(void *magic)
{
	struct slow *s = magic;

	metric_inc(&s->request->http->metrics.slow_readers_total);
	http_slow_end(s->request);
}

static void on_room(void *magic, int fd, unsigned events)
{
	struct slow *s = magic;

	(void)fd;
	(void)events;
	stop_waiting(s);
	trickle_offer(&s->trickle);
}

/* Without a watch it is offered again with the next piece, or when the reader's time is up it ends. */
static void wait_for_room(struct slow *s)
{
	const struct http *h = s->request->http;

	if (!s->room)
		loop_fd_add(h->loop, s->request->conn->fd, LOOP_OUT, on_room, s, &s->room);
	if (!loop_timer_is_set(&s->patience))
		loop_timer_set_real(h->loop, &s->patience, h->config.idle_timeout_ms, on_patience,
				    s);
}

/* What can no longer be sent counts as taken, so that it ends. */
static size_t write_some(void *magic, const char *p, size_t n)
{
	struct slow *s = magic;
	ssize_t sent = http_conn_write(s->request->conn, p, n);

	if (sent < 0 && sent != -EAGAIN)
		return n;
	if (sent < (ssize_t)n)
		wait_for_room(s);
	return sent < 0 ? 0 : (size_t)sent;
}

static void on_done(void *magic)
{
	const struct slow *s = magic;

	http_slow_end(s->request);
}

static void on_over(void *magic, enum fault_over how)
{
	struct slow *s = magic;

	(void)how;
	trickle_flush(&s->trickle);
}

void http_slow_start(struct http_request *r, const char *answer, size_t n)
{
	static const struct trickle_ops ops = { write_some, on_done };
	const struct http_struck *struck = r->struck;
	struct slow *s = MEM_NEW(struct slow);

	s->request = r;
	if (!r->id) {
		r->id = idtab_add(r->http->waiting, r);
		metric_inc(&r->http->metrics.parked);
	}
	r->state = HTTP_SLOW;
	r->on_gone = on_gone;
	r->gone_magic = s;
	trickle_init(&s->trickle, struck->loop, struck->strike.ms, &ops, s);
	trickle_add(&s->trickle, answer, n);
	faults_hold(struck->faults, &s->hold, &struck->strike, 0, on_over, s);
}
