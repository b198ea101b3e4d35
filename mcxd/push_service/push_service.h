/*
 * Push service
 *
 * The push services of Windows Phone and of Apple in one role: the push client service, which gives a phone its notification
 * URI or device token, MPNS and APNs, which take notifications for it, and the carrier connection on which the phone reads
 * them. Speaks HTTP on a listener of its own, and HTTP/2 on another (apns.h):
 *
 *   POST   /channels                           make a channel: its id, notification URI or device token, and carrier path
 *   GET    /channels                           all of them, for people
 *   PUT    /channels/<id>                      renew it: another notification URI or device token
 *   DELETE /channels/<id>                      end it: MPNS then answers 404 Expired, APNs 410
 *   GET    /channels/<id>/notifications        the carrier connection, held until something comes
 *   POST   /throttledthirdparty/01.00/<token>  MPNS
 *   GET    /health                             whether the service is up
 *
 * Two words: a notification is what somebody posts to MPNS or APNs; a notice is a notification that was accepted
 * and waits for its phone.
 */
#pragma once

#include <stdint.h>

struct faults;
struct journal;
struct loop;
struct metrics;
struct push_service;
struct tls_context;

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

	const char *apns;          /* "127.0.0.1:2197"; "" or NULL: no APNs */
	const char *apns_key_file; /* PEM, with the key of provider tokens or its public half */
	const char *apns_key_id, *apns_team_id;
	const char *apns_topics;        /* separated by blanks or commas */
	int64_t apns_token_interval_ms; /* for which a connection keeps a token */
	int64_t apns_max_tokens;        /* that are remembered */
	int64_t apns_max_stored;        /* notifications for a phone that is away */
	int64_t apns_max_streams, apns_max_header_bytes, apns_max_resets, apns_resets_per_s,
		apns_max_idle_frames, apns_max_settings, apns_max_unsent_acks,
		apns_max_continuations,
		apns_max_dropped_bytes; /* of a connection, as in web/http/h2/server.h */
	int64_t apns_handshake_timeout_ms, apns_request_timeout_ms, apns_unread_timeout_ms,
		apns_idle_timeout_ms;
};

struct push_service_args {
	struct loop *loop;
	struct journal *journal;                  /* may be NULL */
	struct metrics *metrics;                  /* may be NULL */
	struct faults *faults;                    /* may be NULL */
	const struct push_service_config *config; /* outlives the service */
	struct tls_context *apns_tls;             /* of the listener for APNs; NULL: it is plain */
};

/** Listen. Returns 0, or a negative errno after logging what failed. */
int push_service_new(const struct push_service_args *args, struct push_service **ret_push_service);

/** Its config, which the caller may change, is another one. */
void push_service_apply_config(struct push_service *service);

/** Stop. Held carrier requests are answered 503. NULL is fine. */
struct push_service *push_service_free(struct push_service *service);

/** Where providers notify iPhones: "https://127.0.0.1:2197"; NULL: nowhere. */
const char *push_service_apns_url(const struct push_service *service);

/** Where a phone asks for its channel: "http://127.0.0.1:8080". */
const char *push_service_url(const struct push_service *service);
