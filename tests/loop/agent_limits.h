/*
 * Agent limits
 *
 * What a role's agent has in tests that are not about its limits: initializers of struct agent_config.
 */
#pragma once

#define AGENT_LIMITS                                                                               \
	.max_connections = 100, .max_message_bytes = 65536, .message_timeout_ms = 30000,           \
	.handshake_timeout_ms = 10000, .max_unsent_bytes = 8 << 20, .unread_timeout_ms = 30000,    \
	.max_transactions = 1000
