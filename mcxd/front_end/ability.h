/*
 * Abilities
 *
 * Whether the client of a binding takes sessions of instant messages, or messages outside a dialog (RFC 3428), as its answers
 * have said. That is kept with the binding, for as long as it is registered.
 */
#pragma once

#include <sofia-sip/sip.h>
#include <stdbool.h>
#include <stdint.h>

struct binding;
struct front_end;

/** A final answer to an INVITE or a MESSAGE. A binding that is gone is fine. */
void ability_learn(struct front_end *s, uint64_t binding, const sip_t *answer);

/** Whether the status is that of a client that knows no sessions of instant messages. */
bool ability_lacks_sessions(int status);

bool ability_takes_messages(const struct binding *b);
