/*
 * UCWA request bodies
 *
 * Decoders of the JSON that applications send. As the documentation demands, the case of member names does
 * not matter, and unknown members are ignored. Strings must not have control characters, since some of them
 * are sent on in headers.
 */
#pragma once

#include "proto/diag.h"

#include <stddef.h>
#include <stdint.h>

/** Maximum lengths in characters; the *_ref pages say 100 for most members. */
#define UCWA_MAX_STRING    100
#define UCWA_MAX_AGENT     200
#define UCWA_MAX_URI       2048
#define UCWA_MAX_NOTE      500
#define UCWA_MAX_SUBJECT   250
#define UCWA_MAX_OPERATION 50
#define UCWA_MAX_LOCATION  60

/** Parameters that a refusal lists: as many as a body has. */
#define UCWA_MAX_PARAMETERS 8

/** A parameter that is missing or invalid. */
struct ucwa_bad_parameter {
	const char *name;
	char why[200]; /* "is missing." */
};

/** Why a request is refused. */
struct ucwa_problem {
	enum diag_code code; /* DIAG_BAD_JSON, DIAG_BAD_PARAMETER, DIAG_FORBIDDEN */
	char message[400];   /* one sentence for the client's developer */
	/** All that are wrong, if the code is DIAG_BAD_PARAMETER; the message is about the first one. */
	struct ucwa_bad_parameter parameters[UCWA_MAX_PARAMETERS];
	size_t n_parameters;
};

/** Add a parameter that is wrong to a problem that begins as { 0 }. name lives as long; why: "is missing." */
void ucwa_problem_add(struct ucwa_problem *problem, const char *name, const char *why);

/** POST applications. */
struct ucwa_application {
	char *user_agent;
	char *endpoint_id;
	char *culture;
	char *instance_id; /* may be NULL */
};

/** PUT pushSubscription (ours). */
struct ucwa_subscription {
	char *platform;         /* "windowsPhone", "apple", "webhook" */
	char *notification_uri; /* for windowsPhone and webhook: http or https */
	char *device_token;     /* for apple: hex digits */
	char *phone_name;       /* may be NULL */
	char *user_agent;       /* may be NULL */
};

/** POST messagingInvitations. */
struct ucwa_start {
	char *operation_id; /* may be NULL */
	char *to;           /* as the client wrote it, but see body_sip_uri(); may be NULL */
	char *importance;   /* "normal", "urgent", "emergency"; may be NULL */
	char *subject;      /* may be NULL */
	char *thread_id;    /* may be NULL */
	char *text;         /* first line; may be NULL */
	char *text_type;    /* its media type */
};

/** POST me/presence, me/note, me/location: each sets one member. */
struct ucwa_status {
	char *availability; /* a PreferredAvailability */
	char *message;
	char *location;
};

/* Each returns 0, or -EINVAL with *ret_problem filled in and *ret empty. */

int ucwa_application_decode(const void *p, size_t n, struct ucwa_application *ret,
			    struct ucwa_problem *ret_problem);
void ucwa_application_deinit(struct ucwa_application *a);

int ucwa_subscription_decode(const void *p, size_t n, struct ucwa_subscription *ret,
			     struct ucwa_problem *ret_problem);
void ucwa_subscription_deinit(struct ucwa_subscription *s);

int ucwa_start_decode(const void *p, size_t n, struct ucwa_start *ret,
		      struct ucwa_problem *ret_problem);
void ucwa_start_deinit(struct ucwa_start *s);

/** which: the member to read, "availability", "message" or "location". An empty body, or one without it, resets it:
 *  it is then NULL. */
int ucwa_status_decode(const void *p, size_t n, const char *which, struct ucwa_status *ret,
		       struct ucwa_problem *ret_problem);
void ucwa_status_deinit(struct ucwa_status *s);

/** POST reportMyNetwork: only checked. */
int ucwa_network_decode(const void *p, size_t n, struct ucwa_problem *ret_problem);

/** POST decline: an empty body, or an object whose reason is a CallDeclineReason. *ret_here: it is one that concerns the
 *  application's own endpoint only. */
int ucwa_decline_decode(const void *p, size_t n, bool *ret_here, struct ucwa_problem *ret_problem);
