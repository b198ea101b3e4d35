/*
 * Login names
 *
 * What a client gives as username: an address ("bob@lab.test", also with "sip:"), a down-level name ("LAB\bob"), or a
 * user part alone.
 */
#pragma once

#include <stdbool.h>

/** The name as an address, without "sip:"; NULL: it is not an address. Points into name. */
const char *login_address(const char *name);

/** Whether a name that is not an address may mean this AoR: the user parts are the same, and so is the domain or its
 *  first label, if the name has one. Ignores case. */
bool login_may_mean(const char *name, const char *aor);
