/*
 * Life
 *
 * Who ends with whom. A core, or a user, begins, changes and ends together with everything that hangs on it, and
 * only this file knows all of it: endpoints, conversations, pushes, and what the store brings back.
 */
#pragma once

#include "mcxd/core/core.h"
#include "mcxd/core/user.h"

#include <stdbool.h>

struct store_row;

/** A core without users. */
struct core *core_new(const struct core_args *args);

/** Bring back what is in the store, for users that are there already. Rows that mean nothing any more are removed. Returns 0, or a
 *  negative errno if not all could be read. */
int core_load(struct core *c);

/** Bring back one row; rows come by kind. False if it means nothing here, and then nothing has changed. */
bool core_restore(struct core *c, const struct store_row *row);

/** All rows are there: conversations go on, or end if something of them is missing. */
void core_resume(struct core *c);

/** The server is shutting down: end all conversations, with 503 to callers who wait and to those who come from now
 *  on. Connected ones only if they cannot go on after a restart, because the store is not on disk. */
void core_stop(struct core *c);

/** Whether no conversation is left that core_stop() has to end, and nobody waits for the store or for the outcome of a message. */
bool core_is_idle(const struct core *c);

/** Free it with all that is in it: conversations end as in core_stop(), nobody else is told, and the rows stay in
 *  the store. NULL is fine. */
struct core *core_free(struct core *c);

/** Its config, which the caller may change, is another one: what has limits of its own gets the new ones. What is beyond
 *  them stays. */
void core_apply_config(struct core *c);

/** Add a user, as user_add() does, and tell the phones that have subscribed to the list of contacts. */
int user_join(struct core *c, const struct user_spec *spec, struct user **ret_user);

/** Change everything but a user's address in place. Without mobility the user's phones are signed out. */
void user_update(struct user *u, const struct user_spec *spec);

/** Remove a user with all endpoints; conversations end. */
void user_remove(struct user *u);

/** Begin anew with a user, who stays: conversations end with an answer to whoever waits, all endpoints go with what they
 *  had, and so do tokens, presence, history and pushes. */
void user_reset(struct user *u);

/** The same with all users; those whom the lab API added are removed. */
void core_reset(struct core *c);
