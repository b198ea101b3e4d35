/*
 * HTTP/2 server: requests that a fault strikes
 */
#include "web/http/h2/struck.h"

#include "mcxd/base/fault.h"
#include "proto/text/mem.h"
#include "web/http/h2/private.h"
#include "web/http/h2/request.h"

bool h2_is_struck(struct h2_request *r, struct faults *faults, const struct fault_passing *p)
{
	struct fault_strike strike;

	if (r->struck || !faults_strike(faults, p, &strike))
		return false;
	r->struck = MEM_NEW(struct h2_struck);
	r->struck->faults = faults;
	r->struck->strike = strike;
	faults_record(faults, &strike, p);
	return true;
}

int h2_fault_status(const struct h2_request *r)
{
	return r->struck && r->struck->strike.what == FAULT_STATUS ? r->struck->strike.status : 0;
}

const char *h2_fault(const struct h2_request *r)
{
	return r->struck ? r->struck->strike.text : NULL;
}

static void on_over(void *magic, enum fault_over how)
{
	struct h2_request *r = magic;
	struct h2_server *s = r->connection->server;

	if (how == FAULT_LOST)
		h2_end_connection(r, false, NULL, 0);
	else
		s->on_request(s->magic, r);
}

/* An answer here is a frame or two, so a slow one is a late one. */
static void hold(struct h2_request *r)
{
	struct h2_struck *s = r->struck;
	bool has_end = s->strike.what == FAULT_DELAY || s->strike.what == FAULT_SLOW;

	faults_hold(s->faults, &s->hold, &s->strike, has_end ? s->strike.ms : 0, on_over, r);
}

static void send_garbage(struct h2_request *r)
{
	char garbage[FAULT_GARBAGE_BYTES];

	faults_garbage(r->struck->faults, garbage);
	h2_end_connection(r, false, garbage, sizeof(garbage));
}

bool h2_fault_takes(struct h2_request *r)
{
	switch (r->struck->strike.what) {
	case FAULT_DELAY:
	case FAULT_SLOW:
	case FAULT_SILENCE: hold(r); return true;
	case FAULT_DROP: return true;
	case FAULT_RESET: h2_end_connection(r, true, NULL, 0); return true;
	case FAULT_CLOSE: h2_end_connection(r, false, NULL, 0); return true;
	case FAULT_GARBAGE: send_garbage(r); return true;
	case FAULT_STATUS:
	case N_FAULT_WHATS: break;
	}
	return false;
}
