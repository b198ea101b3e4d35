/*
 * Store on disk: a disk that takes nothing, and what is said of rows that nobody waits for
 */
#include "sqlite_fixture.h"
#include "synced_vfs.h"
#include "tests/unit/store_rows.h"

#include "mcxd/base/log.h"
#include "mcxd/base/loop.h"
#include "mcxd/core/ports.h"
#include "mcxd/core/store_row.h"
#include "mcxd/store/sqlite.h"
#include "proto/text/text.h"

#include <errno.h>
#include <fcntl.h>
#include <sys/mman.h>
#include <unistd.h>

static const struct store_port *const port = &sqlite_store_port;

/* ---- a full disk ---- */

static void test_a_full_disk_refuses_who_waits_and_comes_back(void **state)
{
	struct fixture *f = *state;
	struct order o = { 0 };
	struct loaded l;
	int64_t n_commits;
	int null = open("/dev/null", O_WRONLY | O_CLOEXEC);

	log_set_fd(null);
	save_numbered(f, &o);
	save_numbered(f, &o);
	settle(f);
	n_commits = metric(f, "store_commits_total");
	synced_vfs_set_full(true);
	save_numbered(f, &o);
	port->remove(f->store, STORE_MISSED, 1, NULL, NULL);
	while (o.done < 3)
		loop_step(f->loop, 10);
	assert_int_equal(o.err, -ENOSPC);
	assert_true(metric(f, "store_failures_total") >= 1);
	assert_int_equal(metric(f, "store_rows_total"), 2);
	assert_int_equal(metric(f, "store_commits_total"), n_commits);
	assert_int_equal(metric(f, "store_pending"), 1);
	synced_vfs_set_full(false);
	save_numbered(f, &o);
	settle(f); /* also the row that was to be removed */
	assert_int_equal(o.err, 0);
	assert_int_equal(metric(f, "store_rows_total"), 4);
	reopen(f);
	load_rows(port, f->store, &l);
	assert_int_equal(l.n, 2);
	assert_true(l.rows[0]->id == 2);
	assert_true(l.rows[1]->id == 4);
	free_loaded(&l);
	log_set_fd(2);
	close(null);
}

/* Rows can be removed, so that there is a way out. */
static void test_an_almost_full_disk_only_removes(void **state)
{
	struct fixture *f = *state;
	struct order o = { 0 };
	struct loaded l;
	int null = open("/dev/null", O_WRONLY | O_CLOEXEC);

	log_set_fd(null);
	save_numbered(f, &o);
	settle(f);
	close_store(f);
	assert_int_equal(open_at(f, f->path, NULL, INT64_C(1) << 60), 0);
	save_numbered(f, &o);
	port->remove(f->store, STORE_MISSED, 1, NULL, NULL);
	settle(f);
	assert_int_equal(o.err, -ENOSPC);
	load_rows(port, f->store, &l);
	assert_int_equal(l.n, 0);
	log_set_fd(2);
	close(null);
}

static void on_saved(void *magic, int err)
{
	*(int *)magic = err;
}

static void save_subject(struct fixture *f, const char *subject, bool reserved, int *ret_err)
{
	port->save(f->store,
		   &(struct store_row){ .kind = STORE_MISSED,
					.id = 2,
					.reserved = reserved,
					.missed = { .subject = subject } },
		   ret_err ? on_saved : NULL, ret_err);
}

/* It is saved where others are refused, whatever of the same row waits to be tried again. */
static void test_an_almost_full_disk_takes_what_is_reserved(void **state)
{
	struct fixture *f = *state;
	struct loaded l;
	int null = open("/dev/null", O_WRONLY | O_CLOEXEC);
	int err = 1;

	log_set_fd(null);
	close_store(f);
	assert_int_equal(open_at(f, f->path, NULL, INT64_C(1) << 60), 0);
	save_subject(f, "older", false, NULL);
	save_subject(f, "newer", true, &err);
	while (err == 1)
		loop_step(f->loop, 10);
	assert_int_equal(err, 0);
	reopen(f);
	load_rows(port, f->store, &l);
	assert_int_equal(l.n, 1);
	assert_string_equal(l.rows[0]->missed.subject, "newer");
	free_loaded(&l);
	log_set_fd(2);
	close(null);
}

/* ---- learning whether everything is written ---- */

static int sync_now(struct fixture *f)
{
	int64_t until_ms = loop_real_ms(f->loop) + 20000;
	int err = 1;

	port->sync(f->store, on_saved, &err);
	assert_int_equal(err, 1); /* never from within */
	while (err == 1) {
		assert_true(loop_real_ms(f->loop) < until_ms);
		loop_step(f->loop, 10);
	}
	return err;
}

static void save_unwatched(struct fixture *f, uint64_t id)
{
	save_row(port, f->store, &(struct store_row){ .kind = STORE_MISSED, .id = id });
}

static void wait_until_it_writes(struct fixture *f)
{
	int64_t until_ms = loop_real_ms(f->loop) + 20000;

	while (port->is_failing(f->store)) {
		assert_true(loop_real_ms(f->loop) < until_ms);
		loop_step(f->loop, 10);
	}
}

/* A row that nobody waits for is tried again; until it is there, it is missing for whoever asks. */
static void test_a_sync_tells_of_rows_that_nobody_waits_for(void **state)
{
	struct fixture *f = *state;
	struct loaded l;
	int null = open("/dev/null", O_WRONLY | O_CLOEXEC);

	log_set_fd(null);
	save_unwatched(f, 1);
	assert_int_equal(sync_now(f), 0);
	assert_false(port->is_failing(f->store));
	synced_vfs_set_full(true);
	save_unwatched(f, 2);
	assert_int_equal(sync_now(f), -ENOSPC);
	assert_true(port->is_failing(f->store));
	assert_int_equal(sync_now(f), -ENOSPC);
	synced_vfs_set_full(false);
	wait_until_it_writes(f); /* nothing more is given to it */
	assert_int_equal(sync_now(f), 0);
	load_rows(port, f->store, &l);
	assert_int_equal(l.n, 2);
	free_loaded(&l);
	log_set_fd(2);
	close(null);
}

/* Then nothing is tried again, and the disk is tried with nothing. */
static void test_a_disk_that_refused_who_waits_is_tried_again(void **state)
{
	struct fixture *f = *state;
	struct order o = { 0 };
	int null = open("/dev/null", O_WRONLY | O_CLOEXEC);

	log_set_fd(null);
	synced_vfs_set_full(true);
	save_numbered(f, &o);
	settle(f);
	assert_int_equal(o.err, -ENOSPC);
	assert_true(port->is_failing(f->store));
	synced_vfs_set_full(false);
	wait_until_it_writes(f);
	assert_int_equal(sync_now(f), 0);
	close_store(f);
	assert_int_equal(open_at(f, f->path, NULL, INT64_C(1) << 60), 0);
	save_unwatched(f, 7);
	assert_int_equal(sync_now(f), -ENOSPC);
	port->remove(f->store, STORE_MISSED, 7, NULL, NULL); /* so it need not be there */
	assert_int_equal(sync_now(f), 0);
	log_set_fd(2);
	close(null);
}

/* Rows of one round of the loop are committed together, also those that what was deferred in it saves. */
static void save_deferred(void *magic)
{
	save_unwatched(magic, 2);
}

static void save_posted(void *magic)
{
	struct fixture *f = magic;

	save_unwatched(f, 1);
	loop_defer(f->loop, save_deferred, f);
}

static void test_a_round_is_one_commit(void **state)
{
	struct fixture *f = *state;
	int64_t n = metric(f, "store_commits_total");

	loop_post(f->loop, save_posted, f);
	assert_int_equal(sync_now(f), 0);
	settle(f);
	assert_int_equal(sync_now(f), 0); /* writes nothing */
	assert_int_equal(metric(f, "store_commits_total"), n + 1);
	assert_int_equal(metric(f, "store_rows_total"), 2);
}

/* ---- a disk that is read-only ---- */

static void test_a_read_only_file_is_an_error_at_the_start(void **state)
{
	struct fixture *f = *state;

	close_store(f);
	synced_vfs_set_read_only(true);
	assert_int_equal(open_at(f, f->path, SYNCED_VFS, 0), -EROFS);
	assert_null(f->store);
	assert_non_null(strstr(text_str(&f->why), f->path));
	assert_non_null(strstr(text_str(&f->why), "mcxd must be able to write the file"));
	synced_vfs_set_read_only(false);
	reopen(f);
}

/* Nothing can be made in it, also by root. */
static void test_a_directory_without_files_of_ours_is_an_error_at_the_start(void **state)
{
	struct fixture *f = *state;

	close_store(f);
	assert_true(open_at(f, "/proc/self/mcxd.db", NULL, 0) < 0);
	assert_null(f->store);
	assert_non_null(strstr(text_str(&f->why), "cannot lock /proc/self/mcxd.db-lock: "));
	reopen(f);
}

static void test_a_disk_that_becomes_read_only_is_failing(void **state)
{
	struct fixture *f = *state;
	struct order o = { 0 };
	int null = open("/dev/null", O_WRONLY | O_CLOEXEC);

	log_set_fd(null);
	synced_vfs_set_read_only(true);
	save_numbered(f, &o);
	save_unwatched(f, 9);
	assert_int_equal(sync_now(f), -EIO);
	assert_int_equal(o.err, -EIO);
	assert_true(port->is_failing(f->store));
	synced_vfs_set_read_only(false);
	wait_until_it_writes(f);
	assert_int_equal(sync_now(f), 0);
	log_set_fd(2);
	close(null);
}

/* At the end there is no time to try again, so it is said what is lost. */
static void test_what_cannot_be_written_at_the_end_is_said(void **state)
{
	struct fixture *f = *state;
	int log = memfd_create("log", MFD_CLOEXEC);
	char said[4096] = "";

	log_set_fd(log);
	synced_vfs_set_full(true);
	save_unwatched(f, 8);
	save_unwatched(f, 9);
	close_store(f);
	synced_vfs_set_full(false);
	log_set_fd(2);
	assert_true(pread(log, said, sizeof(said) - 1, 0) > 0);
	assert_non_null(strstr(said, "2 rows were not written to "));
	close(log);
	reopen(f);
}

int main(void)
{
#define CASE(name) cmocka_unit_test_setup_teardown(test_##name, disk_setup, disk_teardown)
	const struct CMUnitTest tests[] = {
		CASE(a_full_disk_refuses_who_waits_and_comes_back),
		CASE(an_almost_full_disk_only_removes),
		CASE(an_almost_full_disk_takes_what_is_reserved),
		CASE(a_sync_tells_of_rows_that_nobody_waits_for),
		CASE(a_disk_that_refused_who_waits_is_tried_again),
		CASE(a_round_is_one_commit),
		CASE(a_read_only_file_is_an_error_at_the_start),
		CASE(a_directory_without_files_of_ours_is_an_error_at_the_start),
		CASE(a_disk_that_becomes_read_only_is_failing),
		CASE(what_cannot_be_written_at_the_end_is_said),
	};

	return cmocka_run_group_tests(tests, NULL, NULL);
}
