/*
 * Links
 *
 * Records of the journal that tie two stories: that of a conversation or a push, and that of the SIP dialog or
 * transaction that it caused.
 */
#pragma once

#include "mcxd/front_end/private.h"

/** Tie the story with this key to the SIP messages with this Call-ID. */
void front_end_link(struct front_end *s, const char *key, const char *call_id, const char *summary);
