/*
 * HTTPS API: answers that wait for the store
 *
 * An answer that says that something has been done is sent once what the request has written is on the disk. A handler
 * need not know: this looks at whether rows were written since it began. The request is parked meanwhile.
 */
#pragma once

#include "web/ucwa/operation.h"

#include <stdbool.h>
#include <stddef.h>

struct ucwa;
struct ucwa_request;

/** What was written until now is stored already, or is none of the request's. */
void ucwa_stored_begin(struct ucwa_request *q);

/** Keep a copy of the answer and send it when that may be said; refuse answers instead if the disk has not taken it.
 *  False: the answer need not wait. */
bool ucwa_stored_hold(struct ucwa_request *q, int status, const char *type, const void *body,
		      size_t n, ucwa_h *refuse);

/** Forget those that wait. */
void ucwa_stored_free_all(struct ucwa *u);
