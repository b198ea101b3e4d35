/*
 * Ladder: where the columns are
 */
#pragma once

#include "mcxd/ladder/label.h"
#include "proto/record.h"
#include "proto/text/text.h"

enum {
	LADDER_MAX_COLUMNS = 12,
	LADDER_MARGIN = 11,      /* for the time */
	LADDER_LABEL_MARGIN = 4, /* an arrow's own cells: both ends, and a space on each side */
};

struct ladder_column {
	char *hop; /* of the records */
	char *phone; /* id of the application of a phone, which is one column whatever its hops are called; or NULL */
	char *name;
	int rank;
	int x;
};

struct ladder_layout {
	struct ladder_column columns[LADDER_MAX_COLUMNS];
	int n_columns;
	int gaps[LADDER_MAX_COLUMNS]; /* gaps[i]: from column i to i + 1 */
	int width;                    /* of the whole drawing */
	bool ascii;
	bool tall; /* names take two rows, the second for the last word */
};

/** Columns and widths for n records, in `width` characters if they fit. */
void ladder_layout_init(struct ladder_layout *l, const struct record *const *records, size_t n,
			int width, bool ascii);
void ladder_layout_deinit(struct ladder_layout *l);

/** The same for records that are not known yet, with columns for these hops; and columns for the hops of one more record, which
 *  returns whether there was none for one of them. */
void ladder_layout_open(struct ladder_layout *l, const char *const *hops, size_t n, int width,
			bool ascii);
bool ladder_layout_admit(struct ladder_layout *l, const struct record *r);

/** How a record is drawn. A message that both ends recorded is drawn once. */
enum ladder_shape ladder_layout_shape(const struct record *r);

/** The column of a hop of this record; -1: none. */
int ladder_layout_find(const struct ladder_layout *l, const struct record *r, const char *hop);

/** How a record is drawn here, and where: an arrow from column to column, or a note in the column *ret_from. */
enum ladder_shape ladder_layout_place(const struct ladder_layout *l, const struct record *r,
				      int *ret_from, int *ret_to);

/** Append the words of a record, in ASCII if that was asked for. */
void ladder_layout_label(const struct ladder_layout *l, const struct record *r, struct text *out);

/** The part of a name for the first of two rows, all but its last word, or for the second; *ret_n is its
 *  length. */
const char *ladder_layout_name_row(const char *name, bool first, size_t *ret_n);
