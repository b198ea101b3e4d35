/*
 * Loop
 *
 * An event loop on epoll: file descriptors, timers, signals, posted calls, and a clock that a lab can move. A
 * library with timers of its own is a guest: the loop asks when its next one is due and lets it run, so that its
 * timers follow the same clock.
 *
 * Lab time is CLOCK_MONOTONIC plus the sum of all advances, so that a step of the machine's wall clock
 * changes nothing, less the time during which it was frozen. Wall time is lab time on the calendar: the two were lined
 * up when the loop was made.
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
	int64_t due_us; /* lab time, or real time, at which it expires */
	uint64_t
		order; /* a count of timers set: those that are due together expire in this order */
	size_t slot;   /* its place in the loop's heap */
	bool real;     /* it goes by real time */
};

/** Make a loop. Returns 0, or a negative errno. */
int loop_new(struct loop **ret_loop);

/** Free the loop; asserts that nothing is registered in it. NULL is fine. */
struct loop *loop_free(struct loop *l);

/** A library with timers of its own on the lab clock. */
struct loop_guest {
	/** Lab time in milliseconds (loop_now_ms) at which its next timer is due; INT64_MAX: it has none. Asked
	 *  often. */
	int64_t (*due_ms)(void *magic);
	/** Run what is due until this lab time; it is to take this for the time meanwhile. */
	void (*run)(void *magic, int64_t until_ms);
	void *magic;
};

/** Take in a guest, which must outlive the loop or be dismissed with NULL. There can be one. */
void loop_set_guest(struct loop *l, struct loop_guest *guest);

/** Run until loop_stop(). */
void loop_run(struct loop *l);
void loop_stop(struct loop *l);

/** Run one round: wait at most timeout_ms (-1: for ever) for something to do, and do it. If something is
 *  due already, it does not wait. While the clock is being advanced, a round may wait for a millisecond
 *  whatever the timeout. */
void loop_step(struct loop *l, int timeout_ms);

/** Lab time in milliseconds and microseconds; starts at an arbitrary positive value and never goes
 *  back. */
int64_t loop_now_ms(const struct loop *l);
int64_t loop_now_us(const struct loop *l);

/** The lab clock's wall time in microseconds since 1970. */
int64_t loop_wall_us(const struct loop *l);
/** What has to be added to a time of the lab for the wall time: it never changes. */
int64_t loop_calendar_ms(const struct loop *l);

/** Real time: CLOCK_MONOTONIC in milliseconds, which no advance moves. */
int64_t loop_real_ms(const struct loop *l);

/** How far the lab clock is ahead of the machine's, in milliseconds; negative if it was frozen for longer than it was
 *  advanced. */
int64_t loop_offset_ms(const struct loop *l);

/** The sum of all advances, in milliseconds. */
int64_t loop_advanced_ms(const struct loop *l);

/** Let lab time stand still, until loop_resume(). What comes over sockets is served, posted calls are made, and timers of
 *  real time expire all the same; loop_advance() moves the clock by exactly what it is given. Freezing a clock that is
 *  frozen, and resuming one that is not, does nothing. */
void loop_freeze(struct loop *l);
void loop_resume(struct loop *l);
bool loop_is_frozen(const struct loop *l);

/** Move the clock forward. It moves in small steps with the loop running in between, so that a message on
 *  its way between two roles arrives before the timer that waits for it expires; on_done (may be NULL) is
 *  called from the loop at the end. A second call during an advance adds to it, and both are told at the
 *  end of the sum. A step ends at the next timer, is at most 250 ms or a 256th of the whole (whichever is
 *  longer), and the next one begins when the loop has had nothing to do for a millisecond: that is how
 *  long peers outside this process have to react. */
void loop_advance(struct loop *l, int64_t ms, loop_h *on_done, void *magic);

/** Move the clock at once, for unit tests of machines that have no sockets. */
void loop_jump(struct loop *l, int64_t ms);

/** Call fn from the loop after the present handler has returned; calls are made in the order in which they
 *  were posted. A call that is posted by a posted call waits for the next round. Returns an id for
 *  loop_unpost(), never 0. */
uint64_t loop_post(struct loop *l, loop_h *fn, void *magic);

/** Take a posted call back. Does nothing if it has run, is running, or was taken back, and for id 0. */
void loop_unpost(struct loop *l, uint64_t id);

/** Call fn at the end of this round, before the loop sleeps, for work that is cheaper done once for many
 *  events. Called from outside the loop, at the end of the next round. */
void loop_defer(struct loop *l, loop_h *fn, void *magic);

/** Take back the deferred calls of this function with this magic. */
void loop_undefer(struct loop *l, loop_h *fn, void *magic);

/** Start or restart a timer. delay_ms is not negative. Timers expire in the order of their times; those with
 *  equal times expire in the order in which they were set. A timer is stopped before on_expiry is called,
 *  which may set it again or free it. */
void loop_timer_set(struct loop *l, struct loop_timer *t, int64_t delay_ms, loop_h *on_expiry,
		    void *magic);

/** The same in real time, which advances do not shorten, for waits on the outside world. */
void loop_timer_set_real(struct loop *l, struct loop_timer *t, int64_t delay_ms, loop_h *on_expiry,
			 void *magic);

/** Let one that is set expire at once, as if it had been set to; a stopped timer stays stopped. */
void loop_timer_hasten(struct loop_timer *t);

/** Stop it; a stopped timer may be stopped again. */
void loop_timer_stop(struct loop_timer *t);
bool loop_timer_is_set(const struct loop_timer *t);

/** Milliseconds until it expires; 0 when it is due, -1 when it is stopped. */
int64_t loop_timer_left_ms(const struct loop_timer *t);

/** When one that loop_timer_set() started expires, as loop_wall_us() will say then; 0 when it is stopped. */
int64_t loop_timer_due_wall_us(const struct loop_timer *t);

/** Watch a file descriptor, level-triggered. The loop does not own fd, does not change its flags (make it
 *  O_NONBLOCK yourself) and allows one watch per descriptor; free the watch before closing fd. A hang-up
 *  or an error arrives as LOOP_HUP if that was asked for, otherwise as the events that were. A watch with
 *  no events sleeps. Returns 0, or a negative errno (-EEXIST: fd is watched already; -EPERM: a regular
 *  file, which cannot be watched). */
int loop_fd_add(struct loop *l, int fd, unsigned events, loop_fd_h *on_event, void *magic,
		struct loop_fd **ret_watch);

/** Watch for other events. Returns 0, or a negative errno and keeps watching for the old ones. Setting no
 *  events always works. */
int loop_fd_set_events(struct loop_fd *w, unsigned events);

/** Stop watching; may be called from its own on_event. NULL is fine. */
struct loop_fd *loop_fd_free(struct loop_fd *w);

/** Receive a signal through the loop (signalfd). It is blocked in this thread and those made later, and stays
 *  blocked when the loop is freed. A second call for a signal replaces the first. Returns 0, or a negative
 *  errno. */
int loop_signal_add(struct loop *l, int signo, loop_signal_h *on_signal, void *magic);

/** Whether the signal that is being handled was sent by the kernel, as ^C is, and not by a process. */
bool loop_signal_is_of_kernel(const struct loop *l);
