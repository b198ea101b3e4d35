/*
 * Platform
 *
 * The push service of Windows Phone in one role: the push client service, which hands a phone its
 * notification URI, MPNS, which takes toasts and tiles for it, and the carrier connection on which
 * the phone reads them. Speaks HTTP on a listener of its own:
 *
 *   POST   /channels                           a channel: its id, notification URI and carrier path
 *   GET    /channels                           all of them, for people
 *   DELETE /channels/<id>                      the channel is gone: MPNS answers 404 Expired
 *   GET    /channels/<id>/notifications        the carrier connection: held until something comes
 *   POST   /throttledthirdparty/01.00/<token>  MPNS
 *   GET    /health                             whether it is up
 *
 * A notice is numbered and acknowledged: it leaves the queue when the phone asks for what comes
 * after it, never when it was written to a socket.
 */
#pragma once

#include "mcxd/base/journal.h"
#include "mcxd/base/loop.h"
#include "mcxd/base/metric.h"

#include <stdint.h>

struct push_service;

struct push_service_config {
	const char *listen;   /* "127.0.0.1:8080", port 0 picks one */
	const char *base_url; /* what notification URIs begin with; NULL or "": http://<listen> */
	int64_t max_connections;
	int64_t idle_timeout_ms; /* of a connection without a request */
	int64_t max_body_bytes;  /* of any request; MPNS takes 3 KB at most whatever this says */
	int64_t max_channels;
	int64_t max_name_bytes; /* of a device name and a user agent */
	int64_t max_queue;      /* notices that wait on a channel; more are answered QueueFull */
	int64_t max_per_day;    /* notices a channel, in 24 hours of the lab clock; more get 406 */
	int64_t carrier_timeout_ms;     /* of a carrier request that names none */
	int64_t max_carrier_timeout_ms; /* longest that one may name */
	int64_t connected_ms; /* so long after a carrier request ended the phone is still Connected
			       */
	int64_t inactive_ms;  /* so long after it, the phone is Inactive and gets 412 */
	int64_t expiry_ms;    /* so long after it, the channel may make room for a new one */
};

/** Settings that suit a lab, for everything but the listener (which is 127.0.0.1:0). */
extern const struct push_service_config push_service_defaults;

struct push_service_args {
	struct loop *loop;
	struct journal *journal;                  /* may be NULL */
	struct metrics *metrics;                  /* may be NULL */
	const struct push_service_config *config; /* outlives the service */
};

/** Returns 0, or a negative errno; what failed is logged. */
int push_service_new(const struct push_service_args *args, struct push_service **ret_push_service);

/** Held carrier requests are answered 503. NULL is fine. */
struct push_service *push_service_free(struct push_service *p);

/** "127.0.0.1:8080" as it is. */
const char *platform_listen(const struct push_service *p);

/** "http://127.0.0.1:8080": where a phone asks for its channel. */
const char *push_service_url(const struct push_service *p);
