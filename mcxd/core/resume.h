/*
 * Resume
 *
 * How conversations that the store brings back go on. Rows come one by one, a conversation before its legs; when all
 * have come, each conversation is decided: it goes on, or the restart has ended it.
 */
#pragma once

#include "mcxd/core/core.h"
#include "mcxd/core/store_row.h"

#include <stdbool.h>

/** A row of the kind. False if it means nothing any more. */
bool resume_counter(struct core *c, const struct store_row *row);
bool resume_conversation(struct core *c, const struct store_row *row);
bool resume_phone_leg(struct core *c, const struct store_row *row);
bool resume_sending(struct core *c, const struct store_row *row);
bool resume_cseq(struct core *c, const struct store_row *row);
bool resume_dialog(struct core *c, const struct store_row *row);
bool resume_pager(struct core *c, const struct store_row *row);

/** All rows have come. */
void resume_all(struct core *c);
