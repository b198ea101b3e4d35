/*
 * Push service
 *
 * The push service of Windows Phone in one role: the push client service, which gives a phone its
 * notification URI, MPNS, which takes toasts and tiles for it, and the carrier connection on which the phone
 * reads them. Speaks HTTP on a listener of its own:
 *
 *   POST   /channels                           make a channel: its id, notification URI and carrier path
 *   GET    /channels                           all of them, for people
 *   DELETE /channels/<id>                      end it: MPNS then answers 404 Expired
 *   GET    /channels/<id>/notifications        the carrier connection, held until something comes
 *   POST   /throttledthirdparty/01.00/<token>  MPNS
 *   GET    /health                             whether the service is up
 *
 * Two words: a notification is what somebody posts to MPNS; a notice is a notification that was accepted
 * and waits for its phone.
 */
#pragma once

#include <stdint.h>

struct faults;
struct journal;
struct loop;
struct metrics;
struct push_service;

struct push_service_config {
	const char *listen;   /* "127.0.0.1:8080", port 0 picks one */
	const char *base_url; /* start of the notification URIs; NULL or "": http://<listen> */
	int64_t max_connections;
	int64_t idle_timeout_ms; /* of a connection without a request */
	int64_t max_body_bytes; /* of any request; MPNS accepts MPNS_MAX_BYTES whatever this says */
	int64_t max_channels;
	int64_t max_ended_tokens; /* device tokens that have been are remembered */
	int64_t max_name_bytes;   /* of a phone's name, and of its user agent */
	int64_t max_queue; /* notices that wait at a channel; one more is answered QueueFull */
	int64_t max_per_day; /* notifications of a channel in 24 hours of the lab's clock; one more gets 406 */
	int64_t carrier_timeout_ms;     /* how long to hold a carrier request that names no time */
	int64_t max_carrier_timeout_ms; /* longest time that one may name */
	/* After the end of its last carrier request a phone is, by the lab's clock, … */
	int64_t connected_ms; /* … Connected for this long, then TempDisconnected */
	int64_t inactive_ms;  /* … Inactive after this long: its notifications get 412 */
	int64_t expiry_ms;    /* … gone for good after this long: its channel has expired */
};

struct push_service_args {
	struct loop *loop;
	struct journal *journal;                  /* may be NULL */
	struct metrics *metrics;                  /* may be NULL */
	struct faults *faults;                    /* may be NULL */
	const struct push_service_config *config; /* outlives the service */
};

/** Listen. Returns 0, or a negative errno after logging what failed. */
int push_service_new(const struct push_service_args *args, struct push_service **ret_push_service);

/** Its config, which the caller may change, is another one. */
void push_service_apply_config(struct push_service *service);

/** Stop. Held carrier requests are answered 503. NULL is fine. */
struct push_service *push_service_free(struct push_service *service);

/** Where a phone asks for its channel: "http://127.0.0.1:8080". */
const char *push_service_url(const struct push_service *service);
