/*
 * HTTP server: deadlines
 *
 * libmicrohttpd's timeout starts again with every byte that it receives, so a client could hold a
 * connection for hours with a byte a second. A deadline does not move: a connection owes us bytes
 * from its beginning, or from the end of the last answer, until a request is complete.
 *
 * All deadlines of a server have the same length. In the order of arming they are therefore in the
 * order of expiry, and one timer, for the first of them, serves all.
 */
#pragma once

#include "mcxd/base/list.h"
#include "mcxd/base/loop.h"

/** Embedded in what it guards. */
struct http_deadline {
	struct list node;
	int64_t due_ms; /* real time */
};

typedef void http_deadline_h(struct http_deadline *d);

struct http_deadlines {
	struct loop *loop;
	struct list armed; /* soonest first */
	struct loop_timer timer;
	int64_t length_ms;
	http_deadline_h *on_expired;
};

/** length_ms in real time. on_expired is called with a deadline that is disarmed. */
void http_deadlines_init(struct http_deadlines *all, struct loop *l, int64_t length_ms,
			 http_deadline_h *on_expired);
void http_deadlines_deinit(struct http_deadlines *all);

/** Start it, or start it again. */
void http_deadline_arm(struct http_deadlines *all, struct http_deadline *d);
/** Does nothing if it is not armed. */
void http_deadline_disarm(struct http_deadline *d);
