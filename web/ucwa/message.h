/*
 * HTTPS API: messages, typing, the end of a conversation
 */
#pragma once

#include "web/ucwa/operation.h"

ucwa_h ucwa_post_message, ucwa_answer_message, ucwa_get_message, ucwa_post_typing;
