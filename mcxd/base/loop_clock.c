/*
 * Loop: the clock
 */
#include "mcxd/base/loop.h"
#include "mcxd/base/loop_private.h"

#include <time.h>

enum { US_PER_S = 1000000, NS_PER_US = 1000 };

static int64_t clock_us(clockid_t clock)
{
	struct timespec ts;

	clock_gettime(clock, &ts);
	return (int64_t)ts.tv_sec * US_PER_S + ts.tv_nsec / NS_PER_US;
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

int64_t loop_now_us_at(const struct loop *l, int64_t real_us)
{
	if (l->frozen_us)
		real_us = l->frozen_us;
	return real_us - l->stood_us + (LAB_BASE_MS + l->advanced_ms) * US_PER_MS;
}

int64_t loop_now_us(const struct loop *l)
{
	return loop_now_us_at(l, l->frozen_us ? l->frozen_us : loop_real_us());
}

int64_t loop_now_ms(const struct loop *l)
{
	return loop_now_us(l) / US_PER_MS;
}

int64_t loop_wall_us(const struct loop *l)
{
	return loop_now_us(l) + l->calendar_us;
}

int64_t loop_calendar_ms(const struct loop *l)
{
	return l->calendar_us / US_PER_MS;
}

int64_t loop_offset_ms(const struct loop *l)
{
	int64_t standing_us = l->frozen_us ? loop_real_us() - l->frozen_us : 0;

	return l->advanced_ms - (l->stood_us + standing_us) / US_PER_MS;
}

int64_t loop_advanced_ms(const struct loop *l)
{
	return l->advanced_ms;
}

/* ---- standing still ---- */

void loop_freeze(struct loop *l)
{
	if (!l->frozen_us)
		l->frozen_us = loop_real_us();
}

void loop_resume(struct loop *l)
{
	if (!l->frozen_us)
		return;
	l->stood_us += loop_real_us() - l->frozen_us;
	l->frozen_us = 0;
}

bool loop_is_frozen(const struct loop *l)
{
	return l->frozen_us != 0;
}

/* A whole number of milliseconds, so that lab time and wall time tick together. */
void loop_clock_init(struct loop *l)
{
	int64_t difference_us = clock_us(CLOCK_REALTIME) - loop_now_us(l);

	l->calendar_us = difference_us - difference_us % US_PER_MS;
}
