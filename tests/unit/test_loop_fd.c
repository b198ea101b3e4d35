/*
 * Loop: descriptors, signals
 */
#include "mcxd/base/loop.h"

#include "proto/text/mem.h"
#include "proto/text/text.h"

/* cmocka wants these four before it. */
#include <setjmp.h>
#include <stdarg.h>
#include <stddef.h>
#include <stdint.h>

#include <cmocka.h>

#include <errno.h>
#include <fcntl.h>
#include <signal.h>
#include <unistd.h>

struct diary {
	struct loop *loop;
	struct loop_fd *watch;
	struct text text;
	int n;
};

static int setup(void **state)
{
	struct diary *d = MEM_NEW(struct diary);

	assert_int_equal(loop_new(&d->loop), 0);
	*state = d;
	return 0;
}

static int teardown(void **state)
{
	struct diary *d = *state;

	loop_free(d->loop);
	text_deinit(&d->text);
	free(d);
	return 0;
}

static void note_events(void *magic, int fd, unsigned events)
{
	struct diary *d = magic;

	(void)fd;
	text_add(&d->text, events & LOOP_IN ? "i" : "");
	text_add(&d->text, events & LOOP_OUT ? "o" : "");
	text_add(&d->text, events & LOOP_HUP ? "h" : "");
	text_add(&d->text, ".");
}

static void a_descriptor_is_level_triggered(void **state)
{
	struct diary *d = *state;
	struct loop_fd *again;
	int fds[2];

	assert_int_equal(pipe(fds), 0);
	assert_int_equal(loop_fd_add(d->loop, fds[0], LOOP_IN, note_events, d, &d->watch), 0);
	assert_int_equal(loop_fd_add(d->loop, fds[0], LOOP_IN, note_events, d, &again), -EEXIST);
	loop_step(d->loop, 0);
	assert_string_equal(text_str(&d->text), "");
	assert_int_equal(write(fds[1], "x", 1), 1);
	loop_step(d->loop, 1000);
	loop_step(d->loop, 1000);
	assert_string_equal(text_str(&d->text), "i.i.");
	loop_fd_set_events(d->watch, 0);
	loop_step(d->loop, 0);
	assert_string_equal(text_str(&d->text), "i.i.");
	loop_fd_set_events(d->watch, LOOP_IN | LOOP_HUP);
	close(fds[1]);
	loop_step(d->loop, 1000);
	assert_string_equal(text_str(&d->text), "i.i.ih.");
	assert_int_equal(fcntl(fds[0], F_GETFL) & O_NONBLOCK, 0);
	loop_fd_free(d->watch);
	close(fds[0]);
	loop_step(d->loop, 0);
	assert_string_equal(text_str(&d->text), "i.i.ih.");
}

static void a_hang_up_reaches_who_did_not_ask(void **state)
{
	struct diary *d = *state;
	int fds[2];

	assert_int_equal(pipe(fds), 0);
	assert_int_equal(loop_fd_add(d->loop, fds[1], LOOP_OUT, note_events, d, &d->watch), 0);
	loop_step(d->loop, 1000);
	close(fds[0]);
	loop_step(d->loop, 1000);
	assert_string_equal(text_str(&d->text), "o.o.");
	loop_fd_set_events(d->watch, LOOP_HUP);
	loop_step(d->loop, 1000);
	assert_string_equal(text_str(&d->text), "o.o.h.");
	loop_fd_free(d->watch);
	close(fds[1]);
}

static void write_late(void *magic)
{
	struct diary *d = magic;

	text_add(&d->text, "late.");
}

static void defer_event(void *magic, int fd, unsigned events)
{
	struct diary *d = magic;
	char byte;

	(void)events;
	assert_int_equal(read(fd, &byte, 1), 1);
	loop_defer(d->loop, write_late, d);
	text_add(&d->text, "event.");
}

static void defer_call(void *magic)
{
	struct diary *d = magic;

	loop_defer(d->loop, write_late, d);
	text_add(&d->text, "call.");
}

/* What is deferred is called once everything that is ready has been served, and before the loop sleeps. */
static void work_is_put_off_until_all_is_served(void **state)
{
	struct diary *d = *state;
	struct loop_fd *second;
	struct loop_timer timer = { 0 };
	int a[2], b[2];

	assert_int_equal(pipe(a), 0);
	assert_int_equal(pipe(b), 0);
	assert_int_equal(loop_fd_add(d->loop, a[0], LOOP_IN, defer_event, d, &d->watch), 0);
	assert_int_equal(loop_fd_add(d->loop, b[0], LOOP_IN, defer_event, d, &second), 0);
	assert_int_equal(write(a[1], "x", 1), 1);
	assert_int_equal(write(b[1], "x", 1), 1);
	loop_step(d->loop, 1000);
	assert_string_equal(text_str(&d->text), "event.event.late.late.");
	text_reset(&d->text);
	loop_post(d->loop, defer_call, d);
	loop_step(d->loop, 0);
	assert_string_equal(text_str(&d->text), "call.late.");
	text_reset(&d->text);
	loop_timer_set(d->loop, &timer, 0, defer_call, d);
	loop_step(d->loop, 1000);
	assert_string_equal(text_str(&d->text), "call.late.");
	text_reset(&d->text);
	defer_call(d);
	loop_step(d->loop, 0);
	assert_string_equal(text_str(&d->text), "call.late.");
	text_reset(&d->text);
	defer_call(d);
	loop_undefer(d->loop, write_late, d);
	loop_step(d->loop, 0);
	assert_string_equal(text_str(&d->text), "call.");
	loop_fd_free(d->watch);
	loop_fd_free(second);
	for (int i = 0; i < 2; i++) {
		close(a[i]);
		close(b[i]);
	}
}

static void a_change_that_fails_can_be_tried_again(void **state)
{
	struct diary *d = *state;
	int fds[2], spare;

	assert_int_equal(pipe(fds), 0);
	spare = dup(fds[0]);
	assert_int_equal(loop_fd_add(d->loop, fds[0], LOOP_IN, note_events, d, &d->watch), 0);
	assert_int_equal(loop_fd_set_events(d->watch, 0), 0);
	close(fds[0]);
	assert_int_equal(loop_fd_set_events(d->watch, LOOP_IN), -EBADF);
	assert_int_equal(write(fds[1], "x", 1), 1);
	assert_int_equal(dup2(spare, fds[0]), fds[0]);
	close(spare);
	loop_step(d->loop, 0);
	assert_string_equal(text_str(&d->text), "");
	assert_int_equal(loop_fd_set_events(d->watch, LOOP_IN), 0);
	loop_step(d->loop, 1000);
	assert_string_equal(text_str(&d->text), "i.");
	loop_fd_free(d->watch);
	close(fds[0]);
	close(fds[1]);
}

static void a_bad_descriptor_is_refused(void **state)
{
	struct diary *d = *state;
	struct loop_fd *watch;
	int file = open("/proc/self/stat", O_RDONLY | O_CLOEXEC);

	assert_int_equal(loop_fd_add(d->loop, -1, LOOP_IN, note_events, d, &watch), -EBADF);
	assert_int_equal(loop_fd_add(d->loop, file, LOOP_IN, note_events, d, &watch), -EPERM);
	close(file);
}

static void free_own_watch(void *magic, int fd, unsigned events)
{
	struct diary *d = magic;

	(void)events;
	d->watch = loop_fd_free(d->watch);
	close(fd);
	d->n++;
}

static void a_watch_can_end_in_its_callback(void **state)
{
	struct diary *d = *state;
	int fds[2];

	for (int i = 0; i < 3; i++) {
		assert_int_equal(pipe(fds), 0);
		assert_int_equal(
			loop_fd_add(d->loop, fds[0], LOOP_IN, free_own_watch, d, &d->watch), 0);
		close(fds[1]);
		loop_step(d->loop, 1000);
		loop_step(d->loop, 0);
		assert_int_equal(d->n, i + 1);
	}
}

struct two_watches {
	struct loop_fd *watches[2];
	int n;
};

static void free_both(void *magic, int fd, unsigned events)
{
	struct two_watches *w = magic;

	(void)fd;
	(void)events;
	w->n++;
	w->watches[0] = loop_fd_free(w->watches[0]);
	w->watches[1] = loop_fd_free(w->watches[1]);
}

/* Both are ready in the same round, and the first to be called ends the other. */
static void a_watch_that_has_ended_is_not_called(void **state)
{
	struct diary *d = *state;
	struct two_watches w = { 0 };
	int a[2], b[2];

	assert_int_equal(pipe(a), 0);
	assert_int_equal(pipe(b), 0);
	assert_int_equal(loop_fd_add(d->loop, a[0], LOOP_IN, free_both, &w, &w.watches[0]), 0);
	assert_int_equal(loop_fd_add(d->loop, b[0], LOOP_IN, free_both, &w, &w.watches[1]), 0);
	assert_int_equal(write(a[1], "x", 1), 1);
	assert_int_equal(write(b[1], "x", 1), 1);
	loop_step(d->loop, 1000);
	loop_step(d->loop, 0);
	assert_int_equal(w.n, 1);
	for (int i = 0; i < 2; i++) {
		close(a[i]);
		close(b[i]);
	}
}

static void on_signal(void *magic, int signo)
{
	struct diary *d = magic;

	text_add(&d->text, signo == SIGUSR1 ? "1" : (signo == SIGUSR2 ? "2" : "?"));
}

static void signals_come_through_the_loop(void **state)
{
	struct diary *d = *state;

	assert_int_equal(loop_signal_add(d->loop, SIGUSR1, on_signal, d), 0);
	assert_int_equal(loop_signal_add(d->loop, SIGUSR2, on_signal, d), 0);
	assert_int_equal(loop_signal_add(d->loop, 0, on_signal, d), -EINVAL);
	assert_int_equal(loop_signal_add(d->loop, 4096, on_signal, d), -EINVAL);
	kill(getpid(), SIGUSR1);
	loop_step(d->loop, 1000);
	kill(getpid(), SIGUSR2);
	loop_step(d->loop, 1000);
	assert_string_equal(text_str(&d->text), "12");
}

int main(void)
{
#define LOOP_TEST(fn) cmocka_unit_test_setup_teardown(fn, setup, teardown)
	const struct CMUnitTest tests[] = {
		LOOP_TEST(a_descriptor_is_level_triggered),
		LOOP_TEST(a_hang_up_reaches_who_did_not_ask),
		LOOP_TEST(work_is_put_off_until_all_is_served),
		LOOP_TEST(a_change_that_fails_can_be_tried_again),
		LOOP_TEST(a_bad_descriptor_is_refused),
		LOOP_TEST(a_watch_can_end_in_its_callback),
		LOOP_TEST(a_watch_that_has_ended_is_not_called),
		LOOP_TEST(signals_come_through_the_loop),
	};

	return cmocka_run_group_tests(tests, NULL, NULL);
}
