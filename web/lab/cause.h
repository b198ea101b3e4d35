/*
 * Lab API: what keeps a push from a phone
 *
 * Each joint between an invitation and a toast that can fail, by the word that explanations and drills call it.
 */
#pragma once

struct push;

/* X(CONSTANT, word, what to do about it) */
/* clang-format off */
#define CAUSES(X) \
	X(NO_PHONE, "no-phone", "Sign in with the app. A test push addresses no phone, so that it can succeed all the same.") \
	X(MOBILITY_OFF, "mobility-off", "Allow mobility for the user.") \
	X(USER_POLICY, "user-policy", "Allow pushes for the user.") \
	X(SITE_POLICY, "site-policy", "Turn the platform's pushes on: push.microsoft or push.apple.") \
	X(NO_URI, "no-uri", "Let the app PUT its pushSubscription before it goes to the background, as it does when it signs in.") \
	X(DEAD_CHANNEL, "dead-channel", \
	  "Let the app ask the push service for a new channel and PUT its pushSubscription again, as it does when it is opened.") \
	X(FOREGROUND, "foreground", \
	  "Send the app to the background, and wait until its last event request is over and core.phone_linger has passed.") \
	X(EDGE_DOMAIN, "edge-domain", \
	  "Let the Edge allow the domain that pushes are addressed to, or address them to one that it allows (push.target).") \
	X(UNREACHABLE, "unreachable", \
	  "See whether Edge and clearing house run, and whether push.next_hop and edge.next_hop lead there (mcxctl test-push).") \
	X(CERTIFICATE, "certificate", \
	  "Give the server that the diagnostics name a certificate with that name, of an authority that the other side trusts.") \
	X(HOST_NOT_ALLOWED, "host-not-allowed", \
	  "Let the clearing house allow the host of the phone's notification URI (clearing_house.allow_hosts).") \
	X(NOT_CONFIGURED, "apple-not-configured", "Give the clearing house a connection to the Apple push service.") \
	X(THROTTLED, "throttled", \
	  "Wait: the push service takes a limited number of notifications for a channel, and counts anew every day.") \
	X(PLATFORM_DOWN, "platform-down", "Wait until the push service is up again; the clearing house reaches it by itself.") \
	X(PHONE_AWAY, "phone-away", \
	  "The phone holds no connection to its channel: it is off, without network, or has another channel than the one that it " \
	  "subscribed with. The push service delivers the toast when it connects again.") \
	X(SUPPRESSED, "suppressed", "Let the phone's user turn on notifications for the app.") \
	X(REFUSED, "refused", "The last of the hops says who refused the push, and why.") \
	X(FAULT, "fault", "Mend what is broken on purpose: mcxctl faults clear.")
/* clang-format on */

enum cause {
	CAUSE_NONE,
#define X(constant, word, advice) CAUSE_##constant,
	CAUSES(X)
#undef X
		N_CAUSES
};

extern const char *const cause_names[N_CAUSES];  /* NULL for CAUSE_NONE */
extern const char *const cause_advice[N_CAUSES]; /* the same */

/** Why this push has failed; CAUSE_NONE if it has not. */
enum cause cause_of_push(const struct push *p);
