/*
 * APNs: what the journal has of it
 */
#pragma once

struct h2_request;
struct push_service;

/** The key of a notification's records: "apns:" and its apns-id. free() it. */
char *apns_record_key(const char *id);

void apns_record_request(const struct push_service *service, const struct h2_request *r,
			 const char *id);
void apns_record_answer(const struct push_service *service, const struct h2_request *r,
			const char *id, int status, const char *reason);
