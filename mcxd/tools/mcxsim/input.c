/*
 * Input
 */
#include "mcxd/tools/mcxsim/input.h"

#include "mcxd/base/loop.h"
#include "proto/text/mem.h"

#include <errno.h>
#include <sys/stat.h>
#include <unistd.h>

enum { MAX_LINE = 8192 };

struct input {
	struct loop *loop;
	struct loop_fd *watch; /* NULL: a file, which is always ready */
	uint64_t post;
	int fd;
	input_line_h *on_line;
	input_end_h *on_end;
	void *magic;
	size_t n;
	char line[MAX_LINE + 1];
};

static void end_line(struct input *in)
{
	if (in->n && in->line[in->n - 1] == '\r')
		in->n--;
	in->line[in->n] = '\0';
	in->n = 0;
	in->on_line(in->magic, in->line);
}

static void take(struct input *in, const char *p, size_t n)
{
	for (size_t i = 0; i < n; i++) {
		if (p[i] == '\n')
			end_line(in);
		else if (in->n < MAX_LINE)
			in->line[in->n++] = (char)(p[i] ? p[i] : ' ');
	}
}

/* One read. Returns false at the end. */
static bool read_some(struct input *in)
{
	char buffer[4096];
	ssize_t n = read(in->fd, buffer, sizeof(buffer));

	if (n < 0 && (errno == EAGAIN || errno == EINTR))
		return true;
	if (n > 0) {
		take(in, buffer, (size_t)n);
		return true;
	}
	in->watch = loop_fd_free(in->watch);
	if (in->n)
		end_line(in);
	in->on_end(in->magic);
	return false;
}

static void on_ready(void *magic, int fd, unsigned events)
{
	(void)fd;
	(void)events;
	read_some(magic);
}

static void on_file(void *magic)
{
	struct input *in = magic;

	in->post = 0;
	if (read_some(in))
		in->post = loop_post(in->loop, on_file, in);
}

struct input *input_new(struct loop *l, int fd, input_line_h *on_line, input_end_h *on_end,
			void *magic)
{
	struct input *in;
	struct stat st;

	if (fstat(fd, &st) < 0 || (S_ISCHR(st.st_mode) && !isatty(fd)))
		return NULL;
	in = MEM_NEW(struct input);
	in->loop = l;
	in->fd = fd;
	in->on_line = on_line;
	in->on_end = on_end;
	in->magic = magic;
	if (S_ISREG(st.st_mode) || loop_fd_add(l, fd, LOOP_IN, on_ready, in, &in->watch) < 0) {
		in->watch = NULL;
		in->post = loop_post(l, on_file, in);
	}
	return in;
}

struct input *input_free(struct input *in)
{
	if (!in)
		return NULL;
	loop_fd_free(in->watch);
	if (in->post)
		loop_unpost(in->loop, in->post);
	free(in);
	return NULL;
}
