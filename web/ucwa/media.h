/*
 * HTTPS API: media types
 *
 * UCWA has two names for JSON, which mean the same, and two for XML ("Payload format"). XML is not spoken here, except
 * by autodiscover.
 */
#pragma once

#include <stdbool.h>

struct ucwa_request;

/** The Content-Type of resources. */
#define UCWA_JSON_TYPE     "application/json; charset=utf-8"
#define UCWA_OWN_JSON      "application/vnd.microsoft.com.ucwa+json"
#define UCWA_OWN_JSON_TYPE UCWA_OWN_JSON "; charset=utf-8"

/** The Content-Type of a resource in the answer: UCWA's own name if that is the only one that the client accepts. */
const char *ucwa_media_type(const struct ucwa_request *q);

/** Whether the client accepts JSON, or does not say anything that we could meet with XML alone. */
bool ucwa_accepts(const struct ucwa_request *q);
