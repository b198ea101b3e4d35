/*
 * HTTP server: the listening socket
 *
 * libmicrohttpd does not listen itself: connections are accepted here and shared out among the
 * shards.
 */
#pragma once

#include "mcxd/base/log.h"
#include "mcxd/base/loop.h"
#include "web/http/arrival.h"

#include <stdbool.h>
#include <sys/types.h>

struct address;
struct http;

struct http_listener {
	int fd;
	struct loop_fd *watch;
	struct loop_timer retry; /* after accept() ran out of descriptors or memory */
	struct log_throttle shortages;
	char *address;
	bool is_unix;
	dev_t dev; /* of the UNIX socket that we made */
	ino_t ino;
};

/** Listen at "127.0.0.1:443" or at the absolute path of a UNIX socket. Returns 0 or a negative errno,
 *  with the reason in the log. */
int http_listener_open(struct http *h, const char *listen);
void http_listener_close(struct http *h);

/** A connection whose PROXY header has been read. */
void http_listener_on_arrived(struct http *h, int fd, const struct address *client,
			      struct http_told told);
