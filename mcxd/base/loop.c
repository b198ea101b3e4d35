/*
 * Loop
 */
#include "mcxd/base/loop.h"

#include "mcxd/base/loop_priv.h"
#include "proto/text/mem.h"

#include <assert.h>
#include <errno.h>

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
		/* sofia sleeps even if it has just run what was due: hence the round before. */
		loop_round(l, timeout_ms);
}

void *loop_root(struct loop *l)
{
	return l->root;
}

int loop_new(struct loop **ret_loop)
{
	struct loop *l = MEM_NEW(struct loop);
	int err = loop_clock_init(l);

	if (err) {
		free(l);
		return err;
	}
	su_init();
	errno = 0;
	l->root = su_root_create(l);
	if (!l->root) {
		err = errno ? -errno : -ENOMEM;
		su_deinit();
		loop_clock_deinit(l);
		free(l);
		return err;
	}
	su_root_threading(l->root, 0);
	l->posts.first = l->posts.end = 1;
	loop_signals_init(l);
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
	loop_clock_deinit(l);
	free(l);
	return NULL;
}
