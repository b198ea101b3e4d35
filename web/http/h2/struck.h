/*
 * HTTP/2 server: requests that a fault strikes
 */
#pragma once

#include <stdbool.h>

struct fault_passing;
struct faults;
struct h2_request;

/** Whether a fault strikes the request; that is recorded. No request is struck twice. From its handler. */
bool h2_is_struck(struct h2_request *r, struct faults *faults, const struct fault_passing *p);

/** Then do what the fault says, but for an answer with a status. True: the handler has nothing more to do. After a delay it is
 *  called once more. */
bool h2_fault_takes(struct h2_request *r);

/** The status that the fault answers with; 0: none. */
int h2_fault_status(const struct h2_request *r);

/** What strikes it: "Fault 1 of 3: status 503"; NULL: nothing. */
const char *h2_fault(const struct h2_request *r);
