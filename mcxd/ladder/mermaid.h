/*
 * Ladder as a sequence diagram of Mermaid
 */
#pragma once

#include "proto/record.h"
#include "proto/text/text.h"

/** Append the source of the diagram of n records, oldest first, with what ladder_draw() draws. title may be NULL. */
void ladder_mermaid(struct text *out, const struct record *const *records, size_t n,
		    const char *title);
