/*
 * Roles: the push service
 */
#pragma once

struct roles;

/** Start it, with what its listener for APNs shows of itself. Returns 0, or a negative errno, having logged what failed. */
int roles_start_push_service(struct roles *r);
