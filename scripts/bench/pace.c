/*
 * Pace
 */
#include "scripts/bench/pace.h"

#include "scripts/bench/wire.h"

#include <stddef.h>
#include <stdint.h>

enum { TICK_MS = 1, US_PER_S = 1000000 };

static struct {
	unsigned long rate, n, n_called;
	pace_h *fn;
	int64_t began_us;
} pace;

static void on_tick(void *magic)
{
	unsigned long due =
		(unsigned long)(wire_now_us() - pace.began_us) * pace.rate / US_PER_S + 1;

	while (pace.n_called < pace.n && pace.n_called < due)
		pace.fn(pace.n_called++);
	if (pace.n_called < pace.n)
		wire_later(on_tick, magic);
}

void pace_start(unsigned long rate, unsigned long n, pace_h *fn)
{
	pace.rate = rate;
	pace.n = n;
	pace.fn = fn;
	pace.began_us = wire_now_us();
	wire_set_delay(TICK_MS);
	on_tick(NULL);
}
