/*
 * HTTP server: requests that a fault strikes
 */
#include "web/http/struck.h"

#include "mcxd/base/fault.h"
#include "mcxd/net/net.h"
#include "proto/text/mem.h"
#include "web/http/conn.h"
#include "web/http/http.h"
#include "web/http/inner.h"
#include "web/http/park.h"
#include "web/http/private.h"
#include "web/http/request.h"
#include "web/http/serve.h"
#include "web/http/suspend.h"

bool http_is_struck(struct http_request *r, const struct http_joint *joint,
		    const struct fault_passing *p)
{
	struct fault_strike strike;

	if (r->struck || http_is_inner(r) || !faults_strike(joint->faults, p, &strike))
		return false;
	r->struck = MEM_NEW(struct http_struck);
	*r->struck = (struct http_struck){ joint->faults, joint->loop, strike };
	faults_record(joint->faults, &strike, p);
	return true;
}

const char *http_fault(const struct http_request *r)
{
	return r->struck ? r->struck->strike.text : NULL;
}

/* ---- without an answer ---- */

static void tell_unanswered(const struct http_request *r)
{
	const struct http_args *args = &r->http->args;

	if (args->after)
		args->after(args->magic, r, 0);
}

static void send_garbage(struct http_request *r)
{
	char garbage[FAULT_GARBAGE_BYTES];

	faults_garbage(r->struck->faults, garbage);
	http_conn_write(r->conn, garbage, sizeof(garbage));
}

/* End its connection. */
static void end(struct http_request *r, enum fault_what how)
{
	struct http_conn *c = r->conn;

	tell_unanswered(r);
	c->last = true;
	if (how == FAULT_GARBAGE)
		send_garbage(r);
	if (how == FAULT_RESET)
		net_reset(c->fd);
	else
		http_conn_shut_down(c);
	http_unpark(r);
	r->state = HTTP_GONE;
	http_resume(r);
}

/* ---- later ---- */

struct held {
	struct http_request *request;
	struct fault_hold hold;
};

static void on_gone(void *magic, uint64_t id)
{
	struct held *held = magic;

	(void)id;
	fault_hold_end(&held->hold);
	free(held);
}

static void on_over(void *magic, enum fault_over how)
{
	struct held *held = magic;
	struct http_request *r = held->request;

	free(held);
	http_park(r, NULL, NULL);
	if (how == FAULT_LOST)
		end(r, FAULT_CLOSE);
	else
		http_serve_again(r);
}

static void hold(struct http_request *r)
{
	const struct http_struck *s = r->struck;
	struct held *held = MEM_NEW(struct held);

	held->request = r;
	http_park(r, on_gone, held);
	faults_hold(s->faults, &held->hold, &s->strike,
		    s->strike.what == FAULT_DELAY ? s->strike.ms : 0, on_over, held);
}

/* ---- all of them ---- */

int http_fault_status(const struct http_request *r)
{
	return r->struck ? r->struck->strike.status : 0;
}

static void answer(struct http_request *r)
{
	static const char body[] = "A fault of the lab.\n";

	http_answer(r, http_fault_status(r), "text/plain", body, sizeof(body) - 1);
}

bool http_fault_takes(struct http_request *r)
{
	enum fault_what what = r->struck->strike.what;

	switch (what) {
	case FAULT_STATUS: answer(r); return true;
	case FAULT_DELAY:
	case FAULT_SILENCE: hold(r); return true;
	case FAULT_DROP:
		http_park(r, NULL, NULL);
		tell_unanswered(r);
		return true;
	case FAULT_RESET:
	case FAULT_CLOSE:
	case FAULT_GARBAGE: end(r, what); return true;
	case FAULT_SLOW:
	case N_FAULT_WHATS: break;
	}
	return false;
}
