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

#include <stdbool.h>
#include <stddef.h>
#include <stdint.h>

enum mpns_kind { MPNS_TOAST, MPNS_TILE, MPNS_RAW, N_MPNS_KINDS };

/* Tiles of Windows Phone 7, and the templates of 7.8 and 8. */
enum mpns_template {
	MPNS_PLAIN_TILE,
	MPNS_FLIP_TILE,
	MPNS_ICONIC_TILE,
	MPNS_CYCLE_TILE,
	N_MPNS_TEMPLATES
};

/* The strings of a notification: X(kind, element, member, name in JSON). Any tile may have any of those of a tile. */
#define MPNS_FIELDS(X)                                                                             \
	X(MPNS_TOAST, "Text1", text1, "text1")                                                     \
	X(MPNS_TOAST, "Text2", text2, "text2")                                                     \
	X(MPNS_TOAST, "Param", param, "param")                                                     \
	X(MPNS_TOAST, "Sound", sound, "sound")                                                     \
	X(MPNS_TILE, "SmallBackgroundImage", small_background_image, "smallBackgroundImage")       \
	X(MPNS_TILE, "WideBackgroundImage", wide_background_image, "wideBackgroundImage")          \
	X(MPNS_TILE, "WideBackBackgroundImage", wide_back_background_image,                        \
	  "wideBackBackgroundImage")                                                               \
	X(MPNS_TILE, "WideBackContent", wide_back_content, "wideBackContent")                      \
	X(MPNS_TILE, "SmallIconImage", small_icon_image, "smallIconImage")                         \
	X(MPNS_TILE, "IconImage", icon_image, "iconImage")                                         \
	X(MPNS_TILE, "WideContent1", wide_content1, "wideContent1")                                \
	X(MPNS_TILE, "WideContent2", wide_content2, "wideContent2")                                \
	X(MPNS_TILE, "WideContent3", wide_content3, "wideContent3")                                \
	X(MPNS_TILE, "CycleImage1", cycle_image1, "cycleImage1")                                   \
	X(MPNS_TILE, "CycleImage2", cycle_image2, "cycleImage2")                                   \
	X(MPNS_TILE, "CycleImage3", cycle_image3, "cycleImage3")                                   \
	X(MPNS_TILE, "CycleImage4", cycle_image4, "cycleImage4")                                   \
	X(MPNS_TILE, "CycleImage5", cycle_image5, "cycleImage5")                                   \
	X(MPNS_TILE, "CycleImage6", cycle_image6, "cycleImage6")                                   \
	X(MPNS_TILE, "CycleImage7", cycle_image7, "cycleImage7")                                   \
	X(MPNS_TILE, "CycleImage8", cycle_image8, "cycleImage8")                                   \
	X(MPNS_TILE, "CycleImage9", cycle_image9, "cycleImage9")                                   \
	X(MPNS_TILE, "BackgroundImage", background_image, "backgroundImage")                       \
	X(MPNS_TILE, "Title", title, "title")                                                      \
	X(MPNS_TILE, "BackgroundColor", background_color, "backgroundColor")                       \
	X(MPNS_TILE, "BackBackgroundImage", back_background_image, "backBackgroundImage")          \
	X(MPNS_TILE, "BackTitle", back_title, "backTitle")                                         \
	X(MPNS_TILE, "BackContent", back_content, "backContent")

/** A toast or a tile. Strings are owned; NULL for an element that the document lacks. */
struct mpns_notification {
	enum mpns_kind kind;
	enum mpns_template tile_template;
#define X(kind, element, member, name) char *member;
	MPNS_FIELDS(X)
#undef X
	char *tile_id;     /* tile: which one; NULL: the app's own */
	int count;         /* tile: 0 to MPNS_MAX_COUNT; -1: not in the document */
	bool clears_count; /* … with Action="Clear" */
	uint32_t cleared;  /* bit i: field i was sent with Action="Clear", and so without a value */
};

struct mpns_field {
	enum mpns_kind kind;
	const char *element, *name;
	size_t offset;
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

/** The strings by number. */
size_t mpns_n_fields(void);
const struct mpns_field *mpns_field(size_t i);
char **mpns_slot(struct mpns_notification *n, size_t i);
const char *mpns_string(const struct mpns_notification *n, size_t i);

static inline bool mpns_is_cleared(const struct mpns_notification *n, size_t i)
{
	return n->cleared >> i & 1;
}

void mpns_deinit(struct mpns_notification *n);

/** Append the document; strings that are NULL and a negative count are left out. Not for MPNS_RAW, which is
 *  not a document. */
void mpns_encode(struct text *out, const struct mpns_notification *n);

/** Decode a toast or a tile. Unknown elements are skipped, a larger count is cut to MPNS_MAX_COUNT. Returns
 *  0, or -EINVAL with *ret emptied and a static sentence in *ret_why. */
int mpns_decode(const void *p, size_t n, struct mpns_notification *ret, const char **ret_why);

/** "toast", "tile", "raw". */
const char *mpns_kind_name(enum mpns_kind kind);

/** The kind of this name; N_MPNS_KINDS for NULL and for any other. */
enum mpns_kind mpns_kind_named(const char *name);

/** Value of a tile's Template, "FlipTile"; NULL for the plain one, which has none. And back: 0, or -EINVAL. */
const char *mpns_template_name(enum mpns_template template);
int mpns_template_of(const char *name, enum mpns_template *ret);

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
