/*
 * Users file
 *
 * Who is in the lab: an INI file with a section for each user,
 *
 *   [user bob@lab.test]
 *   display_name = Bob
 *   password = secret
 *   enable_mobility = yes
 *   enable_push = yes
 *
 * or the five of the demo when there is no file.
 */
#pragma once

#include "mcxd/core/user.h"

struct users;

/** path NULL or "": the demo's users. */
struct users *users_new(struct core *c, const char *path);

/** The users stay in core. NULL is fine. */
struct users *users_free(struct users *u);

/** Read the file: new users are added, known ones updated, and those that an earlier reading brought and
 *  that are no longer in it removed. Users from elsewhere (the lab API) stay. Returns 0, or a
 *  negative errno with a line for each error in errors; nothing has changed then. */
int users_load(struct users *u, struct text *errors);
