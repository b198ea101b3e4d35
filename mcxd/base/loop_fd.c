/*
 * Loop: file descriptors and signals
 */
#include "mcxd/base/loop.h"
#include "mcxd/base/loop_private.h"
#include "proto/text/mem.h"

#include <errno.h>
#include <pthread.h>
#include <sys/signalfd.h>
#include <unistd.h>

struct loop_fd {
	struct loop *loop;
	int fd;
	unsigned
		events; /* none: epoll does not know it, because it would report hang-ups all the same */
	loop_fd_h *on_event;
	void *magic;
};

static uint32_t to_epoll(unsigned events)
{
	return (events & LOOP_IN ? EPOLLIN : 0) | (events & LOOP_OUT ? EPOLLOUT : 0);
}

/* A hang-up or an error is always reported, so it must always reach somebody who acts on it. */
static unsigned from_epoll(uint32_t reported, unsigned asked)
{
	unsigned events = (reported & EPOLLIN ? LOOP_IN : 0) | (reported & EPOLLOUT ? LOOP_OUT : 0);

	if (reported & (EPOLLHUP | EPOLLERR))
		events |= asked & LOOP_HUP ? LOOP_HUP : asked;
	return events & asked;
}

/* ---- watches ---- */

static int control(struct loop_fd *w, int operation)
{
	struct epoll_event e = { .events = to_epoll(w->events), .data.ptr = w };

	return epoll_ctl(w->loop->epoll_fd, operation, w->fd, &e) < 0 ? -errno : 0;
}

int loop_fd_add(struct loop *l, int fd, unsigned events, loop_fd_h *on_event, void *magic,
		struct loop_fd **ret_watch)
{
	struct loop_fd *w = MEM_NEW(struct loop_fd);
	int err;

	*w = (struct loop_fd){
		.loop = l, .fd = fd, .events = events, .on_event = on_event, .magic = magic
	};
	err = events ? control(w, EPOLL_CTL_ADD) : 0;
	if (err) {
		free(w);
		return err;
	}
	l->n_fds++;
	*ret_watch = w;
	return 0;
}

int loop_fd_set_events(struct loop_fd *w, unsigned events)
{
	unsigned before = w->events;
	int err;

	if (events == before)
		return 0;
	w->events = events;
	if (!events)
		err = control(w, EPOLL_CTL_DEL);
	else
		err = control(w, before ? EPOLL_CTL_MOD : EPOLL_CTL_ADD);
	if (err)
		w->events = before;
	return err;
}

struct loop_fd *loop_fd_free(struct loop_fd *w)
{
	struct loop *l;

	if (!w)
		return NULL;
	l = w->loop;
	if (w->events)
		control(w, EPOLL_CTL_DEL);
	for (int i = 0; i < l->n_ready; i++)
		if (l->ready[i].data.ptr == w)
			l->ready[i].data.ptr = NULL;
	l->n_fds--;
	free(w);
	return NULL;
}

/* ---- serving ---- */

/* What is ready was asked for when the loop waited; a handler before may have changed that. */
static void serve_one(struct loop *l, const struct epoll_event *e)
{
	struct loop_fd *w = e->data.ptr;
	unsigned events = w ? from_epoll(e->events, w->events) : 0;

	if (!events)
		return;
	l->n_calls++;
	w->on_event(w->magic, w->fd, events);
}

void loop_serve(struct loop *l, int timeout_ms)
{
	int n = epoll_wait(l->epoll_fd, l->ready, MAX_READY, timeout_ms);

	l->n_ready = n > 0 ? n : 0;
	for (int i = 0; i < l->n_ready; i++)
		serve_one(l, &l->ready[i]);
	l->n_ready = 0;
}

/* ---- signals ---- */

static void on_signal_fd(void *magic, int fd, unsigned events)
{
	struct loop *l = magic;
	struct signalfd_siginfo info;
	const struct signal_handler *h;

	(void)events;
	if (read(fd, &info, sizeof(info)) != (ssize_t)sizeof(info) || info.ssi_signo > MAX_SIGNO)
		return;
	h = &l->handlers[info.ssi_signo];
	l->signal_code = info.ssi_code;
	if (h->on_signal)
		h->on_signal(h->magic, (int)info.ssi_signo);
}

int loop_signal_add(struct loop *l, int signo, loop_signal_h *on_signal, void *magic)
{
	sigset_t signals = l->signals;
	int fd, err;

	if (signo < 1 || signo > MAX_SIGNO || sigaddset(&signals, signo) < 0)
		return -EINVAL;
	err = pthread_sigmask(SIG_BLOCK, &signals, NULL);
	if (err)
		return -err;
	fd = signalfd(l->signal_fd, &signals, SFD_NONBLOCK | SFD_CLOEXEC);
	if (fd < 0)
		return -errno;
	if (!l->signal_watch) {
		err = loop_fd_add(l, fd, LOOP_IN, on_signal_fd, l, &l->signal_watch);
		if (err) {
			close(fd);
			return err;
		}
	}
	l->signal_fd = fd;
	l->signals = signals;
	l->handlers[signo] = (struct signal_handler){ on_signal, magic };
	return 0;
}

bool loop_signal_is_of_kernel(const struct loop *l)
{
	return l->signal_code == SI_KERNEL;
}

/* ---- life ---- */

int loop_fds_init(struct loop *l)
{
	l->signal_fd = -1;
	sigemptyset(&l->signals);
	l->epoll_fd = epoll_create1(EPOLL_CLOEXEC);
	return l->epoll_fd < 0 ? -errno : 0;
}

void loop_fds_deinit(struct loop *l)
{
	l->signal_watch = loop_fd_free(l->signal_watch);
	if (l->signal_fd >= 0)
		close(l->signal_fd);
	if (l->epoll_fd >= 0)
		close(l->epoll_fd);
}
