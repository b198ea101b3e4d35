/*
 * HTTPS API: what its description says besides the tables of routes, resources and events
 */
#include "web/ucwa/openapi_rows.h"

#include "proto/text/mem.h"
#include "web/http/http.h"
#include "web/http/openapi.h"
#include "web/ucwa/operation.h"

#include <string.h>

#define IGNORED_CASE "The case of member names does not matter, and unknown members are ignored."

#define AVAILABILITY "Away|BeRightBack|Busy|DoNotDisturb|Offwork|Online"
#define MODALITIES                                                                                 \
	"supportedModalities?[]~ supportedMessageFormats?[]=Plain|Html phoneNumber? "              \
	"audioPreference?=PhoneAudio|VoipAudio "

#define REASONS                                                                                    \
	"Unknown|Local|Global|MediaAllocationFailure|EncryptionMismatch|IPv6NotSupported|"         \
	"MediaConnectivityFailure|CodecMismatch|UnsupportedMedia|InvalidMediaOffer|"               \
	"InsufficientBandwidth|InsufficientBandwidthRerouteOverPstn"

#define LINKS(required, ...)                                                                       \
	"{\"type\":\"object\",\"required\":[\"_links\"],\"properties\":{\"_links\":{\"type\":"     \
	"\"object\",\"required\":[" required "],\"properties\":{" __VA_ARGS__ "}}}}"
#define LINK(name) "\"" name "\":{\"$ref\":\"#/components/schemas/Link\"}"

/* clang-format off */
const struct openapi_schema ucwa_schemas[] = {
	/* ---- shared ---- */
	{ "Link", "Where something is. Hrefs are relative to this server, or data URIs.",
	  "href:uri title? revision?", "{\"href\":\"/ucwa/oauth/v1/applications/7227d9c05cdd/me\"}" },
	{ "Form", NULL, "grant_type username? password? client_id? scope?=all",
	  "{\"grant_type\":\"password\",\"username\":\"bob@lab.test\",\"password\":\"secret\"}" },
	{ "Object", "Members are ignored.", "{\"type\":\"object\"}", "{}" },

	/* ---- finding the server and signing in ---- */
	{ "Autodiscover", "Where to go on: user with a token, redirect from plain HTTP.",
	  LINKS("", LINK("self") "," LINK("user") "," LINK("xframe") "," LINK("redirect") ","
		LINK("applications")),
	  "{\"_links\":{\"self\":{\"href\":\"https://fe.lab.test/autodiscover/autodiscoverservice.svc/root\"},"
	  "\"user\":{\"href\":\"https://fe.lab.test/autodiscover/autodiscoverservice.svc/root/oauth/user\"}}}" },
	{ "Token", NULL, "access_token expires_in:int ms_rtc_identityscope token_type=Bearer",
	  "{\"access_token\":\"cwt=AAEB\",\"expires_in\":28800,\"ms_rtc_identityscope\":\"local\",\"token_type\":\"Bearer\"}" },
	{ "OAuthError", "As RFC 6749 (5.2) has it.", "error error_description?",
	  "{\"error\":\"invalid_grant\",\"error_description\":\"The user name or the password is wrong.\"}" },
	{ "ForwardingPart", NULL,
	  "{\"anyOf\":[{\"$ref\":\"#/components/schemas/immediateForwardSettings\"},"
	  "{\"$ref\":\"#/components/schemas/simultaneousRingSettings\"},"
	  "{\"$ref\":\"#/components/schemas/unansweredCallSettings\"}]}", NULL },
	{ "Contacts", "All, or those of a group.",
	  "{\"anyOf\":[{\"$ref\":\"#/components/schemas/myContacts\"},"
	  "{\"$ref\":\"#/components/schemas/groupContacts\"}]}", NULL },
	{ "Health", NULL, "status=ok", "{\"status\":\"ok\"}" },

	/* ---- bodies of requests ---- */
	{ "NewApplication", IGNORED_CASE " Each instanceId of an endpoint, such as a tab of a browser, gets an application "
	  "with an event channel of its own.", "UserAgent EndpointId Culture InstanceId?",
	  "{\"UserAgent\":\"Example/1.0\",\"EndpointId\":\"44d5cb76-0a0b-4d4c-a4de-4cc3b8f3d3a1\",\"Culture\":\"en-US\"}" },
	{ "Available", IGNORED_CASE, MODALITIES "signInAs?=" AVAILABILITY " inactiveTimeout? autoAwayTimeout? voipFallbackToPhoneAudioTimeOut?:any",
	  "{\"supportedModalities\":[\"Messaging\"],\"supportedMessageFormats\":[\"Plain\",\"Html\"]}" },
	{ "Communication", "What GET gave, with changes. " IGNORED_CASE, MODALITIES "etag?",
	  "{\"supportedModalities\":[\"Messaging\"],\"supportedMessageFormats\":[\"Plain\"]}" },
	{ "Presence", NULL, "availability?=" AVAILABILITY, "{\"availability\":\"Busy\"}" },
	{ "Note", NULL, "message?", "{\"message\":\"Out for lunch\"}" },
	{ "Location", NULL, "location?", "{\"location\":\"At home\"}" },
	{ "NewInvitation", "The first message is a link: a data URI of text/plain or text/html. A member \"message\" is taken, too: that URI, or "
	  "plain text.",
	  "operationId? to? importance?=Normal|Urgent|Emergency subject? threadId? sessionContext? telemetryId?:any message?:any _links?:object",
	  "{\"operationId\":\"5028e824\",\"to\":\"sip:alice@lab.test\",\"subject\":\"Lunch\","
	  "\"_links\":{\"message\":{\"href\":\"data:text/plain;charset=utf-8,Hi\"}}}" },
	{ "Duration", IGNORED_CASE, "duration?:int~", "{\"duration\":10}" },
	{ "Network", IGNORED_CASE,
	  "clientNetworkType=External|Internal ip? mac? chassisID? portID? rssi? subnetID? wapBSSID?",
	  "{\"clientNetworkType\":\"External\",\"ip\":\"127.0.0.1\"}" },
	{ "Decline", NULL, "reason?=" REASONS, "{\"reason\":\"Local\"}" },
	{ "PresenceSubscription", IGNORED_CASE, "uris?:uri[] contactUris?:uri[] duration?:int~ groupId?",
	  "{\"uris\":[\"sip:alice@lab.test\"],\"duration\":11}" },
	{ "PushSubscription", "Where pushes go: notificationUri (http or https) for windowsPhone and webhook, deviceToken "
	  "(hex digits) for apple. Refused with 403 if the server's settings rule it out.",
	  "platform=windowsPhone|apple|webhook notificationUri?:uri deviceToken? deviceName? userAgent?",
	  "{\"platform\":\"windowsPhone\",\"notificationUri\":\"http://127.0.0.1:8080/throttledthirdparty/01.00/AAE\","
	  "\"deviceName\":\"Bob's phone\"}" },
};
/* clang-format on */

const size_t ucwa_n_schemas = ARRAY_SIZE(ucwa_schemas);

#define AUTODISCOVER_XML "application/vnd.microsoft.rtc.autodiscover+xml"

const struct ucwa_exchange ucwa_exchanges[] = {
	{ "GET", "/autodiscoverservice.svc/root/domain", NULL, "200 " AUTODISCOVER_XML },
	{ "GET", "/autodiscoverservice.svc/root/oauth/user", NULL,
	  "200 Autodiscover " AUTODISCOVER_XML },
	{ "GET", "/autodiscoverservice.svc/root", NULL, "200 Autodiscover " AUTODISCOVER_XML },
	{ "GET", "/XFrame/XFrame.js", NULL, "200 text/javascript" },
	{ "GET", "/XFrame/XFrame.html", NULL, "200 text/html" },
	{ "GET", "/Mcx/McxService.svc", NULL, "200 text/html" },
	{ "GET", "/openapi.json", NULL, "200 Object" },
	{ "GET", "/health", NULL, "200 Health" },
	{ "POST", "/oauthtoken", NULL, "200 Token" },
	{ "POST", "/oauth/v1/applications", "NewApplication", "201 application, 200 application" },
	{ "GET", "/events", NULL, "200 EventPacket" },
	{ "POST", "/batch", NULL, "200 multipart/batching" },
	{ "PUT", "/me/callForwardingSettings", NULL, "" },
	{ "POST", "/reportMyNetwork", "Network", "201" },
	{ "PUT", "/callForwardingSettings/{part}", NULL, "" },
	{ "PUT", "/privacyRelationship", NULL, "" },
	{ "POST", "/contactsAndGroupsSubscription/start", "Duration",
	  "201 myContactsAndGroupsSubscription" },
	{ "POST", "/people/groups", NULL, "" },
	{ "POST", "/groupMemberships", NULL, "" },
	{ "DELETE", "/groupMemberships/{membership}", NULL, "" },
	{ "GET", "/photo", NULL, "" },
	{ "GET", "/photos/{aor}", NULL, "" },
	{ "GET", "/callForwardingSettings/{part}", NULL, "200 ForwardingPart, 304" },
	{ "GET", "/people/contacts", NULL, "200 Contacts, 304" },
	{ "GET", "/people/groups/{group}", NULL, "200 defaultGroup, 304" },
	{ "POST", "/people/presenceSubscriptions", "PresenceSubscription",
	  "201 presenceSubscription" },
	{ "POST", "/presenceSubscriptions/{watch}", "PresenceSubscription",
	  "200 presenceSubscription" },
	{ "POST", "/presenceSubscriptionMemberships", "PresenceSubscription",
	  "201 presenceSubscriptionMemberships" },
	{ "PUT", "/communication", "Communication", "200 communication" },
	{ "POST", "/makeMeAvailable", "Available", "204" },
	{ "POST", "/me/presence", "Presence", "204" },
	{ "POST", "/me/note", "Note", "204" },
	{ "POST", "/me/location", "Location", "204" },
	{ "POST", "/messaging/messages", NULL, "201" },
	{ "POST", "/messages/{message}", NULL, "201" },
	{ "POST", "/messagingInvitations", "NewInvitation", "201" },
	{ "POST", "/decline", "Decline", "204" },
	{ "PUT", "/pushSubscription", "PushSubscription",
	  "201 pushSubscription, 200 pushSubscription" },
	{ "GET", "/", NULL, "200 Autodiscover " AUTODISCOVER_XML },
};

const size_t ucwa_n_exchanges = ARRAY_SIZE(ucwa_exchanges);

const struct ucwa_exchange *ucwa_exchange_find(const char *method, const char *path)
{
	size_t n_path = strlen(path);

	for (size_t i = 0; i < ucwa_n_exchanges; i++) {
		const struct ucwa_exchange *x = &ucwa_exchanges[i];
		size_t n = strlen(x->path);

		if (!strcmp(x->method, method) && n <= n_path &&
		    !strcmp(path + n_path - n, x->path))
			return x;
	}
	return NULL;
}

const char *ucwa_body_words(const struct http_route *route)
{
	const struct ucwa_operation *operation = route->extra;
	const struct ucwa_exchange *x = ucwa_exchange_find(route->method, operation->path);

	for (size_t i = 0; x && x->body && i < ucwa_n_schemas; i++)
		if (!strcmp(ucwa_schemas[i].name, x->body) && *ucwa_schemas[i].members != '{')
			return ucwa_schemas[i].members;
	return NULL;
}
