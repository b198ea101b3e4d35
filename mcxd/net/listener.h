/*
 * Listener
 *
 * A listening TCP socket. When the process is out of descriptors it stops accepting for a moment instead of spinning: a
 * connection that cannot be accepted keeps a level-triggered listener ready.
 */
#pragma once

#include "mcxd/net/address.h"

struct listener;
struct metric;
struct net;

/** A connection, non-blocking; fd is the handler's. */
typedef void listener_h(void *magic, int fd, const struct address *peer);

struct listener_args {
	struct net *net;
	struct address local; /* port 0 picks one */
	listener_h *on_accept;
	void *magic;
	struct metric *pauses; /* counts how often descriptors or memory ran out; may be NULL */
};

/** Returns 0 or a negative errno. */
int listener_open(const struct listener_args *args, struct listener **ret_listener);
/** NULL is fine. */
struct listener *listener_close(struct listener *l);

/** Where it is bound. */
const struct address *listener_local(const struct listener *l);
