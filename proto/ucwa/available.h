/*
 * What an application takes
 *
 * The bodies of makeMeAvailable and of PUT communication: which invitations and which formats of messages an application
 * wants, and where else its user is reached.
 */
#pragma once

#include <stddef.h>
#include <stdint.h>

struct ucwa_problem;

/** The words of PreferredAvailability_ref; ends with NULL. */
extern const char *const ucwa_availabilities[];

/** Every member may be absent. */
struct ucwa_available {
	char *sign_in_as;       /* one of ucwa_availabilities; may be NULL */
	char *phone_number;     /* may be NULL */
	char *audio_preference; /* "PhoneAudio", "VoipAudio"; may be NULL */
	int modalities;         /* a set of enum modality; -1: absent */
	int formats; /* a set of enum message_format (proto/text/message_format.h); -1: absent */
	int64_t inactive_timeout_ms; /* 0: absent */
};

/** An empty body is fine. Returns 0, or -EINVAL with *ret_problem filled in and *ret empty. */
int ucwa_available_decode(const void *p, size_t n, struct ucwa_available *ret,
			  struct ucwa_problem *ret_problem);
void ucwa_available_deinit(struct ucwa_available *a);

/** What the resource communication shows of it. */
struct ucwa_takes {
	unsigned modalities, formats;
	const char *phone_number;     /* may be NULL */
	const char *audio_preference; /* may be NULL */
	/** Name of a property that a client has to send back in a PUT ("Payload format"), so that it does not drop
	 *  properties that it does not know. The sample of communication_ref is without it, so it is not demanded. */
	const char *pass;
};

struct hal;
/** communication */
/** Whether the body of a PUT has the property of random name that GET gave ("Payload format"). Returns 0 or -EINVAL. */
int ucwa_check_passed(const void *p, size_t n, const char *pass, struct ucwa_problem *ret_problem);

struct hal *ucwa_communication(struct hal *o, const char *app, const struct ucwa_takes *t);
