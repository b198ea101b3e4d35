/*
 * Loop: file descriptors, signals
 */
#include "mcxd/base/loop.h"
#include "mcxd/base/loop_priv.h"
#include "proto/text/mem.h"

#include <errno.h>
#include <sys/signalfd.h>
#include <unistd.h>

struct loop_fd {
	struct loop *loop;
	int fd;
	int index; /* of sofia's; 0 while it sleeps */
	unsigned events;
	loop_fd_h *on_event;
	void *magic;
};

static int to_su_events(unsigned events)
{
	return (events & LOOP_IN ? SU_WAIT_IN : 0) | (events & LOOP_OUT ? SU_WAIT_OUT : 0) |
	       (events & LOOP_HUP ? SU_WAIT_HUP | SU_WAIT_ERR : 0);
}

static unsigned from_su_events(int su_events, unsigned asked)
{
	unsigned events =
		(su_events & SU_WAIT_IN ? LOOP_IN : 0) | (su_events & SU_WAIT_OUT ? LOOP_OUT : 0);

	/* epoll always reports these two, so the handler always has to hear of them. */
	if (su_events & (SU_WAIT_HUP | SU_WAIT_ERR))
		events |= asked & LOOP_HUP ? LOOP_HUP : asked;
	return events & asked;
}

static int on_su_event(struct loop *l, su_wait_t *wait, struct loop_fd *w)
{
	l->n_calls++;
	l->awake = true;
	w->on_event(w->magic, w->fd, from_su_events(wait->revents, w->events));
	return 0;
}

/* The su_wait_t is filled in by hand because su_wait_create() makes the descriptor O_NONBLOCK: for a terminal
 * on standard input, that would change our own output and the shell's. */
static int fd_register(struct loop_fd *w)
{
	su_wait_t wait = { .fd = w->fd, .events = (short)to_su_events(w->events) };
	int index;

	if (!w->events)
		return 0;
	errno = 0;
	index = su_root_register(w->loop->root, &wait, on_su_event, w, su_pri_normal);
	if (index <= 0)
		return errno ? -errno : -EINVAL;
	w->index = index;
	return 0;
}

static void fd_deregister(struct loop_fd *w)
{
	if (w->index > 0)
		su_root_deregister(w->loop->root, w->index);
	w->index = 0;
}

int loop_fd_add(struct loop *l, int fd, unsigned events, loop_fd_h *on_event, void *magic,
		struct loop_fd **ret_watch)
{
	struct loop_fd *w = MEM_NEW(struct loop_fd);
	int err;

	*w = (struct loop_fd){
		.loop = l, .fd = fd, .events = events, .on_event = on_event, .magic = magic
	};
	err = fd_register(w);
	if (err) {
		free(w);
		return err;
	}
	l->n_fds++;
	*ret_watch = w;
	return 0;
}

static int fd_change(struct loop_fd *w)
{
	int su_events = to_su_events(w->events);

	if (!w->events) {
		fd_deregister(w);
		return 0;
	}
	if (w->index <= 0)
		return fd_register(w);
	errno = 0;
	if (su_root_eventmask(w->loop->root, w->index, w->fd, su_events) < 0)
		return errno ? -errno : -EINVAL;
	return 0;
}

int loop_fd_set_events(struct loop_fd *w, unsigned events)
{
	unsigned before = w->events;
	int err;

	if (events == before)
		return 0;
	w->events = events;
	err = fd_change(w);
	if (err)
		w->events = before;
	return err;
}

struct loop_fd *loop_fd_free(struct loop_fd *w)
{
	if (!w)
		return NULL;
	fd_deregister(w);
	w->loop->n_fds--;
	free(w);
	return NULL;
}

/* Signals */

static void on_signal_fd(void *magic, int fd, unsigned events)
{
	struct loop *l = magic;
	struct signalfd_siginfo info;
	const struct signal_handler *h;

	(void)events;
	if (read(fd, &info, sizeof(info)) != (ssize_t)sizeof(info) || info.ssi_signo > MAX_SIGNO)
		return;
	h = &l->handlers[info.ssi_signo];
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

void loop_signals_init(struct loop *l)
{
	l->signal_fd = -1;
	sigemptyset(&l->signals);
}

void loop_signals_deinit(struct loop *l)
{
	l->signal_watch = loop_fd_free(l->signal_watch);
	if (l->signal_fd >= 0)
		close(l->signal_fd);
	l->signal_fd = -1;
}
