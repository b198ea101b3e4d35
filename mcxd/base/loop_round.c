/*
 * Loop: one round
 *
 * A round runs what was posted, and then one step of sofia's root, which runs due timers, sleeps until
 * something happens, and serves the descriptors that are ready. Sofia does not say when its sleep is over,
 * and whether it is decides two things: a call that is posted before the sleep has to prevent it, and a call
 * that is deferred before the sleep would come too late. Hence "awake": set by whatever runs behind the
 * sleep, and while posted calls run.
 */
#include "mcxd/base/loop.h"
#include "mcxd/base/loop_priv.h"
#include "proto/text/mem.h"

#define POSTS_MIN_SIZE    64
#define DEFERRED_MIN_SIZE 8

/* ---- wakeup ---- */

static void on_wakeup(struct loop *l, su_msg_r msg, su_msg_arg_t *arg);

/* Outside of sofia's step, and behind its sleep, nothing is needed: the next round looks at the posted calls
 * first. Before the sleep, a message to sofia's own root makes it poll instead. */
void loop_wake(struct loop *l)
{
	su_msg_r msg = SU_MSG_R_INIT;

	if (!l->in_step || l->awake || l->wakeup_queued)
		return;
	if (su_msg_create(msg, su_root_task(l->root), su_root_task(l->root), on_wakeup, 0) < 0)
		mem_check(NULL);
	su_msg_send(msg);
	l->wakeup_queued = true;
}

static void on_wakeup(struct loop *l, su_msg_r msg, su_msg_arg_t *arg)
{
	(void)msg;
	(void)arg;
	l->wakeup_queued = false;
	if (l->posts.n_live > 0 || l->stopped)
		loop_wake(l);
}

/* ---- posted calls ---- */

static struct post *post_slot(const struct post_queue *q, uint64_t id)
{
	return &q->slots[id & (q->size - 1)];
}

static void posts_grow(struct post_queue *q)
{
	struct post_queue bigger = *q;

	bigger.size = q->size ? 2 * q->size : POSTS_MIN_SIZE;
	bigger.slots = mem_zalloc(bigger.size * sizeof(*bigger.slots));
	for (uint64_t id = q->first; id < q->end; id++)
		*post_slot(&bigger, id) = *post_slot(q, id);
	free(q->slots);
	*q = bigger;
}

uint64_t loop_post(struct loop *l, loop_h *fn, void *magic)
{
	struct post_queue *q = &l->posts;
	uint64_t id = q->end;

	if (q->end - q->first == q->size)
		posts_grow(q);
	*post_slot(q, id) = (struct post){ fn, magic };
	q->end++;
	q->n_live++;
	loop_wake(l);
	return id;
}

void loop_unpost(struct loop *l, uint64_t id)
{
	struct post_queue *q = &l->posts;
	struct post *p;

	if (id < q->first || id >= q->end)
		return;
	p = post_slot(q, id);
	if (!p->fn)
		return;
	p->fn = NULL;
	q->n_live--;
}

static void run_posts(struct loop *l)
{
	struct post_queue *q = &l->posts;
	uint64_t end = q->end;

	while (q->first < end) {
		struct post p = *post_slot(q, q->first);

		q->first++;
		if (!p.fn)
			continue;
		q->n_live--;
		l->n_calls++;
		p.fn(p.magic);
	}
}

/* ---- deferred calls ---- */

void loop_set_awake(struct loop *l)
{
	l->awake = true;
}

bool loop_defer(struct loop *l, loop_h *fn, void *magic)
{
	if (!l->awake)
		return false;
	if (l->n_deferred == l->max_deferred) {
		l->max_deferred = l->max_deferred ? 2 * l->max_deferred : DEFERRED_MIN_SIZE;
		l->deferred = mem_realloc(l->deferred, l->max_deferred * sizeof(*l->deferred));
	}
	l->deferred[l->n_deferred++] = (struct post){ fn, magic };
	return true;
}

static void run_deferred(struct loop *l)
{
	l->awake = false;
	for (size_t i = 0; i < l->n_deferred; i++)
		l->deferred[i].fn(l->deferred[i].magic);
	l->n_deferred = 0;
}

/* ---- the round ---- */

bool loop_round(struct loop *l, int64_t timeout_ms)
{
	uint64_t n_calls = l->n_calls;
	su_duration_t next_ms;

	l->awake = true;
	run_posts(l);
	run_deferred(l);
	if (l->posts.n_live > 0 || l->stopped)
		timeout_ms = 0;
	l->in_step = true;
	next_ms = su_root_step(l->root, timeout_ms);
	l->in_step = false;
	run_deferred(l);
	l->next_ms = next_ms;
	/* sofia returns 0 when it has served a descriptor. */
	return l->n_calls != n_calls || next_ms == 0;
}
