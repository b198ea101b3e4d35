/*
 * Net
 *
 * What all sockets of a loop share: the buffers that bytes are read into, which are in use only while a handler
 * runs, and the list of sockets that have something to write. What is sent while the loop serves events is written
 * at the end of that round, once for each socket: a message by itself costs a system call and wakes the peer, which
 * was a quarter of the cost of a conversation.
 */
#pragma once

#include "mcxd/base/list.h"

struct loop;

enum {
	NET_READ_SIZE = 64 * 1024, /* of one read from a stream */
	NET_DATAGRAM_SIZE = 65536, /* the longest that UDP can carry */
	NET_BATCH = 32             /* datagrams of one system call */
};

struct net;

/** A socket's place among those that have something to write; zeroed memory has nothing. */
struct net_output {
	struct list of_net;
	void (*write)(struct net_output *o);
};

/** For the sockets of this loop. */
struct net *net_new(struct loop *l);
/** After every socket. NULL is fine. */
struct net *net_free(struct net *n);

struct loop *net_loop(const struct net *n);

/** NET_READ_SIZE bytes, valid until the handler that gets them returns to the loop. */
char *net_read_buffer(struct net *n);
/** NET_BATCH * NET_DATAGRAM_SIZE bytes for reading datagrams; made at the first call. */
char *net_batch_buffer(struct net *n);

/** Have o->write called at the end of this round. Once is enough, and more does no harm. */
void net_write_later(struct net *n, struct net_output *o);
/** It has nothing to write any more, or is about to be freed. */
void net_write_never(struct net_output *o);
/** End a TCP connection with RST at once: what it has not sent is lost. The descriptor is still to be closed. */
void net_reset(int fd);
/** Write what waits now: before the loop ends, and in tests. */
void net_flush(struct net *n);
