/*
 * Roles: the clearing house
 */
#pragma once

struct roles;

/** Start it, with the secrets that it needs; its identity is there. Returns 0, or a negative errno, having logged what
 *  failed. */
int roles_start_clearing_house(struct roles *r);
