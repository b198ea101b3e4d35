/*
 * Edge: messages as they leave it
 *
 * Line by line from the bytes that came in, so that order and spelling stay.
 */
#pragma once

#include "proto/text.h"

#include <sofia-sip/msg.h>

/** The request with our Via in front, where it came from noted in the Via below, and hops in its
 *  Max-Forwards. */
void edge_text_request(struct text *out, msg_t *request, const char *via, unsigned hops);

/** The answer without its Vias, which agent_reply_text() puts in, and with the statement that it came
 *  from a federated partner. */
void edge_text_answer(struct text *out, msg_t *answer, const char *fqdn);
