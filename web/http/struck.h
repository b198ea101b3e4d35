/*
 * HTTP server: requests that a fault strikes
 */
#pragma once

#include "mcxd/base/fault.h"

#include <json-c/json.h>
#include <stdbool.h>

struct http_request;
struct loop;

struct http_joint {
	struct faults *faults; /* NULL: nothing strikes */
	struct loop *loop;
};

/** What a request that is struck carries. */
struct http_struck {
	struct faults *faults;
	struct loop *loop;
	struct fault_strike strike;
};

/** Whether a fault strikes the request; that is recorded. No request is struck twice, and those inside another came with it. From
 *  before the handler. */
bool http_is_struck(struct http_request *r, const struct http_joint *joint,
		    const struct fault_passing *p);

/** Then do what the fault says. True: the request is answered, held, or ended without an answer, and its handler must not run. After
 *  a delay, http_args.before and the handler are called once more. */
bool http_fault_takes(struct http_request *r);

/** The status that the fault answers with; 0: none. */
int http_fault_status(const struct http_request *r);

/** What strikes it: "Fault 1 of 3: status 503"; NULL: nothing. */
const char *http_fault(const struct http_request *r);
