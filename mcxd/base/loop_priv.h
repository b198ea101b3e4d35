/*
 * Loop: what its files share
 *
 * What the files loop*.c share; nothing else includes it. A file uses only what stands before it in this
 * list: loop_clock, loop_round, loop_timer, loop_fd, loop_advance, loop.
 */
#pragma once

#include "mcxd/base/loop.h"
#include "mcxd/base/timer_heap.h"

#define SU_ROOT_MAGIC_T struct loop
#define SU_TIMER_ARG_T  struct timer_queue
#define SU_WAKEUP_ARG_T struct loop_fd
#include <sofia-sip/su.h>
#include <sofia-sip/su_time.h>
#include <sofia-sip/su_wait.h>

#include <signal.h>

/* Lab time starts this far above CLOCK_MONOTONIC, so that "now minus an hour" is positive even on a machine
 * that has just booted. It is a whole number of milliseconds, so that both clocks tick together. */
#define LAB_BASE_MS (INT64_C(7) * 24 * 60 * 60 * 1000)

enum { MAX_SIGNO = 64, US_PER_MS = 1000 };

/* The timers of one clock. One su_timer, set to the first of them, drives all. */
struct timer_queue {
	struct loop *loop;
	struct timer_heap heap;
	su_timer_t *driver;
	int64_t driven_at_ms; /* what the driver is set to, in this clock; or NOT_DRIVEN */
	bool expiring;
	bool real;
};

struct post {
	loop_h *fn; /* NULL: taken back */
	void *magic;
};

/* A ring; the call with a given id is at slots[id % size], size a power of two. */
struct post_queue {
	struct post *slots;
	size_t size;
	uint64_t first, end; /* ids of the next call to run and the next to be posted */
	size_t n_live;
};

struct signal_handler {
	loop_signal_h *on_signal;
	void *magic;
};

struct advance {
	bool active;
	bool settled;
	int64_t left_ms;
	int64_t step_ms;
	int64_t busy_until_ms; /* real time */
	struct post *waiters;
	size_t n_waiters;
};

struct loop {
	su_root_t *root;
	void (*outer_su_time)(su_time_t *tv);
	int64_t offset_ms;
	int64_t calendar_ms; /* wall time minus lab time */
	struct timer_queue lab, real;
	uint64_t n_timers_set;
	struct post_queue posts;
	struct post *deferred;
	size_t n_deferred, max_deferred;
	size_t n_fds;
	int signal_fd;
	sigset_t signals;
	struct loop_fd *signal_watch;
	struct signal_handler handlers[MAX_SIGNO + 1];
	struct advance advance;
	uint64_t n_calls;   /* handlers of ours that have run */
	int64_t next_ms;    /* until the next timer, as of the last round; -1: none */
	bool awake;         /* the loop does not sleep before this handler's round is over */
	bool in_step;       /* inside su_root_step(), which may be about to sleep */
	bool wakeup_queued; /* our su_msg that keeps it from that is under way */
	bool stopped;
};

/* Keep the round that runs now from sleeping. */
void loop_wake(struct loop *l);

/* Run what is due, waiting at most timeout_ms (-1: for ever). Returns whether anything ran. */
bool loop_round(struct loop *l, int64_t timeout_ms);

/* Make the clock start, and feed it to sofia. Returns 0, or -EBUSY when another loop does that. */
int loop_clock_init(struct loop *l);
void loop_clock_deinit(struct loop *l);

/* CLOCK_MONOTONIC, never advanced. */
int64_t loop_real_us(void);

/* A lab time in sofia's form: seconds and microseconds since 1900. */
su_time_t loop_su_time(const struct loop *l, int64_t lab_ms);

/* One round of an advance. */
void advance_round(struct loop *l);
void advance_deinit(struct advance *a);

void timer_queue_init(struct timer_queue *q, struct loop *l, bool real);
void timer_queue_deinit(struct timer_queue *q);

void loop_signals_init(struct loop *l);
void loop_signals_deinit(struct loop *l);
