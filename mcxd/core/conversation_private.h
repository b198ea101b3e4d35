/*
 * Conversation: what its files share
 */
#pragma once

#include "mcxd/core/conversation.h"

enum { ALERTING, CONNECTED, ENDED };
enum { ON_ANSWERED, ON_REFUSED, ON_TIMEOUT, ON_CANCELLED, ON_HUNG_UP, ON_SHUTDOWN };

/** Posted by the machine when it has ended. */
void conversation_on_free_posted(void *magic);
