/*
 * HTTP server: deadlines
 */
#include "web/http/deadline.h"

#include "mcxd/base/list.h"
#include "mcxd/base/loop.h"

static struct http_deadline *first(const struct http_deadlines *all)
{
	return LIST_ENTRY(all->armed.next, struct http_deadline, node);
}

static void on_timer(void *magic);

static void set_timer(struct http_deadlines *all)
{
	int64_t left_ms;

	if (list_empty(&all->armed) || loop_timer_is_set(&all->timer))
		return;
	left_ms = first(all)->due_ms - loop_real_ms(all->loop);
	loop_timer_set_real(all->loop, &all->timer, left_ms > 0 ? left_ms : 0, on_timer, all);
}

static void on_timer(void *magic)
{
	struct http_deadlines *all = magic;
	int64_t now_ms = loop_real_ms(all->loop);

	while (!list_empty(&all->armed) && first(all)->due_ms <= now_ms) {
		struct http_deadline *d = first(all);

		http_deadline_disarm(d);
		all->on_expired(d);
	}
	set_timer(all);
}

void http_deadline_arm(struct http_deadlines *all, struct http_deadline *d)
{
	http_deadline_disarm(d);
	d->due_ms = loop_real_ms(all->loop) + all->length_ms;
	list_append(&all->armed, &d->node);
	set_timer(all);
}

void http_deadline_disarm(struct http_deadline *d)
{
	list_remove(&d->node);
}

void http_deadlines_init(struct http_deadlines *all, struct loop *l, int64_t length_ms,
			 http_deadline_h *on_expired)
{
	*all = (struct http_deadlines){ .loop = l,
					.length_ms = length_ms,
					.on_expired = on_expired };
	list_init(&all->armed);
}

void http_deadlines_deinit(struct http_deadlines *all)
{
	loop_timer_stop(&all->timer);
}
