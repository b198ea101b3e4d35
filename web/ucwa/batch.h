/*
 * HTTPS API: batches of requests
 *
 * Each part of the body is a request ("Batching requests"). It goes the same way as one of its own, token and errors
 * included; the answers come back in the order of the parts, once the last one is there. All of them are in memory by
 * then, so once they have reached a limit, no further part is executed.
 */
#pragma once

#include "web/ucwa/operation.h"

struct ucwa_batch;

ucwa_h ucwa_post_batch;

/** NULL is fine. */
void ucwa_batch_free(struct ucwa_batch *b);
