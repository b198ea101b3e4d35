/*
 * Loop
 *
 * The one event loop of a process: file descriptors, timers, signals, posted calls, and the one
 * clock. It runs on sofia's su_root and feeds sofia's own clock, so that SIP timers, HTTP timeouts
 * and ours all obey the same time, which a lab can move.
 *
 * Lab time is CLOCK_MONOTONIC plus the sum of all advances: a step of the machine's wall clock
 * moves nothing. Wall time is lab time put on the calendar of the moment the loop was made.
 */
#pragma once

#include <stdbool.h>
#include <stddef.h>
#include <stdint.h>

struct loop;
struct loop_fd;

typedef void loop_h(void *magic);
typedef void loop_fd_h(void *magic, int fd, unsigned events);
typedef void loop_signal_h(void *magic, int signo);

enum { LOOP_IN = 1, LOOP_OUT = 2, LOOP_HUP = 4 };

/** A timer embedded in its owner. Zeroed memory is a stopped timer. The struct must not move while
 *  it is set. */
struct loop_timer {
	struct loop *loop; /* NULL when stopped */
	loop_h *on_expiry;
	void *magic;
	int64_t due_us; /* lab time, or the machine's, at which it expires */
	uint64_t order; /* of setting: timers that are due together expire in it */
	size_t slot;    /* its place in the loop's heap */
	bool real;
};

/** Make the loop of this process. There can be only one at a time, since sofia's clock hook is one
 *  per process. Returns 0, or a negative errno. */
int loop_new(struct loop **ret_loop);

/** Free the loop; asserts that nothing is registered any more. NULL is fine. */
struct loop *loop_free(struct loop *l);

/** The su_root_t of the loop, for sip/ only. */
void *loop_root(struct loop *l);

/** Run until loop_stop(). */
void loop_run(struct loop *l);
void loop_stop(struct loop *l);

/** Run one round: wait for at most timeout_ms (-1: for ever) for something to do, and do it. What
 * is due already is done without a wait. While the clock is being advanced a round may wait for a
 *  millisecond whatever the timeout. */
void loop_step(struct loop *l, int timeout_ms);

/** Lab time in milliseconds and microseconds; starts at an arbitrary positive value and never goes
 *  back. */
int64_t loop_now_ms(const struct loop *l);
int64_t loop_now_us(const struct loop *l);

/** Wall time (microseconds since 1970) of the lab clock. */
int64_t loop_wall_us(const struct loop *l);

/** CLOCK_MONOTONIC in milliseconds, never advanced. */
int64_t loop_real_ms(const struct loop *l);

/** How far the lab clock is ahead of the machine's, in milliseconds. */
int64_t loop_offset_ms(const struct loop *l);

/** Move the clock forward. It moves in small steps with the loop running in between, so that what
 * is on its way between two roles gets its chance before the timers that wait for it; on_done (may
 * be NULL) is called from the loop when all is moved. A second call while one is under way adds to
 * it, and both are told when all of it is moved. A step stops at the next timer, is no longer than
 *  250 ms or a 256th of the whole, and is left when the loop has found nothing to do for a
 *  millisecond: peers outside this process get that long to react. */
void loop_advance(struct loop *l, int64_t ms, loop_h *on_done, void *magic);

/** Move the clock at once (unit tests of machines that have no sockets). */
void loop_jump(struct loop *l, int64_t ms);

/** Call fn from the loop, soon, after what runs now has returned; first posted, first called. What
 * is posted from within a posted call waits for the next round. Returns an id for loop_unpost(),
 *  never 0. */
uint64_t loop_post(struct loop *l, loop_h *fn, void *magic);

/** Take a posted call back. One that has run, runs, or was taken back already, and 0, are fine. */
void loop_unpost(struct loop *l, uint64_t id);

/** Call fn at the end of this round, before the loop sleeps: for what is better done once for many.
 *  False when the loop may sleep first, as in the handler of a timer: nothing is put off then. fn
 *  must not put anything off. */
bool loop_defer(struct loop *l, loop_h *fn, void *magic);

/** sofia serves its own descriptors without a call of ours: whoever is called from there says that
 *  the loop is awake. */
void loop_set_awake(struct loop *l);

/** Start, or restart, a timer. delay_ms is not negative. Timers expire in the order of their times,
 *  and in the order of setting where these are equal. A timer is stopped when on_expiry is called,
 *  which may set it again or free it. */
void loop_timer_set(struct loop *l, struct loop_timer *t, int64_t delay_ms, loop_h *on_expiry,
		    void *magic);

/** The same on the machine's clock: advances do not shorten it (for waits on the outside world). */
void loop_timer_set_real(struct loop *l, struct loop_timer *t, int64_t delay_ms, loop_h *on_expiry,
			 void *magic);

/** Stop it; a stopped timer may be stopped again. */
void loop_timer_stop(struct loop_timer *t);
bool loop_timer_is_set(const struct loop_timer *t);

/** Milliseconds until expiry, 0 when due, -1 when stopped. */
int64_t loop_timer_left_ms(const struct loop_timer *t);

/** Watch a file descriptor, level-triggered. The loop does not own fd, leaves its flags alone (make
 * it O_NONBLOCK yourself) and watches it once only; free the watch before closing fd. A hang-up or
 * an error arrives as LOOP_HUP where that is asked for, and otherwise as the events that are. With
 * no events the watch sleeps. Returns 0, or a negative errno (-EEXIST: fd is watched already;
 * -EPERM: a file, which cannot be watched). */
int loop_fd_add(struct loop *l, int fd, unsigned events, loop_fd_h *on_event, void *magic,
		struct loop_fd **ret_watch);

/** Watch for other events. Returns 0, or a negative errno, after which it watches for those that it did
 *  before; to let it sleep (0) always works. */
int loop_fd_set_events(struct loop_fd *w, unsigned events);

/** Stop watching; fine from within its own on_event. NULL is fine. */
struct loop_fd *loop_fd_free(struct loop_fd *w);

/** Take a signal through the loop (signalfd); it is blocked for this thread and those made later,
 *  and stays blocked when the loop is freed. A second call for a signal replaces the first. Returns
 *  0, or a negative errno. */
int loop_signal_add(struct loop *l, int signo, loop_signal_h *on_signal, void *magic);
