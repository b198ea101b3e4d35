/*
 * Lab API
 *
 * /lab/v1 on a UNIX socket: what this lab is, who is in it, what happened, and its clock. JSON in
 * and out; an error is {"error":{"code":"NotFound","message":"a sentence"}}. The table of routes in
 * lab.c is the list of what there is.
 *
 * Times are RFC 3339 in UTC by the lab's wall clock, durations milliseconds with names in …Ms. The
 * API records nothing in the journal itself: who looks changes nothing.
 */
#pragma once

#include "mcxd/core/core.h"
#include "web/http/http.h"

struct lab;

struct lab_listener {
	const char *name;    /* "sip.udp", "https" */
	const char *address; /* "127.0.0.1:5060", a URL, a path */
};

/** What only main knows. Strings belong to it and stay. */
struct lab_info {
	const char *version;
	const char *const *roles;
	size_t n_roles;
	const struct lab_listener *listeners;
	size_t n_listeners;
	const char
		*push_target; /* host or host:port that pushes go to first, the Edge; may be NULL */
};

struct lab_config {
	const char *socket; /* absolute path; at most 107 bytes, as the kernel has it */
	int64_t max_connections;
	int64_t max_body_bytes;
	int64_t idle_timeout_ms;
	int64_t max_waiting;      /* wait, clock and test-push requests held open at once */
	int64_t max_wait_ms;      /* the longest timeoutMs of a wait */
	int64_t max_followers;    /* streams of the journal at once */
	int64_t max_page_records; /* of the journal in one answer */
	int64_t max_advance_ms;   /* in one move of the clock */
};

struct lab_args {
	struct loop *loop;
	struct core *core; /* NULL: no front end here, and its resources answer 404 */
	struct journal *journal;
	struct metrics *metrics;
	const struct lab_config *config;
	/** Fill in *ret_info, which is zeroed; asked on every request that needs it. May be NULL.
	 */
	void (*info)(void *magic, struct lab_info *ret_info);
	void *magic;
};

/** Returns 0, or the negative errno of http_new(). */
int lab_new(const struct lab_args *args, struct lab **ret_lab);

/** NULL is fine. The loop must not run between this and core_free() or loop_free(), either of which
 * may still know of a test push or a move of the clock. */
struct lab *lab_free(struct lab *l);
