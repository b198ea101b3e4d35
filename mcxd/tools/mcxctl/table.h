/*
 * mcxctl: aligned columns
 */
#pragma once

#include "proto/text/mem.h"

struct ctl_options;

struct ctl_table {
	int n_columns;
	int n_cells;
	char **cells; /* row by row, headings first */
};

/** headings: NULL-terminated, at most 16. */
void ctl_table_init(struct ctl_table *t, const char *const *headings);
void ctl_table_deinit(struct ctl_table *t);

/** Add the next cell; every row must be filled before the table is printed. NULL is empty. */
void ctl_table_add(struct ctl_table *t, const char *s);
void ctl_table_addf(struct ctl_table *t, const char *fmt, ...) PRINTF_LIKE(2, 3);

/** Print it, or the sentence if there are no rows. On a terminal text is broken so that the table fits it, and what
 *  has no room stands below its row, without columns that are empty; no word is broken that a line can hold, and nothing is cut. */
void ctl_table_print(struct ctl_table *t, const struct ctl_options *o, const char *if_empty);

/** The time of day in an RFC 3339 time, "12:00:00.123"; "" for "". */
const char *ctl_time_of_day(const char *stamp, char *ret, size_t n);
