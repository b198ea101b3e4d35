/*
 * Loop
 */
#include "mcxd/base/loop.h"

#include "mcxd/base/loop_private.h"
#include "mcxd/base/timer_heap.h"
#include "proto/text/mem.h"

#include <assert.h>

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
}

void loop_step(struct loop *l, int timeout_ms)
{
	if (l->advance.active)
		advance_round(l);
	else
		loop_round(l, timeout_ms);
}

int loop_new(struct loop **ret_loop)
{
	struct loop *l = MEM_NEW(struct loop);
	int err = loop_fds_init(l);

	if (err) {
		free(l);
		return err;
	}
	loop_clock_init(l);
	l->posts.first = l->posts.end = 1;
	*ret_loop = l;
	return 0;
}

struct loop *loop_free(struct loop *l)
{
	if (!l)
		return NULL;
	loop_fds_deinit(l);
	assert(l->n_fds == 0);
	assert(l->posts.n_live == 0);
	for (size_t i = 0; i < l->n_deferred; i++)
		assert(!l->deferred[i].fn);
	assert(!l->guest);
	timer_heap_deinit(&l->lab);
	timer_heap_deinit(&l->real);
	advance_deinit(&l->advance);
	free(l->posts.slots);
	free(l->deferred);
	free(l);
	return NULL;
}
