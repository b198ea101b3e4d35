/*
 * Ladder: what a record says
 */
#pragma once

#include "mcxd/base/journal.h"
#include "proto/text/text.h"

enum ladder_shape {
	LADDER_SKIP,  /* not to be drawn */
	LADDER_ARROW, /* from record->e.from to record->e.to */
	LADDER_NOTE,  /* in the column of a hop: e.to, e.from, or the front end */
};

/** By itself: what two hops recorded is for the layout to sort out. */
enum ladder_shape ladder_shape(const struct journal_record *r);

/** The words on the arrow or in the note. */
void ladder_label(const struct journal_record *r, struct text *out);

/** More about it for the line below: the Server of a 180, the diagnostics of an answer. Adds
 * nothing where there is nothing to say. */
void ladder_detail(const struct journal_record *r, struct text *out);
