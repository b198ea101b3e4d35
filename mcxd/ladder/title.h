/*
 * Ladder: the line above a drawing
 */
#pragma once

#include "proto/text/text.h"

/** What is known of a conversation; NULL or "": unknown. */
struct ladder_title {
	const char *id, *from, *to, *first_line;
	const char *status, *reason; /* of one that has ended */
	const char *state;
};

/** Append "Conversation 1: alice@lab.test → bob@lab.test, "Hi": 408 why". */
void ladder_title(struct text *out, const struct ladder_title *t, bool ascii);
