/*
 * Process
 */
#include "mcxd/base/process.h"

#include "mcxd/base/loop.h"
#include "proto/text/mem.h"

#include <errno.h>
#include <sys/pidfd.h>
#include <unistd.h>

struct process {
	int fd;
	struct loop_fd *watch;
	loop_h *on_end;
	void *magic;
};

/* The descriptor stays readable. on_end may free the process. */
static void on_readable(void *magic, int fd, unsigned events)
{
	struct process *p = magic;

	(void)fd;
	(void)events;
	loop_fd_set_events(p->watch, 0);
	p->on_end(p->magic);
}

int process_watch(struct loop *l, pid_t pid, loop_h *on_end, void *magic,
		  struct process **ret_process)
{
	struct process *p;
	int fd = pidfd_open(pid, 0), err;

	if (fd < 0)
		return -errno;
	p = MEM_NEW(struct process);
	*p = (struct process){ .fd = fd, .on_end = on_end, .magic = magic };
	err = loop_fd_add(l, fd, LOOP_IN, on_readable, p, &p->watch);
	if (err < 0) {
		process_free(p);
		return err;
	}
	*ret_process = p;
	return 0;
}

struct process *process_free(struct process *p)
{
	if (!p)
		return NULL;
	loop_fd_free(p->watch);
	close(p->fd);
	free(p);
	return NULL;
}
