/*
 * Exec
 */
#include "mcxd/exec.h"

#include "mcxd/base/log.h"
#include "mcxd/base/loop.h"
#include "mcxd/base/process.h"
#include "proto/text/mem.h"
#include "proto/text/text.h"

#include <dirent.h>
#include <errno.h>
#include <limits.h>
#include <linux/close_range.h>
#include <stdlib.h>
#include <string.h>
#include <sys/prctl.h>
#include <sys/stat.h>
#include <sys/wait.h>
#include <unistd.h>

enum {
	PATIENCE_MS = 3000,
	EXIT_SIGNAL = 128,
	EXIT_NOT_RUN = 126,
	EXIT_NOT_FOUND = 127,
};

static int compare(const void *a, const void *b)
{
	return *(const int *)a - *(const int *)b;
}

static void get_files(struct exec_origin *origin)
{
	DIR *dir = opendir("/proc/self/fd");
	struct dirent *entry;
	int64_t fd;

	while (dir && (entry = readdir(dir))) {
		if (!text_to_int(entry->d_name, 0, INT_MAX, &fd) || fd == dirfd(dir))
			continue;
		origin->files = mem_realloc(origin->files,
					    (origin->n_files + 1) * sizeof(origin->files[0]));
		origin->files[origin->n_files++] = (int)fd;
	}
	if (dir)
		closedir(dir);
	if (origin->n_files)
		qsort(origin->files, origin->n_files, sizeof(origin->files[0]), compare);
}

void exec_origin_get(struct exec_origin *origin)
{
	*origin = (struct exec_origin){ 0 };
	sigprocmask(SIG_BLOCK, NULL, &origin->signals);
	sigaction(SIGPIPE, NULL, &origin->sigpipe);
	origin->mask = umask(0);
	umask(origin->mask);
	getrlimit(RLIMIT_NOFILE, &origin->limit);
	get_files(origin);
}

/* What was opened since is not for the command: libraries open descriptors without O_CLOEXEC, sofia-sip among them. */
static void keep_files(const struct exec_origin *origin)
{
	int next = 0;

	for (size_t i = 0; i < origin->n_files; i++) {
		if (origin->files[i] > next)
			close_range((unsigned)next, (unsigned)origin->files[i] - 1,
				    CLOSE_RANGE_CLOEXEC);
		next = origin->files[i] + 1;
	}
	close_range((unsigned)next, ~0U, CLOSE_RANGE_CLOEXEC);
}

static void restore(const struct exec_origin *origin)
{
	sigprocmask(SIG_SETMASK, &origin->signals, NULL);
	sigaction(SIGPIPE, &origin->sigpipe, NULL);
	umask(origin->mask);
	setrlimit(RLIMIT_NOFILE, &origin->limit);
	keep_files(origin);
}

/* In the child. The death signal is one that cannot be ignored, and is kept across execve(2); it goes by the thread
 * that forked, which is the daemon's first and lasts as long as the daemon. */
_Noreturn static void become(const struct exec *e, char *const *environment, pid_t parent)
{
	int err;

	prctl(PR_SET_PDEATHSIG, SIGKILL);
	if (getppid() != parent)
		_exit(EXIT_SIGNAL + SIGKILL);
	restore(&e->origin);
	execvpe(e->command[0], e->command, environment);
	err = errno;
	dprintf(STDERR_FILENO, "mcxd: cannot run %s: %s\n", e->command[0], strerror(err));
	_exit(err == ENOENT ? EXIT_NOT_FOUND : EXIT_NOT_RUN);
}

static void reap(struct exec *e)
{
	int status = 0;

	while (waitpid(e->pid, &status, 0) < 0 && errno == EINTR)
		;
	e->pid = 0;
	e->code = WIFSIGNALED(status) ? EXIT_SIGNAL + WTERMSIG(status) : WEXITSTATUS(status);
	e->process = process_free(e->process);
	loop_timer_stop(&e->patience);
}

static void on_end(void *magic)
{
	struct exec *e = magic;

	reap(e);
	e->on_end(e->magic);
}

int exec_start(struct exec *e, struct loop *loop, char *const *environment)
{
	pid_t parent = getpid(), pid = fork();
	int err;

	if (pid == 0)
		become(e, environment, parent);
	if (pid < 0) {
		err = -errno;
		log_error("mcxd", NULL, "cannot start %s: %s", e->command[0], strerror(-err));
		return err;
	}
	e->loop = loop;
	e->pid = pid;
	err = process_watch(loop, pid, on_end, e, &e->process);
	if (err < 0)
		log_error("mcxd", NULL, "cannot watch %s: %s", e->command[0], strerror(-err));
	return err;
}

bool exec_is_running(const struct exec *e)
{
	return e->pid;
}

void exec_signal(const struct exec *e, int signo)
{
	if (e->pid)
		kill(e->pid, signo);
}

static void on_impatience(void *magic)
{
	exec_signal(magic, SIGKILL);
}

void exec_end(struct exec *e)
{
	exec_signal(e, SIGTERM);
	loop_timer_set_real(e->loop, &e->patience, PATIENCE_MS, on_impatience, e);
}

void exec_deinit(struct exec *e)
{
	if (e->pid) {
		exec_signal(e, SIGKILL);
		reap(e);
	}
	free(e->origin.files);
	e->origin = (struct exec_origin){ 0 };
}
