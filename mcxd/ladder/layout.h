/*
 * Ladder: where the columns stand
 */
#pragma once

#include "mcxd/base/journal.h"
#include "mcxd/ladder/label.h"
#include "proto/text/text.h"

enum {
	LADDER_MAX_COLUMNS = 12,
	LADDER_MARGIN = 11,      /* for the time */
	LADDER_LABEL_MARGIN = 4, /* an arrow's own cells: both ends, and a space on either side */
};

struct ladder_column {
	const char *hop; /* of the records */
	char *name;
	int rank;
	int x;
};

struct ladder_layout {
	const char *senders[LADDER_MAX_COLUMNS]; /* hops that recorded what they sent */
	int n_senders;
	struct ladder_column columns[LADDER_MAX_COLUMNS];
	int n_columns;
	int gaps[LADDER_MAX_COLUMNS]; /* gaps[i]: from column i to i + 1 */
	int width;                    /* of the whole drawing */
	bool ascii;
	bool tall; /* a name takes two rows, the second for its last word */
};

/** Columns and widths for n records, in `width` cells if that can be done. The records have to live
 * as long as the layout. */
void ladder_layout_init(struct ladder_layout *l, const struct journal_record *const *records,
			size_t n, int width, bool ascii);
void ladder_layout_deinit(struct ladder_layout *l);

/** What a record is to be drawn as. What the receiver recorded is left out where the sender recorded it,
 *  too. */
enum ladder_shape ladder_layout_shape(const struct ladder_layout *l,
				      const struct journal_record *r);

/** The column of a hop, -1: none. */
int ladder_layout_find(const struct ladder_layout *l, const char *hop);

/** The words of a record, spelled for the character set. */
void ladder_layout_label(const struct ladder_layout *l, const struct journal_record *r,
			 struct text *out);

/** What of a name stands in the first of two rows, all but its last word, or in the second; *ret_n
 * is its length. */
const char *ladder_layout_name_row(const char *name, bool first, size_t *ret_n);
