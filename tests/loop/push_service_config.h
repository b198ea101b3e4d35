/*
 * Settings of a push service for tests
 */
#pragma once

#include "mcxd/push_service/push_service.h"
#include "proto/push/apns.h"

static const struct push_service_config push_service_config = {
	.listen = "127.0.0.1:0",
	.max_connections = 2000,
	.idle_timeout_ms = 60000,
	.max_body_bytes = 16384,
	.max_channels = 2000,
	.max_ended_tokens = 3,
	.max_name_bytes = 256,
	.max_queue = 30,
	.max_per_day = 500,
	.carrier_timeout_ms = 30000,
	.max_carrier_timeout_ms = 600000,
	.connected_ms = 5000,
	.inactive_ms = INT64_C(7) * 24 * 3600 * 1000,
	.expiry_ms = INT64_C(30) * 24 * 3600 * 1000,
	.apns_key_id = APNS_LAB_KEY_ID,
	.apns_team_id = APNS_LAB_TEAM_ID,
	.apns_topics = APNS_LAB_TOPIC,
	.apns_token_interval_ms = 1200000,
	.apns_max_tokens = 3,
	.apns_max_stored = 1,
	.apns_max_streams = 100,
	.apns_max_header_bytes = 8192,
	.apns_max_resets = 100,
	.apns_resets_per_s = 1,
	.apns_max_idle_frames = 1000,
	.apns_max_settings = 32,
	.apns_max_unsent_acks = 100,
	.apns_max_continuations = 8,
	.apns_max_dropped_bytes = 262144,
	.apns_handshake_timeout_ms = 60000,
	.apns_request_timeout_ms = 60000,
	.apns_unread_timeout_ms = 60000,
	.apns_idle_timeout_ms = 60000,
};
