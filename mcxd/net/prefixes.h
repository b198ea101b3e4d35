/*
 * Prefixes
 *
 * A list of addresses and networks, such as those of the proxies that are trusted: "127.0.0.1 10.0.0.0/8 fd00::/8".
 */
#pragma once

#include <stdbool.h>

struct address;
struct prefixes;
struct text;

/** Read a list, with spaces or commas in between. Returns NULL, with the reason in why, if it is malformed. */
struct prefixes *prefixes_read(const char *list, struct text *why);
struct prefixes *prefixes_free(struct prefixes *p); /* NULL is fine */

/** Whether one of them is or contains the address, whatever its port. An IPv4 address that a socket for both families
 *  reports as IPv6 is that IPv4 address. p NULL: none does. */
bool prefixes_contain(const struct prefixes *p, const struct address *a);
