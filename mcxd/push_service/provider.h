/*
 * Provider
 *
 * Who may notify iPhones: a provider with a token that our key has signed, or a certificate for a topic. Checking a signature was
 * measured to take 100 us, and providers send one token for an hour, so those that were good are remembered by their digests.
 * Their times are looked at again each time, by real time: they are somebody else's.
 */
#pragma once

#include "proto/push/apns.h"

struct h2_request;
struct metric;
struct provider;
struct push_service_config;

/** Reads the key. Returns 0, or a negative errno after logging what is wrong. config outlives it. n_verified counts the signatures
 *  that are checked. */
int provider_new(const struct push_service_config *config, struct metric *n_verified,
		 struct provider **ret);
struct provider *provider_free(struct provider *p); /* NULL is fine */

/** Whether who sends the request may send at all: APNS_ACCEPTED, or the reason, with a sentence in *ret_why. */
enum apns_reason provider_check(struct provider *p, const struct h2_request *r,
				const char **ret_why);

/** The topic that it means. topic: what apns-topic says, or NULL. *ret belongs to the config or is topic itself. */
enum apns_reason provider_topic(const struct provider *p, const struct h2_request *r,
				const char *topic, const char **ret);
