/*
 * HTTP server: requests that a fault strikes
 */
#include "web/http/struck.h"

#include "mcxd/base/fault.h"
#include "mcxd/base/loop.h"
#include "proto/text/mem.h"
#include "web/http/http.h"

/* One that is held: until its handler may run, or for ever. */
struct struck {
	struct http_request *request;
	http_h *handler;
	void *magic;
	struct loop_timer timer;
};

static void on_gone(void *magic, uint64_t id)
{
	struct struck *s = magic;

	(void)id;
	loop_timer_stop(&s->timer);
	free(s);
}

static void on_due(void *magic)
{
	struct struck s = *(struct struck *)magic;

	free(magic);
	s.handler(s.magic, s.request);
}

static void hold(struct http_request *r, struct loop *l, int64_t ms, void *magic)
{
	struct struck *s = MEM_NEW(struct struck);

	s->request = r;
	s->handler = http_route(r)->handler;
	s->magic = magic;
	http_park(r, on_gone, s);
	if (ms)
		loop_timer_set(l, &s->timer, ms, on_due, s);
}

bool http_is_struck(struct http_request *r, const struct http_joint *joint,
		    const struct fault_passing *p, void *magic)
{
	static const char body[] = "A fault of the lab.\n";
	struct fault_strike strike;

	if (!faults_strike(joint->faults, p, &strike))
		return false;
	if (strike.what == FAULT_STATUS)
		http_answer(r, strike.status, "text/plain", body, sizeof(body) - 1);
	else
		hold(r, joint->loop, strike.ms, magic);
	return true;
}
