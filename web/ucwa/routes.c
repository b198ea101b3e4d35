/*
 * HTTPS API: the table of routes
 *
 * The one list of what there is: the server dispatches by it, and /openapi.json is made from it.
 */
#include "web/ucwa/private.h"

#define APP          UCWA_APPLICATIONS "/{app}"
#define CONVERSATION APP "/communication/conversations/{n}"
#define INVITATION   APP "/communication/messagingInvitations/{n}"
#define LOG          APP "/communication/conversationLogs/{n}"

#define OF_APP (UCWA_TOKEN | UCWA_APP)
#define BODY   UCWA_BODY_JSON
#define MAYBE  (UCWA_BODY_JSON | UCWA_BODY_OPTIONAL)

/* Documents and clients spell these paths in two ways. */
#define BOTH(method, lower, camel, handler, flags, resource, ...)                                  \
	{ method, lower, handler, flags, resource, __VA_ARGS__ },                                  \
	{                                                                                          \
		method, camel, handler, flags, resource, __VA_ARGS__                               \
	}

/* clang-format off */
const struct ucwa_row ucwa_rows[] = {
	{ "GET", "/", ucwa_get_root, UCWA_DISCOVER, "autodiscover",
	  "Find the server of a user.", "sipuri originalDomain" },
	BOTH("GET", "/autodiscover/autodiscoverservice.svc/root",
	     "/Autodiscover/AutodiscoverService.svc/root", ucwa_get_root, UCWA_DISCOVER,
	     "autodiscover", "Find the server of a user.", "sipuri originalDomain"),
	BOTH("GET", "/autodiscover/autodiscoverservice.svc/root/domain",
	     "/Autodiscover/AutodiscoverService.svc/root/domain", ucwa_get_domain, UCWA_DISCOVER,
	     "domain", "The services of the domain, for clients that read XML.", "originalDomain"),
	BOTH("GET", "/autodiscover/autodiscoverservice.svc/root/oauth/user",
	     "/Autodiscover/AutodiscoverService.svc/root/oauth/user", ucwa_get_user,
	     UCWA_DISCOVER | UCWA_TOKEN, "user", "The services of the token's owner.",
	     "originalDomain"),
	BOTH("POST", "/WebTicket/oauthtoken", "/webticket/oauthtoken", ucwa_post_token,
	     UCWA_DISCOVER | UCWA_BODY_FORM, "oauthtoken",
	     "A token for a password: grant_type=password."),
	{ "GET", "/Mcx/McxService.svc", ucwa_get_mcx_page, UCWA_DISCOVER, "McxService",
	  "The page by which one sees that the mobility service runs." },
	{ "GET", "/openapi.json", ucwa_get_openapi, UCWA_OURS, "openapi", "This document." },
	{ "GET", "/health", ucwa_get_health, UCWA_OURS, "health", "Is the service up?" },

	{ "POST", UCWA_APPLICATIONS, ucwa_post_applications, UCWA_TOKEN | BODY, "applications",
	  "Sign in; the same endpointId gets the same application back." },
	{ "GET", APP, ucwa_get_application, OF_APP, "application", "The application." },
	{ "DELETE", APP, ucwa_delete_application, OF_APP, "application", "Sign out." },
	{ "GET", APP "/events", ucwa_get_events, OF_APP, "events",
	  "The next packet of events, held until there is one.",
	  "ack low medium timeout priority" },

	{ "GET", APP "/me", ucwa_get_me, OF_APP, "me", "The user." },
	{ "POST", APP "/me/makeMeAvailable", ucwa_make_me_available, OF_APP | MAYBE,
	  "makeMeAvailable", "Take part: from now on invitations come." },
	{ "POST", APP "/me/reportMyActivity", ucwa_report_my_activity, OF_APP | MAYBE,
	  "reportMyActivity", "Somebody uses the application." },
	{ "GET", APP "/me/presence", ucwa_get_presence, OF_APP, "presence", "Availability." },
	{ "POST", APP "/me/presence", ucwa_post_presence, OF_APP | BODY, "presence",
	  "Set the availability." },
	{ "GET", APP "/me/note", ucwa_get_note, OF_APP, "note", "The personal note." },
	{ "POST", APP "/me/note", ucwa_post_note, OF_APP | BODY, "note", "Set the personal note." },
	{ "GET", APP "/me/location", ucwa_get_location, OF_APP, "location", "The location." },
	{ "POST", APP "/me/location", ucwa_post_location, OF_APP | BODY, "location",
	  "Set the location." },
	{ "GET", APP "/people", ucwa_get_people, OF_APP, "people", "The hub for other people." },
	{ "GET", APP "/people/{aor}", ucwa_get_contact, OF_APP, "contact",
	  "A user of this server." },
	{ "GET", APP "/onlineMeetings", ucwa_get_online_meetings, OF_APP, "onlineMeetings",
	  "The hub for meetings, of which there are none here." },

	{ "GET", APP "/communication", ucwa_get_communication, OF_APP, "communication",
	  "What can be done here." },
	{ "GET", APP "/communication/conversations", ucwa_get_conversations, OF_APP,
	  "conversations", "Conversations and open invitations." },
	{ "GET", CONVERSATION, ucwa_get_conversation, OF_APP, "conversation", "A conversation." },
	{ "DELETE", CONVERSATION, ucwa_delete_conversation, OF_APP, "conversation",
	  "Leave the conversation." },
	{ "GET", CONVERSATION "/participants", ucwa_get_participants, OF_APP, "participants",
	  "Who takes part." },
	{ "GET", CONVERSATION "/participants/{aor}", ucwa_get_participant, OF_APP, "participant",
	  "Somebody who takes part." },
	{ "GET", CONVERSATION "/messaging", ucwa_get_messaging, OF_APP, "messaging",
	  "The state of messaging in the conversation." },
	{ "POST", CONVERSATION "/messaging/messages", ucwa_post_message, OF_APP | UCWA_BODY_TEXT,
	  "messages", "Send a message; how that went comes as an event.", "operationId" },
	{ "GET", CONVERSATION "/messaging/messages/{message}", ucwa_get_message, OF_APP, "message",
	  "A recent message." },
	{ "POST", CONVERSATION "/messaging/typing", ucwa_post_typing, OF_APP | MAYBE, "typing",
	  "The user types." },
	{ "GET", CONVERSATION "/messaging/typingParticipants", ucwa_get_typing_participants, OF_APP,
	  "typingParticipants", "Who types." },
	{ "POST", CONVERSATION "/messaging/terminate", ucwa_terminate, OF_APP | MAYBE, "terminate",
	  "End the conversation." },
	{ "GET", INVITATION, ucwa_get_invitation, OF_APP, "messagingInvitation", "An invitation." },
	{ "POST", INVITATION "/accept", ucwa_accept, OF_APP | MAYBE, "accept",
	  "Accept an invitation." },
	{ "POST", INVITATION "/decline", ucwa_decline, OF_APP | MAYBE, "decline",
	  "Decline an invitation." },

	{ "GET", APP "/communication/missedItems", ucwa_get_missed_items, OF_APP, "missedItems",
	  "How many conversations were missed." },
	{ "GET", APP "/communication/conversationLogs", ucwa_get_logs, OF_APP, "conversationLogs",
	  "The missed conversations, the newest first.", "limit" },
	{ "GET", LOG, ucwa_get_log, OF_APP, "conversationLog",
	  "A missed conversation, with its first line." },
	{ "DELETE", LOG, ucwa_delete_log, OF_APP, "conversationLog", "Forget it." },
	{ "POST", LOG "/markAsRead", ucwa_mark_as_read, OF_APP | MAYBE, "markAsRead",
	  "It has been read, and is listed no more." },

	{ "GET", APP "/pushSubscription", ucwa_get_subscription, OF_APP | UCWA_OURS,
	  "pushSubscription", "How the phone is pushed." },
	{ "PUT", APP "/pushSubscription", ucwa_put_subscription, OF_APP | UCWA_OURS | BODY,
	  "pushSubscription", "Be woken by push while the application is in the background." },
	{ "DELETE", APP "/pushSubscription", ucwa_delete_subscription, OF_APP | UCWA_OURS,
	  "pushSubscription", "No more push." },
};
/* clang-format on */

const size_t ucwa_n_rows = ARRAY_SIZE(ucwa_rows);
