/*
 * Shapes of UCWA resources
 */
#include "proto/ucwa/shape.h"

#include <stdbool.h>
#include <string.h>

#define AVAILABLE  "after makeMeAvailable"
#define CONNECTED  "while it is connected"
#define RINGING    "while it rings"
#define UNDER_WAY  "until it has ended"
#define GIVEN      "if it was given"
#define WELL_KNOWN "if there is a word for it"
#define OTHER      "if it is not the user"
#define END                                                                                        \
	{                                                                                          \
		NULL, UCWA_STRING, NULL, NULL                                                      \
	}
#define SELF                                                                                       \
	{                                                                                          \
		"self", UCWA_LINK, NULL, NULL                                                      \
	}

/* clang-format off */

/* ---- the application ---- */

static const struct ucwa_member application[] = {
	{ "id", UCWA_STRING }, { "type", UCWA_STRING }, { "culture", UCWA_STRING },
	{ "userAgent", UCWA_STRING }, { "endpointId", UCWA_STRING },
	{ "instanceId", UCWA_STRING, GIVEN },
	SELF, { "batch", UCWA_LINK }, { "events", UCWA_LINK }, { "policies", UCWA_LINK },
	{ "reportMyNetwork", UCWA_LINK }, { "pushSubscription", UCWA_LINK },
	{ "me", UCWA_RESOURCE }, { "people", UCWA_RESOURCE }, { "onlineMeetings", UCWA_RESOURCE },
	{ "communication", UCWA_RESOURCE },
	END
};

static const struct ucwa_member applications[] = {
	SELF, { "application", UCWA_RESOURCES }, END
};

static const struct ucwa_member push_subscription[] = {
	{ "platform", UCWA_STRING }, { "notificationUri", UCWA_STRING, GIVEN },
	{ "deviceToken", UCWA_STRING, GIVEN }, { "deviceName", UCWA_STRING, GIVEN },
	{ "userAgent", UCWA_STRING, GIVEN },
	SELF, END
};

static const struct ucwa_member policies[] = {
	{ "allowDeviceContactsSync", UCWA_STRING }, { "audioOnlyOnWifi", UCWA_STRING },
	{ "callLogArchiving", UCWA_STRING }, { "clientExchangeConnectivity", UCWA_STRING },
	{ "customerExperienceImprovementProgram", UCWA_STRING }, { "emoticons", UCWA_STRING },
	{ "encryptAppData", UCWA_STRING }, { "exchangeUnifiedMessaging", UCWA_STRING },
	{ "htmlMessaging", UCWA_STRING }, { "locationRequired", UCWA_STRING },
	{ "logging", UCWA_STRING }, { "loggingLevel", UCWA_STRING },
	{ "messageArchiving", UCWA_STRING }, { "messagingUrls", UCWA_STRING },
	{ "multiViewJoin", UCWA_STRING }, { "photos", UCWA_STRING },
	{ "saveCallLogs", UCWA_STRING }, { "saveCredentials", UCWA_STRING },
	{ "saveMessagingHistory", UCWA_STRING }, { "sharingOnlyOnWifi", UCWA_STRING },
	{ "softwareQualityMetrics", UCWA_STRING }, { "telephonyMode", UCWA_STRING },
	{ "useLocationForE911Only", UCWA_STRING }, { "videoOnlyOnWifi", UCWA_STRING },
	SELF, END
};

/* ---- me ---- */

static const struct ucwa_member me[] = {
	{ "name", UCWA_STRING }, { "uri", UCWA_STRING }, { "emailAddresses", UCWA_STRINGS },
	{ "endpointUri", UCWA_STRING }, { "workPhoneNumber", UCWA_STRING, "the user has a number" },
	SELF, { "callForwardingSettings", UCWA_LINK }, { "phones", UCWA_LINK }, { "photo", UCWA_LINK },
	{ "makeMeAvailable", UCWA_LINK, "before makeMeAvailable" },
	{ "presence", UCWA_LINK, AVAILABLE }, { "note", UCWA_LINK, AVAILABLE },
	{ "location", UCWA_LINK, AVAILABLE }, { "reportMyActivity", UCWA_LINK, AVAILABLE },
	END
};

static const struct ucwa_member presence[] = {
	{ "availability", UCWA_STRING }, { "activity", UCWA_STRING, WELL_KNOWN }, SELF, END
};

static const struct ucwa_member note[] = {
	{ "message", UCWA_STRING }, { "type", UCWA_STRING }, SELF, END
};

static const struct ucwa_member location[] = { { "location", UCWA_STRING }, SELF, END };

/* ---- people ---- */

static const struct ucwa_member phones[] = { SELF, { "phone", UCWA_RESOURCES }, END };

static const struct ucwa_member forwarding[] = {
	{ "activePeriod", UCWA_STRING }, { "activeSetting", UCWA_STRING },
	{ "unansweredCallHandling", UCWA_STRING },
	SELF, { "immediateForwardSettings", UCWA_RESOURCE }, { "simultaneousRingSettings", UCWA_RESOURCE },
	{ "unansweredCallSettings", UCWA_RESOURCE },
	END
};

static const struct ucwa_member target[] = { { "target", UCWA_STRING }, SELF, END };

static const struct ucwa_member delayed_target[] = {
	{ "target", UCWA_STRING }, { "ringDelay", UCWA_INT }, SELF, END
};

static const struct ucwa_member self_only[] = { SELF, END };

static const struct ucwa_member people[] = {
	SELF, { "presenceSubscriptions", UCWA_LINK }, { "subscribedContacts", UCWA_LINK },
	{ "presenceSubscriptionMemberships", UCWA_LINK }, { "myGroups", UCWA_LINK },
	{ "myContacts", UCWA_LINK }, { "myGroupMemberships", UCWA_LINK },
	{ "myPrivacyRelationships", UCWA_LINK }, { "myContactsAndGroupsSubscription", UCWA_LINK },
	{ "search", UCWA_LINK },
	END
};

static const struct ucwa_member search[] = {
	{ "moreResultsAvailable", UCWA_BOOL }, SELF, { "contact", UCWA_RESOURCES }, END
};

static const struct ucwa_member contacts[] = {
	SELF, { "contact", UCWA_LINKS, "with expand=false" },
	{ "contact", UCWA_RESOURCES, "without expand=false" },
	END
};

static const struct ucwa_member subscribed_contacts[] = { SELF, { "contact", UCWA_RESOURCES }, END };

static const struct ucwa_member groups[] = {
	SELF, { "defaultGroup", UCWA_LINK, "with expand=false" },
	{ "defaultGroup", UCWA_RESOURCE, "without expand=false" },
	{ "group", UCWA_RESOURCES, "without expand=false" },
	{ "distributionGroup", UCWA_RESOURCES, "without expand=false" },
	END
};

static const struct ucwa_member group[] = {
	{ "id", UCWA_STRING }, { "name", UCWA_STRING },
	SELF, { "groupContacts", UCWA_LINK }, { "subscribeToGroupPresence", UCWA_LINK },
	END
};

static const struct ucwa_member contact[] = {
	{ "name", UCWA_STRING }, { "uri", UCWA_STRING }, { "emailAddresses", UCWA_STRINGS },
	{ "workPhoneNumber", UCWA_STRING, "the user has a number" },
	{ "sourceNetwork", UCWA_STRING }, { "type", UCWA_STRING }, { "etag", UCWA_STRING },
	SELF, { "contactPhoto", UCWA_LINK }, { "contactPresence", UCWA_LINK },
	{ "contactLocation", UCWA_LINK }, { "contactNote", UCWA_LINK },
	{ "contactSupportedModalities", UCWA_LINK }, { "contactPrivacyRelationship", UCWA_LINK },
	END
};

static const struct ucwa_member contact_presence[] = {
	{ "availability", UCWA_STRING }, { "activity", UCWA_STRING, WELL_KNOWN },
	{ "deviceType", UCWA_STRING }, { "lastActive", UCWA_DATE, "if the user was ever seen" },
	SELF, END
};

static const struct ucwa_member contact_modalities[] = {
	{ "modalities", UCWA_STRINGS }, SELF, END
};

static const struct ucwa_member presence_subscriptions[] = {
	SELF, { "presenceSubscription", UCWA_RESOURCES }, END
};

static const struct ucwa_member presence_subscription[] = {
	{ "id", UCWA_STRING },
	SELF, { "memberships", UCWA_LINK }, { "addToPresenceSubscription", UCWA_LINK },
	END
};

static const struct ucwa_member memberships[] = {
	SELF, { "presenceSubscriptionMembership", UCWA_RESOURCES }, END
};

static const struct ucwa_member membership[] = {
	SELF, { "contact", UCWA_LINK }, { "presenceSubscription", UCWA_LINK }, END
};

static const struct ucwa_member privacy[] = { { "relationshipLevel", UCWA_STRING }, SELF, END };

static const struct ucwa_member privacies[] = {
	SELF, { "myPrivacyRelationship", UCWA_RESOURCES }, END
};

static const struct ucwa_member privacy_level[] = {
	{ "relationshipLevel", UCWA_STRING }, SELF, { "contact", UCWA_LINKS, "if there is one" }, END
};

static const struct ucwa_member group_memberships[] = {
	SELF, { "myGroupMembership", UCWA_RESOURCES }, END
};

static const struct ucwa_member group_membership[] = {
	SELF, { "contact", UCWA_LINK }, { "defaultGroup", UCWA_LINK }, END
};

static const struct ucwa_member contact_list[] = {
	{ "state", UCWA_STRING },
	SELF, { "startOrRefreshSubscriptionToContactsAndGroups", UCWA_LINK },
	{ "stopSubscriptionToContactsAndGroups", UCWA_LINK, "while it is connected" },
	END
};

/* ---- communication ---- */

static const struct ucwa_member communication[] = {
	{ UCWA_PASSED, UCWA_STRING },
	{ "supportedModalities", UCWA_STRINGS }, { "supportedMessageFormats", UCWA_STRINGS },
	{ "phoneNumber", UCWA_STRING, GIVEN }, { "audioPreference", UCWA_STRING, GIVEN },
	{ "conversationHistory", UCWA_STRING }, { "etag", UCWA_STRING },
	SELF, { "startMessaging", UCWA_LINK }, { "conversations", UCWA_LINK },
	{ "conversationLogs", UCWA_LINK },
	{ "missedItems", UCWA_LINK },
	END
};

static const struct ucwa_member conversations[] = {
	SELF, { "conversation", UCWA_LINKS, "if there is one" }, END
};

static const struct ucwa_member conversation[] = {
	{ "state", UCWA_STRING }, { "importance", UCWA_STRING }, { "subject", UCWA_STRING },
	{ "threadId", UCWA_STRING }, { "activeModalities", UCWA_STRINGS },
	{ "recording", UCWA_BOOL }, { "created", UCWA_DATE }, { "participantCount", UCWA_INT },
	SELF, { "messaging", UCWA_LINK, "if it is in messages" }, { "participants", UCWA_LINK }, { "localParticipant", UCWA_LINK },
	END
};

static const struct ucwa_member participants[] = { SELF, { "participant", UCWA_RESOURCES }, END };

static const struct ucwa_member participant[] = {
	{ "sourceNetwork", UCWA_STRING }, { "anonymous", UCWA_BOOL }, { "local", UCWA_BOOL },
	{ "name", UCWA_STRING }, { "uri", UCWA_STRING },
	{ "self", UCWA_LINK, UNDER_WAY }, { "conversation", UCWA_LINK, UNDER_WAY },
	{ "participantMessaging", UCWA_LINK, CONNECTED },
	{ "me", UCWA_LINK, "if it is the user" }, { "contact", UCWA_LINK, OTHER },
	{ "contactPhoto", UCWA_LINK, OTHER }, { "contactPresence", UCWA_LINK, OTHER },
	END
};

static const struct ucwa_member participant_messaging[] = {
	SELF, { "participant", UCWA_LINK }, END
};

static const struct ucwa_member messaging[] = {
	{ "state", UCWA_STRING }, { "negotiatedMessageFormats", UCWA_STRINGS, CONNECTED },
	SELF, { "conversation", UCWA_LINK }, { "stopMessaging", UCWA_LINK, "while it is connected, or the caller waits" },
	{ "sendMessage", UCWA_LINK, CONNECTED }, { "setIsTyping", UCWA_LINK, CONNECTED },
	{ "typingParticipants", UCWA_LINK, CONNECTED },
	END
};

static const struct ucwa_member typing_participants[] = {
	SELF, { "participant", UCWA_LINKS, "if one types" }, END
};

static const struct ucwa_member messaging_invitation[] = {
	{ "direction", UCWA_STRING }, { "importance", UCWA_STRING }, { "subject", UCWA_STRING },
	{ "threadId", UCWA_STRING }, { "operationId", UCWA_STRING, "if it is incoming, or one was given" },
	{ "state", UCWA_STRING }, { "to", UCWA_STRING },
	SELF, { "from", UCWA_LINK, UNDER_WAY }, { "to", UCWA_LINK },
	{ "conversation", UCWA_LINK, UNDER_WAY }, { "messaging", UCWA_LINK, UNDER_WAY },
	{ "accept", UCWA_LINK, RINGING }, { "decline", UCWA_LINK, RINGING },
	{ "cancel", UCWA_LINK, "if it is outgoing, while it rings" },
	{ "message", UCWA_LINK, "if it has a first line" },
	{ "from", UCWA_RESOURCE, "if it is incoming", "participant" },
	{ "acceptedByParticipant", UCWA_RESOURCES, "if it is outgoing, once it is accepted", "participant" },
	END
};

/* Calls and meetings: both are incoming, and are answered here or not at all. */
static const struct ucwa_member other_invitation[] = {
	{ "direction", UCWA_STRING }, { "importance", UCWA_STRING }, { "subject", UCWA_STRING },
	{ "threadId", UCWA_STRING }, { "operationId", UCWA_STRING },
	{ "state", UCWA_STRING }, { "to", UCWA_STRING },
	SELF, { "from", UCWA_LINK, UNDER_WAY }, { "to", UCWA_LINK },
	{ "conversation", UCWA_LINK, UNDER_WAY },
	{ "accept", UCWA_LINK, RINGING }, { "decline", UCWA_LINK, RINGING },
	{ "from", UCWA_RESOURCE, NULL, "participant" },
	END
};

static const struct ucwa_member message[] = {
	{ "direction", UCWA_STRING }, { "operationId", UCWA_STRING, GIVEN },
	{ "timeStamp", UCWA_DATE },
	SELF, { "messaging", UCWA_LINK }, { "contact", UCWA_LINK, "if it is incoming" },
	{ "participant", UCWA_LINK, "if it is incoming" },
	{ "plainMessage", UCWA_LINK, "if it is incoming, and plain text" },
	{ "htmlMessage", UCWA_LINK, "if it is incoming, and HTML" },
	END
};

static const struct ucwa_member messages[] = {
	SELF, { "message", UCWA_LINKS, "if there is one" }, END
};

static const struct ucwa_member missed_items[] = {
	{ "conversationLogsCount", UCWA_INT }, { "conversationLogsNotifications", UCWA_STRING },
	{ "missedConversationsCount", UCWA_INT }, { "unreadMissedConversationsCount", UCWA_INT },
	{ "unreadVoicemailsCount", UCWA_INT }, { "voiceMailsCount", UCWA_INT },
	SELF, END
};

static const struct ucwa_member conversation_logs[] = {
	SELF, { "conversationLog", UCWA_LINKS, "if there is one" }, END
};

static const struct ucwa_member conversation_log[] = {
	{ "creationTime", UCWA_DATE }, { "direction", UCWA_STRING }, { "importance", UCWA_STRING },
	{ "modalities", UCWA_STRINGS }, { "previewMessage", UCWA_STRING },
	{ "reason", UCWA_STRING, "an extension: why nobody answered, if that is known" },
	{ "status", UCWA_STRING },
	{ "subject", UCWA_STRING }, { "threadId", UCWA_STRING, GIVEN },
	{ "totalRecipientsCount", UCWA_INT }, { "type", UCWA_STRING },
	SELF, { "markAsRead", UCWA_LINK }, { "conversationLogRecipient", UCWA_RESOURCES },
	END
};

static const struct ucwa_member conversation_log_recipient[] = {
	{ "displayName", UCWA_STRING }, { "sipUri", UCWA_STRING },
	{ "contact", UCWA_LINK }, { "contactPhoto", UCWA_LINK }, { "contactPresence", UCWA_LINK },
	END
};

/* ---- all of them ---- */

const struct ucwa_shape ucwa_shapes[] = {
	{ "application", application },
	{ "applications", applications },
	{ "pushSubscription", push_subscription },
	{ "me", me },
	{ "presence", presence },
	{ "note", note },
	{ "location", location },
	{ "phones", phones },
	{ "callForwardingSettings", forwarding },
	{ "immediateForwardSettings", target },
	{ "simultaneousRingSettings", delayed_target },
	{ "unansweredCallSettings", delayed_target },
	{ "people", people },
	{ "search", search },
	{ "myContacts", contacts },
	{ "groupContacts", contacts },
	{ "subscribedContacts", subscribed_contacts },
	{ "myGroups", groups },
	{ "defaultGroup", group },
	{ "contact", contact },
	{ "contactPresence", contact_presence },
	{ "contactNote", note },
	{ "contactLocation", location },
	{ "contactSupportedModalities", contact_modalities },
	{ "presenceSubscriptions", presence_subscriptions },
	{ "presenceSubscription", presence_subscription },
	{ "presenceSubscriptionMemberships", memberships },
	{ "presenceSubscriptionMembership", membership },
	{ "contactPrivacyRelationship", privacy },
	{ "myPrivacyRelationships", privacies },
	{ "myPrivacyRelationship", privacy_level },
	{ "myGroupMemberships", group_memberships },
	{ "myGroupMembership", group_membership },
	{ "myContactsAndGroupsSubscription", contact_list },
	{ "policies", policies },
	{ "onlineMeetings", self_only },
	{ "communication", communication },
	{ "conversations", conversations },
	{ "conversation", conversation },
	{ "participants", participants },
	{ "participant", participant },
	{ "participantMessaging", participant_messaging },
	{ "messaging", messaging },
	{ "typingParticipants", typing_participants },
	{ "messagingInvitation", messaging_invitation },
	{ "phoneAudioInvitation", other_invitation },
	{ "onlineMeetingInvitation", other_invitation },
	{ "message", message },
	{ "messages", messages },
	{ "missedItems", missed_items },
	{ "conversationLogs", conversation_logs },
	{ "conversationLog", conversation_log },
	{ "conversationLogRecipient", conversation_log_recipient },
	{ NULL, NULL },
};

/* Paths are those of the task pages, or else of the reference pages. */
const struct ucwa_absent ucwa_absents[] = {
	{ "myOnlineMeetings", "onlineMeetings", "/onlineMeetings/myOnlineMeetings" },
	{ "onlineMeetingDefaultValues", "onlineMeetings", "/onlineMeetings/defaultValues" },
	{ "onlineMeetingEligibleValues", "onlineMeetings", "/onlineMeetings/eligibleValues" },
	{ "onlineMeetingInvitationCustomization", "onlineMeetings", "/onlineMeetings/customInvitation" },
	{ "onlineMeetingPolicies", "onlineMeetings", "/onlineMeetings/policies" },
	{ "phoneDialInInformation", "onlineMeetings", "/onlineMeetings/phoneDialInInformation" },
	{ "myAssignedOnlineMeeting", "onlineMeetings", "/onlineMeetings/myOnlineMeetings/1" },
	{ "joinOnlineMeeting", "communication", "/communication/onlineMeetingInvitations" },
	{ "startOnlineMeeting", "communication", "/communication/onlineMeetingInvitations" },
	{ "startPhoneAudio", "communication", "/communication/phoneAudioInvitations" },
	{ "startPhoneAudioOnBehalfOfDelegator", "communication",
	  "/communication/startPhoneAudioOnBehalfOfDelegator" },
	{ "startAudio", "communication", "/communication/startAudio" },
	{ "startVideo", "communication", "/communication/startVideo" },
	{ "startAudioVideo", "communication", "/communication/startAudioVideo" },
	{ "startAudioOnBehalfOfDelegator", "communication", "/communication/startAudioOnBehalfOfDelegator" },
	{ "startAudioVideoOnBehalfOfDelegator", "communication",
	  "/communication/startAudioVideoOnBehalfOfDelegator" },
	{ "startEmergencyCall", "communication", "/communication/startEmergencyCall" },
	{ "mediaPolicies", "communication", "/mediaPolicies" },
	{ "mediaRelayAccessToken", "communication", "/mediaRelayAccessToken" },
	{ "replayMessage", "communication", "/communication/replayMessage" },
	{ "addParticipant", "conversation", "/communication/participantInvitations" },
	{ "phoneAudio", "conversation", "/communication/conversations/1/phoneAudio" },
	{ "audioVideo", "conversation", "/communication/conversations/1/audioVideo" },
	{ "applicationSharing", "conversation", "/communication/conversations/1/applicationSharing" },
	{ "dataCollaboration", "conversation", "/communication/conversations/1/dataCollaboration" },
	{ "onlineMeeting", "conversation", "/communication/conversations/1/onlineMeeting" },
	{ "attendees", "conversation", "/communication/conversations/1/attendees" },
	{ "leaders", "conversation", "/communication/conversations/1/leaders" },
	{ "lobby", "conversation", "/communication/conversations/1/lobby" },
	{ "userAcknowledged", "conversation", "/communication/conversations/1/userAcknowledged" },
	{ "conversationLogTranscripts", "conversationLog",
	  "/communication/conversationLogs/1/conversationLogTranscripts" },
	{ "continueMessaging", "conversationLog", "/communication/conversationLogs/1/continueMessaging" },
	{ NULL, NULL, NULL },
};

/* clang-format on */

const struct ucwa_shape *ucwa_shape_find(const char *rel)
{
	for (const struct ucwa_shape *shape = ucwa_shapes; shape->rel; shape++)
		if (!strcmp(shape->rel, rel))
			return shape;
	return NULL;
}

/* Properties, _links or _embedded. */
static int place_of(enum ucwa_value value)
{
	if (value < UCWA_LINK)
		return 0;
	return value < UCWA_RESOURCE ? 1 : 2;
}

const struct ucwa_member *ucwa_shape_member(const struct ucwa_shape *shape, const char *name,
					    enum ucwa_value value)
{
	for (const struct ucwa_member *m = shape->members; m->name; m++)
		if (!strcmp(m->name, name) && place_of(m->value) == place_of(value))
			return m;
	return NULL;
}
