/*
 * Schema
 */
#include "mcxd/store/schema.h"

#include "mcxd/core/store_row.h"
#include "proto/text/mem.h"
#include "proto/text/text.h"

#include <sqlite3.h>

static const char *sql_type(enum store_type type)
{
	return type == STORE_TEXT ? "TEXT" : "INTEGER";
}

static void add_columns(const struct store_table *table, struct text *sql)
{
	text_add(sql, "id");
	for (size_t i = 0; i < table->n_columns; i++)
		text_add_all(sql, ", ", table->columns[i].name);
}

void schema_add_save(const struct store_table *table, struct text *sql)
{
	text_add_all(sql, "INSERT OR REPLACE INTO ", table->name, "(");
	add_columns(table, sql);
	text_add(sql, ") VALUES(?");
	for (size_t i = 0; i < table->n_columns; i++)
		text_add(sql, ", ?");
	text_add(sql, ")");
}

/* Ids are unsigned, SQLite's integers are not. */
void schema_add_load(const struct store_table *table, struct text *sql)
{
	text_add(sql, "SELECT ");
	add_columns(table, sql);
	text_add_all(sql, " FROM ", table->name, " ORDER BY id < 0, id");
}

static int run(sqlite3 *db, const struct text *sql)
{
	return sqlite3_exec(db, text_str(sql), NULL, NULL, NULL);
}

static int make_table(sqlite3 *db, const struct store_table *table)
{
	CLEANUP(text_deinit) struct text sql = TEXT_INIT;

	text_add_all(&sql, "CREATE TABLE IF NOT EXISTS ", table->name, "(id INTEGER PRIMARY KEY");
	for (size_t i = 0; i < table->n_columns; i++)
		text_add_all(&sql, ", ", table->columns[i].name, " ",
			     sql_type(table->columns[i].type));
	text_add(&sql, ")");
	return run(db, &sql);
}

static bool has_column(const struct store_table *table, const char *name)
{
	for (size_t i = 0; i < table->n_columns; i++)
		if (!strcmp(table->columns[i].name, name))
			return true;
	return !strcmp(name, "id");
}

/* Names of the first column of what a query gives, each followed by a space: no name of ours has one. */
static int list_names(sqlite3 *db, const char *query, const char *argument, struct text *names)
{
	sqlite3_stmt *stmt;
	int rc = sqlite3_prepare_v2(db, query, -1, &stmt, NULL);

	if (rc == SQLITE_OK)
		rc = sqlite3_bind_text(stmt, 1, argument, -1, SQLITE_STATIC);
	while (rc == SQLITE_OK && (rc = sqlite3_step(stmt)) == SQLITE_ROW) {
		text_add_all(names, (const char *)sqlite3_column_text(stmt, 0), " ");
		rc = SQLITE_OK;
	}
	sqlite3_finalize(stmt);
	return rc == SQLITE_DONE ? SQLITE_OK : rc;
}

static bool is_listed(const struct text *names, const char *name)
{
	CLEANUP(mem_free_string) char *all = text_concat(" ", text_str(names));
	CLEANUP(mem_free_string) char *word = text_concat(" ", name, " ");

	return strstr(all, word);
}

static int alter(sqlite3 *db, const struct store_table *table, const char *what, const char *column,
		 const char *type)
{
	CLEANUP(text_deinit) struct text sql = TEXT_INIT;

	text_add_all(&sql, "ALTER TABLE ", table->name, what, column, type);
	return run(db, &sql);
}

/* A column that is new is NULL in the rows that are there: no text, 0, not set. */
static int align_table(sqlite3 *db, const struct store_table *table)
{
	CLEANUP(text_deinit) struct text names = TEXT_INIT;
	int rc = list_names(db, "SELECT name FROM pragma_table_info(?)", table->name, &names);
	char *rest, *name;

	for (size_t i = 0; i < table->n_columns && rc == SQLITE_OK; i++)
		if (!is_listed(&names, table->columns[i].name)) {
			CLEANUP(mem_free_string)
			char *type = text_concat(" ", sql_type(table->columns[i].type));

			rc = alter(db, table, " ADD COLUMN ", table->columns[i].name, type);
		}
	for (rest = names.data; rc == SQLITE_OK && rest && (name = strsep(&rest, " "));)
		if (*name && !has_column(table, name))
			rc = alter(db, table, " DROP COLUMN ", name, "");
	return rc;
}

static bool is_table(const char *name)
{
	for (int kind = 0; kind < N_STORE_KINDS; kind++)
		if (!strcmp(store_tables[kind].name, name))
			return true;
	return false;
}

static int drop_others(sqlite3 *db)
{
	CLEANUP(text_deinit) struct text names = TEXT_INIT;
	int rc = list_names(db, "SELECT name FROM sqlite_schema WHERE type = ?", "table", &names);
	char *rest = names.data, *name;

	while (rc == SQLITE_OK && rest && (name = strsep(&rest, " "))) {
		CLEANUP(text_deinit) struct text sql = TEXT_INIT;

		if (!*name || is_table(name) || !strncmp(name, "sqlite_", 7))
			continue;
		text_add_all(&sql, "DROP TABLE ", name);
		rc = run(db, &sql);
	}
	return rc;
}

int schema_upgrade(sqlite3 *db)
{
	CLEANUP(text_deinit) struct text sql = TEXT_INIT;
	int rc = drop_others(db);

	for (int kind = 0; kind < N_STORE_KINDS && rc == SQLITE_OK; kind++) {
		rc = make_table(db, &store_tables[kind]);
		if (rc == SQLITE_OK)
			rc = align_table(db, &store_tables[kind]);
	}
	if (rc != SQLITE_OK)
		return rc;
	text_addf(&sql, "PRAGMA application_id = %d; PRAGMA user_version = %d",
		  (int)SCHEMA_APPLICATION, (int)SCHEMA_VERSION);
	return run(db, &sql);
}
