/*
 * Loop
 */
#include "mcxd/base/loop.h"

#include "mcxd/base/loop_priv.h"

#include <assert.h>
#include <errno.h>
#include <time.h>

/* sofia's clock hook: exported by the library, declared in none of its headers. */
// NOLINTNEXTLINE(readability-identifier-naming)
extern void (*_su_time)(su_time_t *tv);

#define NTP_EPOCH_S       2208988800 /* from 1900 to 1970 */
#define POSTS_MIN_SIZE    64
#define DEFERRED_MIN_SIZE 8

static struct loop *the_loop;

/* Clock */

static int64_t clock_us(clockid_t clock)
{
	struct timespec ts;

	clock_gettime(clock, &ts);
	return (int64_t)ts.tv_sec * 1000000 + ts.tv_nsec / 1000;
}

int64_t loop_real_us(void)
{
	return clock_us(CLOCK_MONOTONIC);
}

int64_t loop_real_ms(const struct loop *l)
{
	(void)l;
	return loop_real_us() / US_PER_MS;
}

int64_t loop_now_us(const struct loop *l)
{
	return loop_real_us() + (LAB_BASE_MS + l->offset_ms) * US_PER_MS;
}

int64_t loop_now_ms(const struct loop *l)
{
	return loop_now_us(l) / US_PER_MS;
}

int64_t loop_wall_us(const struct loop *l)
{
	return loop_now_us(l) + l->calendar_ms * US_PER_MS;
}

int64_t loop_offset_ms(const struct loop *l)
{
	return l->offset_ms;
}

su_time_t loop_su_time(const struct loop *l, int64_t lab_ms)
{
	int64_t wall_ms = lab_ms + l->calendar_ms;

	return (su_time_t){
		.tv_sec = (unsigned long)(wall_ms / 1000 + NTP_EPOCH_S),
		.tv_usec = (unsigned long)(wall_ms % 1000 * 1000),
	};
}

/* Whole milliseconds: sofia cuts the time until its next timer down to them, and with a finer clock
 * it would spin through the rest. */
static void feed_su_time(su_time_t *tv)
{
	if (tv && the_loop)
		*tv = loop_su_time(the_loop, loop_now_ms(the_loop));
}

/* Wakeup */

static void on_wakeup(struct loop *l, su_msg_r msg, su_msg_arg_t *arg);

/* What is posted between two rounds is seen at the start of the next, as is what is posted when this one has
 * its sleep behind it; before that, the su_msg makes sofia poll instead of sleep. */
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

/* Posted calls */

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

/* Deferred calls */

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

static void end_service(struct loop *l)
{
	l->awake = false;
	for (size_t i = 0; i < l->n_deferred; i++)
		l->deferred[i].fn(l->deferred[i].magic);
	l->n_deferred = 0;
}

/* Running */

bool loop_round(struct loop *l, int64_t timeout_ms)
{
	uint64_t n_calls = l->n_calls;
	su_duration_t next_ms;

	l->awake = true;
	run_posts(l);
	end_service(l);
	if (l->posts.n_live > 0 || l->stopped)
		timeout_ms = 0;
	l->in_step = true;
	next_ms = su_root_step(l->root, timeout_ms);
	l->in_step = false;
	end_service(l);
	l->next_ms = next_ms;
	/* sofia answers 0 when it has served a descriptor. */
	return l->n_calls != n_calls || next_ms == 0;
}

void loop_run(struct loop *l)
{
	while (!l->stopped) {
		if (l->advance.active)
			advance_round(l);
		else
			loop_round(l, -1);
	}
	l->stopped = false;
}

void loop_stop(struct loop *l)
{
	l->stopped = true;
	loop_wake(l);
}

void loop_step(struct loop *l, int timeout_ms)
{
	if (l->advance.active)
		advance_round(l);
	else if (!loop_round(l, 0) && timeout_ms != 0 && !l->stopped)
		/* sofia would sleep after having run what was due already: hence the round before.
		 */
		loop_round(l, timeout_ms);
}

void loop_jump(struct loop *l, int64_t ms)
{
	assert(ms >= 0);
	l->offset_ms += ms;
	timer_queue_moved(&l->lab);
	timer_queue_moved(&l->real);
	loop_wake(l);
}

void *loop_root(struct loop *l)
{
	return l->root;
}

int loop_new(struct loop **ret_loop)
{
	struct loop *l;

	if (the_loop)
		return -EBUSY;
	su_init();
	l = MEM_NEW(struct loop);
	errno = 0;
	l->root = su_root_create(l);
	if (!l->root) {
		free(l);
		return errno ? -errno : -ENOMEM;
	}
	su_root_threading(l->root, 0);
	l->calendar_ms = clock_us(CLOCK_REALTIME) / US_PER_MS - loop_now_ms(l);
	l->posts.first = l->posts.end = 1;
	loop_signals_init(l);
	l->outer_su_time = _su_time;
	the_loop = l;
	_su_time = feed_su_time;
	timer_queue_init(&l->lab, l, false);
	timer_queue_init(&l->real, l, true);
	*ret_loop = l;
	return 0;
}

struct loop *loop_free(struct loop *l)
{
	if (!l)
		return NULL;
	loop_signals_deinit(l);
	assert(l->n_fds == 0);
	assert(l->posts.n_live == 0);
	assert(l->n_deferred == 0);
	timer_queue_deinit(&l->lab);
	timer_queue_deinit(&l->real);
	advance_deinit(&l->advance);
	free(l->posts.slots);
	free(l->deferred);
	/* A message that was never delivered would keep sofia's port alive. */
	l->stopped = false;
	while (l->wakeup_queued)
		su_root_step(l->root, 0);
	su_root_destroy(l->root);
	su_deinit();
	_su_time = l->outer_su_time;
	the_loop = NULL;
	free(l);
	return NULL;
}
