/*
 * Activity
 */
#include "mcxd/sim/phone/activity.h"

#include "mcxd/base/loop.h"
#include "mcxd/sim/phone/request.h"
#include "proto/text/mem.h"

enum { ACTIVITY_MS = 180000 };

void sim_activity_init(struct sim_activity *a, struct loop *l, struct sim_requests *requests)
{
	*a = (struct sim_activity){ .loop = l, .requests = requests };
}

void sim_activity_deinit(struct sim_activity *a)
{
	sim_activity_stop(a);
	mem_set_string(&a->href, NULL);
}

/* A refusal does not matter: the server learns of the activity by the next one. */
static void on_answer(void *magic, const struct http_result *r, struct json_object *body)
{
	(void)magic;
	(void)r;
	(void)body;
}

static void on_due(void *magic)
{
	struct sim_activity *a = magic;

	if (a->href && !a->requests->offline)
		sim_request_send(a->requests, &(struct sim_request){ .method = "POST",
								     .href = a->href,
								     .on_answer = on_answer });
	loop_timer_set(a->loop, &a->timer, ACTIVITY_MS, on_due, a);
}

void sim_activity_start(struct sim_activity *a, const char *href)
{
	mem_set_string(&a->href, href);
	loop_timer_set(a->loop, &a->timer, ACTIVITY_MS, on_due, a);
}

void sim_activity_stop(struct sim_activity *a)
{
	loop_timer_stop(&a->timer);
}
