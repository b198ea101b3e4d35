/*
 * HTTP server: lingering
 */
#include "web/http/linger.h"

#include "mcxd/base/list.h"
#include "mcxd/base/loop.h"
#include "proto/text/mem.h"

#include <errno.h>
#include <fcntl.h>
#include <sys/socket.h>
#include <unistd.h>

struct lingering {
	struct http_linger *all;
	struct list node;
	int fd;
	struct loop_fd *watch;
	struct loop_timer timer;
};

static void lingering_free(struct lingering *s)
{
	s->all->n_sockets--;
	list_remove(&s->node);
	loop_timer_stop(&s->timer);
	loop_fd_free(s->watch);
	close(s->fd);
	free(s);
}

static void on_time(void *magic)
{
	lingering_free(magic);
}

static void on_input(void *magic, int fd, unsigned events)
{
	char unread[16384];
	ssize_t n = recv(fd, unread, sizeof(unread), MSG_DONTWAIT);

	(void)events;
	if (n == 0 || (n < 0 && errno != EAGAIN && errno != EINTR))
		lingering_free(magic);
}

void http_linger_add(struct http_linger *l, int fd)
{
	int copy = fcntl(fd, F_DUPFD_CLOEXEC, 0);
	struct lingering *s;

	if (copy < 0)
		return;
	shutdown(copy, SHUT_WR);
	s = MEM_NEW(struct lingering);
	s->all = l;
	s->fd = copy;
	l->n_sockets++;
	list_append(&l->sockets, &s->node);
	if (loop_fd_add(l->loop, copy, LOOP_IN, on_input, s, &s->watch) < 0) {
		lingering_free(s);
		return;
	}
	loop_timer_set_real(l->loop, &s->timer, l->length_ms, on_time, s);
}

void http_linger_init(struct http_linger *l, struct loop *loop, int64_t length_ms)
{
	*l = (struct http_linger){ .loop = loop, .length_ms = length_ms };
	list_init(&l->sockets);
}

void http_linger_deinit(struct http_linger *l)
{
	list_for_each_safe (node, &l->sockets)
		lingering_free(LIST_ENTRY(node, struct lingering, node));
}
