/*
 * Store on disk
 */
#include "mcxd/store/sqlite.h"

#include "mcxd/base/list.h"
#include "mcxd/base/log.h"
#include "mcxd/base/loop.h"
#include "mcxd/base/metric.h"
#include "mcxd/core/ports.h"
#include "mcxd/core/store_row.h"
#include "mcxd/store/database.h"
#include "mcxd/store/writer.h"
#include "proto/text/mem.h"
#include "proto/text/text.h"

#include <errno.h>
#include <fcntl.h>
#include <poll.h>
#include <sys/file.h>
#include <unistd.h>

#define STORE_METRICS(X)                                                                           \
	X(rows_total, METRIC_COUNTER, "Rows written or removed")                                   \
	X(commits_total, METRIC_COUNTER, "Commits, of one or many rows each")                      \
	X(failures_total, METRIC_COUNTER, "Rows that could not be written or removed at the time") \
	X(lost_total, METRIC_COUNTER, "Rows that were given up after that")                        \
	X(pending, METRIC_GAUGE, "Rows that wait for the disk")                                    \
	X(failing, METRIC_GAUGE, "1 while rows cannot be written")

METRICS_STRUCT(store_metrics, STORE_METRICS);

struct sqlite_store {
	struct loop *loop;
	char *path;
	int lock_fd;
	struct writer *writer;
	struct loop_fd *watch;
	struct list round; /* jobs of the loop's present round */
	struct log_throttle failures;
	struct store_metrics metrics;
};

/* ---- one process ---- */

/* On a file of its own: closing any descriptor of the database's would drop SQLite's own locks on it. */
static int lock(struct sqlite_store *s, struct text *why)
{
	CLEANUP(mem_free_string) char *path = text_concat(s->path, "-lock");
	int err = 0;

	s->lock_fd = open(path, O_RDWR | O_CREAT | O_CLOEXEC | O_NOFOLLOW, 0600);
	if (s->lock_fd < 0 || flock(s->lock_fd, LOCK_EX | LOCK_NB) < 0)
		err = -errno;
	if (err == -EWOULDBLOCK)
		text_addf(why, "cannot use %s: another mcxd is using it", s->path);
	else if (err)
		text_addf(why, "cannot lock %s: %s", path, strerror(-err));
	return err;
}

/* ---- what comes back ---- */

static void report(struct sqlite_store *s, const struct batch *b)
{
	char more[LOG_LEFT_OUT_SIZE];
	int64_t n_left_out;

	if (s->metrics.failing.value && !b->failing)
		log_info("store", NULL, "rows are written to %s again", s->path);
	metric_add(&s->metrics.failing, (b->failing ? 1 : 0) - s->metrics.failing.value);
	metric_add(&s->metrics.rows_total, (int64_t)b->n_written);
	metric_add(&s->metrics.commits_total, b->n_written > 0);
	metric_add(&s->metrics.failures_total, (int64_t)b->n_failed);
	metric_add(&s->metrics.lost_total, (int64_t)b->n_lost);
	if (b->n_failed && log_throttle_passes(&s->failures, loop_real_ms(s->loop), &n_left_out))
		log_error("store", NULL, "cannot write %zu rows to %s: %s%s", b->n_failed, s->path,
			  b->why, log_left_out(n_left_out, more));
}

static int is_row(const struct job *job)
{
	return job->task == JOB_WRITE;
}

static void complete(struct sqlite_store *s, struct batch *b)
{
	report(s, b);
	list_for_each_safe (node, &b->jobs) {
		struct job *job = LIST_ENTRY(node, struct job, of_queue);

		metric_add(&s->metrics.pending, -is_row(job));
		if (job->done)
			job->done(job->magic, job->err);
		job_free(job);
	}
	batch_free(b);
}

static void on_batches(void *magic, int fd, unsigned events)
{
	struct sqlite_store *s = magic;
	struct list batches;

	(void)fd;
	(void)events;
	list_init(&batches);
	writer_take(s->writer, &batches);
	list_for_each_safe (node, &batches)
		complete(s, LIST_ENTRY(node, struct batch, of_queue));
}

/* ---- the port ---- */

static void flush(struct sqlite_store *s)
{
	if (!list_empty(&s->round))
		writer_push(s->writer, &s->round);
}

static void on_round_over(void *magic)
{
	flush(magic);
}

/* What was deferred earlier in this round may still save. */
static void on_round(void *magic)
{
	const struct sqlite_store *s = magic;

	loop_defer(s->loop, on_round_over, magic);
}

static void push(struct sqlite_store *s, const struct job *job)
{
	struct job *copy = MEM_NEW(struct job);

	*copy = *job;
	metric_add(&s->metrics.pending, is_row(job));
	if (list_empty(&s->round))
		loop_defer(s->loop, on_round, s);
	list_append(&s->round, &copy->of_queue);
}

static void save(void *adapter, const struct store_row *row, store_done_h *done, void *magic)
{
	push(adapter, &(struct job){ .task = JOB_WRITE,
				     .row = store_row_copy(row),
				     .kind = row->kind,
				     .id = row->id,
				     .done = done,
				     .magic = magic });
}

static void drop_row(void *adapter, enum store_kind kind, uint64_t id, store_done_h *done,
		     void *magic)
{
	push(adapter,
	     &(struct job){
		     .task = JOB_WRITE, .kind = kind, .id = id, .done = done, .magic = magic });
}

static void sync_rows(void *adapter, store_done_h *done, void *magic)
{
	push(adapter, &(struct job){ .task = JOB_SYNC, .done = done, .magic = magic });
}

static bool is_failing(void *adapter)
{
	const struct sqlite_store *s = adapter;

	return s->metrics.failing.value;
}

struct loading {
	int err;
	bool is_over;
};

static void on_loaded(void *magic, int err)
{
	*(struct loading *)magic = (struct loading){ .err = err, .is_over = true };
}

static int load(void *adapter, store_row_h *on_row, void *magic)
{
	struct sqlite_store *s = adapter;
	struct pollfd p = { .fd = writer_fd(s->writer), .events = POLLIN };
	struct loading loading = { 0 };
	struct list batches;

	push(s, &(struct job){ .task = JOB_LOAD, .done = on_loaded, .magic = &loading });
	flush(s);
	list_init(&batches);
	while (!loading.is_over) {
		poll(&p, 1, -1);
		writer_take(s->writer, &batches);
		list_for_each_safe (node, &batches) {
			struct batch *b = LIST_ENTRY(node, struct batch, of_queue);

			for (size_t i = 0; i < b->n_rows; i++)
				on_row(magic, b->rows[i]);
			complete(s, b);
		}
	}
	return loading.err;
}

const struct store_port sqlite_store_port = {
	.save = save,
	.remove = drop_row,
	.load = load,
	.sync = sync_rows,
	.is_failing = is_failing,
	.durable = true,
};

/* ---- life ---- */

static int start(struct sqlite_store *s, const struct sqlite_store_args *args, struct text *why)
{
	const struct database_args file = { .path = s->path, .vfs = args->vfs };
	CLEANUP(mem_free_string) char *directory = mem_strdup(s->path);
	char *slash = strrchr(directory, '/');
	struct database *database;
	int err = lock(s, why);

	if (!err)
		err = database_open(&file, &database, why);
	if (err)
		return err;
	if (slash)
		*slash = '\0';
	err = writer_new(&(struct writer_args){ .database = database,
						.directory = slash ? directory : ".",
						.min_free_bytes = args->min_free_bytes },
			 &s->writer);
	if (!err)
		err = loop_fd_add(s->loop, writer_fd(s->writer), LOOP_IN, on_batches, s, &s->watch);
	if (err)
		text_addf(why, "cannot start the writer of %s: %s", s->path, strerror(-err));
	return err;
}

int sqlite_store_open(const struct sqlite_store_args *args, struct sqlite_store **ret,
		      struct text *why)
{
	struct sqlite_store *s = MEM_NEW(struct sqlite_store);
	int err;

	s->loop = args->loop;
	s->path = mem_strdup(args->path);
	s->lock_fd = -1;
	list_init(&s->round);
	s->metrics = (struct store_metrics)METRICS_INIT(STORE_METRICS);
	METRICS_ADD(args->metrics, "store", &s->metrics);
	err = start(s, args, why);
	*ret = err ? sqlite_store_close(s) : s;
	return err;
}

struct sqlite_store *sqlite_store_close(struct sqlite_store *s)
{
	size_t n_lost;

	if (!s)
		return NULL;
	loop_undefer(s->loop, on_round, s);
	loop_undefer(s->loop, on_round_over, s);
	if (s->writer)
		flush(s);
	loop_fd_free(s->watch);
	writer_free(s->writer, &n_lost);
	if (n_lost)
		log_error("store", NULL, "%zu rows were not written to %s before the end", n_lost,
			  s->path);
	if (s->lock_fd >= 0)
		close(s->lock_fd);
	free(s->path);
	free(s);
	return NULL;
}
