/*
 * Failure
 *
 * Why a request of ours got no answer from the network. sofia says no more of it than 503 and 408; the transport, which knows,
 * leaves it with the request itself, so that each transaction has its own.
 */
#pragma once

#include <sofia-sip/msg.h>

/** Note what sending it, or waiting for its answer, came to. error: an errno, which NTA acts upon; why: a sentence for
 *  people, copied; NULL: what is usual for the errno. */
void failure_note(msg_t *msg, int error, const char *why);

/** It is tried again. */
void failure_forget(msg_t *msg);

/** What was noted: 0 and "" if nothing was. */
int failure_error(const msg_t *msg);
const char *failure_why(msg_t *msg);
