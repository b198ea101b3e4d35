/*
 * mcxctl
 *
 * The operator's tool: a client of the lab API on its UNIX socket. What its files share.
 */
#pragma once

#include "mcxd/base/journal.h"
#include "mcxd/base/loop.h"
#include "proto/text/text.h"
#include "web/http/client.h"

#include <json-c/json.h>

/** What the command exits with: a contract that scripts rely on. */
enum {
	CTL_YES,
	CTL_NO,       /* a wait that ran out, a test that failed, something that is not there */
	CTL_USAGE,    /* the command line is wrong */
	CTL_NO_DAEMON /* nobody answers at the socket */
};

struct ctl_options {
	char *socket;
	char *ready_file;
	bool json;
	bool help;
	bool follow;
	int64_t from;
	char *user;
	int64_t timeout_ms;
	int64_t count;
	char *edge;
	bool ascii;
	int64_t width;
	int64_t duration_ms; /* of `clock advance` */
};

struct ctl {
	struct loop *loop;
	struct http_client *client;
	char *socket;
	struct ctl_options options;
};

/** A command; args are what stands behind its name. Returns the exit code. */
typedef int ctl_command_h(struct ctl *c, int n_args, char *const *args);

/* list.c */
ctl_command_h ctl_status, ctl_users, ctl_endpoints, ctl_conversations, ctl_pushes, ctl_metrics;
ctl_command_h ctl_user;

/* journal.c */
ctl_command_h ctl_journal, ctl_trace;

/* ladder.c */
ctl_command_h ctl_ladder;

/* wait.c */
ctl_command_h ctl_wait, ctl_clock, ctl_test_push;

/* ---- mcxctl.c ---- */

/** Read "60s" into options.duration_ms; complains and returns false when it is none. */
bool ctl_read_duration(struct ctl *c, const char *s);

/** A line on standard output, or a sentence on standard error after "mcxctl: ", without what could play
 *  with the terminal. */
void ctl_print(const char *fmt, ...) PRINTF_LIKE(1, 2);
void ctl_complain(const char *fmt, ...) PRINTF_LIKE(1, 2);

/* ---- call.c ---- */

/** Send a request to a path below /lab/v1 and wait for the answer. body, which may be NULL, is put.
 *  Returns CTL_YES and the answer, to be put by the caller (NULL when it has no body); or complains
 *  with the error of the answer and returns another exit code. */
int ctl_call(struct ctl *c, const char *method, const char *path, struct json_object *body,
	     struct json_object **ret);

/** The same for a stream of JSON lines: on_line is called for each, until the daemon goes. */
typedef void ctl_line_h(void *magic, struct json_object *line);
int ctl_follow(struct ctl *c, const char *path, ctl_line_h *on_line, void *magic);

/** A path, or the part behind its '?', with user=… of the options if that is given. */
char *ctl_path_of_user(const struct ctl *c, const char *path);

/** Print on standard output as one line, flushed. */
void ctl_print_json(struct json_object *o);

/** Members of an object; a name with dots goes down. "" and 0 where there is none. */
const char *ctl_get(struct json_object *o, const char *name);
int64_t ctl_get_int(struct json_object *o, const char *name);
struct json_object *ctl_get_object(struct json_object *o, const char *name);

/* ---- table.c ---- */

/** Aligned columns. */
struct ctl_table {
	int n_columns;
	int n_cells;
	char **cells; /* row by row, headings first */
};

/** headings: NULL-terminated. */
void ctl_table_init(struct ctl_table *t, const char *const *headings);
void ctl_table_deinit(struct ctl_table *t);

/** Add the next cell; numbers of cells have to come out even. NULL is empty. */
void ctl_table_add(struct ctl_table *t, const char *s);
void ctl_table_addf(struct ctl_table *t, const char *fmt, ...) PRINTF_LIKE(2, 3);

/** Print it, or the sentence when there are no rows. */
void ctl_table_print(const struct ctl_table *t, const char *if_empty);

/** The time of day of an RFC 3339 stamp, "12:00:00.123"; "" of "". */
const char *ctl_time_of_day(const char *stamp, char *ret, size_t n);

/* ---- record.c ---- */

/** Journal records from JSON. Strings belong to the JSON, which is kept. */
struct ctl_records {
	struct json_object *owner;
	struct journal_record *records;
	const struct journal_record **pointers;
	struct journal_field (*fields)[JOURNAL_MAX_FIELDS];
	char **raws; /* decoded ones */
	size_t n;
};

/** array: of records; owner: what to put in the end, the array or what holds it. */
void ctl_records_init(struct ctl_records *r, struct json_object *array, struct json_object *owner);
void ctl_records_deinit(struct ctl_records *r);
