/*
 * Snapshot
 *
 * Core as rows of the store (core/store_row.h), taken at one moment and put into another core, or into the same one
 * later. Rows of a snapshot are exact: where a store is told numbers that are yet to come, in order not to be told each
 * of them, a snapshot has the present ones. An invitation that rings comes back as after a restart: it has ended, and
 * the phones have missed it.
 */
#pragma once

#include "mcxd/core/core.h"
#include "mcxd/core/ports.h"

#include <stdbool.h>
#include <stddef.h>

struct store_row;
struct user_spec;

/** Call on_row for every row but those of users, from within the call. */
void snapshot_take(struct core *c, store_row_h *on_row, void *magic);

/** What is to be put into a core. Rows stand by kind. */
struct snapshot {
	const struct user_spec *users;
	size_t n_users;
	const struct store_row *rows;
	size_t n_rows;
};

/** Whether nobody is signed in and nothing is under way. */
bool snapshot_has_room(const struct core *c);

/** Try it in a core that is made for this. Returns NULL if every row means something, else the first that does not. The users
 *  of c that are in its users file count, too. */
const struct store_row *snapshot_check(const struct core *c, const struct snapshot *s);

/** Whether this is a user of the snapshot, or of c once that is reset. */
bool snapshot_has_user(const struct core *c, const struct snapshot *s, const char *aor);

/** How many of its users c has added once it is loaded. */
size_t snapshot_added_users(const struct core *c, const struct snapshot *s);

/** Put it into a core that has room for it, whose users those of the snapshot are then, too. Returns as snapshot_check()
 *  does; what cannot be taken is left out. */
const struct store_row *snapshot_load(struct core *c, const struct snapshot *s);
