/*
 * Names
 *
 * The hosts that a client may connect to by name. Within the loop no name server is asked: a server that does not answer would
 * hold up everything else that the client does. So the names that people start it with are looked up before, and others,
 * which links of the server may have, are given by --host.
 */
#pragma once

#include "mcxd/base/setting_map.h"
#include "mcxd/tools/mcxsim/options.h"

#include <stdbool.h>

struct hosts;

/** "NAME=ADDRESS", into a struct setting_map. */
extern const struct option_type names_option;

/** Fill the table: with what --host gave, and with the hosts of these URLs or "host:port", NULL-terminated, which are looked up.
 *  Returns false after a complaint about one that has no address. */
bool names_find(struct hosts *h, const struct setting_map *given, const char *const *where);
