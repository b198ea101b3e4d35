/*
 * Clearing house: a notification in the forms of the push services
 *
 * The clearing house decides which parts of a push a phone shows, and how much of them; proto/push/mpns (JSON
 * for webhooks) decides how they are written.
 */
#pragma once

#include "proto/push/body.h"
#include "proto/text/text.h"

#include <stdint.h>

/** Write a toast, replacing what is in out: the sender as title and the first line of the text, both of
 *  max_preview_bytes at most. They are shortened further if the document would exceed MPNS_MAX_BYTES. */
void form_toast(struct text *out, const struct push_body *b, int64_t max_preview_bytes);

/** Append a tile with the number of missed conversations. */
void form_tile(struct text *out, const struct push_body *b);

/** Write the payload of a notice or a withdrawal for APNs, replacing what is in out: an alert like the toast, and the number of
 *  missed conversations as badge. It is shortened until it fits. */
void form_apns(struct text *out, const struct push_body *b, int64_t max_preview_bytes);

/** Append all of it as a JSON object, for webhooks. */
void form_webhook(struct text *out, const struct push_body *b);
