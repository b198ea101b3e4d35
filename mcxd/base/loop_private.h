/*
 * Loop: what its files share
 *
 * What the files loop*.c share; nothing else includes it. A file uses only what stands before it in this
 * list: loop_clock, loop_timer, loop_fd, loop_round, loop_advance, loop.
 */
#pragma once

#include "mcxd/base/loop.h"
#include "mcxd/base/timer_heap.h"

#include <signal.h>
#include <sys/epoll.h>

/* Lab time starts this far above CLOCK_MONOTONIC, so that "now minus an hour" is positive even on a machine
 * that has just booted. */
#define LAB_BASE_MS (INT64_C(7) * 24 * 60 * 60 * 1000)

enum {
	MAX_SIGNO = 64,
	MAX_READY = 64, /* descriptors served between two looks at the timers */
	US_PER_MS = 1000
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
	int64_t advanced_ms;
	int64_t frozen_us;   /* real time since which the clock stands still; 0: it runs */
	int64_t stood_us;    /* how long it has stood still before */
	int64_t calendar_us; /* wall time minus lab time */
	struct timer_heap lab, real;
	uint64_t n_timers_set;
	struct loop_guest *guest; /* NULL: none */
	struct post_queue posts;
	struct post *deferred;
	size_t n_deferred, max_deferred;
	int epoll_fd;
	size_t n_fds;
	struct epoll_event
		ready[MAX_READY]; /* being served: entries of a watch that is freed lose it */
	int n_ready;
	int signal_fd;
	sigset_t signals;
	struct loop_fd *signal_watch;
	struct signal_handler handlers[MAX_SIGNO + 1];
	int signal_code; /* si_code of the last one */
	struct advance advance;
	uint64_t n_calls; /* handlers that have run */
	bool stopped;
};

/* CLOCK_MONOTONIC, never advanced. */
int64_t loop_real_us(void);
/* loop_now_us() at a moment of that clock. */
int64_t loop_now_us_at(const struct loop *l, int64_t real_us);
void loop_clock_init(struct loop *l);

/* Run the timers that are due, the guest's among them. Those that are set meanwhile wait for the next call. */
void loop_run_timers(struct loop *l);

/* Microseconds of its own clock until the next timer of the lab clock, the guest's included; and until the loop has to
 * wake up for one of any clock. INT64_MAX: there is none, 0: it is due. */
int64_t loop_lab_due_us(const struct loop *l);
int64_t loop_any_due_us(const struct loop *l);

/* Wait at most timeout_ms (-1: for ever) and serve the descriptors that are ready. */
void loop_serve(struct loop *l, int timeout_ms);

/* Run what is due, waiting at most timeout_ms (-1: for ever) if nothing is. Returns whether anything ran. */
bool loop_round(struct loop *l, int timeout_ms);

/* One round of an advance. */
void advance_round(struct loop *l);
void advance_deinit(struct advance *a);

int loop_fds_init(struct loop *l);
void loop_fds_deinit(struct loop *l);
