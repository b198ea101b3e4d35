/*
 * Loop: the clock
 *
 * sofia's timers must go by lab time, too, and sofia offers one way: it reads the time through a pointer
 * that it exports, _su_time, which is meant for its own tests. There is one such pointer in a process, and
 * so there is one loop.
 */
#include "mcxd/base/loop.h"
#include "mcxd/base/loop_priv.h"

#include <errno.h>
#include <time.h>

/* Exported by the library, but declared in none of its headers. */
// NOLINTNEXTLINE(readability-identifier-naming)
extern void (*_su_time)(su_time_t *tv);

#define NTP_EPOCH_S 2208988800 /* from 1900 to 1970 */

static struct loop *the_loop;

static int64_t clock_us(clockid_t clock)
{
	struct timespec ts;

	clock_gettime(clock, &ts);
	return (int64_t)ts.tv_sec * 1000000 + ts.tv_nsec / 1000;
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

int64_t loop_now_us(const struct loop *l)
{
	return loop_real_us() + (LAB_BASE_MS + l->offset_ms) * US_PER_MS;
}

int64_t loop_now_ms(const struct loop *l)
{
	return loop_now_us(l) / US_PER_MS;
}

int64_t loop_wall_us(const struct loop *l)
{
	return loop_now_us(l) + l->calendar_ms * US_PER_MS;
}

int64_t loop_offset_ms(const struct loop *l)
{
	return l->offset_ms;
}

su_time_t loop_su_time(const struct loop *l, int64_t lab_ms)
{
	int64_t wall_ms = lab_ms + l->calendar_ms;

	return (su_time_t){
		.tv_sec = (unsigned long)(wall_ms / 1000 + NTP_EPOCH_S),
		.tv_usec = (unsigned long)(wall_ms % 1000 * 1000),
	};
}

/* Whole milliseconds: sofia rounds the time until its next timer down to them, and with a finer clock it
 * would spin through the rest. */
static void feed_su_time(su_time_t *tv)
{
	if (tv && the_loop)
		*tv = loop_su_time(the_loop, loop_now_ms(the_loop));
}

int loop_clock_init(struct loop *l)
{
	if (the_loop)
		return -EBUSY;
	l->calendar_ms = clock_us(CLOCK_REALTIME) / US_PER_MS - loop_now_ms(l);
	l->outer_su_time = _su_time;
	the_loop = l;
	_su_time = feed_su_time;
	return 0;
}

void loop_clock_deinit(struct loop *l)
{
	_su_time = l->outer_su_time;
	the_loop = NULL;
}
