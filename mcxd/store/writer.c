/*
 * Writer
 */
#include "mcxd/store/writer.h"

#include "mcxd/base/list.h"
#include "mcxd/core/store_row.h"
#include "mcxd/store/database.h"
#include "proto/text/mem.h"

#include <errno.h>
#include <poll.h>
#include <pthread.h>
#include <sys/eventfd.h>
#include <sys/statvfs.h>
#include <time.h>
#include <unistd.h>

/* Measured at 1,000 messages a second: without a window, half of the commits have a single row, and the disk takes up to
 * 60 ms for some. */
enum { WINDOW_NS = 3000000, CLOSE_US = 8000, RETRY_MS = 1000, MAX_RETRIED = 10000 };

struct queue {
	pthread_mutex_t mutex;
	struct list items;
	int event_fd;
};

struct writer {
	struct database *database;
	char *directory;
	int64_t min_free_bytes;
	struct queue in, out;
	bool stopping; /* guarded by the mutex of in */
	pthread_t thread;

	/* the thread's own */
	struct list retried; /* jobs that failed, and that nobody waits for */
	size_t n_retried;
	bool failing; /* the last batch could not be written */
	int64_t committed_us;
};

/* ---- queues ---- */

static int queue_init(struct queue *q, int flags)
{
	pthread_mutex_init(&q->mutex, NULL);
	list_init(&q->items);
	q->event_fd = eventfd(0, EFD_CLOEXEC | flags);
	return q->event_fd < 0 ? -errno : 0;
}

static void queue_deinit(struct queue *q)
{
	if (q->event_fd >= 0)
		close(q->event_fd);
	pthread_mutex_destroy(&q->mutex);
}

static void signal_queue(const struct queue *q)
{
	const uint64_t one = 1;

	while (write(q->event_fd, &one, sizeof(one)) < 0 && errno == EINTR)
		;
}

static void clear_queue(const struct queue *q)
{
	uint64_t n;

	while (read(q->event_fd, &n, sizeof(n)) < 0 && errno == EINTR)
		;
}

static void move_all(struct list *from, struct list *to)
{
	list_for_each_safe (node, from) {
		list_remove(node);
		list_append(to, node);
	}
}

static void push(struct queue *q, struct list *items)
{
	bool was_empty;

	pthread_mutex_lock(&q->mutex);
	was_empty = list_empty(&q->items);
	move_all(items, &q->items);
	pthread_mutex_unlock(&q->mutex);
	if (was_empty)
		signal_queue(q);
}

void job_free(struct job *job)
{
	list_remove(&job->of_queue);
	free(job->row);
	free(job);
}

void batch_free(struct batch *batch)
{
	list_remove(&batch->of_queue);
	list_for_each_safe (node, &batch->jobs)
		job_free(LIST_ENTRY(node, struct job, of_queue));
	for (size_t i = 0; i < batch->n_rows; i++)
		free(batch->rows[i]);
	free(batch->rows);
	free(batch->why);
	free(batch);
}

/* ---- the thread ---- */

static int64_t now_us(void)
{
	struct timespec t;

	clock_gettime(CLOCK_MONOTONIC, &t);
	return t.tv_sec * INT64_C(1000000) + t.tv_nsec / 1000;
}

/* A WAL that has filled the disk cannot be emptied into the file, which would have to grow, so that not even an
 * existing row can be changed any more. The rest of the disk is left for that, as much as the WAL has, and for removing
 * rows. */
static bool is_disk_full(const struct writer *w)
{
	struct statvfs st;

	if (w->min_free_bytes <= 0 || statvfs(w->directory, &st) < 0)
		return false;
	return st.f_bavail <
	       (uint64_t)(w->min_free_bytes + database_wal_bytes(w->database)) / st.f_frsize;
}

static void keep_row(void *magic, const struct store_row *row)
{
	struct batch *b = magic;

	if ((b->n_rows & (b->n_rows - 1)) == 0)
		b->rows = mem_realloc(b->rows,
				      (b->n_rows ? 2 * b->n_rows : 1) * sizeof(struct store_row *));
	b->rows[b->n_rows++] = store_row_copy(row);
}

/* Returns the error of the whole batch: what SQLite refuses leaves no transaction that could go on. */
static int run_job(struct writer *w, struct batch *b, struct job *job, bool full)
{
	if (job->task == JOB_LOAD)
		return database_load(w->database, keep_row, b);
	if (job->task == JOB_SYNC)
		return 0;
	if (!job->row)
		return database_remove(w->database, job->kind, job->id);
	if (!full || job->row->reserved)
		return database_save(w->database, job->row);
	job->err = -ENOSPC;
	return 0;
}

static int run_jobs(struct writer *w, struct batch *b)
{
	bool full = is_disk_full(w);
	int err = database_begin(w->database);

	if (!err && list_empty(&b->jobs))
		err = full ? -ENOSPC : database_probe(w->database);
	if (err)
		return err;
	list_for_each (node, &b->jobs) {
		err = run_job(w, b, LIST_ENTRY(node, struct job, of_queue), full);
		if (err)
			return err;
	}
	return database_commit(w->database);
}

/* Whether a later job of the batch has removed or replaced its row. */
static bool is_outdated(const struct batch *b, const struct job *job)
{
	for (const struct list *node = job->of_queue.next; node != &b->jobs; node = node->next) {
		const struct job *later = LIST_ENTRY(mem_no_const(node), struct job, of_queue);

		if (later->task == JOB_WRITE && later->kind == job->kind && later->id == job->id &&
		    (!later->row || !later->err))
			return true;
	}
	return false;
}

/* It failed, and nobody waits for it. */
static bool is_owed(const struct job *job)
{
	return job->task == JOB_WRITE && job->err && !job->done;
}

static void forgive_outdated(const struct batch *b)
{
	list_for_each (node, &b->jobs) {
		struct job *job = LIST_ENTRY(node, struct job, of_queue);

		if (is_owed(job) && is_outdated(b, job))
			job->err = 0;
	}
}

/* Nobody waits for these, and nobody would make up for them: a row that was to be removed would be back after the next
 * start. Those who wait for a job learn that it has failed, and it is not done later. */
static void retry_later(struct writer *w, struct batch *b)
{
	list_for_each_safe (node, &b->jobs) {
		struct job *job = LIST_ENTRY(node, struct job, of_queue);

		if (!is_owed(job))
			continue;
		if (w->n_retried >= MAX_RETRIED) {
			b->n_lost++;
			continue;
		}
		list_remove(node);
		list_append(&w->retried, node);
		w->n_retried++;
	}
}

/* Who waits for its own row is told of that. */
static void answer_syncs(const struct batch *b)
{
	int err = 0;

	list_for_each (node, &b->jobs) {
		const struct job *job = LIST_ENTRY(node, struct job, of_queue);

		if (is_owed(job))
			err = job->err;
	}
	list_for_each (other, &b->jobs) {
		struct job *job = LIST_ENTRY(other, struct job, of_queue);

		if (job->task == JOB_SYNC && err)
			job->err = err;
	}
}

static void fail_all(const struct batch *b, int err)
{
	list_for_each (node, &b->jobs)
		LIST_ENTRY(node, struct job, of_queue)->err = err;
}

static size_t count_written(const struct batch *b)
{
	size_t n = 0;

	list_for_each (node, &b->jobs) {
		const struct job *job = LIST_ENTRY(node, struct job, of_queue);

		n += job->task == JOB_WRITE && !job->err;
	}
	return n;
}

static void run_batch(struct writer *w, struct batch *b)
{
	struct list one;
	int err;

	list_for_each (each, &b->jobs)
		LIST_ENTRY(each, struct job, of_queue)->err = 0; /* of an earlier try */
	err = run_jobs(w, b);
	w->committed_us = now_us();
	if (err)
		b->why = mem_strdup(database_error(w->database));
	database_rollback(w->database);
	if (err)
		fail_all(b, err);
	b->n_written = count_written(b);
	forgive_outdated(b);
	answer_syncs(b);
	list_for_each (node, &b->jobs)
		b->n_failed += LIST_ENTRY(node, struct job, of_queue)->err != 0;
	if (b->n_failed && !b->why)
		b->why = mem_strdup("the disk is almost full (state.min_free)");
	b->failing = w->failing = err || b->n_failed;
	retry_later(w, b);
	list_init(&one);
	list_append(&one, &b->of_queue);
	push(&w->out, &one);
}

static void wait_for_job(const struct writer *w)
{
	struct pollfd p = { .fd = w->in.event_fd, .events = POLLIN };

	if (w->failing)
		poll(&p, 1, RETRY_MS);
	if (!w->failing || p.revents)
		clear_queue(&w->in);
}

static void wait_for_company(const struct writer *w)
{
	const struct timespec window = { .tv_nsec = WINDOW_NS };

	if (now_us() - w->committed_us < CLOSE_US)
		clock_nanosleep(CLOCK_MONOTONIC, 0, &window, NULL);
}

/* Returns whether to stop. */
static bool take_jobs(struct writer *w, struct list *jobs)
{
	bool stopping;

	pthread_mutex_lock(&w->in.mutex);
	move_all(&w->in.items, jobs);
	stopping = w->stopping;
	pthread_mutex_unlock(&w->in.mutex);
	return stopping;
}

static void *writer_run(void *magic)
{
	struct writer *w = magic;
	bool stopping = false;

	while (!stopping) {
		struct batch *b = MEM_NEW(struct batch);

		list_init(&b->of_queue);
		list_init(&b->jobs);
		wait_for_job(w);
		wait_for_company(w);
		move_all(&w->retried, &b->jobs);
		w->n_retried = 0;
		stopping = take_jobs(w, &b->jobs);
		if (list_empty(&b->jobs) && !w->failing)
			batch_free(b);
		else
			run_batch(w, b);
	}
	return NULL;
}

/* ---- the loop's side ---- */

int writer_new(const struct writer_args *args, struct writer **ret)
{
	struct writer *w = MEM_NEW(struct writer);
	int err = queue_init(&w->in, 0), other = queue_init(&w->out, EFD_NONBLOCK);

	*ret = NULL;
	w->database = args->database;
	w->directory = mem_strdup(args->directory);
	w->min_free_bytes = args->min_free_bytes;
	list_init(&w->retried);
	if (!err)
		err = other;
	if (!err)
		err = -pthread_create(&w->thread, NULL, writer_run, w);
	if (!err) {
		*ret = w;
		return 0;
	}
	queue_deinit(&w->in);
	queue_deinit(&w->out);
	database_close(w->database);
	free(w->directory);
	free(w);
	return err;
}

static size_t count_lost(const struct writer *w)
{
	size_t n = w->n_retried;

	list_for_each (node, &w->out.items) {
		const struct batch *batch = LIST_ENTRY(node, struct batch, of_queue);

		n += batch->n_lost;
		list_for_each (other, &batch->jobs)
			n += LIST_ENTRY(other, struct job, of_queue)->err != 0;
	}
	return n;
}

struct writer *writer_free(struct writer *w, size_t *ret_n_lost)
{
	*ret_n_lost = 0;
	if (!w)
		return NULL;
	pthread_mutex_lock(&w->in.mutex);
	w->stopping = true;
	pthread_mutex_unlock(&w->in.mutex);
	signal_queue(&w->in);
	pthread_join(w->thread, NULL);
	*ret_n_lost = count_lost(w);
	list_for_each_safe (node, &w->out.items)
		batch_free(LIST_ENTRY(node, struct batch, of_queue));
	list_for_each_safe (other, &w->retried)
		job_free(LIST_ENTRY(other, struct job, of_queue));
	queue_deinit(&w->in);
	queue_deinit(&w->out);
	database_close(w->database);
	free(w->directory);
	free(w);
	return NULL;
}

void writer_push(struct writer *w, struct list *jobs)
{
	push(&w->in, jobs);
}

int writer_fd(const struct writer *w)
{
	return w->out.event_fd;
}

void writer_take(struct writer *w, struct list *batches)
{
	clear_queue(&w->out);
	pthread_mutex_lock(&w->out.mutex);
	move_all(&w->out.items, batches);
	pthread_mutex_unlock(&w->out.mutex);
}
