/*
 * Notify
 */
#include "mcxd/notify.h"

#include "mcxd/base/log.h"
#include "mcxd/base/loop.h"
#include "proto/text/mem.h"
#include "proto/text/text.h"

#include <errno.h>
#include <sys/socket.h>
#include <sys/un.h>
#include <time.h>
#include <unistd.h>

/* Without waiting: a manager that does not read must not stop the loop. */
static void send_state(struct notify *n, const char *state)
{
	if (n->fd >= 0 && send(n->fd, state, strlen(state), MSG_DONTWAIT | MSG_NOSIGNAL) < 0)
		log_warn("mcxd", NULL, "cannot notify the service manager: %s", strerror(errno));
}

static int connect_to(const char *path)
{
	struct sockaddr_un address = { .sun_family = AF_UNIX };
	size_t n = strlen(path);
	int fd;

	if ((*path != '/' && *path != '@') || n >= sizeof(address.sun_path)) {
		errno = EINVAL;
		return -1;
	}
	memcpy(address.sun_path, path, n);
	if (*path == '@') /* the abstract name space, unix(7) */
		address.sun_path[0] = '\0';
	fd = socket(AF_UNIX, SOCK_DGRAM | SOCK_CLOEXEC, 0);
	if (fd < 0)
		return -1;
	if (connect(fd, (const struct sockaddr *)&address,
		    (socklen_t)(offsetof(struct sockaddr_un, sun_path) + n)) == 0)
		return fd;
	close(fd);
	return -1;
}

/* $WATCHDOG_PID is whom the watchdog means: a process in between may have left its own environment to this one. */
static int64_t watchdog_ms(void)
{
	const char *us = getenv("WATCHDOG_USEC"), *pid = getenv("WATCHDOG_PID");
	int64_t n_us, ignored;

	if (!us || !text_to_int(us, 1, INT64_MAX, &n_us))
		return 0;
	if (pid && !text_to_int(pid, getpid(), getpid(), &ignored))
		return 0;
	return n_us / 1000;
}

void notify_init(struct notify *n, struct loop *l)
{
	const char *path = getenv("NOTIFY_SOCKET");

	*n = (struct notify){ .loop = l, .fd = -1, .watchdog_ms = watchdog_ms() };
	if (path && *path) {
		n->fd = connect_to(path);
		if (n->fd < 0)
			log_warn("mcxd", NULL, "cannot notify the service manager at %s: %s", path,
				 strerror(errno));
	}
	unsetenv("NOTIFY_SOCKET");
	unsetenv("WATCHDOG_USEC");
	unsetenv("WATCHDOG_PID");
}

void notify_deinit(struct notify *n)
{
	if (!n->loop)
		return;
	loop_timer_stop(&n->watchdog);
	if (n->fd >= 0)
		close(n->fd);
	*n = (struct notify){ 0 };
}

/* Twice as often as asked, sd_watchdog_enabled(3). */
static void on_watchdog(void *magic)
{
	struct notify *n = magic;

	send_state(n, "WATCHDOG=1");
	loop_timer_set_real(n->loop, &n->watchdog, n->watchdog_ms / 2, on_watchdog, n);
}

void notify_ready(struct notify *n)
{
	send_state(n, "READY=1");
	if (n->fd >= 0 && n->watchdog_ms > 1 && !loop_timer_is_set(&n->watchdog))
		on_watchdog(n);
}

void notify_reloading(struct notify *n)
{
	CLEANUP(mem_free_string) char *state = NULL;
	struct timespec now;

	/* The loop's milliseconds could lie before the moment at which the manager began the reload. */
	clock_gettime(CLOCK_MONOTONIC, &now);
	state = text_format("RELOADING=1\nMONOTONIC_USEC=%lld",
			    (long long)now.tv_sec * 1000000 + now.tv_nsec / 1000);
	send_state(n, state);
}

void notify_stopping(struct notify *n)
{
	send_state(n, "STOPPING=1");
}
