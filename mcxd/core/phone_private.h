/*
 * Phone: what its files share
 */
#pragma once

#include "mcxd/core/phone.h"

/** A phone of a user, without identity and session. id 0: a new one. NULL: the user's limit. */
struct phone *phone_new(struct user *u, uint64_t id, const char *app_id);

/** Its session begins, or begins again. */
void phone_start_session(struct phone *p);

/** Bring the phone as it is to the store. done may be NULL. */
void phone_store(const struct phone *p, store_done_h *done, void *magic);
