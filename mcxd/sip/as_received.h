/*
 * As received
 *
 * The head of a received message as it was on the wire, for what is answered with the sender's own spelling. sofia can keep that
 * itself, but with an allocation for each header, which is dear in a message that waits for its end.
 */
#pragma once

#include <sofia-sip/msg.h>

#include <stddef.h>

/** Have a message keep its head, of n bytes. */
void as_received_keep(msg_t *msg, const char *head, size_t n);
