/*
 * Lab API: who is meant
 *
 * A person at a terminal says "bob". Wherever a request names a user, that is the address of the one user who has this name.
 */
#pragma once

#include "proto/sip/uri.h"

struct core;
struct user;

/** The address that is meant, in room or as it was given: that is the case with a domain, and if several users or none have
 *  the name. name may be NULL. */
const char *lab_who(const struct core *c, const char *name, char room[URI_MAX_AOR + 1]);

/** That user, who is made if the address is an open one; NULL: there is none. */
struct user *lab_meet(struct core *c, const char *name);
