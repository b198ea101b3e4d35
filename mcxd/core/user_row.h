/*
 * User row
 *
 * What of a user outlives a restart: one whom the lab API added has a row, whoever is in the users file has none.
 */
#pragma once

#include "mcxd/core/core.h"
#include "mcxd/core/store_row.h"

#include <stdbool.h>

struct user;

/** Save a user as it is, if it is one that has a row; else remove the row that it may have had. */
void user_row_save(struct user *u);

void user_row_remove(struct user *u);

/** A STORE_USER row. False if the address is not one, or is taken: the users file goes first. */
bool user_row_restore(struct core *c, const struct store_row *row);
