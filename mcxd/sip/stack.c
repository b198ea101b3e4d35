/*
 * Stack
 *
 * su_root has no function that tells when its next timer is due. su_timer_expire() does, as a by-product of running what is due: asked
 * with the time of long ago it runs nothing and says how long it is until the first. It costs 0.03 us with 100,000 timers.
 */
#include "mcxd/sip/stack.h"

#include "mcxd/base/log.h"
#include "mcxd/base/loop.h"
#include "mcxd/net/net.h"
#include "mcxd/sip/clock.h"
#include "proto/text/mem.h"
#include "proto/text/text.h"

#include <errno.h>
#include <limits.h>
#include <sofia-sip/sofia_features.h>
#include <sofia-sip/su.h>
#include <sofia-sip/su_log.h>
#include <stdarg.h>
#include <string.h>

enum { LONG_AGO_MS = 7 * 86400 * 1000 };

struct stack {
	struct loop *loop;
	const struct hosts *hosts;
	struct net *net;
	su_root_t *root;
	struct loop_guest guest;
	int64_t past_ms; /* of the lab: before every timer */
	su_time_t past;
	bool is_awake; /* a message of sofia's to itself waits */
};

const char stack_library[] = "sofia-sip " SOFIA_SIP_VERSION;

static void set_past(struct stack *s)
{
	s->past_ms = loop_now_ms(s->loop) - LONG_AGO_MS;
	s->past = clock_time(s->past_ms);
}

/* sofia's durations end at 24.8 days: a longer one is measured again from a past that is nearer. What is still too long then has
 * the loop look again earlier than it must. */
static int64_t due_ms(void *magic)
{
	struct stack *s = magic;
	su_timer_queue_t *timers = su_task_timers(su_root_task(s->root));
	su_duration_t left_ms = SU_WAIT_FOREVER;

	if (s->is_awake)
		return loop_now_ms(s->loop);
	if (!timers || !*timers)
		return INT64_MAX;
	su_timer_expire(timers, &left_ms, s->past);
	if (left_ms == SU_DURATION_MAX) {
		set_past(s);
		su_timer_expire(timers, &left_ms, s->past);
	}
	if (left_ms == SU_WAIT_FOREVER) /* there is a queue with nothing in it */
		return INT64_MAX;
	return s->past_ms + left_ms;
}

/* A step without waiting also looks at the root's own descriptors; none of them is ever ready. */
static void run(void *magic, int64_t until_ms)
{
	struct stack *s = magic;

	s->is_awake = false;
	clock_stop_at(until_ms);
	su_root_step(s->root, 0);
	clock_go_on();
}

/* sofia would write to standard error, between our lines. */
static void PRINTF_LIKE(2, 0) on_library_log(void *magic, const char *fmt, va_list args)
{
	CLEANUP(text_deinit) struct text lines = TEXT_INIT;
	char *rest, *line;

	(void)magic;
	text_vaddf(&lines, fmt, args);
	for (rest = lines.data; (line = strsep(&rest, "\n"));)
		if (*line)
			log_warn("sip", "sofia", "%s", line);
}

int stack_new(struct loop *l, const struct hosts *hosts, struct stack **ret_stack)
{
	struct stack *s;

	if (clock_is_followed())
		return -EBUSY;
	su_log_redirect(NULL, on_library_log, NULL);
	s = MEM_NEW(struct stack);
	s->loop = l;
	s->hosts = hosts;
	clock_follow(l);
	set_past(s);
	su_init();
	errno = 0;
	s->root = su_root_create((su_root_magic_t *)s);
	if (!s->root) {
		int err = errno ? -errno : -ENOMEM;

		stack_free(s);
		return err;
	}
	su_root_threading(s->root, 0);
	s->net = net_new(l);
	s->guest = (struct loop_guest){ .due_ms = due_ms, .run = run, .magic = s };
	loop_set_guest(l, &s->guest);
	*ret_stack = s;
	return 0;
}

struct stack *stack_free(struct stack *s)
{
	if (!s)
		return NULL;
	if (s->net)
		loop_set_guest(s->loop, NULL);
	net_free(s->net);
	if (s->root)
		su_root_destroy(s->root);
	su_deinit();
	clock_follow(NULL);
	free(s);
	return NULL;
}

struct loop *stack_loop(const struct stack *s)
{
	return s->loop;
}

struct net *stack_net(const struct stack *s)
{
	return s->net;
}

const struct hosts *stack_hosts(const struct stack *s)
{
	return s->hosts;
}

void stack_wake(struct stack *s)
{
	s->is_awake = true;
}

su_root_t *stack_root(const struct stack *s)
{
	return s->root;
}
