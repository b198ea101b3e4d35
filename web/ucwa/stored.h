/*
 * HTTPS API: answers that wait for the store
 *
 * "I have it" is said once it is on the disk. The request is parked meanwhile.
 */
#pragma once

#include "web/ucwa/operation.h"

struct ucwa;
struct ucwa_stored;

/** The magic for ucwa_on_stored(), which core calls. then answers, with the request's user, phone and app; a store that has failed is
 *  answered 503. */
struct ucwa_stored *ucwa_stored_new(struct ucwa_request *q, ucwa_h *then);

/** Park the request until then; for a handler that then returns. */
void ucwa_stored_wait(struct ucwa_stored *s, struct ucwa_request *q);

/** A store_done_h. */
void ucwa_on_stored(void *magic, int err);

/** Nothing is to be stored. */
void ucwa_stored_free(struct ucwa_stored *s);

/** Forget those that wait. */
void ucwa_stored_free_all(struct ucwa *u);
