/*
 * Writer
 *
 * The thread that owns a database. It shares two queues with the loop's thread, and nothing else: jobs go in, batches of
 * jobs that have been committed, or not, come out in the same order. What waits in the queue is committed together. Each
 * queue has an eventfd, which is written only when the queue was empty.
 *
 * A commit waits for the disk, which costs far more than a row. So while commits follow each other closely the
 * writer waits a moment for company; a job that comes alone is committed at once.
 */
#pragma once

#include "mcxd/base/list.h"
#include "mcxd/core/ports.h"
#include "mcxd/core/store_row.h"

#include <stdbool.h>
#include <stddef.h>
#include <stdint.h>

struct database;
struct writer;

enum job_task {
	JOB_WRITE, /* save or remove a row */
	JOB_LOAD,  /* read all rows into the batch */
	JOB_SYNC   /* learn whether all rows that nobody waits for have been written */
};

struct job {
	struct list of_queue;
	enum job_task task;
	struct store_row *row; /* to save; NULL: remove the row named by kind and id */
	enum store_kind kind;
	uint64_t id;
	store_done_h *
		done; /* called by the taker of the batch; a row without it is tried again until it succeeds */
	void *magic;
	int err; /* once it has come out: 0 or a negative errno */
};

struct batch {
	struct list of_queue;
	struct list jobs; /* struct job.of_queue; not those that will be tried again */
	size_t n_written; /* rows saved or removed that have been committed */
	size_t n_failed;  /* of all */
	char *why;        /* in words; NULL if none has failed */
	size_t n_lost;    /* jobs that were given up, because too many wait to be tried again */
	bool failing; /* the disk does not take rows: the writer tries, without jobs too, until it does */
	struct store_row **rows;
	size_t n_rows;
};

struct writer_args {
	struct database *database; /* taken over */
	const char *directory;     /* of its file */
	int64_t min_free_bytes; /* with less space left on the disk, only reserved rows are saved */
};

/** Returns 0, or a negative errno. */
int writer_new(const struct writer_args *args, struct writer **ret);

/** Finish what is queued, and close the database. What has come out and was not taken is freed; *ret_n_lost of its rows,
 *  and of those that would have been tried again, were not written. NULL is fine. */
struct writer *writer_free(struct writer *w, size_t *ret_n_lost);

/** Takes over the jobs of a list, which end up in the same commit. */
void writer_push(struct writer *w, struct list *jobs);

/** Readable when there is a batch to take; writer_take() makes it unreadable again. */
int writer_fd(const struct writer *w);

/** Move all finished batches to the end of a list; free each with batch_free(). */
void writer_take(struct writer *w, struct list *batches);

void job_free(struct job *job);
void batch_free(struct batch *batch);
