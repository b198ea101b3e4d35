/*
 * Names
 *
 * The section [hosts] of the settings: its checks, and the table that SIP and HTTP share (net/hosts.h).
 */
#pragma once

#include <stdbool.h>

struct hosts;
struct settings;
struct text;

/** Append what is wrong with a name, or with its address, if anything. */
void names_check_name(const char *name, struct text *why);
void names_check_address(const char *address, struct text *why);

/** Append a line for each next hop whose host is a name that is not in [hosts], or whose transport its role cannot send by. */
void names_check_hops(const struct settings *s, struct text *errors);

/** The table of [hosts]. */
struct hosts *names_table(const struct settings *s);

/** Whether a host of a URI is an address, or a name in this table, which is a struct hosts. */
bool names_reach(const void *hosts, const char *host);
