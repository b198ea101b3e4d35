/*
 * UCWA request bodies
 */
#include "proto/ucwa/body.h"

#include "proto/text/chars.h"
#include "proto/text/data_uri.h"
#include "proto/text/json_in.h"
#include "proto/text/mem.h"
#include "proto/ucwa/available.h"
#include "proto/ucwa/body_member.h"
#include "proto/ucwa/http_uri.h"

#include <errno.h>
#include <strings.h>

/* ---- application ---- */

static const struct body_member application_members[] = {
	{ "userAgent", offsetof(struct ucwa_application, user_agent), UCWA_MAX_STRING,
	  BODY_REQUIRED },
	{ "endpointId", offsetof(struct ucwa_application, endpoint_id), UCWA_MAX_STRING,
	  BODY_REQUIRED },
	{ "culture", offsetof(struct ucwa_application, culture), UCWA_MAX_STRING, BODY_REQUIRED },
	{ "instanceId", offsetof(struct ucwa_application, instance_id), UCWA_MAX_STRING },
};

void ucwa_application_deinit(struct ucwa_application *a)
{
	free(a->user_agent);
	free(a->endpoint_id);
	free(a->culture);
	free(a->instance_id);
	*a = (struct ucwa_application){ 0 };
}

int ucwa_application_decode(const void *p, size_t n, struct ucwa_application *ret,
			    struct ucwa_problem *ret_problem)
{
	CLEANUP(body_put) struct json_object *o = NULL;

	*ret = (struct ucwa_application){ 0 };
	if (body_parse(p, n, &o, ret_problem) == 0 &&
	    body_get_members(o, application_members, ARRAY_SIZE(application_members), ret,
			     ret_problem) == 0)
		return 0;
	ucwa_application_deinit(ret);
	return -EINVAL;
}

/* ---- pushSubscription ---- */

static const char *const platforms[] = { "windowsPhone", "apple", "webhook", NULL };

static const struct body_member subscription_members[] = {
	{ "platform", offsetof(struct ucwa_subscription, platform), UCWA_MAX_STRING, BODY_REQUIRED,
	  platforms },
	{ "notificationUri", offsetof(struct ucwa_subscription, notification_uri), UCWA_MAX_URI },
	{ "deviceToken", offsetof(struct ucwa_subscription, device_token), 200 },
	{ "deviceName", offsetof(struct ucwa_subscription, phone_name), UCWA_MAX_STRING },
	{ "userAgent", offsetof(struct ucwa_subscription, user_agent), UCWA_MAX_AGENT },
};

void ucwa_subscription_deinit(struct ucwa_subscription *s)
{
	free(s->platform);
	free(s->notification_uri);
	free(s->device_token);
	free(s->phone_name);
	free(s->user_agent);
	*s = (struct ucwa_subscription){ 0 };
}

static int check_token(const char *token, struct ucwa_problem *problem)
{
	size_t n = strlen(token);

	if (n < 2 || n % 2 || strspn(token, "0123456789abcdefABCDEF") != n)
		return body_refuse_member(problem, "deviceToken",
					  "must be an even number of hex digits.");
	return 0;
}

static int check_subscription(struct ucwa_subscription *s, struct ucwa_problem *problem)
{
	bool apple = !strcasecmp(s->platform, "apple");
	const char *has = apple ? s->device_token : s->notification_uri;
	const char *other = apple ? s->notification_uri : s->device_token;
	const char *why;

	for (size_t i = 0; platforms[i]; i++)
		if (!strcasecmp(s->platform, platforms[i]))
			mem_set_string(&s->platform, platforms[i]);
	if (!has || other)
		return body_refuse_member(problem, "platform",
					  "%s must have %s and must not have %s.", s->platform,
					  apple ? "deviceToken" : "notificationUri",
					  apple ? "notificationUri" : "deviceToken");
	if (apple)
		return check_token(has, problem);
	why = ucwa_check_uri(has);
	return why ? body_refuse_member(problem, "notificationUri", "%s.", why) : 0;
}

int ucwa_subscription_decode(const void *p, size_t n, struct ucwa_subscription *ret,
			     struct ucwa_problem *ret_problem)
{
	CLEANUP(body_put) struct json_object *o = NULL;

	*ret = (struct ucwa_subscription){ 0 };
	if (body_parse(p, n, &o, ret_problem) == 0 &&
	    body_get_members(o, subscription_members, ARRAY_SIZE(subscription_members), ret,
			     ret_problem) == 0 &&
	    check_subscription(ret, ret_problem) == 0)
		return 0;
	ucwa_subscription_deinit(ret);
	return -EINVAL;
}

/* ---- messagingInvitations ---- */

static const char *const importances[] = { "Normal", "Urgent", "Emergency", NULL };

static const struct body_member start_members[] = {
	{ "operationId", offsetof(struct ucwa_start, operation_id), UCWA_MAX_OPERATION },
	{ "to", offsetof(struct ucwa_start, to), UCWA_MAX_URI, BODY_SIP_URI },
	{ "importance", offsetof(struct ucwa_start, importance), UCWA_MAX_STRING, 0, importances },
	{ "subject", offsetof(struct ucwa_start, subject), UCWA_MAX_SUBJECT },
	{ "threadId", offsetof(struct ucwa_start, thread_id), UCWA_MAX_SUBJECT },
};

void ucwa_start_deinit(struct ucwa_start *s)
{
	free(s->operation_id);
	free(s->to);
	free(s->importance);
	free(s->subject);
	free(s->thread_id);
	free(s->text);
	free(s->text_type);
	*s = (struct ucwa_start){ 0 };
}

/* Of a link, or of a string that stands for one. "" if it is null; NULL if there is none. */
static const char *href_of(struct json_object *link)
{
	struct json_object *href = link;

	if (json_object_is_type(link, json_type_object) && !json_in_member(link, "href", &href))
		return NULL;
	if (!href)
		return "";
	return json_object_is_type(href, json_type_string) ? json_object_get_string(href) : NULL;
}

static int read_first_line(const char *href, const char *name, struct ucwa_start *ret,
			   struct ucwa_problem *problem)
{
	struct data_uri uri;
	const char *why;

	if (!*href)
		return 0;
	if (data_uri_decode(href, &uri, &why) < 0)
		return body_refuse_member(problem, name, "is invalid: %s", why);
	ret->text = uri.text;
	ret->text_type = uri.type;
	if (strcmp(uri.type, "text/plain") != 0 && strcmp(uri.type, "text/html") != 0)
		return body_refuse_member(problem, name, "must be text/plain or text/html.");
	return 0;
}

static int get_link(struct json_object *o, struct ucwa_start *ret, struct ucwa_problem *problem)
{
	struct json_object *links, *link;
	const char *href;

	if (!json_in_member(o, "_links", &links) || !links)
		return 0;
	if (!json_object_is_type(links, json_type_object))
		return body_refuse_member(problem, "_links", "must be an object.");
	if (!json_in_member(links, "message", &link) || !link)
		return 0;
	href = href_of(link);
	if (!href)
		return body_refuse_member(problem, "_links.message",
					  "must be an object with a string \"href\".");
	return read_first_line(href, "_links.message", ret, problem);
}

/* The table of startMessaging has a member "message", "the message text"; its sample, like every other, has a link instead:
 * {"_links":{"message":{"href":"data:…"}}}. */
static int get_first_line(struct json_object *o, struct ucwa_start *ret,
			  struct ucwa_problem *problem)
{
	struct json_object *message;
	const char *words;

	json_in_member(o, "message", &message);
	if (get_link(o, ret, problem) < 0)
		return -EINVAL;
	if (ret->text || !message)
		return 0;
	words = href_of(message);
	if (!words)
		return body_refuse_member(problem, "message", "must be a string.");
	if (!json_object_is_type(message, json_type_string) || data_uri_is(words))
		return read_first_line(words, "message", ret, problem);
	ret->text = mem_strdup(words);
	ret->text_type = mem_strdup("text/plain");
	return 0;
}

static void drop_empty(char **s)
{
	if (*s && !**s)
		mem_set_string(s, NULL);
}

/* Clients send members that they have no value for as well. */
static void tidy_start(struct ucwa_start *s)
{
	drop_empty(&s->operation_id);
	drop_empty(&s->to);
	drop_empty(&s->subject);
	drop_empty(&s->thread_id);
	drop_empty(&s->text);
	for (char *c = s->importance; c && *c; c++)
		*c = chars_lower(*c);
}

int ucwa_start_decode(const void *p, size_t n, struct ucwa_start *ret,
		      struct ucwa_problem *ret_problem)
{
	CLEANUP(body_put) struct json_object *o = NULL;
	int err;

	*ret = (struct ucwa_start){ 0 };
	err = body_parse(p, n, &o, ret_problem);
	if (!err) {
		err |= body_get_members(o, start_members, ARRAY_SIZE(start_members), ret,
					ret_problem);
		err |= get_first_line(o, ret, ret_problem);
	}
	if (!err) {
		tidy_start(ret);
		return 0;
	}
	ucwa_start_deinit(ret);
	return -EINVAL;
}

/* ---- status ---- */

void ucwa_status_deinit(struct ucwa_status *s)
{
	free(s->availability);
	free(s->message);
	free(s->location);
	*s = (struct ucwa_status){ 0 };
}

int ucwa_status_decode(const void *p, size_t n, const char *which, struct ucwa_status *ret,
		       struct ucwa_problem *ret_problem)
{
	static const struct body_member members[] = {
		{ "availability", offsetof(struct ucwa_status, availability), UCWA_MAX_STRING, 0,
		  ucwa_availabilities },
		{ "message", offsetof(struct ucwa_status, message), UCWA_MAX_NOTE },
		{ "location", offsetof(struct ucwa_status, location), UCWA_MAX_LOCATION },
	};
	CLEANUP(body_put) struct json_object *o = NULL;
	int err;

	*ret = (struct ucwa_status){ 0 };
	if (!n)
		return 0;
	err = body_parse(p, n, &o, ret_problem);
	for (size_t i = 0; !err && i < ARRAY_SIZE(members); i++)
		if (!strcmp(which, members[i].name))
			err = body_get_member(o, &members[i], ret, ret_problem);
	if (err)
		ucwa_status_deinit(ret);
	return err;
}

/* ---- operations ---- */

/* The reasons besides Local and Global are about what this endpoint can do, and another one may be able to. */
int ucwa_decline_decode(const void *p, size_t n, bool *ret_here, struct ucwa_problem *ret_problem)
{
	static const char *const reasons[] = { "Unknown",
					       "Local",
					       "Global",
					       "MediaAllocationFailure",
					       "EncryptionMismatch",
					       "IPv6NotSupported",
					       "MediaConnectivityFailure",
					       "CodecMismatch",
					       "UnsupportedMedia",
					       "InvalidMediaOffer",
					       "InsufficientBandwidth",
					       "InsufficientBandwidthRerouteOverPstn",
					       NULL };
	static const struct body_member member = { "reason", 0, UCWA_MAX_STRING, 0, reasons };
	CLEANUP(body_put) struct json_object *o = NULL;
	CLEANUP(mem_free_string) char *reason = NULL;

	*ret_here = false;
	if (!n)
		return 0;
	if (body_parse(p, n, &o, ret_problem) < 0 ||
	    body_get_member(o, &member, &reason, ret_problem) < 0)
		return -EINVAL;
	*ret_here = reason && strcmp(reason, "Global") != 0 && strcmp(reason, "Unknown") != 0;
	return 0;
}

int ucwa_network_decode(const void *p, size_t n, struct ucwa_problem *ret_problem)
{
	static const char *const types[] = { "External", "Internal", NULL };
	static const struct body_member members[] = {
		{ "clientNetworkType", 0, UCWA_MAX_STRING, BODY_REQUIRED, types },
		{ "ip", 0, UCWA_MAX_STRING },
		{ "mac", 0, UCWA_MAX_STRING },
		{ "chassisID", 0, UCWA_MAX_STRING },
		{ "portID", 0, UCWA_MAX_STRING },
		{ "rssi", 0, UCWA_MAX_STRING },
		{ "subnetID", 0, UCWA_MAX_STRING },
		{ "wapBSSID", 0, UCWA_MAX_STRING },
	};
	CLEANUP(body_put) struct json_object *o = NULL;
	int err = body_parse(p, n, &o, ret_problem);

	for (size_t i = 0; o && i < ARRAY_SIZE(members); i++) {
		CLEANUP(mem_free_string) char *value = NULL;

		err |= body_get_member(o, &members[i], &value, ret_problem);
	}
	return err;
}
