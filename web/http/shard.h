/*
 * HTTP server: shards
 *
 * A shard is one daemon of libmicrohttpd, without threads and without a listening socket, whose epoll
 * descriptor is watched by the loop.
 *
 * A server has several of them because a daemon walks all of its suspended connections whenever one
 * is resumed. With one daemon, waking a parked request was measured to take 45 us with 1,000 parked
 * and 270 to 570 us with 5,000 to 10,000. An invitation that wakes one of 9,000 phones twice took
 * 1.26 times the CPU of one that wakes one of 100 with 560 parked requests in a daemon, and 1.04 times
 * with 32. A daemon takes 20 kB and two descriptors, so they are started as they are needed: see
 * pick_shard().
 */
#pragma once

#include "mcxd/base/list.h"
#include "mcxd/base/loop.h"

#include <microhttpd.h>
#include <stdbool.h>
#include <stdint.h>

struct http;
struct http_shard_calls;

#define HTTP_MAX_SHARDS 256

struct http_shard {
	struct http *http;
	struct MHD_Daemon *daemon;
	struct loop_fd *watch;   /* on the daemon's epoll descriptor */
	struct loop_timer timer; /* what MHD_get_timeout() asks for */
	uint64_t post;           /* a run in the next round of the loop, 0: none */
	const struct http_shard_calls *calls;
	struct list incoming; /* struct http_request.of_list, until they are complete */
	unsigned
		n_refusals; /* how often it has refused a request by itself, until the connection has been counted */
	struct list
		resumed; /* in http_suspended.resumed, while it has to run for connections that were resumed */
};

/** What a daemon calls. cls is the shard. */
struct http_shard_calls {
	MHD_NotifyConnectionCallback on_connection;
	void *(*on_target)(void *cls, const char *target, struct MHD_Connection *mhd);
	MHD_AccessHandlerCallback on_access;
	MHD_RequestCompletedCallback on_completed;
	/** It is about to answer with an error of its own. True: the client has ours. */
	bool (*on_refusal)(struct http_shard *s, int status);
};

/** Start the daemon. Returns 0 or a negative errno. */
int http_shard_start(struct http *h, struct http_shard *s, const struct http_shard_calls *calls);
/** Stop it. All of its requests must have been resumed. */
void http_shard_stop(struct http_shard *s);
/** Let the daemon do all that it can do without waiting. */
void http_shard_run(struct http_shard *s);
