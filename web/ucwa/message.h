/*
 * HTTPS API: messages and typing
 */
#pragma once

#include "web/ucwa/operation.h"

ucwa_h ucwa_post_message, ucwa_answer_message, ucwa_get_messages, ucwa_get_message,
	ucwa_post_typing;
