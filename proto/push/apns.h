/*
 * APNs
 *
 * The provider API of Apple's push service over HTTP/2, as in Apple's "Sending notification requests to APNs" and "Handling
 * notification responses from APNs": POST /3/device/<token>, what stands in the headers, and the reasons for which a
 * notification is refused. The payload is in apns_payload.h.
 */
#pragma once

#include "proto/text/text.h"

#include <stdbool.h>
#include <stddef.h>
#include <stdint.h>

#define APNS_PATH               "/3/device/"
#define APNS_HEADER_ID          "apns-id"
#define APNS_HEADER_TOPIC       "apns-topic"
#define APNS_HEADER_PUSH_TYPE   "apns-push-type"
#define APNS_HEADER_PRIORITY    "apns-priority"
#define APNS_HEADER_EXPIRATION  "apns-expiration"
#define APNS_HEADER_COLLAPSE_ID "apns-collapse-id"

/* What the lab's clearing house and push service agree upon. */
#define APNS_LAB_TOPIC   "com.microsoft.lync2010.iphone"
#define APNS_LAB_KEY_ID  "MCXDLABKEY"
#define APNS_LAB_TEAM_ID "MCXDLABTEA"

enum {
	APNS_MAX_BYTES = 4096,      /* of a payload */
	APNS_MAX_VOIP_BYTES = 5120, /* of one of push type voip */
	APNS_MAX_COLLAPSE_ID = 64,
	APNS_MAX_TOKEN = 200, /* digits of a device token; Apple says that their number varies */
	APNS_MAX_STORED_S =
		2592000, /* how long a notification is kept at most, whatever it says: 30 days */
	APNS_TOKEN_AGE_S = 3600,    /* a provider token is good for an hour … */
	APNS_TOKEN_RENEWAL_S = 1200 /* … and may be renewed every 20 minutes */
};

#define APNS_PUSH_TYPES(X)                                                                         \
	X(APNS_ALERT, "alert")                                                                     \
	X(APNS_BACKGROUND, "background")                                                           \
	X(APNS_LOCATION, "location")                                                               \
	X(APNS_VOIP, "voip")                                                                       \
	X(APNS_COMPLICATION, "complication")                                                       \
	X(APNS_FILEPROVIDER, "fileprovider")                                                       \
	X(APNS_MDM, "mdm")                                                                         \
	X(APNS_LIVEACTIVITY, "liveactivity")                                                       \
	X(APNS_PUSHTOTALK, "pushtotalk")                                                           \
	X(APNS_WIDGETS, "widgets")                                                                 \
	X(APNS_CONTROLS, "controls")

enum apns_push_type {
#define X(type, name) type,
	APNS_PUSH_TYPES(X)
#undef X
		N_APNS_PUSH_TYPES
};

/* X(reason, its name on the wire, HTTP status); the last one stands for statuses that Apple does not answer */
#define APNS_REASONS(X)                                                                            \
	X(APNS_ACCEPTED, "", 200)                                                                  \
	X(APNS_BAD_COLLAPSE_ID, "BadCollapseId", 400)                                              \
	X(APNS_BAD_DEVICE_TOKEN, "BadDeviceToken", 400)                                            \
	X(APNS_BAD_EXPIRATION_DATE, "BadExpirationDate", 400)                                      \
	X(APNS_BAD_MESSAGE_ID, "BadMessageId", 400)                                                \
	X(APNS_BAD_PRIORITY, "BadPriority", 400)                                                   \
	X(APNS_BAD_TOPIC, "BadTopic", 400)                                                         \
	X(APNS_DEVICE_TOKEN_NOT_FOR_TOPIC, "DeviceTokenNotForTopic", 400)                          \
	X(APNS_DUPLICATE_HEADERS, "DuplicateHeaders", 400)                                         \
	X(APNS_IDLE_TIMEOUT, "IdleTimeout", 400)                                                   \
	X(APNS_INVALID_PUSH_TYPE, "InvalidPushType", 400)                                          \
	X(APNS_MISSING_DEVICE_TOKEN, "MissingDeviceToken", 400)                                    \
	X(APNS_MISSING_TOPIC, "MissingTopic", 400)                                                 \
	X(APNS_PAYLOAD_EMPTY, "PayloadEmpty", 400)                                                 \
	X(APNS_TOPIC_DISALLOWED, "TopicDisallowed", 400)                                           \
	X(APNS_BAD_CERTIFICATE, "BadCertificate", 403)                                             \
	X(APNS_BAD_CERTIFICATE_ENVIRONMENT, "BadCertificateEnvironment", 403)                      \
	X(APNS_BAD_ENVIRONMENT_KEY, "BadEnvironmentKeyIdInToken", 403)                             \
	X(APNS_EXPIRED_PROVIDER_TOKEN, "ExpiredProviderToken", 403)                                \
	X(APNS_FORBIDDEN, "Forbidden", 403)                                                        \
	X(APNS_INVALID_PROVIDER_TOKEN, "InvalidProviderToken", 403)                                \
	X(APNS_MISSING_PROVIDER_TOKEN, "MissingProviderToken", 403)                                \
	X(APNS_UNRELATED_KEY, "UnrelatedKeyIdInToken", 403)                                        \
	X(APNS_BAD_PATH, "BadPath", 404)                                                           \
	X(APNS_METHOD_NOT_ALLOWED, "MethodNotAllowed", 405)                                        \
	X(APNS_EXPIRED_TOKEN, "ExpiredToken", 410)                                                 \
	X(APNS_UNREGISTERED, "Unregistered", 410)                                                  \
	X(APNS_PAYLOAD_TOO_LARGE, "PayloadTooLarge", 413)                                          \
	X(APNS_TOO_MANY_TOKEN_UPDATES, "TooManyProviderTokenUpdates", 429)                         \
	X(APNS_TOO_MANY_REQUESTS, "TooManyRequests", 429)                                          \
	X(APNS_INTERNAL_SERVER_ERROR, "InternalServerError", 500)                                  \
	X(APNS_SERVICE_UNAVAILABLE, "ServiceUnavailable", 503)                                     \
	X(APNS_SHUTDOWN, "Shutdown", 503)                                                          \
	X(APNS_UNKNOWN, "", 0)

enum apns_reason {
#define X(reason, name, status) reason,
	APNS_REASONS(X)
#undef X
		N_APNS_REASONS
};

const char *apns_reason_name(enum apns_reason reason);
int apns_reason_status(enum apns_reason reason);

/** The reason of this name if it goes with this status; NULL and other names: the first one with this status, and if there is
 *  none, an internal error for 5xx and APNS_UNKNOWN for others. */
enum apns_reason apns_reason_of(int status, const char *name);

const char *apns_push_type_name(enum apns_push_type type);

/** What the headers of a notification say. Strings belong to somebody else; NULL: absent. */
struct apns_headers {
	const char *topic;
	const char *id;          /* a UUID */
	const char *collapse_id; /* a later notification with the same one replaces it */
	enum apns_push_type push_type;
	int priority; /* 10: at once; 5: when it suits the device; 1: with the least power */
	int64_t expiration_s; /* seconds since 1970; 0: now or never; -1: it does not say */
};

/** Values of the headers as they came, NULL where absent. */
struct apns_values {
	const char *topic, *id, *collapse_id, *push_type, *priority, *expiration;
};

/** Check them. APNS_ACCEPTED, or what is wrong, with *ret untouched. A topic that is absent is not looked at: a certificate may
 *  stand for it. */
enum apns_reason apns_headers_decode(const struct apns_values *values, struct apns_headers *ret);

/** The value of a header, which is written into buffer if need be; NULL: it is not to be sent. */
enum { APNS_VALUE_SIZE = 24 };
const char *apns_headers_value(const struct apns_headers *h, const char *name,
			       char buffer[APNS_VALUE_SIZE]);
/** Their names; the last is NULL. */
extern const char *const apns_header_names[];

/** Whether it can be a device token: hex digits. */
bool apns_is_device_token(const char *s);

/** Append the body of an answer that refuses. timestamp_ms: since when a token is not valid (410); else -1. */
void apns_answer_encode(struct text *out, enum apns_reason reason, int64_t timestamp_ms);

struct apns_answer {
	enum apns_reason reason;
	bool is_named;        /* the body says so; else it is what the status alone means */
	int64_t timestamp_ms; /* since when a token is not valid; -1: it does not say */
};

/** Read one; the body may be empty or anything, because the server need not be Apple's. */
struct apns_answer apns_answer_decode(int status, const void *p, size_t n);
