/*
 * History row
 *
 * What has been, as rows of a snapshot: conversations that have ended, pushes, and how much was said in conversations that go
 * on. No store keeps them.
 */
#pragma once

#include "mcxd/core/core.h"
#include "mcxd/core/store_row.h"

#include <stdbool.h>

/** Save rows for all of it, oldest first. */
void history_row_save_all(struct core *c);

struct conversation;
/** Save a STORE_SAID row. */
void history_row_save_said(struct conversation *object);

/** A STORE_ENDED row. False if it makes no sense. */
bool history_row_restore_ended(struct core *c, const struct store_row *row);

/** A STORE_SAID row. False if there is no such conversation. */
bool history_row_restore_said(struct core *c, const struct store_row *row);

/** A STORE_PUSH row. What still waited for its answer then will not get one. False if it makes no sense. */
bool history_row_restore_push(struct core *c, const struct store_row *row);
