/*
 * As received
 *
 * The head of a received message as it was on the wire, for what is answered with the sender's own spelling. sofia can keep that
 * itself, but with an allocation for each header, which is dear in a message that waits for its end.
 */
#pragma once

#include <sofia-sip/msg.h>

#include <stddef.h>

/** Copy a message of n bytes, with a NUL behind it, to be parsed in place; its head, of n_head bytes, is kept as it is. Both are
 *  the message's. */
char *as_received_copy(msg_t *msg, const char *bytes, size_t n, size_t n_head);
