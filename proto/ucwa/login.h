/*
 * Login names
 *
 * What a client gives as username: an address ("bob@lab.test", also with "sip:"), a down-level name ("LAB\bob"), or a
 * user part alone.
 */
#pragma once

#include <stdbool.h>

/** The address that the name is, without "sip:"; NULL: it is none. Points into name. */
const char *login_address(const char *name);

/** Whether a name that is no address may mean this AoR: its user part, and of its domain, if the name has one, all or
 *  the first label. Ignores case. */
bool login_may_mean(const char *name, const char *aor);
