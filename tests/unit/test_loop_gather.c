/*
 * Loop: gathering
 */
#include "mcxd/base/loop.h"
#include "proto/text/mem.h"

#include <setjmp.h>
#include <stdarg.h>
#include <stddef.h>
#include <stdint.h>

#include <cmocka.h>

#include <sys/eventfd.h>
#include <unistd.h>

enum { N_FDS = 16, N_EVENTS = N_FDS * 40, DELAY_MS = 2 };

struct crowd {
	struct loop *loop;
	struct loop_fd *watches[N_FDS];
	int fds[N_FDS];
	int n_events, max_events;
};

static void on_readable(void *magic, int fd, unsigned events)
{
	struct crowd *c = magic;

	(void)fd;
	(void)events;
	if (++c->n_events == c->max_events)
		loop_stop(c->loop);
}

static int setup(void **state)
{
	struct crowd *c = MEM_NEW(struct crowd);

	*state = c;
	assert_int_equal(loop_new(&c->loop), 0);
	/* Never read, and so ready in every round. */
	for (size_t i = 0; i < N_FDS; i++) {
		c->fds[i] = eventfd(1, EFD_CLOEXEC);
		assert_int_equal(
			loop_fd_add(c->loop, c->fds[i], LOOP_IN, on_readable, c, &c->watches[i]),
			0);
	}
	return 0;
}

static int teardown(void **state)
{
	struct crowd *c = *state;

	for (size_t i = 0; i < N_FDS; i++) {
		loop_fd_free(c->watches[i]);
		close(c->fds[i]);
	}
	loop_free(c->loop);
	free(c);
	return 0;
}

static int64_t run(struct crowd *c, int n_events)
{
	int64_t start_ms = loop_real_ms(c->loop);

	c->n_events = 0;
	c->max_events = n_events;
	loop_run(c->loop);
	assert_in_range(c->n_events, n_events, n_events + N_FDS);
	return loop_real_ms(c->loop) - start_ms;
}

/* With 16 events in each it is busy after a few rounds, and stays so: the others are at least so far apart. */
static void busy_rounds_are_apart(void **state)
{
	struct crowd *c = *state;

	loop_set_busy_delay(c->loop, DELAY_MS);
	assert_in_range(run(c, N_EVENTS), (N_EVENTS / N_FDS - 10) * DELAY_MS, INT64_MAX);
}

static void all_events_are_served_without(void **state)
{
	struct crowd *c = *state;

	loop_set_busy_delay(c->loop, DELAY_MS);
	run(c, N_EVENTS);
	loop_set_busy_delay(c->loop, 0);
	run(c, N_EVENTS);
}

/* A delay of hours would not end, were a calm loop to wait for it. */
static void a_calm_loop_does_not_wait(void **state)
{
	struct crowd *c = *state;

	loop_set_busy_delay(c->loop, INT64_C(10) * 3600 * 1000);
	run(c, 1);
}

int main(void)
{
#define LOOP_TEST(fn) cmocka_unit_test_setup_teardown(fn, setup, teardown)
	const struct CMUnitTest tests[] = {
		LOOP_TEST(busy_rounds_are_apart),
		LOOP_TEST(all_events_are_served_without),
		LOOP_TEST(a_calm_loop_does_not_wait),
	};

	return cmocka_run_group_tests(tests, NULL, NULL);
}
