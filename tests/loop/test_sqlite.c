/*
 * Store on disk: what it keeps, what a power failure leaves of it, and what it says of files that it cannot use.
 */
#include "sqlite_fixture.h"
#include "synced_vfs.h"
#include "tests/unit/store_rows.h"

#include "mcxd/base/loop.h"
#include "mcxd/base/metric.h"
#include "mcxd/core/ports.h"
#include "mcxd/core/store_row.h"
#include "mcxd/store/sqlite.h"
#include "proto/text/mem.h"
#include "proto/text/text.h"

#include <dirent.h>
#include <errno.h>
#include <fcntl.h>
#include <sqlite3.h>
#include <sys/stat.h>
#include <unistd.h>

#define PORT (&sqlite_store_port)

/* ---- what it keeps ---- */

static void test_every_column_outlives_the_process(void **state)
{
	struct fixture *f = *state;
	struct loaded l;

	save_all(PORT, f->store);
	load_rows(PORT, f->store, &l); /* after what was saved before */
	check_all(&l);
	free_loaded(&l);
	reopen(f);
	load_rows(PORT, f->store, &l);
	check_all(&l);
	free_loaded(&l);
}

static void test_a_row_is_replaced_and_removed(void **state)
{
	struct fixture *f = *state;
	struct store_row row = { .kind = STORE_MISSED, .id = 7, .missed.subject = "first" };
	struct loaded l;

	save_row(PORT, f->store, &row);
	row.missed.subject = "second";
	save_row(PORT, f->store, &row);
	PORT->remove(f->store, STORE_MISSED, 8, NULL, NULL);
	PORT->remove(f->store, STORE_PHONE, 7, NULL, NULL);
	reopen(f);
	load_rows(PORT, f->store, &l);
	assert_int_equal(l.n, 1);
	assert_string_equal(l.rows[0]->missed.subject, "second");
	free_loaded(&l);
	PORT->remove(f->store, STORE_MISSED, 7, NULL, NULL);
	reopen(f);
	load_rows(PORT, f->store, &l);
	assert_int_equal(l.n, 0);
	free_loaded(&l);
}

static void test_completions_come_in_order_and_never_from_within(void **state)
{
	struct fixture *f = *state;
	struct order o = { 0 };

	for (int i = 0; i < 500; i++) {
		save_numbered(f, &o);
		if (i % 7 == 0)
			loop_step(f->loop, 1);
	}
	assert_true(o.done < 500);
	settle(f);
	assert_true(o.done == 500);
	assert_int_equal(o.err, 0);
	assert_int_equal(metric(f, "store_rows_total"), 500);
	/* committed in groups */
	assert_true(metric(f, "store_commits_total") < 400);
}

/* ---- a power failure ---- */

static void check_snapshot(struct fixture *f, uint64_t n_completed)
{
	CLEANUP(mem_free_string) char *path = text_concat(f->path, ".copy");
	CLEANUP(mem_free_string) char *wal = text_concat(path, "-wal");
	struct sqlite_store *store;
	struct loaded l;

	synced_vfs_snapshot(f->path, path);
	if (sqlite_store_open(&(struct sqlite_store_args){ .loop = f->loop, .path = path }, &store,
			      &f->why))
		fail_msg("%s", text_str(&f->why));
	load_rows(PORT, store, &l);
	assert_true(l.n >= n_completed);
	for (size_t i = 0; i < l.n; i++)
		assert_true(l.rows[i]->id == i + 1);
	free_loaded(&l);
	sqlite_store_close(store);
	unlink(path);
	unlink(wal);
}

/* What was reported as stored is there in whatever state the disk is left, and nothing is there out of order. */
static void test_what_was_reported_survives_a_power_failure(void **state)
{
	struct fixture *f = *state;
	struct order o = { 0 };

	for (int i = 0; i < 900; i++) {
		save_numbered(f, &o);
		if (i * 7 % 10 < 3)
			loop_step(f->loop, i % 3);
		if (i * 13 % 20 == 0)
			check_snapshot(f, o.done);
	}
	settle(f);
	check_snapshot(f, 900);
}

/* ---- files that it cannot use ---- */

static void refused(struct fixture *f, int err, const char *words)
{
	assert_int_equal(open_at(f, f->path, NULL, 0), err);
	assert_null(f->store);
	if (!strstr(text_str(&f->why), words) || !strstr(text_str(&f->why), f->path))
		fail_msg("said: %s", text_str(&f->why));
	metrics_free(f->metrics);
	f->metrics = metrics_new();
}

static void overwrite(const struct fixture *f, off_t at, const char *bytes, size_t n)
{
	int fd = open(f->path, O_WRONLY | O_CLOEXEC);

	assert_true(pwrite(fd, bytes, n, at) == (ssize_t)n);
	close(fd);
}

static void run_sql(const struct fixture *f, const char *sql)
{
	sqlite3 *db;

	assert_int_equal(sqlite3_open(f->path, &db), SQLITE_OK);
	if (sqlite3_exec(db, sql, NULL, NULL, NULL) != SQLITE_OK)
		fail_msg("%s", sqlite3_errmsg(db));
	sqlite3_close(db);
}

static void test_files_that_are_no_database_of_ours(void **state)
{
	struct fixture *f = *state;

	close_store(f);
	assert_int_equal(truncate(f->path, 0), 0);
	refused(f, -EBADMSG, "it is empty; move it away");
	overwrite(f, 0,
		  "a letter, long enough to be read as a header of a database, which it is not..",
		  77);
	refused(f, -EBADMSG, "it is not a database of mcxd; move it away");
	unlink(f->path);
	run_sql(f, "CREATE TABLE t(id INTEGER PRIMARY KEY)");
	refused(f, -EBADMSG, "it is a database of another program");
	unlink(f->path);
	assert_int_equal(mkdir(f->path, 0700), 0);
	refused(f, -EINVAL, "it is not a file");
	rmdir(f->path);
	assert_int_equal(open_at(f, "/nowhere/at/all", NULL, 0), -ENOENT);
}

static void test_a_damaged_file(void **state)
{
	struct fixture *f = *state;
	static const char zeros[4096] = { 0 };
	struct order o = { 0 };
	struct stat st;

	for (int i = 0; i < 500; i++)
		save_numbered(f, &o);
	settle(f);
	close_store(f);
	assert_int_equal(stat(f->path, &st), 0);
	overwrite(f, st.st_size - 4096, zeros, sizeof(zeros));
	refused(f, -EBADMSG, "it is damaged (");
	assert_int_equal(truncate(f->path, st.st_size / 2), 0);
	refused(f, -EBADMSG, "move it away");
}

static void test_a_file_in_use(void **state)
{
	struct fixture *f = *state;
	struct sqlite_store *first = f->store;
	struct metrics *metrics = f->metrics;

	f->metrics = metrics_new();
	refused(f, -EWOULDBLOCK, "another mcxd is using it");
	metrics_free(f->metrics);
	f->metrics = metrics;
	f->store = first;
}

static void test_a_newer_schema(void **state)
{
	struct fixture *f = *state;

	close_store(f);
	run_sql(f, "PRAGMA user_version = 1000000");
	refused(f, -EPROTO, "a newer mcxd has written it");
}

/* ---- the schema of an earlier mcxd ---- */

/* As the first version made it, with a table and a column that are gone since. */
static const char version_1[] =
	"CREATE TABLE binding(id INTEGER PRIMARY KEY, user TEXT, expires_wall_us INTEGER, "
	"contact TEXT, route TEXT, call_id TEXT, cseq INTEGER, epid TEXT, instance TEXT, gruu "
	"TEXT, "
	"user_agent TEXT);"
	"CREATE TABLE phone(id INTEGER PRIMARY KEY, user TEXT, expires_wall_us INTEGER, app_id "
	"TEXT, "
	"endpoint_id TEXT, user_agent TEXT, culture TEXT, epid TEXT, push_identity TEXT, "
	"gruu_token TEXT, available INTEGER, platform TEXT, notification_uri TEXT, device_token "
	"TEXT, "
	"phone_name TEXT);"
	"CREATE TABLE missed(id INTEGER PRIMARY KEY, phone INTEGER, conversation INTEGER, "
	"from_user TEXT, from_name TEXT, subject TEXT, importance TEXT, thread_id TEXT, "
	"first_line TEXT, wall_us INTEGER, colour TEXT);"
	"CREATE TABLE archive(id INTEGER PRIMARY KEY, words TEXT);"
	"INSERT INTO phone VALUES(7, 'bob@lab.test', 5, 'app', 'e1', 'agent', NULL, 'epid', "
	"'push', "
	"'gruu', 1, 'apple', NULL, 'token', 'a phone');"
	"INSERT INTO missed VALUES(9, 7, 3, 'alice@lab.test', 'Alice', 'Lunch', NULL, NULL, 'Hi', "
	"11, "
	"'red');"
	"PRAGMA application_id = 1835235428; PRAGMA user_version = 1";

/* ---- what lies beside it ---- */

/* As a process that is killed leaves the directory, if somebody then removes the file to start with nothing. */
static void test_a_new_file_takes_nothing_from_an_old_one(void **state)
{
	static const char *const beside[] = { "-wal", "-journal", ".new", ".new-journal",
					      ".new-wal" };
	struct fixture *f = *state;
	CLEANUP(mem_free_string) char *wal = text_concat(f->path, "-wal");
	CLEANUP(mem_free_string) char *kept = text_concat(f->path, "-kept");
	struct loaded l;

	save_all(PORT, f->store);
	settle(f);
	assert_int_equal(link(wal, kept), 0);
	close_store(f);
	for (size_t i = 0; i < ARRAY_SIZE(beside); i++) {
		CLEANUP(mem_free_string) char *left = text_concat(f->path, beside[i]);

		unlink(f->path);
		unlink(left);
		assert_int_equal(link(kept, left), 0);
		reopen(f);
		load_rows(PORT, f->store, &l);
		assert_int_equal(l.n, 0);
		free_loaded(&l);
		close_store(f);
		unlink(left);
	}
	unlink(kept);
	reopen(f);
}

static int count_columns(void *magic, int n, char **values, char **names)
{
	(void)n;
	(void)values;
	(void)names;
	++*(int *)magic;
	return 0;
}

static void test_an_older_schema_is_brought_up_to_date(void **state)
{
	struct fixture *f = *state;
	struct store_row row = { .kind = STORE_EVENT, .id = 1, .event.kind = "x" };
	struct loaded l;
	sqlite3 *db;
	int n = 0;

	close_store(f);
	unlink(f->path);
	run_sql(f, version_1);
	for (int round = 0; round < 2; round++) { /* the second finds it up to date */
		reopen(f);
		load_rows(PORT, f->store, &l);
		assert_int_equal(l.n, 2);
		assert_int_equal(l.rows[0]->kind, STORE_PHONE);
		assert_string_equal(l.rows[0]->phone.endpoint_id, "e1");
		assert_true(l.rows[0]->phone.available);
		assert_null(l.rows[0]->phone.phone_agent); /* it had none */
		assert_int_equal(l.rows[1]->kind, STORE_MISSED);
		assert_string_equal(l.rows[1]->missed.subject, "Lunch");
		assert_null(l.rows[1]->missed.reason);
		free_loaded(&l);
	}
	save_row(PORT, f->store, &row);
	save_row(PORT, f->store,
		 &(struct store_row){ .kind = STORE_USER, .id = 1, .user.aor = "carol@lab.test" });
	close_store(f);
	assert_int_equal(sqlite3_open(f->path, &db), SQLITE_OK);
	sqlite3_exec(db, "SELECT name FROM sqlite_schema WHERE name = 'archive'", count_columns, &n,
		     NULL);
	sqlite3_exec(db, "SELECT name FROM pragma_table_info('missed') WHERE name = 'colour'",
		     count_columns, &n, NULL);
	assert_int_equal(n, 0);
	sqlite3_exec(db, "SELECT id FROM event", count_columns, &n, NULL);
	assert_int_equal(n, 1);
	sqlite3_exec(db, "SELECT aor FROM user", count_columns, &n, NULL);
	assert_int_equal(n, 2);
	sqlite3_close(db);
}

int main(void)
{
#define CASE(name) cmocka_unit_test_setup_teardown(test_##name, disk_setup, disk_teardown)
	const struct CMUnitTest tests[] = {
		CASE(every_column_outlives_the_process),
		CASE(a_row_is_replaced_and_removed),
		CASE(completions_come_in_order_and_never_from_within),
		CASE(what_was_reported_survives_a_power_failure),
		CASE(files_that_are_no_database_of_ours),
		CASE(a_damaged_file),
		CASE(a_file_in_use),
		CASE(a_newer_schema),
		CASE(an_older_schema_is_brought_up_to_date),
		CASE(a_new_file_takes_nothing_from_an_old_one),
	};

	return cmocka_run_group_tests(tests, NULL, NULL);
}
