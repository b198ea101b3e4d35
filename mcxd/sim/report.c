/*
 * Report
 */
#include "mcxd/sim/report.h"

#include "mcxd/base/loop.h"
#include "mcxd/sim/sim.h"
#include "proto/text/mem.h"
#include "proto/text/text.h"

void sim_report_init(struct sim_report *r, struct loop *l, const struct sim_ops *ops, void *magic)
{
	*r = (struct sim_report){ .loop = l, .ops = ops, .magic = magic };
}

void sim_report_deinit(struct sim_report *r)
{
	if (r->post)
		loop_unpost(r->loop, r->post);
	r->post = 0;
}

void sim_report_event(struct sim_report *r, const struct sim_event *event)
{
	if (!r->ended && r->ops->on_event)
		r->ops->on_event(r->magic, event);
}

void sim_report_problem(struct sim_report *r, const char *fmt, ...)
{
	CLEANUP(text_deinit) struct text sentence = TEXT_INIT;
	va_list args;

	if (r->ended || !r->ops->on_problem)
		return;
	va_start(args, fmt);
	text_vaddf(&sentence, fmt, args);
	va_end(args);
	r->ops->on_problem(r->magic, text_str(&sentence));
}

void sim_report_over(struct sim_report *r, enum sim_outcome outcome)
{
	if (!r->ended && r->ops->on_over)
		r->ops->on_over(r->magic, outcome);
}

static void on_post(void *magic)
{
	struct sim_report *r = magic;

	r->post = 0;
	if (r->ops->on_end)
		r->ops->on_end(r->magic, r->outcome);
}

void sim_report_end(struct sim_report *r, enum sim_outcome outcome)
{
	if (r->ended)
		return;
	r->ended = true;
	r->outcome = outcome;
	r->post = loop_post(r->loop, on_post, r);
}
