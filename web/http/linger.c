/*
 * HTTP server: sockets that were closed with input to come
 *
 * libmicrohttpd closes a connection as soon as it has sent its refusal. When the client is still
 * sending, the kernel answers that with a reset, and the client's kernel throws the refusal away.
 * So we keep the socket for a moment and read.
 */
#include "web/http/private.h"

#include <errno.h>
#include <fcntl.h>
#include <sys/socket.h>
#include <unistd.h>

struct lingering {
	struct http *http;
	struct list node;
	int fd;
	struct loop_fd *watch;
	struct loop_timer timer;
};

static void lingering_free(struct lingering *l)
{
	l->http->n_lingering--;
	list_remove(&l->node);
	loop_timer_stop(&l->timer);
	loop_fd_free(l->watch);
	close(l->fd);
	free(l);
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

void http_linger(struct http *h, int fd)
{
	int copy = fcntl(fd, F_DUPFD_CLOEXEC, 0);
	struct lingering *l;

	if (copy < 0)
		return;
	shutdown(copy, SHUT_WR);
	l = MEM_NEW(struct lingering);
	l->http = h;
	l->fd = copy;
	h->n_lingering++;
	list_append(&h->lingering, &l->node);
	if (loop_fd_add(h->loop, copy, LOOP_IN, on_input, l, &l->watch) < 0) {
		lingering_free(l);
		return;
	}
	loop_timer_set_real(h->loop, &l->timer, h->config.linger_ms, on_time, l);
}

void http_linger_free_all(struct http *h)
{
	list_for_each_safe (node, &h->lingering)
		lingering_free(LIST_ENTRY(node, struct lingering, node));
}
