/*
 * Database
 */
#include "mcxd/store/database.h"

#include "mcxd/core/ports.h"
#include "mcxd/core/store_row.h"
#include "mcxd/store/schema.h"
#include "proto/text/mem.h"
#include "proto/text/text.h"

#include <errno.h>
#include <sqlite3.h>
#include <sys/stat.h>
#include <unistd.h>

/* How long another program may hold the file, such as somebody's sqlite3. */
enum { BUSY_MS = 2000 };

struct database {
	sqlite3 *db;
	bool read_only;
	sqlite3_stmt *begin, *commit, *rollback, *probe;
	sqlite3_stmt *save[N_STORE_KINDS], *remove[N_STORE_KINDS], *load[N_STORE_KINDS];
};

/* ---- what goes wrong ---- */

static int errno_of(int rc)
{
	switch (rc & 0xff) {
	case SQLITE_OK:
	case SQLITE_DONE: return 0;
	case SQLITE_FULL: return -ENOSPC;
	case SQLITE_READONLY: return -EROFS;
	case SQLITE_BUSY:
	case SQLITE_LOCKED: return -EBUSY;
	case SQLITE_CANTOPEN:
	case SQLITE_PERM: return -EACCES;
	case SQLITE_CORRUPT:
	case SQLITE_NOTADB: return -EBADMSG;
	default: return -EIO;
	}
}

static const char *advice(int err)
{
	switch (err) {
	case -EBADMSG:
		return "; move it away, with its -wal and -shm if there are any, to start with "
		       "nothing";
	case -EBUSY: return "; another program has locked it";
	case -ENOSPC: return "; make room on its disk";
	case -EROFS: return "; mcxd must be able to write the file and its directory";
	default: return "";
	}
}

/* Appends the sentence for what SQLite refuses; returns the errno. */
static int refuse(const struct database_args *args, sqlite3 *db, int rc, struct text *why)
{
	int err = errno_of(rc), of_system = db ? sqlite3_system_errno(db) : 0;
	const char *words = rc == SQLITE_NOTADB ? "it is not a database of mcxd"
						: (db ? sqlite3_errmsg(db) : sqlite3_errstr(rc));

	text_addf(why, "cannot use %s: %s%s", args->path, words, advice(err));
	if ((rc & 0xff) == SQLITE_CANTOPEN && of_system)
		text_addf(why, ": %s", strerror(of_system));
	return err;
}

static int refuse_because(const struct database_args *args, const char *words, struct text *why)
{
	text_addf(why, "cannot use %s: %s%s", args->path, words, advice(-EBADMSG));
	return -EBADMSG;
}

/* ---- looking at it ---- */

/* The number that a query gives; *ret_rc is SQLITE_OK, or why there is none. */
static int64_t number_of(sqlite3 *db, const char *query, int *ret_rc)
{
	sqlite3_stmt *stmt;
	int64_t n = -1;

	*ret_rc = sqlite3_prepare_v2(db, query, -1, &stmt, NULL);
	if (*ret_rc != SQLITE_OK)
		return -1;
	*ret_rc = sqlite3_step(stmt);
	if (*ret_rc == SQLITE_ROW) {
		n = sqlite3_column_int64(stmt, 0);
		*ret_rc = SQLITE_OK;
	}
	sqlite3_finalize(stmt);
	return n;
}

/* The first complaint of a pragma that says "ok" if it has none. */
static int complaint_of(sqlite3 *db, const char *query, struct text *ret)
{
	sqlite3_stmt *stmt;
	int rc = sqlite3_prepare_v2(db, query, -1, &stmt, NULL);

	if (rc != SQLITE_OK)
		return rc;
	rc = sqlite3_step(stmt);
	if (rc == SQLITE_ROW) {
		const char *words = (const char *)sqlite3_column_text(stmt, 0);

		if (words && strcmp(words, "ok") != 0)
			text_add(ret, words);
		rc = SQLITE_OK;
	}
	sqlite3_finalize(stmt);
	return rc;
}

/* Bytes changed inside a row are found by no check, because pages have no checksums. */
static int check_pages(const struct database_args *args, sqlite3 *db, const char *query,
		       struct text *why)
{
	CLEANUP(text_deinit) struct text complaint = TEXT_INIT;
	CLEANUP(mem_free_string) char *words = NULL;
	int rc = complaint_of(db, query, &complaint);

	if (rc != SQLITE_OK)
		return refuse(args, db, rc, why);
	if (!complaint.n)
		return 0;
	words = text_format("it is damaged (%s)", text_str(&complaint));
	return refuse_because(args, words, why);
}

static int check_identity(const struct database_args *args, sqlite3 *db, struct text *why)
{
	int rc;
	int64_t application = number_of(db, "PRAGMA application_id", &rc);
	int64_t version = rc == SQLITE_OK ? number_of(db, "PRAGMA user_version", &rc) : 0;

	if (rc != SQLITE_OK)
		return refuse(args, db, rc, why);
	if (application != SCHEMA_APPLICATION || version < 1)
		return refuse_because(args, "it is a database of another program", why);
	if (version <= SCHEMA_VERSION)
		return 0;
	text_addf(why,
		  "cannot use %s: a newer mcxd has written it (schema %lld; this one knows %d)",
		  args->path, (long long)version, (int)SCHEMA_VERSION);
	return -EPROTO;
}

/* ---- making it ---- */

static int open_file(const struct database_args *args, const char *path, int flags, sqlite3 **ret,
		     struct text *why)
{
	int rc = sqlite3_open_v2(path, ret, flags | SQLITE_OPEN_NOMUTEX, args->vfs);

	if (rc == SQLITE_OK)
		rc = sqlite3_busy_timeout(*ret, BUSY_MS);
	if (rc == SQLITE_OK)
		rc = sqlite3_exec(*ret, "PRAGMA trusted_schema = OFF", NULL, NULL, NULL);
	return rc == SQLITE_OK ? 0 : refuse(args, *ret, rc, why);
}

static int upgrade(sqlite3 *db)
{
	int rc = sqlite3_exec(db, "BEGIN IMMEDIATE", NULL, NULL, NULL);

	if (rc == SQLITE_OK)
		rc = schema_upgrade(db);
	if (rc == SQLITE_OK)
		return sqlite3_exec(db, "COMMIT", NULL, NULL, NULL);
	sqlite3_exec(db, "ROLLBACK", NULL, NULL, NULL);
	return rc;
}

/* SQLite takes what lies beside a file for its newest pages, and nothing that lies there can belong to a file that is about
 * to be made: it would bring rows of an earlier one back, or damage the new one (sqlite.org/howtocorrupt.html, 1.4). */
static void clear_place(const char *path)
{
	static const char *const beside[] = { "-wal", "-shm", "-journal" };

	for (size_t i = 0; i < ARRAY_SIZE(beside); i++) {
		CLEANUP(mem_free_string) char *other = text_concat(path, beside[i]);

		unlink(other);
	}
}

/* Under another name until it is complete, so that a file that is empty is never one of ours that was interrupted. */
static int make_file(const struct database_args *args, struct text *why)
{
	CLEANUP(mem_free_string) char *path = text_concat(args->path, ".new");
	sqlite3 *db = NULL;
	int err, rc;

	unlink(path);
	clear_place(path);
	clear_place(args->path);
	err = open_file(args, path, SQLITE_OPEN_READWRITE | SQLITE_OPEN_CREATE, &db, why);
	if (!err && (rc = upgrade(db)) != SQLITE_OK)
		err = refuse(args, db, rc, why);
	sqlite3_close(db);
	if (!err && rename(path, args->path) < 0) {
		err = -errno;
		text_addf(why, "cannot make %s: %s", args->path, strerror(errno));
	}
	if (err)
		unlink(path);
	return err;
}

/* SQLite would take an empty file for a new database, and what was in it would be forgotten without a word. */
static int check_file(const struct database_args *args, struct text *why)
{
	struct stat st;

	if (stat(args->path, &st) < 0) {
		if (errno == ENOENT && !args->read_only)
			return make_file(args, why);
		text_addf(why, "cannot use %s: %s", args->path, strerror(errno));
		return -errno;
	}
	if (!S_ISREG(st.st_mode)) {
		text_addf(why, "cannot use %s: it is not a file", args->path);
		return -EINVAL;
	}
	return st.st_size > 0 ? 0 : refuse_because(args, "it is empty", why);
}

/* ---- statements ---- */

static int prepare(sqlite3 *db, const char *sql, sqlite3_stmt **ret)
{
	return sqlite3_prepare_v3(db, sql, -1, SQLITE_PREPARE_PERSISTENT, ret, NULL);
}

static int prepare_kind(struct database *d, int kind)
{
	const struct store_table *table = &store_tables[kind];
	CLEANUP(text_deinit) struct text save = TEXT_INIT;
	CLEANUP(text_deinit) struct text load = TEXT_INIT;
	CLEANUP(mem_free_string) char *drop = NULL;
	int rc;

	schema_add_save(table, &save);
	schema_add_load(table, &load);
	drop = text_concat("DELETE FROM ", table->name, " WHERE id = ?");
	rc = prepare(d->db, text_str(&load), &d->load[kind]);
	if (rc == SQLITE_OK && !d->read_only)
		rc = prepare(d->db, text_str(&save), &d->save[kind]);
	if (rc == SQLITE_OK && !d->read_only)
		rc = prepare(d->db, drop, &d->remove[kind]);
	return rc;
}

static int prepare_all(struct database *d)
{
	CLEANUP(text_deinit) struct text probe = TEXT_INIT;
	int rc = prepare(d->db, "BEGIN IMMEDIATE", &d->begin);

	text_addf(&probe, "PRAGMA user_version = %d", (int)SCHEMA_VERSION);
	if (rc == SQLITE_OK)
		rc = prepare(d->db, "COMMIT", &d->commit);
	if (rc == SQLITE_OK)
		rc = prepare(d->db, "ROLLBACK", &d->rollback);
	if (rc == SQLITE_OK && !d->read_only)
		rc = prepare(d->db, text_str(&probe), &d->probe);
	for (int kind = 0; kind < N_STORE_KINDS && rc == SQLITE_OK; kind++)
		rc = prepare_kind(d, kind);
	return rc;
}

/* ---- opening ---- */

/* The WAL is cut to the limit after a checkpoint; a reader that stays would otherwise leave it as long as it was. */
static int make_durable(sqlite3 *db)
{
	return sqlite3_exec(db,
			    "PRAGMA journal_mode = WAL; PRAGMA synchronous = FULL; "
			    "PRAGMA journal_size_limit = 4194304",
			    NULL, NULL, NULL);
}

static int start(struct database *d, const struct database_args *args, struct text *why)
{
	int rc = SQLITE_OK;
	int err = check_identity(args, d->db, why);

	if (!err)
		err = check_pages(args, d->db, "PRAGMA quick_check(1)", why);
	if (err)
		return err;
	if (!d->read_only)
		rc = make_durable(d->db);
	if (rc == SQLITE_OK && !d->read_only && database_schema_version(d) < SCHEMA_VERSION)
		rc = upgrade(d->db);
	/* An older schema cannot be read by the statements; that the file is sound can be said all the same. */
	if (rc == SQLITE_OK && database_schema_version(d) == SCHEMA_VERSION)
		rc = prepare_all(d);
	return rc == SQLITE_OK ? 0 : refuse(args, d->db, rc, why);
}

int database_open(const struct database_args *args, struct database **ret, struct text *why)
{
	struct database *d;
	int err = check_file(args, why);

	*ret = NULL;
	if (err)
		return err;
	d = MEM_NEW(struct database);
	d->read_only = args->read_only;
	err = open_file(args, args->path,
			d->read_only ? SQLITE_OPEN_READONLY : SQLITE_OPEN_READWRITE, &d->db, why);
	if (!err && !d->read_only && sqlite3_db_readonly(d->db, "main") == 1)
		err = refuse(args, NULL, SQLITE_READONLY, why);
	if (!err)
		err = start(d, args, why);
	if (err) {
		database_close(d);
		return err;
	}
	*ret = d;
	return 0;
}

struct database *database_close(struct database *d)
{
	if (!d)
		return NULL;
	sqlite3_finalize(d->begin);
	sqlite3_finalize(d->commit);
	sqlite3_finalize(d->rollback);
	sqlite3_finalize(d->probe);
	for (int kind = 0; kind < N_STORE_KINDS; kind++) {
		sqlite3_finalize(d->save[kind]);
		sqlite3_finalize(d->remove[kind]);
		sqlite3_finalize(d->load[kind]);
	}
	sqlite3_close(d->db);
	free(d);
	return NULL;
}

/* ---- using it ---- */

static int run(sqlite3_stmt *stmt)
{
	int rc = sqlite3_step(stmt);

	sqlite3_reset(stmt);
	return errno_of(rc);
}

int database_begin(struct database *d)
{
	return run(d->begin);
}

int database_commit(struct database *d)
{
	return run(d->commit);
}

void database_rollback(struct database *d)
{
	if (!sqlite3_get_autocommit(d->db))
		run(d->rollback);
}

int database_probe(struct database *d)
{
	return run(d->probe);
}

static int bind(sqlite3_stmt *stmt, int i, const struct store_column *column, const void *at)
{
	switch (column->type) {
	case STORE_TEXT:
		return sqlite3_bind_text(stmt, i, *(const char *const *)at, -1, SQLITE_STATIC);
	case STORE_NUMBER: return sqlite3_bind_int64(stmt, i, (int64_t) * (const uint64_t *)at);
	case STORE_TIME: return sqlite3_bind_int64(stmt, i, *(const int64_t *)at);
	case STORE_FLAG: return sqlite3_bind_int(stmt, i, *(const bool *)at);
	}
	return SQLITE_MISUSE;
}

int database_save(struct database *d, const struct store_row *row)
{
	const struct store_table *table = &store_tables[row->kind];
	sqlite3_stmt *stmt = d->save[row->kind];
	int rc = sqlite3_bind_int64(stmt, 1, (int64_t)row->id);

	for (size_t i = 0; i < table->n_columns && rc == SQLITE_OK; i++)
		rc = bind(stmt, (int)i + 2, &table->columns[i],
			  store_row_at(mem_no_const(row), &table->columns[i]));
	return rc == SQLITE_OK ? run(stmt) : errno_of(rc);
}

int database_remove(struct database *d, enum store_kind kind, uint64_t id)
{
	int rc = sqlite3_bind_int64(d->remove[kind], 1, (int64_t)id);

	return rc == SQLITE_OK ? run(d->remove[kind]) : errno_of(rc);
}

static void read_column(sqlite3_stmt *stmt, int i, const struct store_column *column, void *at)
{
	switch (column->type) {
	case STORE_TEXT: *(const char **)at = (const char *)sqlite3_column_text(stmt, i); break;
	case STORE_NUMBER: *(uint64_t *)at = (uint64_t)sqlite3_column_int64(stmt, i); break;
	case STORE_TIME: *(int64_t *)at = sqlite3_column_int64(stmt, i); break;
	case STORE_FLAG: *(bool *)at = sqlite3_column_int(stmt, i) != 0; break;
	}
}

static int load_kind(struct database *d, enum store_kind kind, store_row_h *on_row, void *magic)
{
	const struct store_table *table = &store_tables[kind];
	sqlite3_stmt *stmt = d->load[kind];
	int rc;

	while ((rc = sqlite3_step(stmt)) == SQLITE_ROW) {
		struct store_row row = { .kind = kind,
					 .id = (uint64_t)sqlite3_column_int64(stmt, 0) };

		for (size_t i = 0; i < table->n_columns; i++)
			read_column(stmt, (int)i + 1, &table->columns[i],
				    store_row_at(&row, &table->columns[i]));
		on_row(magic, &row);
	}
	sqlite3_reset(stmt);
	return errno_of(rc);
}

int database_load(struct database *d, store_row_h *on_row, void *magic)
{
	int err = 0;

	for (int kind = 0; kind < N_STORE_KINDS && !err; kind++)
		err = load_kind(d, (enum store_kind)kind, on_row, magic);
	return err;
}

int64_t database_count(struct database *d, enum store_kind kind)
{
	CLEANUP(mem_free_string)
	char *query = text_concat("SELECT count(*) FROM ", store_tables[kind].name);
	int rc;

	return number_of(d->db, query, &rc);
}

int database_check(struct database *d, struct text *why)
{
	const struct database_args args = { .path = sqlite3_db_filename(d->db, "main") };

	return check_pages(&args, d->db, "PRAGMA integrity_check(1)", why);
}

int64_t database_wal_bytes(const struct database *d)
{
	struct stat st;

	return stat(sqlite3_filename_wal(sqlite3_db_filename(d->db, "main")), &st) < 0 ? 0
										       : st.st_size;
}

int database_schema_version(const struct database *d)
{
	int rc;

	return (int)number_of(d->db, "PRAGMA user_version", &rc);
}

const char *database_error(const struct database *d)
{
	return sqlite3_errmsg(d->db);
}
