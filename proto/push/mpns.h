/*
 * MPNS
 *
 * The HTTP form of the Microsoft Push Notification Service: toasts and tiles for Windows Phone 7, as in
 * Microsoft's "Sending push notifications for Windows Phone", and its answers, as in "Push Notification
 * service response codes for Windows Phone".
 *
 * POST /throttledthirdparty/01.00/<token>, with X-WindowsPhone-Target (toast or token; absent for raw),
 * X-NotificationClass (how soon to deliver) and X-MessageID (a UUID that the answer repeats).
 */
#pragma once

#include "proto/text/text.h"

#include <stddef.h>

enum mpns_kind { MPNS_TOAST, MPNS_TILE, MPNS_RAW, N_MPNS_KINDS };

/** A toast or a tile. Strings are owned; NULL for an element that the document lacks. */
struct mpns_notification {
	enum mpns_kind kind;
	char *text1, *text2, *param;    /* toast */
	char *background_image, *title; /* tile */
	int count;                      /* tile: 0 to MPNS_MAX_COUNT; -1: not in the document */
};

#define MPNS_PATH                       "/throttledthirdparty/01.00/"
#define MPNS_MAX_BYTES                  3072 /* of a document */
#define MPNS_MAX_COUNT                  99   /* largest number that a tile shows */
#define MPNS_CONTENT_TYPE               "text/xml"
#define MPNS_HEADER_TARGET              "X-WindowsPhone-Target"
#define MPNS_HEADER_CLASS               "X-NotificationClass"
#define MPNS_HEADER_MESSAGE_ID          "X-MessageID"
#define MPNS_HEADER_NOTIFICATION_STATUS "X-NotificationStatus"
#define MPNS_HEADER_CONNECTION_STATUS   "X-DeviceConnectionStatus"
#define MPNS_HEADER_SUBSCRIPTION_STATUS "X-SubscriptionStatus"

void mpns_deinit(struct mpns_notification *n);

/** Append the document; strings that are NULL and a negative count are left out. Not for MPNS_RAW, which is
 *  not a document. */
void mpns_encode(struct text *out, const struct mpns_notification *n);

/** Decode a toast or a tile. Unknown elements are skipped, a larger count is cut to MPNS_MAX_COUNT. Returns
 *  0, or -EINVAL with *ret emptied and a static sentence in *ret_why. */
int mpns_decode(const void *p, size_t n, struct mpns_notification *ret, const char **ret_why);

/** "toast", "tile", "raw". */
const char *mpns_kind_name(enum mpns_kind kind);

/** Value of X-WindowsPhone-Target: "toast", "token"; NULL for MPNS_RAW, which is sent without it. */
const char *mpns_target(enum mpns_kind kind);

/** The kind that the value of X-WindowsPhone-Target names; NULL is raw. Returns 0 or -EINVAL. */
int mpns_kind_of(const char *target, enum mpns_kind *ret);

/** X-NotificationClass for immediate delivery: 2, 1, 3. */
int mpns_class(enum mpns_kind kind);

/** After how many seconds a X-NotificationClass wants delivery: 0, 450 or 900. NULL is the immediate class.
 *  Returns 0, or -EINVAL if the class does not belong to this kind. */
int mpns_class_delay_s(enum mpns_kind kind, const char *value, int *ret_delay_s);

/* Rows of the table of answers: an HTTP status and three status headers. */
enum mpns_status {
	MPNS_RECEIVED,
	MPNS_QUEUE_FULL,
	MPNS_SUPPRESSED,
	MPNS_BAD_REQUEST,
	MPNS_UNAUTHORIZED,
	MPNS_EXPIRED,
	MPNS_BAD_METHOD,
	MPNS_THROTTLED,
	MPNS_INACTIVE,
	MPNS_UNAVAILABLE,
	N_MPNS_STATUSES
};

struct mpns_row {
	int http_status;
	const char *notification, *connection, *subscription; /* NULL: header absent */
};

/** The row of an answer. Where the device may be Connected or TempDisconnected (200 and 406), it says
 *  Connected. */
const struct mpns_row *mpns_row(enum mpns_status status);

/** Classify an answer; headers may be NULL. What is not in the table counts as the nearest row: other 2xx as
 *  received, other 3xx and 4xx as a bad request, everything else as unavailable. */
enum mpns_status mpns_status_of(int http_status, const char *notification,
				const char *subscription);
