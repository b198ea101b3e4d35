/*
 * HTTPS API: the table of routes
 *
 * The one list of all operations: the server dispatches by it, and GET /openapi.json is made from it. A
 * new operation is a row here and a handler.
 */
#include "web/ucwa/routes.h"

#include "proto/text/mem.h"
#include "proto/ucwa/autodiscover.h"
#include "proto/ucwa/resource.h"
#include "web/http/http.h"
#include "web/ucwa/autodiscover.h"
#include "web/ucwa/batch.h"
#include "web/ucwa/calls.h"
#include "web/ucwa/communication.h"
#include "web/ucwa/invitation.h"
#include "web/ucwa/log.h"
#include "web/ucwa/me.h"
#include "web/ucwa/message.h"
#include "web/ucwa/openapi.h"
#include "web/ucwa/operation.h"
#include "web/ucwa/people.h"
#include "web/ucwa/poll.h"
#include "web/ucwa/presence.h"
#include "web/ucwa/push.h"
#include "web/ucwa/relations.h"
#include "web/ucwa/request.h"
#include "web/ucwa/sign_in.h"
#include "web/ucwa/stored.h"
#include "web/ucwa/takes.h"
#include "web/ucwa/token.h"
#include "web/ucwa/watch.h"
#include "web/ucwa/xframe.h"

#include <assert.h>
#include <string.h>

static void serve(void *magic, struct http_request *r)
{
	struct ucwa_request *q = http_context(r);

	(void)magic;
	ucwa_stored_begin(q);
	q->operation->handler(q);
}

#define APP          UCWA_APPLICATIONS "/{app}"
#define CONVERSATION APP "/communication/conversations/{n}"
#define INVITATION   APP "/communication/messagingInvitations/{n}"
#define CALL         APP "/communication/phoneAudioInvitations/{n}"
#define MEETING      APP "/communication/onlineMeetingInvitations/{n}"
#define LOG          APP "/communication/conversationLogs/{n}"

#define CONTACT_LIST APP "/people/contactsAndGroupsSubscription"
#define WATCHES      APP "/people/presenceSubscriptions"
#define MEMBERSHIPS  APP "/people/presenceSubscriptionMemberships"

#define FIND   UCWA_SIGNING_IN
#define ROOT   (FIND | UCWA_PLAIN)
#define OF_APP (UCWA_TOKEN | UCWA_APP)
#define BODY   UCWA_BODY_JSON
#define MAYBE  (UCWA_BODY_JSON | UCWA_BODY_OPTIONAL)

/* Behind the flags: the resource, and the query parameters, as in struct openapi_operation. */
#define ROW(method, path, summary, handler, flags, ...)                                            \
	{                                                                                          \
		method, path, serve, summary, &(const struct ucwa_operation)                       \
		{                                                                                  \
			path, handler, flags, __VA_ARGS__                                          \
		}                                                                                  \
	}

/* clang-format off */
static const struct http_route routes[] = {
	ROW("GET", "/", "Find the server of a user.",
	    ucwa_get_root, ROOT, "autodiscover", "sipuri originalDomain"),
	ROW("GET", "/autodiscover/autodiscoverservice.svc/root", "Find the server of a user.",
	    ucwa_get_root, ROOT, "autodiscover", "sipuri originalDomain"),
	ROW("GET", "/autodiscover/autodiscoverservice.svc/root/domain",
	    "Get the services of the domain, for clients that read XML.",
	    ucwa_get_domain, FIND, "domain", "originalDomain"),
	ROW("GET", "/autodiscover/autodiscoverservice.svc/root/oauth/user",
	    "Get the services of the token's owner.",
	    ucwa_get_user, FIND | UCWA_TOKEN, "user", "originalDomain"),
	ROW("POST", "/WebTicket/oauthtoken",
	    "Exchange a password for a token (grant_type=password).",
	    ucwa_post_token, FIND | UCWA_BODY_FORM, "oauthtoken"),
	ROW("GET", AUTODISCOVER_XFRAME, "Page in a frame that makes requests for a page of another origin.",
	    ucwa_get_xframe, FIND, "xframe"),
	ROW("GET", UCWA_XFRAME_SCRIPT, "Script of this page.",
	    ucwa_get_xframe_script, FIND, "xframeScript"),
	ROW("GET", "/Mcx/McxService.svc", "Status page of the mobility service.",
	    ucwa_get_mcx_page, FIND, "McxService"),
	ROW("GET", "/openapi.json", "Get this document.",
	    ucwa_get_openapi, UCWA_OURS, "openapi"),
	ROW("GET", "/health", "Check that the service is up.",
	    ucwa_get_health, UCWA_OURS, "health"),

	ROW("GET", UCWA_APPLICATIONS, "List the user's applications.",
	    ucwa_get_applications, UCWA_TOKEN | UCWA_REVISION_2, "applications"),
	ROW("POST", UCWA_APPLICATIONS,
	    "Sign in. The same endpointId, instanceId, culture and userAgent get the same application again.",
	    ucwa_post_applications, UCWA_TOKEN | BODY | UCWA_REVISION_2, "applications"),
	ROW("GET", APP, "Get the application.",
	    ucwa_get_application, OF_APP, "application"),
	ROW("DELETE", APP, "Sign out.",
	    ucwa_delete_application, OF_APP, "application"),
	ROW("GET", APP "/events",
	    "Get the next packet of events. The request is held open until there is one.",
	    ucwa_get_events, OF_APP | UCWA_ALONE, "events", "ack:int low:int medium:int timeout:int priority:int"),
	ROW("POST", APP "/batch", "Send several requests at once, each as a part (multipart/batching).",
	    ucwa_post_batch, OF_APP | UCWA_BODY_BATCH | UCWA_ALONE, "batch"),

	ROW("GET", APP "/policies", "Get what clients may do.",
	    ucwa_get_policies, OF_APP, "policies"),
	ROW("POST", APP "/reportMyNetwork", "Report which network the application is in, which changes nothing here.",
	    ucwa_report_my_network, OF_APP | BODY, "reportMyNetwork"),

	ROW("GET", APP "/me", "Get the user.",
	    ucwa_get_me, OF_APP, "me"),
	ROW("POST", APP "/me/makeMeAvailable", "Become available: receive invitations from now on.",
	    ucwa_make_me_available, OF_APP | MAYBE, "makeMeAvailable"),
	ROW("POST", APP "/me/reportMyActivity", "Report that the user is active.",
	    ucwa_report_my_activity, OF_APP, "reportMyActivity"),
	ROW("GET", APP "/me/presence", "Get the availability.",
	    ucwa_get_presence, OF_APP, "presence"),
	ROW("POST", APP "/me/presence", "Set the availability; without one, take it back.",
	    ucwa_post_presence, OF_APP | MAYBE, "presence"),
	ROW("GET", APP "/me/note", "Get the personal note.",
	    ucwa_get_note, OF_APP, "note"),
	ROW("POST", APP "/me/note", "Set the personal note; without one, take it back.",
	    ucwa_post_note, OF_APP | MAYBE, "note", "message"),
	ROW("GET", APP "/me/location", "Get the location.",
	    ucwa_get_location, OF_APP, "location"),
	ROW("POST", APP "/me/location", "Set the location; without one, take it back.",
	    ucwa_post_location, OF_APP | MAYBE, "location"),
	ROW("GET", APP "/me/phones", "List the user's telephones, of which there are none.",
	    ucwa_get_phones, OF_APP, "phones"),
	ROW("GET", APP "/me/callForwardingSettings", "Get the rules for calls: none is forwarded.",
	    ucwa_get_forwarding, OF_APP, "callForwardingSettings"),
	ROW("PUT", APP "/me/callForwardingSettings", "Change them, which no user is enabled for.",
	    ucwa_put_forwarding, OF_APP | MAYBE, "callForwardingSettings"),
	ROW("GET", APP "/me/callForwardingSettings/{part}", "Get one kind of these rules.",
	    ucwa_get_forwarding_part, OF_APP, "callForwardingSettings"),
	ROW("PUT", APP "/me/callForwardingSettings/{part}", "Change it, which no user is enabled for.",
	    ucwa_put_forwarding, OF_APP | MAYBE, "callForwardingSettings"),
	ROW("GET", APP "/photo", "Get the user's photo, which no user has.",
	    ucwa_get_photo, OF_APP | UCWA_ALONE, "photo", "size"),
	ROW("GET", APP "/photos/{aor}", "Get a user's photo, which no user has.",
	    ucwa_get_photo, OF_APP | UCWA_ALONE, "contactPhoto", "size"),

	ROW("GET", APP "/people", "Get the hub of contacts.",
	    ucwa_get_people, OF_APP, "people"),
	ROW("GET", APP "/people/search", "Find users by a part of their names or addresses.",
	    ucwa_search, OF_APP | UCWA_REVISION_2, "search", "query mail limit:int"),
	ROW("GET", APP "/people/contacts", "List the contacts: all users of this server.",
	    ucwa_get_contacts, OF_APP, "myContacts", "expand groupId"),
	ROW("GET", APP "/people/groups", "List the groups of contacts.",
	    ucwa_get_groups, OF_APP, "myGroups", "expand"),
	ROW("POST", APP "/people/groups", "Make a group, which no user may.",
	    ucwa_post_group, OF_APP | MAYBE, "myGroups"),
	ROW("GET", APP "/people/groups/{group}", "Get a group of contacts.",
	    ucwa_get_group, OF_APP, "group"),
	ROW("GET", APP "/people/subscribedContacts", "List the users whose presence is subscribed to.",
	    ucwa_get_subscribed_contacts, OF_APP, "subscribedContacts"),
	ROW("GET", APP "/people/privacyRelationships", "List the privacy relationships that are in use.",
	    ucwa_get_privacies, OF_APP, "myPrivacyRelationships"),
	ROW("GET", APP "/people/privacyRelationships/{level}", "List who has a privacy relationship.",
	    ucwa_get_privacy_level, OF_APP, "myPrivacyRelationship"),
	ROW("GET", APP "/people/groupMemberships", "List which contact is in which group.",
	    ucwa_get_group_memberships, OF_APP, "myGroupMemberships", "groupId"),
	ROW("POST", APP "/people/groupMemberships", "Add a contact to a group, which no user may.",
	    ucwa_post_group_membership, OF_APP | MAYBE, "myGroupMemberships"),
	ROW("GET", APP "/people/groupMemberships/{membership}", "Get a contact's place in a group.",
	    ucwa_get_group_membership, OF_APP, "myGroupMembership"),
	ROW("DELETE", APP "/people/groupMemberships/{membership}", "Remove a contact from a group, which no user may.",
	    ucwa_delete_group_membership, OF_APP, "myGroupMembership"),
	ROW("GET", CONTACT_LIST, "Get the subscription to the list of contacts.",
	    ucwa_get_contact_list, OF_APP, "myContactsAndGroupsSubscription"),
	ROW("POST", CONTACT_LIST "/start", "Subscribe to the list of contacts for some minutes, or for some more.",
	    ucwa_subscribe_contact_list, OF_APP | MAYBE, "myContactsAndGroupsSubscription", "duration:int"),
	ROW("POST", CONTACT_LIST "/stop", "Unsubscribe from the list of contacts.",
	    ucwa_unsubscribe_contact_list, OF_APP, "myContactsAndGroupsSubscription"),
	ROW("GET", APP "/people/{aor}", "Get a user of this server.",
	    ucwa_get_contact, OF_APP, "contact"),
	ROW("GET", APP "/people/{aor}/presence", "Get a user's availability.",
	    ucwa_get_contact_presence, OF_APP, "contactPresence"),
	ROW("GET", APP "/people/{aor}/note", "Get a user's note.",
	    ucwa_get_contact_note, OF_APP, "contactNote"),
	ROW("GET", APP "/people/{aor}/location", "Get a user's location.",
	    ucwa_get_contact_location, OF_APP, "contactLocation"),
	ROW("GET", APP "/people/{aor}/supportedMedia", "Get what a user can be sent.",
	    ucwa_get_contact_modalities, OF_APP, "contactSupportedModalities"),
	ROW("GET", APP "/people/{aor}/privacyRelationship", "Get how much a user may see.",
	    ucwa_get_privacy, OF_APP, "contactPrivacyRelationship"),
	ROW("PUT", APP "/people/{aor}/privacyRelationship", "Change it, which no user may.",
	    ucwa_put_privacy, OF_APP | MAYBE, "contactPrivacyRelationship"),
	ROW("GET", WATCHES, "List the presence subscriptions.",
	    ucwa_get_watches, OF_APP, "presenceSubscriptions"),
	ROW("POST", WATCHES, "Subscribe to the presence of users, or of a group, for some minutes.",
	    ucwa_post_watch, OF_APP | MAYBE, "presenceSubscriptions", "groupId duration:int"),
	ROW("GET", WATCHES "/{watch}", "Get a presence subscription.",
	    ucwa_get_watch, OF_APP, "presenceSubscription"),
	ROW("POST", WATCHES "/{watch}", "Extend a presence subscription by some minutes.",
	    ucwa_extend_watch, OF_APP | MAYBE, "presenceSubscription", "duration:int"),
	ROW("DELETE", WATCHES "/{watch}", "End a presence subscription.",
	    ucwa_delete_watch, OF_APP, "presenceSubscription"),
	ROW("GET", MEMBERSHIPS, "List who is in a presence subscription, or in any.",
	    ucwa_get_memberships, OF_APP, "presenceSubscriptionMemberships",
	    "presenceSubscriptionId"),
	ROW("POST", MEMBERSHIPS, "Add users to a presence subscription.",
	    ucwa_post_memberships, OF_APP | BODY, "presenceSubscriptionMemberships",
	    "presenceSubscriptionId"),
	ROW("GET", MEMBERSHIPS "/{membership}", "Get a user's place in a presence subscription.",
	    ucwa_get_membership, OF_APP, "presenceSubscriptionMembership"),
	ROW("DELETE", MEMBERSHIPS "/{membership}", "Remove a user from a presence subscription.",
	    ucwa_delete_membership, OF_APP, "presenceSubscriptionMembership"),
	ROW("GET", APP "/onlineMeetings", "Get the hub of meetings, which this server does not have.",
	    ucwa_get_online_meetings, OF_APP, "onlineMeetings"),

	ROW("GET", APP "/communication", "Get the hub of conversations, logs and missed items.",
	    ucwa_get_communication, OF_APP, "communication"),
	ROW("PUT", APP "/communication",
	    "Change what the application takes. If-Match must have the entity tag of what it replaces.",
	    ucwa_put_communication, OF_APP | BODY, "communication"),
	ROW("GET", APP "/communication/conversations", "List conversations and open invitations.",
	    ucwa_get_conversations, OF_APP, "conversations"),
	ROW("GET", CONVERSATION, "Get a conversation.",
	    ucwa_get_conversation, OF_APP, "conversation"),
	ROW("DELETE", CONVERSATION, "Leave the conversation.",
	    ucwa_leave_conversation, OF_APP, "conversation"),
	ROW("GET", CONVERSATION "/participants", "List the participants.",
	    ucwa_get_participants, OF_APP, "participants"),
	ROW("GET", CONVERSATION "/participants/{aor}", "Get a participant.",
	    ucwa_get_participant, OF_APP, "participant"),
	ROW("GET", CONVERSATION "/participants/{aor}/messaging",
	    "Find that a participant exchanges messages.",
	    ucwa_get_participant_messaging, OF_APP, "participantMessaging"),
	ROW("GET", CONVERSATION "/messaging", "Get the state of messaging in the conversation.",
	    ucwa_get_messaging, OF_APP, "messaging"),
	ROW("GET", CONVERSATION "/messaging/messages", "List the recent messages.",
	    ucwa_get_messages, OF_APP, "messages"),
	ROW("POST", CONVERSATION "/messaging/messages",
	    "Send a message. Its outcome is reported by an event.",
	    ucwa_post_message, OF_APP | UCWA_BODY_TEXT, "messages", "operationId"),
	ROW("GET", CONVERSATION "/messaging/messages/{message}", "Get a recent message.",
	    ucwa_get_message, OF_APP, "message"),
	ROW("POST", CONVERSATION "/messaging/messages/{message}",
	    "Answer a message. This is the same as sending one to the conversation.",
	    ucwa_answer_message, OF_APP | UCWA_BODY_TEXT, "message", "operationId"),
	ROW("POST", CONVERSATION "/messaging/typing", "Report that the user is typing.",
	    ucwa_post_typing, OF_APP, "typing"),
	ROW("GET", CONVERSATION "/messaging/typingParticipants",
	    "List the participants who are typing.",
	    ucwa_get_typing_participants, OF_APP, "typingParticipants"),
	ROW("POST", CONVERSATION "/messaging/terminate", "End the conversation, or the wait for an answer.",
	    ucwa_leave_conversation, OF_APP, "terminate"),
	ROW("POST", APP "/communication/messagingInvitations",
	    "Invite somebody to a new conversation. What comes of it is reported by events.",
	    ucwa_post_invitation, OF_APP | BODY, "messagingInvitations", "to"),
	ROW("GET", INVITATION, "Get an invitation.",
	    ucwa_get_invitation, OF_APP, "messagingInvitation"),
	ROW("POST", INVITATION "/accept", "Accept an invitation.",
	    ucwa_accept, OF_APP, "accept"),
	ROW("POST", INVITATION "/decline", "Decline an invitation.",
	    ucwa_decline, OF_APP | MAYBE, "decline"),
	ROW("GET", CALL, "Get an invitation to a call.",
	    ucwa_get_invitation, OF_APP, "phoneAudioInvitation"),
	ROW("POST", CALL "/accept", "Take a call, at the user's outside voice number.",
	    ucwa_accept, OF_APP, "accept"),
	ROW("POST", CALL "/decline", "Decline a call.",
	    ucwa_decline, OF_APP | MAYBE, "decline"),
	ROW("GET", MEETING, "Get an invitation to a meeting.",
	    ucwa_get_invitation, OF_APP, "onlineMeetingInvitation"),
	ROW("POST", MEETING "/accept", "Accept an invitation to a meeting, which then fails: this server has none.",
	    ucwa_accept, OF_APP, "accept"),
	ROW("POST", MEETING "/decline", "Decline an invitation to a meeting.",
	    ucwa_decline, OF_APP | MAYBE, "decline"),

	ROW("GET", APP "/communication/missedItems", "Count the missed conversations.",
	    ucwa_get_missed_items, OF_APP, "missedItems"),
	ROW("GET", APP "/communication/conversationLogs",
	    "List the missed conversations, newest first.",
	    ucwa_get_logs, OF_APP, "conversationLogs", "limit:int"),
	ROW("GET", LOG, "Get a missed conversation with its first line.",
	    ucwa_get_log, OF_APP, "conversationLog"),
	ROW("DELETE", LOG, "Remove a missed conversation from the list.",
	    ucwa_delete_log, OF_APP, "conversationLog"),
	ROW("POST", LOG "/markAsRead", "Mark as read; it is then counted as missed, and not as unread.",
	    ucwa_mark_as_read, OF_APP, "markAsRead"),

	ROW("GET", APP "/pushSubscription", "Get the push subscription.",
	    ucwa_get_subscription, OF_APP | UCWA_OURS, "pushSubscription"),
	ROW("PUT", APP "/pushSubscription",
	    "Subscribe to push notifications while the application is in the background.",
	    ucwa_put_subscription, OF_APP | UCWA_OURS | BODY, "pushSubscription"),
	ROW("DELETE", APP "/pushSubscription", "Unsubscribe from push notifications.",
	    ucwa_delete_subscription, OF_APP | UCWA_OURS, "pushSubscription"),
};

/* The samples of the reference pages have operations at other places than those of the task pages, and clients were written from
 * either. */
static const struct {
	const char *method, *path;
	const char *of; /* the operation's own path */
} others[] = {
	{ "GET", "/autodiscover/autodiscoverservice.svc/root/user", "/autodiscover/autodiscoverservice.svc/root/oauth/user" },
	{ "GET", "/autodiscover/autodiscoverservice.svc/root/xframe", AUTODISCOVER_XFRAME },
	{ "GET", "/xframe", AUTODISCOVER_XFRAME },
	{ "GET", "/ucwa/v1/applications", UCWA_APPLICATIONS },
	{ "POST", "/ucwa/v1/applications", UCWA_APPLICATIONS },
	{ "POST", APP "/communication/makeMeAvailable", APP "/me/makeMeAvailable" },
	{ "POST", APP "/reportMyActivity", APP "/me/reportMyActivity" },

	{ "GET", APP "/search", APP "/people/search" },
	{ "GET", APP "/contacts", APP "/people/contacts" },
	{ "GET", APP "/subscribedContacts", APP "/people/subscribedContacts" },
	{ "GET", APP "/groups", APP "/people/groups" },
	{ "POST", APP "/groups", APP "/people/groups" },
	{ "GET", APP "/groups/{group}", APP "/people/groups/{group}" },
	{ "POST", APP "/groups/{group}/subscribeToGroupPresence", WATCHES },
	{ "GET", APP "/myGroupMemberships", APP "/people/groupMemberships" },
	{ "POST", APP "/myGroupMemberships", APP "/people/groupMemberships" },
	{ "GET", APP "/myGroupMemberships/{membership}", APP "/people/groupMemberships/{membership}" },
	{ "DELETE", APP "/myGroupMemberships/{membership}", APP "/people/groupMemberships/{membership}" },
	{ "GET", APP "/myPrivacyRelationships", APP "/people/privacyRelationships" },
	{ "GET", APP "/myPrivacyRelationships/{level}", APP "/people/privacyRelationships/{level}" },
	{ "GET", APP "/people/myContactsAndGroupsSubscription", CONTACT_LIST },
	{ "POST", APP "/people/myContactsAndGroupsSubscription/startOrRefreshSubscriptionToContactsAndGroups", CONTACT_LIST "/start" },
	{ "POST", APP "/people/myContactsAndGroupsSubscription/stopSubscriptionToContactsAndGroups", CONTACT_LIST "/stop" },
	{ "GET", APP "/people/{aor}/contactPresence", APP "/people/{aor}/presence" },
	{ "GET", APP "/people/{aor}/contactNote", APP "/people/{aor}/note" },
	{ "GET", APP "/people/{aor}/contactLocation", APP "/people/{aor}/location" },
	{ "GET", APP "/people/{aor}/contactSupportedModalities", APP "/people/{aor}/supportedMedia" },
	{ "GET", APP "/people/{aor}/contactPrivacyRelationship", APP "/people/{aor}/privacyRelationship" },
	{ "PUT", APP "/people/{aor}/contactPrivacyRelationship", APP "/people/{aor}/privacyRelationship" },
	{ "GET", APP "/people/{aor}/contactPhoto", APP "/photos/{aor}" },
	{ "GET", APP "/presenceSubscriptions", WATCHES },
	{ "POST", APP "/presenceSubscriptions", WATCHES },
	{ "GET", APP "/presenceSubscriptionMemberships", MEMBERSHIPS },
	{ "POST", APP "/presenceSubscriptionMemberships", MEMBERSHIPS },
	{ "GET", APP "/presenceSubscriptionMemberships/{membership}", MEMBERSHIPS "/{membership}" },
	{ "DELETE", APP "/presenceSubscriptionMemberships/{membership}", MEMBERSHIPS "/{membership}" },

	{ "POST", APP "/communication/startMessaging", APP "/communication/messagingInvitations" },
	{ "GET", APP "/communication/invitations/{n}", INVITATION },
	{ "POST", APP "/communication/invitations/{n}/accept", INVITATION "/accept" },
	{ "POST", APP "/communication/invitations/{n}/decline", INVITATION "/decline" },
	{ "POST", APP "/communication/invitations/{n}/cancel", CONVERSATION "/messaging/terminate" },
	{ "GET", CONVERSATION "/participants/{aor}/participantMessaging", CONVERSATION "/participants/{aor}/messaging" },
	{ "POST", CONVERSATION "/messaging/sendMessage", CONVERSATION "/messaging/messages" },
	{ "POST", CONVERSATION "/messaging/setIsTyping", CONVERSATION "/messaging/typing" },
	{ "POST", CONVERSATION "/messaging/stopMessaging", CONVERSATION "/messaging/terminate" },
};
/* clang-format on */

static const struct http_route *find(const char *method, const char *path)
{
	for (size_t i = 0; i < ARRAY_SIZE(routes); i++)
		if (!strcmp(routes[i].method, method) && !strcmp(routes[i].path, path))
			return &routes[i];
	return NULL;
}

struct http_route *ucwa_routes_new(size_t *ret_n)
{
	size_t n = ARRAY_SIZE(routes);
	struct http_route *all = mem_zalloc((n + ARRAY_SIZE(others)) * sizeof(*all));

	memcpy(all, routes, sizeof(routes));
	for (size_t i = 0; i < ARRAY_SIZE(others); i++) {
		const struct http_route *own = find(others[i].method, others[i].of);

		assert(own);
		all[n] = *own;
		all[n++].path = others[i].path;
	}
	*ret_n = n;
	return all;
}
