/*
 * MPNS
 *
 * The Microsoft Push Notification Service's HTTP form: toasts and tiles for Windows Phone 7, as in
 * Microsoft's "Sending push notifications for Windows Phone", and its answers, as in "Push
 * Notification service response codes for Windows Phone".
 *
 * POST /throttledthirdparty/01.00/<token>, with X-WindowsPhone-Target (toast, token; absent: raw),
 * X-NotificationClass (how soon) and X-MessageID (a UUID that comes back in the answer).
 */
#pragma once

#include "proto/text/text.h"

#include <stdint.h>

enum mpns_kind { MPNS_TOAST, MPNS_TILE, MPNS_RAW, N_MPNS_KINDS };

/** A toast or a tile; strings are owned, and NULL where the document has no such element. */
struct mpns_notification {
	enum mpns_kind kind;
	char *text1, *text2, *param;    /* toast */
	char *background_image, *title; /* tile */
	int count;                      /* tile: 0 to 99, -1: not in the document */
};

#define MPNS_PATH                       "/throttledthirdparty/01.00/"
#define MPNS_MAX_BYTES                  3072 /* of a document */
#define MPNS_MAX_COUNT                  99   /* more than that a tile does not show */
#define MPNS_CONTENT_TYPE               "text/xml"
#define MPNS_HEADER_TARGET              "X-WindowsPhone-Target"
#define MPNS_HEADER_CLASS               "X-NotificationClass"
#define MPNS_HEADER_MESSAGE_ID          "X-MessageID"
#define MPNS_HEADER_NOTIFICATION_STATUS "X-NotificationStatus"
#define MPNS_HEADER_CONNECTION_STATUS   "X-DeviceConnectionStatus"
#define MPNS_HEADER_SUBSCRIPTION_STATUS "X-SubscriptionStatus"

void mpns_deinit(struct mpns_notification *n);

/** Append the document; members that are NULL, and a negative count, are left out. Not for
 * MPNS_RAW, which has no form. */
void mpns_encode(struct text *out, const struct mpns_notification *n);

/** Decode a toast or a tile. Unknown elements are skipped. Returns 0, or -EINVAL with a sentence in
 *  *ret_why (static); *ret is empty then. */
int mpns_decode(const void *p, size_t n, struct mpns_notification *ret, const char **ret_why);

/** "toast", "tile", "raw". */
const char *mpns_kind_name(enum mpns_kind kind);

/** Value of X-WindowsPhone-Target: "toast", "token"; NULL for MPNS_RAW, which goes without. */
const char *mpns_target(enum mpns_kind kind);

/** The kind that a X-WindowsPhone-Target names (NULL: raw). Returns 0 or -EINVAL. */
int mpns_kind_of(const char *target, enum mpns_kind *ret);

/** X-NotificationClass for immediate delivery: 2, 1, 3. */
int mpns_class(enum mpns_kind kind);

/** Whether a X-NotificationClass belongs to this kind, and after how many seconds it lets the
 * notice be delivered: 0, 450 or 900. NULL is the immediate class. Returns 0 or -EINVAL. */
int mpns_class_delay_s(enum mpns_kind kind, const char *value, int *ret_delay_s);

/* Rows of the response table: HTTP status and the three status headers. */
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

/** The row. Where the device may be Connected or TempDisconnected (200 and 406), it says Connected.
 */
const struct mpns_row *mpns_row(enum mpns_status status);

/** Sort in what a service answered; headers may be NULL. What the table does not have counts as the
 *  nearest: other 2xx as received, other 4xx and 3xx as a bad request, the rest as unavailable. */
enum mpns_status mpns_status_of(int http_status, const char *notification,
				const char *subscription);
