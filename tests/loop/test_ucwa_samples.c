/*
 * HTTPS API: requests as the documentation's samples have them, of what there is here
 *
 * The pages do not agree on where some operations are, how members are written, and what a body looks like; a client may have been
 * written from any of them. Users and numbers are those of this test, parameters that the reference demands are there, everything else is as on
 * the page.
 */
#include "ucwa_fixture.h"

#include "mcxd/core/conversation.h"
#include "proto/text/mem.h"
#include "proto/text/text.h"

#include <string.h>

struct sample {
	const char *page, *method;
	/* {app}: Bob's application; {new}: one that has just signed in. {n}: a conversation; {ringing}, {calling}: an invitation that is not answered, in or out;
	 * {missed}: one that was not; {watch}: a presence subscription. */
	const char *path;
	int status;
	const char *type, *body; /* may be NULL */
};

#define JSON "application/json"
#define START                                                                                      \
	"{\n \"operationId\" : \"74cb7404\",\n \"to\" : \"sip : alice@lab.test\",\n "              \
	"\"importance\" : \"Urgent\",\n"
#define SUBJECT                                                                                    \
	" \"subject\" : \"SkypeforBusiness\",\n \"threadId\" : "                                   \
	"\"292e0aaef36c426a97757f43dda19d06\",\n"
#define LINK "\"message\" : {\n \"href\" : \"data : text/plain;base64,\\n SGkgQWxpY2U=\"\n }"
#define CUSTOM                                                                                     \
	"\"customContent\" : {\n \"href\" : \"data : application/sdp;base64,\\n AAAA\"\n },\n "
#define SELECTED                                                                                   \
	"{\"contactUris\" : [\"\\\"sip : alice@lab.test\\\"\", \"\\\"sip : bob@lab.test\\\"\"]}"
#define AVAILABLE "{\"SupportedModalities\": [\"Messaging\"]}"
#define BOTH                                                                                       \
	"\"supportedMessageFormats\" : [\"Plain\", \"Html\"], \"supportedModalities\" : "          \
	"[\"PhoneAudio\", \"Messaging\"]}"

/* clang-format off */
static const struct sample samples[] = {
	/* ---- tasks ---- */
	{ "Create an application", "GET", "/Autodiscover/AutodiscoverService.svc/root/oauth/user", 200, NULL, NULL },
	{ "Create an application", "POST", "/webticket/oauthtoken", 200, "application/x-www-form-urlencoded;charset='utf-8'",
	  "grant_type=password&username=bob@lab.test&password=pass+word%261" },
	{ "Create an application", "POST", "/ucwa/oauth/v1/applications", 201, JSON,
	  "{\n\"UserAgent\":\"UCWA Samples\",\n\"EndpointId\":\"a917c6f4-976c-4cf3-847d-cdfffa28ccdf\",\n\"Culture\":\"en-US\",\n}" },
	{ "Extend a presence subscription", "POST", "{app}/people/presenceSubscriptions/{watch}?duration=11", 200, NULL, NULL },
	{ "Get my note information", "POST", "{new}/me/makeMeAvailable", 204, JSON, AVAILABLE },
	{ "Get my note information", "GET", "{app}/me/note", 200, NULL, NULL },
	{ "Get my presence information", "GET", "{app}/me/presence", 200, NULL, NULL },
	{ "Query parameters", "POST", "{app}/me/note", 204, NULL, "{\"message\":\"I'm away from the office today\"}" },
	{ "Query parameters", "POST", "{app}/me/note?Message=I'm%20away%20today", 204, NULL, NULL },
	{ "Receive an IM", "POST", "{app}/communication/messagingInvitations/{ringing}/accept?sessionContext=2687ba8f", 204, NULL, NULL },
	{ "Receive an IM", "POST", "{app}/me/reportMyActivity", 204, NULL, NULL },
	{ "Reset my note info", "POST", "{app}/me/note", 204, NULL, NULL },
	{ "Reset my presence information", "POST", "{app}/me/presence", 204, JSON, NULL },
	{ "Send an IM", "POST", "{app}/communication/startmessaging", 201, JSON,
	  "{\n\"importance\":\"Normal\",\n\"sessionContext\":\"33dc0ef6-0570-4467-bb7e-49fcbea8e944\",\n\"subject\":\"Task Sample\",\n"
	  "\"telemetryId\":null,\n\"to\":\"sip:alice@lab.test\",\n\"operationId\":\"5028e824-2268-4b14-9e59-1abad65ff393\"\n}" },
	{ "Send an IM", "POST", "{app}/communication/conversations/{n}/messaging/messages?OperationContext=6b6ce55c", 201, "text/plain", "What's up?" },
	{ "Send an IM", "POST", "{app}/communication/conversations/{n}/messaging/terminate", 204, NULL, NULL },
	{ "Set my presence information", "POST", "{app}/me/presence", 204, JSON, "{\"availability\":\"Online\"}" },
	{ "Set my note information", "POST", "{app}/me/note", 204, JSON, "{\"message\": \"working working working\"}" },
	{ "Subscribe to the presence of a group of contacts", "POST", "{app}/people/presenceSubscriptions?groupId=default&duration=11", 201, NULL, NULL },
	{ "Subscribe to the presence of selected contacts", "POST", "{app}/people/presenceSubscriptions", 201, NULL,
	  "{\"duration\":11,\"Uris\": [\"sip:Alice@lab.test\"]}" },
	{ "Multi-tab support", "POST", "/ucwa/v1/applications", 201, NULL,
	  "{\n \"culture\": \"en-us\",\n \"endpointId\": \"123\",\n \"type\": \"Browser\",\n \"userAgent\": \"foo\",\n \"instanceId\": \"abc\"\n}" },
	{ "Grouping requests in a batch", "POST", "{app}/batch", 200, "multipart/batching;boundary=77f2569d",
	  "--77f2569d\r\nContent-Type: application/http; msgtype=request\r\n\r\nGET /ucwa/oauth/v1/applications/103/me HTTP/1.1\r\n"
	  "Host: lyncweb.lab.test\r\nAccept: application/json\r\n\r\n--77f2569d--\r\n" },

	/* ---- reference: signing in, and oneself ---- */
	{ "user", "GET", "/autodiscover/autodiscoverservice.svc/root/user", 200, NULL, NULL },
	{ "xframe", "GET", "/autodiscover/autodiscoverservice.svc/root/xframe", 200, NULL, NULL },
	{ "applications", "GET", "/ucwa/v1/applications", 200, NULL, NULL },
	{ "applications", "POST", "/ucwa/v1/applications", 201, JSON,
	  "{\n \"culture\" : \"en-us\",\n \"endpointId\" : \"123456\",\n \"instanceId\" : \"samplevalue\",\n \"userAgent\" : \"ContosoApp/1.0(WindowsPhoneOS7.5)\"\n}" },
	{ "makeMeAvailable", "POST", "{new}/communication/makeMeAvailable", 204, JSON,
	  "{\"audioPreference\" : \"PhoneAudio\", \"phoneNumber\" : \"4255552222\", \"signInAs\" : \"BeRightBack\", " BOTH },
	{ "reportMyActivity", "POST", "{app}/reportMyActivity", 204, NULL, NULL },
	{ "reportMyNetwork", "POST", "{app}/reportMyNetwork", 201, JSON,
	  "{\"chassisID\" : \"samplevalue\", \"clientNetworkType\" : \"External\", \"ip\" : \"samplevalue\", \"mac\" : \"samplevalue\", "
	  "\"portID\" : \"samplevalue\", \"rssi\" : \"samplevalue\", \"subnetID\" : \"samplevalue\", \"wapBSSID\" : \"samplevalue\"}" },
	{ "presence", "POST", "{app}/me/presence", 204, JSON, "{\n \"availability\" : \"BeRightBack\"\n}" },
	{ "note", "POST", "{app}/me/note", 204, NULL, NULL },
	{ "location", "POST", "{app}/me/location", 204, JSON, "{\n \"location\" : \"Bythebeach...\"\n}" },
	{ "policies", "GET", "{app}/policies", 200, NULL, NULL },
	{ "phones", "GET", "{app}/me/phones", 200, NULL, NULL },
	{ "callForwardingSettings", "PUT", "{app}/me/callForwardingSettings", 403, JSON,
	  "{\"rel\" : \"callForwardingSettings\", \"activePeriod\" : \"Workhours\", \"activeSetting\" : \"ImmediateForward\", \"unansweredCallHandling\" : \"Enabled\"}" },
	{ "simultaneousRingSettings", "PUT", "{app}/me/callForwardingSettings/simultaneousRingSettings", 403, JSON,
	  "{\"rel\" : \"simultaneousRingSettings\", \"ringDelay\" : 5, \"target\" : \"None\"}" },

	/* ---- reference: people ---- */
	{ "search", "GET", "{app}/search?query=alice", 200, NULL, NULL },
	{ "myContacts", "GET", "{app}/contacts", 200, NULL, NULL },
	{ "groupContacts", "GET", "{app}/contacts?groupId=default", 200, NULL, NULL },
	{ "myGroups", "GET", "{app}/groups", 200, NULL, NULL },
	{ "myGroups", "POST", "{app}/groups", 403, JSON, "{\n \"displayName\" : \"samplevalue\"\n}" },
	{ "defaultGroup", "GET", "{app}/groups/default", 200, NULL, NULL },
	{ "subscribeToGroupPresence", "POST", "{app}/groups/default/subscribeToGroupPresence?groupId=default&duration=15", 201, NULL, NULL },
	{ "subscribedContacts", "GET", "{app}/subscribedContacts", 200, NULL, NULL },
	{ "myGroupMemberships", "GET", "{app}/myGroupMemberships", 200, NULL, NULL },
	{ "myGroupMemberships", "POST", "{app}/myGroupMemberships", 403, NULL, NULL },
	{ "myGroupMembership", "GET", "{app}/myGroupMemberships/default,alice@lab.test", 200, NULL, NULL },
	{ "myGroupMembership", "DELETE", "{app}/myGroupMemberships/default,alice@lab.test", 403, NULL, NULL },
	{ "myPrivacyRelationships", "GET", "{app}/myPrivacyRelationships", 200, NULL, NULL },
	{ "myPrivacyRelationship", "GET", "{app}/myPrivacyRelationships/Colleagues", 200, NULL, NULL },
	{ "myContactsAndGroupsSubscription", "GET", "{app}/people/myContactsAndGroupsSubscription", 200, NULL, NULL },
	{ "startOrRefreshSubscriptionToContactsAndGroups", "POST",
	  "{app}/people/myContactsAndGroupsSubscription/startOrRefreshSubscriptionToContactsAndGroups?duration=15", 201, NULL, NULL },
	{ "stopSubscriptionToContactsAndGroups", "POST", "{app}/people/myContactsAndGroupsSubscription/stopSubscriptionToContactsAndGroups", 204, NULL, NULL },
	{ "contactPresence", "GET", "{app}/people/alice@lab.test/contactPresence", 200, NULL, NULL },
	{ "contactNote", "GET", "{app}/people/alice@lab.test/contactNote", 200, NULL, NULL },
	{ "contactLocation", "GET", "{app}/people/alice@lab.test/contactLocation", 200, NULL, NULL },
	{ "contactSupportedModalities", "GET", "{app}/people/alice@lab.test/contactSupportedModalities", 200, NULL, NULL },
	{ "contactPrivacyRelationship", "GET", "{app}/people/alice@lab.test/contactPrivacyRelationship", 200, NULL, NULL },
	{ "contactPrivacyRelationship", "PUT", "{app}/people/alice@lab.test/contactPrivacyRelationship", 403, JSON,
	  "{\"rel\" : \"contactPrivacyRelationship\", \"relationshipLevel\" : \"Workgroup\"}" },
	{ "presenceSubscriptions", "GET", "{app}/presenceSubscriptions", 200, NULL, NULL },
	{ "presenceSubscriptions", "POST", "{app}/presenceSubscriptions", 201, JSON,
	  "{\n \"duration\" : 15,\n \"uris\" : [\n \"\\\"sip : alice@lab.test\\\"\",\n \"\\\"sip : bob@lab.test\\\"\"\n ]\n}" },
	{ "presenceSubscriptionMemberships", "GET", "{app}/presenceSubscriptionMemberships", 200, NULL, NULL },
	{ "presenceSubscriptionMemberships", "POST", "{app}/presenceSubscriptionMemberships?presenceSubscriptionId={watch}", 201, JSON, SELECTED },

	/* ---- reference: conversations ---- */
	{ "startMessaging", "POST", "{app}/communication/startMessaging", 201, JSON, START SUBJECT " \"_links\" : {\n " LINK "\n }\n}" },
	{ "startMessaging (version 2)", "POST", "{app}/communication/startMessaging", 201, JSON, START SUBJECT " \"_links\" : {\n " CUSTOM LINK "\n }\n}" },
	{ "messagingInvitation", "GET", "{app}/communication/invitations/{ringing}", 200, NULL, NULL },
	{ "accept", "POST", "{app}/communication/invitations/{ringing}/accept", 204, NULL, NULL },
	{ "decline", "POST", "{app}/communication/invitations/{ringing}/decline", 204, JSON, "{\n \"reason\" : \"Local\"\n}" },
	{ "cancel", "POST", "{app}/communication/invitations/{calling}/cancel", 204, NULL, NULL },
	{ "conversation", "GET", "{app}/communication/conversations/{n}", 200, NULL, NULL },
	{ "participant", "GET", "{app}/communication/conversations/{n}/participants/alice@lab.test", 200, NULL, NULL },
	{ "participantMessaging", "GET", "{app}/communication/conversations/{n}/participants/alice@lab.test/participantMessaging", 200, NULL, NULL },
	{ "messaging", "GET", "{app}/communication/conversations/{n}/messaging", 200, NULL, NULL },
	{ "sendMessage", "POST", "{app}/communication/conversations/{n}/messaging/sendMessage?operationId=74cb7404", 201, "text/plain", "Hi" },
	{ "setIsTyping", "POST", "{app}/communication/conversations/{n}/messaging/setIsTyping", 204, NULL, NULL },
	{ "stopMessaging", "POST", "{app}/communication/conversations/{n}/messaging/stopMessaging", 204, NULL, NULL },
	{ "missedItems", "GET", "{app}/communication/missedItems", 200, NULL, NULL },
	{ "conversationLogs", "GET", "{app}/communication/conversationLogs", 200, NULL, NULL },
	{ "markAsRead", "POST", "{app}/communication/conversationLogs/{missed}/markAsRead", 204, NULL, NULL },
};
/* clang-format on */

/* Alice's phone, which rings when Bob invites her; the path of its application. free() it. */
static char *sign_alice_in(struct lab *l)
{
	CLEANUP(mem_free_string) char *token = lab_sign_in(l, "alice@lab.test", "pass+word%261");
	char *app = lab_application(l, token, "alices-phone");
	CLEANUP(mem_free_string) char *available = text_concat(app, "/me/makeMeAvailable");
	struct reply r;

	assert_int_equal(lab_call(l,
				  &(struct call){ .method = "POST",
						  .path = available,
						  .token = token,
						  .body = "{}" },
				  &r),
			 204);
	reply_reset(&r);
	return app;
}

/* The same for her events as for Bob's: their queue would be full. */
static void forget_events_of(struct lab *l, char *app)
{
	char *own = l->app;

	l->app = app;
	lab_forget_events(l);
	l->app = own;
}

/* Bob does this; returns the last segment of where it is. */
static char *make(struct lab *l, const char *below, const char *body)
{
	CLEANUP(mem_free_string) char *path = text_concat(l->app, below);
	struct reply r;
	char *id;

	lab_call(l, &(struct call){ .method = "POST", .path = path, .body = body }, &r);
	assert_int_equal(r.status, 201);
	id = mem_strdup(strrchr(r.location, '/') + 1);
	reply_reset(&r);
	return id;
}

/* Make what the path wants; returns its number. *ret: who talks with Bob because of that. free() it. */
static char *begin(struct lab *l, const char *which, struct caller **ret)
{
	if (!strncmp(which, "{calling}", 9))
		return make(l, "/communication/messagingInvitations",
			    "{\"to\":\"alice@lab.test\"}");
	if (!strncmp(which, "{watch}", 7))
		return make(l, "/people/presenceSubscriptions",
			    "{\"uris\":[\"alice@lab.test\"],\"duration\":10}");
	*ret = caller_invite(l, "Hi");
	if (!strncmp(which, "{n}", 3))
		assert_int_equal(invitation_do(l, *ret, "POST", "/accept"), 204);
	if (!strncmp(which, "{missed}", 8))
		leg_on_cancelled(&(*ret)->leg);
	lab_settle(l);
	return text_format("%llu", (unsigned long long)(*ret)->conversation);
}

/* The path with what it stands for; free() it. *ret: who talks with Bob; NULL: nobody. */
static char *path_of(struct lab *l, const struct sample *s, struct caller **ret)
{
	CLEANUP(mem_free_string) char *app = NULL, *id = NULL;
	const char *rest = s->path, *which;

	*ret = NULL;
	if (!strncmp(rest, "{new}", 5))
		app = lab_application(l, l->token, s->page);
	if (*rest == '{')
		rest += strlen("{app}");
	which = strchr(rest, '{');
	if (!which)
		return text_concat(app ? app : rest == s->path ? "" : l->app, rest);
	id = begin(l, which, ret);
	return text_format("%s%.*s%s%s", l->app, (int)(which - rest), rest, id,
			   strchr(which, '}') + 1);
}

static void hang_up(struct lab *l, const struct sample *s, struct caller *c)
{
	const char *told;

	if (!c)
		return;
	told = text_str(&c->told);
	if (strstr(told, "end") || strstr(told, "refuse") || strstr(s->path, "{missed}"))
		lab_settle(l);
	else if (strstr(told, "answer"))
		leg_on_ended(&c->leg);
	else
		leg_on_cancelled(&c->leg);
	lab_settle(l);
	caller_free(c);
}

static void end(struct lab *l, const char *method, const char *path)
{
	struct reply r;

	assert_int_equal(lab_call(l, &(struct call){ .method = method, .path = path }, &r), 204);
	reply_reset(&r);
}

/* Limits are lower than the number of samples that make something. path: what was made, or a path below the application that
 * was. */
static void clean_up(struct lab *l, const char *path)
{
	size_t n = strlen(l->app);
	const char *last = path ? strrchr(path, '/') : NULL;
	CLEANUP(mem_free_string) char *other = NULL;

	if (!last || strlen(path) < n)
		return;
	if (strncmp(path, l->app, n) != 0) {
		other = mem_memdup(path, n);
		end(l, "DELETE", other);
	} else if (strstr(path, "/presenceSubscriptions/")) {
		end(l, "DELETE", path);
	} else if (strstr(path, "/messagingInvitations/")) {
		other = text_concat(l->app, "/communication/conversations", last,
				    "/messaging/terminate");
		end(l, "POST", other);
	}
}

static void test_samples(void **state)
{
	CLEANUP(text_deinit) struct text wrong = TEXT_INIT;
	CLEANUP(mem_free_string) char *alices = NULL;
	struct lab *l = *state;

	alices = sign_alice_in(l);
	lab_bob(l);
	for (size_t i = 0; i < ARRAY_SIZE(samples); i++) {
		const struct sample *s = &samples[i];
		struct caller *c;
		CLEANUP(mem_free_string) char *path = path_of(l, s, &c);
		struct reply r;

		lab_call(l,
			 &(struct call){ .method = s->method,
					 .path = path,
					 .type = s->type,
					 .body = s->body },
			 &r);
		if (r.status != s->status)
			text_addf(&wrong, "%s: %s %s: %d, not %d: %s\n", s->page, s->method, path,
				  r.status, s->status, r.body ? r.body : "");
		clean_up(l, s->path[1] == 'n' ? path : r.location);
		reply_reset(&r);
		hang_up(l, s, c);
		lab_forget_events(l);
		forget_events_of(l, alices);
	}
	if (wrong.n)
		fail_msg("%s", text_str(&wrong));
}

int main(void)
{
	const struct CMUnitTest tests[] = {
		cmocka_unit_test_setup_teardown(test_samples, lab_setup, lab_teardown),
	};

	return cmocka_run_group_tests(tests, NULL, NULL);
}
