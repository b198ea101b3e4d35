/*
 * HTTP server: requests that a fault strikes
 */
#pragma once

#include <json-c/json.h>
#include <stdbool.h>

struct fault_passing;
struct faults;
struct http_request;
struct loop;

struct http_joint {
	struct faults *faults; /* NULL: nothing strikes */
	struct loop *loop;
};

/** Whether a fault strikes the request, which is then answered or parked. After a delay its own handler is called, with this
 *  magic. From a handler, or what is called before it. */
bool http_is_struck(struct http_request *r, const struct http_joint *joint,
		    const struct fault_passing *p, void *magic);
