/*
 * Conversation: what it is made of
 */
#pragma once

#include "mcxd/core/core.h"

#include <stdint.h>

struct conversation;
struct invitation;

/** A conversation in core's table, without legs and without its machine. id 0: a new one. */
struct conversation *conversation_make(struct core *c, uint64_t id, const struct invitation *inv);

/** The contrary, when the legs and the machine are gone. */
void conversation_unmake(struct conversation *v);
