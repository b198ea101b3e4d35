/*
 * Body of the push MESSAGE
 *
 * application/vnd.microsoft.lync.pushNotification+xml. Microsoft never published its schema; this one is
 * ours, versioned by its namespace and documented in proto/push/body.md.
 */
#pragma once

#include "proto/text/text.h"

#include <stdbool.h>
#include <stddef.h>

/* The type, and the value of Content-Type as Microsoft's front end writes it. */
#define PUSH_BODY_CONTENT_TYPE      "application/vnd.microsoft.lync.pushNotification+xml"
#define PUSH_BODY_CONTENT_TYPE_UTF8 PUSH_BODY_CONTENT_TYPE "; charset=\"Unicode (UTF-8)\""

#define PUSH_BODY_NAMESPACE        "urn:mcxd:push-notification:2"
#define PUSH_BODY_MAX_BYTES        16384 /* of a document */
#define PUSH_BODY_MAX_CONVERSATION 64    /* bytes; apns-collapse-id takes no more */

/* Values of platform. */
#define PUSH_PLATFORM_WINDOWS_PHONE "windowsPhone"
#define PUSH_PLATFORM_APPLE         "apple"
#define PUSH_PLATFORM_WEBHOOK       "webhook"

/* Values of modality. */
#define PUSH_MODALITY_TEXT  "text"
#define PUSH_MODALITY_AUDIO "audio"
#define PUSH_MODALITY_VIDEO "video"

/** A document: a notice, a withdrawal, or a test (synthetic). Strings are owned. */
struct push_body {
	char *id;         /* UUID of the push; becomes its X-MessageID in MPNS */
	char *withdraws;  /* id of the push that this one takes back; NULL: none */
	char *importance; /* "normal", "urgent", "emergency"; may be NULL with withdraws */
	bool conference;
	bool renewed;       /* the app has subscribed again since its channel was said to be dead */
	bool synthetic;     /* a test: nothing is shown to anybody */
	char *modality;     /* PUSH_MODALITY_…; may be NULL with withdraws */
	char *from;         /* SIP URI of the sender; NULL but in a notice */
	char *from_name;    /* may be NULL */
	char *text;         /* may be NULL */
	char *conversation; /* a later push with the same one replaces this one; may be NULL */
	char *timestamp;    /* RFC 3339, UTC, milliseconds */
	char *platform;     /* PUSH_PLATFORM_…; NULL with synthetic */
	char *notification_uri; /* this one, */
	char *device_token;     /* or this one; neither with synthetic */
	unsigned missed;        /* for the tile: conversations missed, and ringing */
};

void push_body_deinit(struct push_body *b);

/** Append the document. Strings that are NULL, synthetic unless it is true, and the conference of a withdrawal unless it is
 *  true are left out. */
void push_body_encode(struct text *out, const struct push_body *b);

/** Decode and check a document: required elements are there, none occurs twice, id and withdraws are UUIDs, importance a
 *  known one, from a SIP URI. Unknown elements are skipped. Whether the platform is known and its URI
 *  acceptable is for the caller to decide. Returns 0, or -EINVAL with *ret zeroed and a static sentence
 *  in *ret_why. */
int push_body_decode(const void *p, size_t n, struct push_body *ret, const char **ret_why);
