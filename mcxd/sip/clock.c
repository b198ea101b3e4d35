/*
 * Clock
 *
 * sofia's clock is ours: these five functions are all of its su_time0.o, which is then not linked. Its timers obey the lab's clock,
 * which a test can move, and a step of the machine's clock moves nothing.
 */
#include "mcxd/sip/clock.h"

#include "mcxd/base/loop.h"

#include <sofia-sip/su_time.h>

#include <time.h>

#define NTP_EPOCH_S INT64_C(2208988800) /* from 1900, where sofia counts from, to 1970 */

enum { US_PER_S = 1000000, US_PER_MS = 1000, NS_PER_US = 1000 };

static const struct loop *the_loop;
static int64_t stopped_at_us = INT64_MAX; /* lab time */

void clock_follow(const struct loop *l)
{
	the_loop = l;
}

bool clock_is_followed(void)
{
	return the_loop != NULL;
}

void clock_stop_at(int64_t lab_ms)
{
	stopped_at_us = lab_ms * US_PER_MS;
}

void clock_go_on(void)
{
	stopped_at_us = INT64_MAX;
}

static int64_t machine_us(clockid_t clock)
{
	struct timespec ts;

	clock_gettime(clock, &ts);
	return (int64_t)ts.tv_sec * US_PER_S + ts.tv_nsec / NS_PER_US;
}

static int64_t wall_us(void)
{
	int64_t now_us;

	if (!the_loop)
		return machine_us(CLOCK_REALTIME);
	now_us = loop_now_us(the_loop);
	return loop_wall_us(the_loop) - (now_us > stopped_at_us ? now_us - stopped_at_us : 0);
}

static su_time_t from_wall_ms(int64_t ms)
{
	return (su_time_t){ .tv_sec = (unsigned long)(ms / 1000 + NTP_EPOCH_S),
			    .tv_usec = (unsigned long)(ms % 1000 * US_PER_MS) };
}

su_time_t clock_time(int64_t lab_ms)
{
	return from_wall_ms(lab_ms + (the_loop ? loop_calendar_ms(the_loop) : 0));
}

/* NOLINTBEGIN(readability-inconsistent-declaration-parameter-name): sofia's names are not words */

/* Whole milliseconds: sofia cuts the time until its next timer down to them, and with a finer clock it would spin through
 * the rest. */
void su_time(su_time_t *ret)
{
	if (ret)
		*ret = from_wall_ms(wall_us() / US_PER_MS);
}

su_nanotime_t su_nanotime(su_nanotime_t *ret)
{
	su_nanotime_t now =
		(su_nanotime_t)(wall_us() + NTP_EPOCH_S * US_PER_S) * (su_nanotime_t)NS_PER_US;

	if (ret)
		*ret = now;
	return now;
}

su_nanotime_t su_monotime(su_nanotime_t *ret)
{
	int64_t us = the_loop ? loop_now_us(the_loop) : machine_us(CLOCK_MONOTONIC);
	su_nanotime_t now = (su_nanotime_t)us * (su_nanotime_t)NS_PER_US;

	if (ret)
		*ret = now;
	return now;
}

su_time64_t su_now64(void)
{
	return su_nanotime(NULL);
}

su_time64_t su_stamp64(void)
{
	return su_monotime(NULL);
}

/* NOLINTEND(readability-inconsistent-declaration-parameter-name) */
