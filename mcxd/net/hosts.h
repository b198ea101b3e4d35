/*
 * Hosts
 *
 * The static table of names: the only place where a name becomes an address. Nothing here asks a name server or
 * reads the machine's hosts file: a server that does not answer would stop the loop for as long as the resolver
 * waits, which was measured as up to a minute for one datagram. "localhost" is 127.0.0.1 if the table does not say
 * otherwise (RFC 6761 6.3: it is to be answered without asking).
 */
#pragma once

#include "mcxd/net/address.h"

struct hosts;

/** An empty table. free(NULL) is fine. */
struct hosts *hosts_new(void);
struct hosts *hosts_free(struct hosts *h);

/** Whether it is a host name (RFC 1123 2.1; underscores, which labs use, are taken, too) and no numeric address. */
bool hosts_is_name(const char *s);

/** Add a name, which is compared without case, and its numeric address. Returns 0, -EINVAL for a name that is not
 *  one or an address that is not numeric, or -EEXIST. */
int hosts_add(struct hosts *h, const char *name, const char *address);

/** The address of a host as it is in a URI: a number is itself, a name is looked up here. h may be NULL: no
 *  names. Returns false if it is not known. */
bool hosts_resolve(const struct hosts *h, const char *host, uint16_t port, struct address *ret);

/** The name of an address, for people; NULL if it has none, or several, as all of a lab on one machine may have. */
const char *hosts_name_of(const struct hosts *h, const struct address *a);
