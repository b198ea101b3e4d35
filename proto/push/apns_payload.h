/*
 * APNs: the payload
 *
 * The JSON object of a notification, as in Apple's "Generating a remote notification": the dictionary aps is for the system,
 * other members are for the app. Ours is "mcx": the id of the push, the id of the one that it takes back, and what the app
 * is to open.
 *
 *   {"aps":{"alert":{"title":"Alice","body":"Hello"},"badge":1,"sound":"default"},"mcx":{"id":"…","param":"…"}}
 */
#pragma once

#include "proto/text/text.h"

#include <stdbool.h>
#include <stddef.h>

/** Strings are owned; NULL where the payload has none. */
struct apns_payload {
	char *title, *subtitle, *body; /* of the alert */
	char *sound;                   /* its name */
	char *category, *thread_id;
	char *id, *withdraws, *param; /* mcx */
	int badge;                    /* 0 takes it away; -1: it stays as it is */
	bool content_available;       /* a background notification */
};

void apns_payload_deinit(struct apns_payload *p);

/** Append the JSON; what is NULL, negative or false is left out. */
void apns_payload_encode(struct text *out, const struct apns_payload *p);

/** Read one. Members that we do not know are skipped, and a known one of another type is an error. Returns 0, or -EINVAL with
 *  *ret emptied and a static sentence in *ret_why. The caller limits n. */
int apns_payload_decode(const void *p, size_t n, struct apns_payload *ret, const char **ret_why);
