/*
 * Users of a fleet
 *
 * Who has the phones and who sends. Users of our own are added to the lab through its API, with names that nobody
 * else has, and removed at the end.
 */
#pragma once

#include "mcxd/sim/fleet/fleet.h"

#include <stdbool.h>
#include <stddef.h>

struct fleet_users;
struct loop;

/** Called from the loop. problem: NULL, or why they could not be added. */
typedef void fleet_users_h(void *magic, const char *problem);

/** Users that exist: pattern has a '%' for the number. */
struct fleet_users *fleet_users_given(const char *pattern, const char *password, size_t n);
/** Users to be added to the lab at this socket. */
struct fleet_users *fleet_users_new(struct loop *l, const char *lab_socket, size_t n);
struct fleet_users *fleet_users_free(struct fleet_users *u);

const struct sim_fleet_user *fleet_users_all(const struct fleet_users *u);

/** Add them; users that exist are there at once. on_done is called once. */
void fleet_users_add(struct fleet_users *u, fleet_users_h *on_done, void *magic);
/** Remove those that were added. */
void fleet_users_remove(struct fleet_users *u, fleet_users_h *on_done, void *magic);
