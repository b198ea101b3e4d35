/*
 * Vocabulary
 *
 * Which values a field of a journal record can have, where that is known: of a closed list, or a number. What is asked for and
 * can never be is a slip of whoever asks, and not an answer.
 */
#pragma once

#include "proto/record.h"
#include "proto/text/text.h"

#include <stdbool.h>

/** Whether a field of records of this kind can have this value. If not, those that there are, in words, are in why. */
bool vocabulary_has(enum record_kind kind, const char *field, const char *value, struct text *why);

/** Whether this can be a hop: that of a role, an address, a phone, or a peer's address. If not, what can be is in why. */
bool vocabulary_has_hop(const char *hop, struct text *why);
