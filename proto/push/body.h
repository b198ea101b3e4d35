/*
 * Body of the push MESSAGE
 *
 * application/vnd.microsoft.lync.pushNotification+xml. Microsoft's schema is not public; this one
 * is ours, versioned by its namespace, and documented in proto/push/body.md.
 */
#pragma once

#include "proto/text/text.h"

#include <stdint.h>

/* The type, and the value of Content-Type as Microsoft's front end writes it. */
#define PUSH_BODY_CONTENT_TYPE      "application/vnd.microsoft.lync.pushNotification+xml"
#define PUSH_BODY_CONTENT_TYPE_UTF8 PUSH_BODY_CONTENT_TYPE "; charset=\"Unicode (UTF-8)\""

/* Values of platform. */
#define PUSH_PLATFORM_WINDOWS_PHONE "windowsPhone"
#define PUSH_PLATFORM_APPLE         "apple"
#define PUSH_PLATFORM_WEBHOOK       "webhook"

#define PUSH_BODY_NAMESPACE "urn:mcxd:push-notification:1"
#define PUSH_BODY_MAX_BYTES 16384 /* of a document */

struct push_body {
	char *id; /* of the push, unique per front end; becomes the MPNS X-MessageID (a UUID) */
	char *importance; /* "normal", "urgent", "emergency" */
	bool conference;
	bool synthetic;         /* a test: nothing is to be shown */
	char *modality;         /* "text" */
	char *from;             /* SIP URI of who writes; NULL with synthetic */
	char *from_name;        /* may be NULL */
	char *text;             /* may be NULL */
	char *timestamp;        /* RFC 3339, UTC, milliseconds */
	char *platform;         /* "windowsPhone", "apple", "webhook"; NULL with synthetic */
	char *notification_uri; /* or */
	char *device_token;     /* one of them; none with synthetic */
	unsigned missed;        /* for the tile */
};

void push_body_deinit(struct push_body *b);

/** Append the document. Members that are NULL, and synthetic when it is false, are left out. */
void push_body_encode(struct text *out, const struct push_body *b);

/** Decode and check a document: what must be there is, nothing is there twice, id is a UUID,
 *  importance a known one, from a SIP URI. Unknown elements are skipped; whether the platform is
 *  known and its URI fit for use is for the caller to decide. Returns 0, or -EINVAL with a sentence
 *  in *ret_why (static) about what is wrong. *ret is empty then. */
int push_body_decode(const void *p, size_t n, struct push_body *ret, const char **ret_why);
