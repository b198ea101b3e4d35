/*
 * Lab API: the drills
 */
#include "mcxd/base/fault.h"
#include "proto/text/mem.h"
#include "web/lab/cause.h"
#include "web/lab/drill/drill.h"

#include <string.h>

#define FAULT(where_, what_)                                                                       \
	.breaks = true, .fault = { .where = FAULT_##where_, .what = FAULT_##what_ }
#define STATUS(where_, status_)                                                                    \
	.breaks = true,                                                                            \
	.fault = { .where = FAULT_##where_, .what = FAULT_STATUS, .status = (status_) }

/* The push service's answer is one that MPNS documents. */
#define MPNS(status_) STATUS(CLEARING_HOUSE_PUSH_SERVICE, status_)

#define APNS(status_) MPNS(status_), .trick = TRICK_APPLE, .status = 408

/* What waits for an answer that will not come waits as little as possible. */
#define AT_ONCE(setting) .settings = { { (setting), "500ms" } }

/* clang-format off */
const struct drill drills[] = {
	{ "no-uri", "The phone has not said where to push",
	  .trick = TRICK_UNSUBSCRIBE,
	  .status = 408, .said = "No push subscription for target device",
	  .trace = "No push subscription for target device", .cause = CAUSE_NO_URI },
	{ "user-policy", "Pushes are not allowed for the user",
	  .trick = TRICK_NO_PUSH,
	  .status = 408, .said = "Push notifications are not allowed for this user",
	  .trace = "not allowed for this user", .cause = CAUSE_USER_POLICY },
	{ "site-policy", "Pushes to this platform are turned off",
	  .settings = { { "push.microsoft", "no" } },
	  .status = 408, .said = "turned off (push.microsoft)",
	  .trace = "push.microsoft", .cause = CAUSE_SITE_POLICY },
	{ "mobility-off", "Mobility is not allowed for the user",
	  .trick = TRICK_NO_MOBILITY,
	  .status = 480, .said = "not signed in", .cause = CAUSE_MOBILITY_OFF },
	{ "foreground", "The app is in the foreground, and is not pushed",
	  .trick = TRICK_OPEN,
	  .status = 408, .said = "did not respond", .cause = CAUSE_FOREGROUND },
	{ "dead-channel", "The phone's channel is dead (MPNS 404)",
	  MPNS(404),
	  .status = 408, .said = "does not exist or has expired", .trace = "410", .cause = CAUSE_DEAD_CHANNEL },
	{ "edge-domain", "The Edge does not allow the domain of pushes",
	  .settings = { { "edge.allowed_domains", "elsewhere.test" } },
	  .status = 408, .said = "refused", .trace = "504", .cause = CAUSE_EDGE_DOMAIN },
	{ "certificate", "The next hop does not take the front end's certificate",
	  .settings = { { "push.next_hop", "@clearing_house.tls" } },
	  .status = 408, .said = "Certificate trust with another server could not be established",
	  .cause = CAUSE_CERTIFICATE },
	{ "host-not-allowed", "The clearing house does not allow the host of the notification URI",
	  .foreign_house = true,
	  .status = 408, .said = "Push Notification request was rejected.", .trace = "403", .cause = CAUSE_HOST_NOT_ALLOWED },
	{ "apple-not-configured", "The clearing house has no connection to Apple's push service",
	  .foreign_house = true, .trick = TRICK_APPLE,
	  .status = 408, .said = "no connection to the push service of this platform", .trace = "501",
	  .cause = CAUSE_NOT_CONFIGURED },
	{ "edge-unreachable", "The Edge does not answer",
	  FAULT(FRONT_END_EDGE, DROP), AT_ONCE("push.timeout"),
	  .status = 408, .said = "unanswered", .cause = CAUSE_UNREACHABLE },
	{ "edge-closes", "The Edge ends the connection",
	  FAULT(FRONT_END_EDGE, CLOSE), AT_ONCE("push.timeout"),
	  .status = 408, .said = "unanswered", .cause = CAUSE_UNREACHABLE },
	{ "edge-503", "The Edge answers 503",
	  STATUS(FRONT_END_EDGE, 503),
	  .status = 408, .said = "refused", .trace = "503", .cause = CAUSE_REFUSED },
	{ "clearing-house-unreachable", "The clearing house does not answer the Edge",
	  FAULT(EDGE_CLEARING_HOUSE, DROP), AT_ONCE("edge.timeout"),
	  .status = 408, .said = "did not answer in time", .trace = "504", .cause = CAUSE_UNREACHABLE },
	{ "bad-request", "The push service calls the notification malformed (MPNS 400)",
	  MPNS(400),
	  .status = 408, .said = "refused the notification", .trace = "502", .cause = CAUSE_REFUSED },
	{ "unauthorized", "The push service does not accept the sender (MPNS 401)",
	  MPNS(401),
	  .status = 408, .said = "refused", .trace = "502", .cause = CAUSE_REFUSED },
	{ "bad-method", "The push service takes no POST (MPNS 405)",
	  MPNS(405),
	  .status = 408, .said = "refused the notification", .trace = "502", .cause = CAUSE_REFUSED },
	{ "throttled", "The channel has had its notifications of the day (MPNS 406)",
	  MPNS(406),
	  .status = 408, .said = "no more notifications for this channel", .trace = "503", .cause = CAUSE_THROTTLED },
	{ "inactive", "The phone has been away for too long (MPNS 412)",
	  MPNS(412),
	  .status = 408, .said = "its channel is inactive", .trace = "480", .cause = CAUSE_PHONE_AWAY },
	{ "platform-down", "The push service is down (MPNS 503)",
	  MPNS(503),
	  .status = 408, .said = "temporarily unavailable", .trace = "503", .cause = CAUSE_PLATFORM_DOWN },
	{ "platform-silent", "The push service does not answer",
	  FAULT(CLEARING_HOUSE_PUSH_SERVICE, DROP), AT_ONCE("clearing_house.timeout"),
	  .status = 408, .said = "cannot be reached", .trace = "504", .cause = CAUSE_PLATFORM_DOWN },
	{ "apns-bad-token", "The device token is not one of Apple's (APNs 400 BadDeviceToken)",
	  .trick = TRICK_BAD_TOKEN,
	  .status = 408, .said = "refused the notification", .trace = "400 BadDeviceToken", .cause = CAUSE_REFUSED },
	{ "apns-bad-request", "Apple's push service calls the notification malformed (APNs 400)",
	  APNS(400), .said = "refused the notification", .trace = "502", .cause = CAUSE_REFUSED },
	{ "apns-credentials", "Apple's push service does not accept the provider's token (APNs 403)",
	  APNS(403), .said = "does not accept the credentials", .trace = "502", .cause = CAUSE_REFUSED },
	{ "apns-bad-method", "Apple's push service takes no POST (APNs 405)",
	  APNS(405), .said = "refused the notification", .trace = "502", .cause = CAUSE_REFUSED },
	{ "apns-unregistered", "The app is gone from the iPhone (APNs 410)",
	  APNS(410), .said = "does not exist or has expired", .trace = "410", .cause = CAUSE_DEAD_CHANNEL },
	{ "apns-too-large", "Apple's push service calls the notification too large (APNs 413)",
	  APNS(413), .said = "too large", .trace = "413", .cause = CAUSE_REFUSED },
	{ "apns-throttled", "There were too many notifications for the iPhone (APNs 429)",
	  APNS(429), .said = "no more notifications for this channel", .trace = "503", .cause = CAUSE_THROTTLED },
	{ "apns-failed", "Apple's push service has failed (APNs 500)",
	  APNS(500), .said = "temporarily unavailable", .trace = "503", .cause = CAUSE_PLATFORM_DOWN },
	{ "apns-down", "Apple's push service is down (APNs 503)",
	  APNS(503), .said = "temporarily unavailable", .trace = "503", .cause = CAUSE_PLATFORM_DOWN },
	{ "suppressed", "The phone's user wants no toasts (MPNS 200 Suppressed)",
	  .trick = TRICK_QUIET,
	  .status = 408, .said = "does not accept this kind of notification", .trace = "480", .cause = CAUSE_SUPPRESSED },
	{ "phone-offline", "The push is accepted, and the phone has no network",
	  .trick = TRICK_OFFLINE,
	  .status = 408, .said = "did not respond", .trace = "200", .cause = CAUSE_PHONE_AWAY },
	{ "unknown-user", "The invitation is to nobody",
	  .trick = TRICK_STRANGER,
	  .status = 404, .said = "does not exist", .cause = CAUSE_NONE },
	{ "declined", "The user declines on the phone",
	  .trick = TRICK_DECLINE,
	  .status = 603, .said = "declined", .cause = CAUSE_FOREGROUND },
};
/* clang-format on */

const size_t n_drills = ARRAY_SIZE(drills);

const struct drill *drill_find(const char *name)
{
	for (size_t i = 0; i < n_drills; i++)
		if (!strcmp(drills[i].name, name))
			return &drills[i];
	return NULL;
}
