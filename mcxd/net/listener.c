/*
 * Listener
 */
#include "mcxd/net/listener.h"

#include "mcxd/base/log.h"
#include "mcxd/base/loop.h"
#include "mcxd/base/metric.h"
#include "mcxd/net/address.h"
#include "mcxd/net/net.h"
#include "proto/text/mem.h"

#include <errno.h>
#include <unistd.h>

enum {
	BACKLOG = 4096, /* 2,000 connects took 14.5 s with one of 64 */
	MAX_ACCEPTS = 64,
	PAUSE_MS = 100
};

struct listener {
	struct net *net;
	struct address local;
	listener_h *on_accept;
	void *magic;
	int fd;
	struct loop_fd *watch;
	struct loop_timer pause;
	struct metric *pauses;
	struct log_throttle shortages;
};

static void on_pause_end(void *magic)
{
	struct listener *l = magic;

	if (loop_fd_set_events(l->watch, LOOP_IN) < 0)
		loop_timer_set_real(net_loop(l->net), &l->pause, PAUSE_MS, on_pause_end, l);
}

static void pause_accepting(struct listener *l, int error)
{
	char text[ADDRESS_TEXT_SIZE];
	int64_t n_left_out;

	metric_inc(l->pauses);
	if (log_throttle_passes(&l->shortages, loop_real_ms(net_loop(l->net)), &n_left_out))
		log_warn("net", NULL,
			 "%s: cannot accept connections: %s; trying again until it works",
			 address_format(&l->local, text), strerror(error));
	loop_fd_set_events(l->watch, 0);
	loop_timer_set_real(net_loop(l->net), &l->pause, PAUSE_MS, on_pause_end, l);
}

static bool is_shortage(int error)
{
	return error == EMFILE || error == ENFILE || error == ENOBUFS || error == ENOMEM;
}

static void on_event(void *magic, int listening_fd, unsigned events)
{
	struct listener *l = magic;

	(void)events;
	for (int i = 0; i < MAX_ACCEPTS; i++) {
		struct sockaddr_storage from;
		socklen_t n = sizeof(from);
		struct address peer;
		int fd = accept4(listening_fd, (struct sockaddr *)&from, &n,
				 SOCK_NONBLOCK | SOCK_CLOEXEC);

		if (fd < 0 && is_shortage(errno))
			pause_accepting(l, errno);
		if (fd < 0 && errno != ECONNABORTED && errno != EINTR)
			return;
		if (fd < 0)
			continue;
		if (address_from_sockaddr((const struct sockaddr *)&from, n, &peer))
			l->on_accept(l->magic, fd, &peer);
		else
			close(fd);
	}
}

static int open_socket(struct listener *l)
{
	socklen_t n = sizeof(l->local);
	const int on = 1;

	l->fd = socket(l->local.any.sa_family, SOCK_STREAM | SOCK_NONBLOCK | SOCK_CLOEXEC, 0);
	if (l->fd < 0)
		return -errno;
	setsockopt(l->fd, SOL_SOCKET, SO_REUSEADDR, &on, sizeof(on));
	if (l->local.any.sa_family == AF_INET6)
		setsockopt(l->fd, IPPROTO_IPV6, IPV6_V6ONLY, &on, sizeof(on));
	if (bind(l->fd, &l->local.any, address_length(&l->local)) < 0 ||
	    listen(l->fd, BACKLOG) < 0 || getsockname(l->fd, &l->local.any, &n) < 0)
		return -errno;
	return loop_fd_add(net_loop(l->net), l->fd, LOOP_IN, on_event, l, &l->watch);
}

int listener_open(const struct listener_args *args, struct listener **ret_listener)
{
	struct listener *l = MEM_NEW(struct listener);
	int err;

	l->net = args->net;
	l->local = args->local;
	l->on_accept = args->on_accept;
	l->magic = args->magic;
	l->pauses = args->pauses;
	err = open_socket(l);
	if (err) {
		listener_close(l);
		return err;
	}
	*ret_listener = l;
	return 0;
}

struct listener *listener_close(struct listener *l)
{
	if (!l)
		return NULL;
	loop_timer_stop(&l->pause);
	loop_fd_free(l->watch);
	if (l->fd >= 0)
		close(l->fd);
	free(l);
	return NULL;
}

const struct address *listener_local(const struct listener *l)
{
	return &l->local;
}
