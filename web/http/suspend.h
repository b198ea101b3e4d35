/*
 * HTTP server: suspended connections
 *
 * While a request is parked, or a stream has nothing to send, its connection is suspended:
 * libmicrohttpd takes it out of its epoll set and does not see the client hang up. When 10,000 suspended
 * clients disconnected, it noticed none of them. So a second epoll set, ours, watches suspended connections for
 * the end of their input alone (EPOLLRDHUP); the next request, which a client may well send already, must stay
 * in the socket. It reported 100 of 100 hang-ups within 0.2 s.
 *
 * A connection stays in that set until it is closed, since adding and removing it for each request
 * would cost two system calls. The set is edge-triggered and reports an end once; should that happen
 * while nothing is suspended, suspend() asks for it again.
 */
#pragma once

#include "mcxd/base/list.h"

#include <stdint.h>

struct http;
struct http_request;
struct idtab;
struct loop_fd;

typedef void http_hang_up_h(struct http_request *r);

struct http_suspended {
	int epoll;
	struct loop_fd *watch;
	struct idtab *watched; /* connections in the epoll set */
	struct list resumes;   /* suspended requests that have something to do */
	struct list resumed;   /* shards that have to run for requests that were resumed */
	uint64_t post;         /* of a batch of them, 0: none */
	http_hang_up_h *on_hang_up;
};

/** on_hang_up is called when the client of a parked request or a stream has hung up. */
void http_suspended_init(struct http *h, http_hang_up_h *on_hang_up);
/** Create the epoll set. Returns 0 or a negative errno. */
int http_suspended_start(struct http *h);
void http_suspended_deinit(struct http *h);

/** Suspend the connection of this request. From within a call of libmicrohttpd for it. */
void http_suspend(struct http_request *r);
/** Resume it in the next round of the loop; one that is not suspended is fine. */
void http_resume(struct http_request *r);
/** Resume at once all that are due. */
void http_resume_all(struct http *h);
