/*
 * APNs: taking notifications
 *
 * The provider API over HTTP/2, on a listener of its own:
 *
 *   POST /3/device/<device token>
 */
#pragma once

struct apns;
struct metrics;
struct push_service;
struct tls_context;

/** Listen. tls: NULL for a listener without. Returns 0, or a negative errno after logging what failed. */
int apns_new(struct push_service *service, struct metrics *metrics, struct tls_context *tls,
	     struct apns **ret);
struct apns *apns_free(struct apns *a); /* NULL is fine */

/** "https://127.0.0.1:2197" */
const char *apns_url(const struct apns *a);
