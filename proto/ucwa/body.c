/*
 * UCWA request bodies
 */
#include "proto/ucwa/body.h"

#include "proto/diag.h"
#include "proto/text/chars.h"
#include "proto/text/data_uri.h"
#include "proto/text/json_in.h"
#include "proto/text/mem.h"
#include "proto/text/message_format.h"
#include "proto/text/text.h"
#include "proto/ucwa/http_uri.h"

#include <errno.h>

enum { MAX_DEPTH = 8 };

enum { REQUIRED = 1 };

/* A member whose value is a string. */
struct member {
	const char *name;
	size_t offset; /* of a char * in the struct that it goes to */
	size_t max;    /* characters */
	unsigned flags;
	const char *const *values; /* those that are allowed; NULL: any */
};

static int refuse(struct ucwa_problem *problem, enum diag_code code, const char *fmt, ...)
	PRINTF_LIKE(3, 4);

static int refuse(struct ucwa_problem *problem, enum diag_code code, const char *fmt, ...)
{
	CLEANUP(text_deinit) struct text message = TEXT_INIT;
	va_list args;

	va_start(args, fmt);
	text_vaddf(&message, fmt, args);
	va_end(args);
	problem->code = code;
	snprintf(problem->message, sizeof(problem->message), "%s", text_str(&message));
	return -EINVAL;
}

static bool has_control(const char *s)
{
	for (; *s; s++)
		if (chars_is_control(*s))
			return true;
	return false;
}

/* The number of characters of a string that is known to be UTF-8. */
static size_t length(const char *s)
{
	size_t n = 0;

	for (; *s; s++)
		n += ((unsigned char)*s & 0xC0) != 0x80;
	return n;
}

static bool is_one_of(const char *s, const char *const *values)
{
	for (; *values; values++)
		if (!strcasecmp(s, *values))
			return true;
	return false;
}

/* must: "must be one of". */
static int refuse_value(struct ucwa_problem *problem, const char *name, const char *must,
			const char *const *values)
{
	CLEANUP(text_deinit) struct text list = TEXT_INIT;

	for (; *values; values++)
		text_add_all(&list, list.n ? ", " : "", *values);
	return refuse(problem, DIAG_BAD_PARAMETER, "%s %s %s.", name, must, text_str(&list));
}

static int check_string(const struct member *m, const char *s, struct ucwa_problem *problem)
{
	if (!*s && m->flags & REQUIRED)
		return refuse(problem, DIAG_BAD_PARAMETER, "%s must not be empty.", m->name);
	if (length(s) > m->max)
		return refuse(problem, DIAG_BAD_PARAMETER, "%s is longer than %zu characters.",
			      m->name, m->max);
	if (has_control(s))
		return refuse(problem, DIAG_BAD_PARAMETER, "%s must not have control characters.",
			      m->name);
	if (m->values && !is_one_of(s, m->values))
		return refuse_value(problem, m->name, "must be one of", m->values);
	return 0;
}

static int get_member(struct json_object *o, const struct member *m, void *base,
		      struct ucwa_problem *problem)
{
	struct json_object *value;
	int n = json_in_member(o, m->name, &value), ret;

	if (n > 1)
		return refuse(problem, DIAG_BAD_PARAMETER, "%s must not occur more than once.",
			      m->name);
	if (!value && m->flags & REQUIRED)
		return refuse(problem, DIAG_BAD_PARAMETER, "%s is missing.", m->name);
	if (!value)
		return 0;
	if (!json_object_is_type(value, json_type_string))
		return refuse(problem, DIAG_BAD_PARAMETER, "%s must be a string.", m->name);
	ret = check_string(m, json_object_get_string(value), problem);
	if (!ret)
		*(char **)(void *)((char *)base + m->offset) =
			mem_strdup(json_object_get_string(value));
	return ret;
}

static int get_members(struct json_object *o, const struct member *members, size_t n, void *base,
		       struct ucwa_problem *problem)
{
	for (size_t i = 0; i < n; i++)
		if (get_member(o, &members[i], base, problem) < 0)
			return -EINVAL;
	return 0;
}

static int parse(const void *p, size_t n, struct json_object **ret, struct ucwa_problem *problem)
{
	const char *why;

	if (!n)
		return refuse(problem, DIAG_BAD_JSON, "The request has no body.");
	if (json_in_object(p, n, MAX_DEPTH, ret, &why) < 0)
		return refuse(problem, DIAG_BAD_JSON, "%s", why);
	return 0;
}

static void put(struct json_object **o)
{
	json_object_put(*o);
}

/* ---- application ---- */

static const struct member application_members[] = {
	{ "userAgent", offsetof(struct ucwa_application, user_agent), UCWA_MAX_STRING, REQUIRED },
	{ "endpointId", offsetof(struct ucwa_application, endpoint_id), UCWA_MAX_STRING, REQUIRED },
	{ "culture", offsetof(struct ucwa_application, culture), UCWA_MAX_STRING, REQUIRED },
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
	CLEANUP(put) struct json_object *o = NULL;

	*ret = (struct ucwa_application){ 0 };
	if (parse(p, n, &o, ret_problem) == 0 &&
	    get_members(o, application_members, ARRAY_SIZE(application_members), ret,
			ret_problem) == 0)
		return 0;
	ucwa_application_deinit(ret);
	return -EINVAL;
}

/* ---- makeMeAvailable ---- */

static const char *const availabilities[] = { "Away",    "BeRightBack", "Busy", "DoNotDisturb",
					      "Offwork", "Online",      NULL };

static const struct member available_members[] = {
	{ "signInAs", offsetof(struct ucwa_available, sign_in_as), UCWA_MAX_STRING, 0,
	  availabilities },
	{ "phoneNumber", offsetof(struct ucwa_available, phone_number), UCWA_MAX_STRING },
};

void ucwa_available_deinit(struct ucwa_available *a)
{
	free(a->sign_in_as);
	free(a->phone_number);
	*a = (struct ucwa_available){ 0 };
}

static int check_list(struct json_object *o, const char *name, const char *const *values,
		      const char *const *known, struct ucwa_problem *problem)
{
	struct json_object *list;

	if (json_in_member(o, name, &list) > 1)
		return refuse(problem, DIAG_BAD_PARAMETER, "%s must not occur more than once.",
			      name);
	if (!list)
		return 0;
	if (!json_object_is_type(list, json_type_array))
		return refuse(problem, DIAG_BAD_PARAMETER, "%s must be an array.", name);
	for (size_t i = 0; i < json_object_array_length(list); i++) {
		struct json_object *item = json_object_array_get_idx(list, i);
		const char *s = json_object_get_string(item);

		if (!json_object_is_type(item, json_type_string) || !is_one_of(s, known))
			return refuse_value(problem, name, "must only have", known);
		if (!is_one_of(s, values))
			return refuse(problem, DIAG_FORBIDDEN,
				      "This server does not support %.30s.", s);
	}
	return 0;
}

static unsigned formats_in(struct json_object *o)
{
	struct json_object *list;
	unsigned set = 0;

	json_in_member(o, "supportedMessageFormats", &list);
	for (size_t i = 0; list && i < json_object_array_length(list); i++) {
		const char *name = json_object_get_string(json_object_array_get_idx(list, i));

		set |= !strcasecmp(name, "Html") ? MESSAGE_HTML : MESSAGE_PLAIN;
	}
	return set;
}

static int check_lists(struct json_object *o, struct ucwa_problem *problem)
{
	static const char *const modalities[] = { "Messaging", "PhoneAudio", NULL };
	static const char *const known_modalities[] = { "Audio",          "Video",
							"PhoneAudio",     "ApplicationSharing",
							"Messaging",      "DataCollaboration",
							"PanoramicVideo", NULL };
	static const char *const formats[] = { "Plain", "Html", NULL };

	if (check_list(o, "supportedModalities", modalities, known_modalities, problem) < 0)
		return -EINVAL;
	return check_list(o, "supportedMessageFormats", formats, formats, problem);
}

int ucwa_available_decode(const void *p, size_t n, struct ucwa_available *ret,
			  struct ucwa_problem *ret_problem)
{
	CLEANUP(put) struct json_object *o = NULL;

	*ret = (struct ucwa_available){ 0 };
	if (!n)
		return 0;
	if (parse(p, n, &o, ret_problem) == 0 && check_lists(o, ret_problem) == 0 &&
	    get_members(o, available_members, ARRAY_SIZE(available_members), ret, ret_problem) ==
		    0) {
		ret->formats = formats_in(o);
		return 0;
	}
	ucwa_available_deinit(ret);
	return -EINVAL;
}

/* ---- pushSubscription ---- */

static const char *const platforms[] = { "windowsPhone", "apple", "webhook", NULL };

static const struct member subscription_members[] = {
	{ "platform", offsetof(struct ucwa_subscription, platform), UCWA_MAX_STRING, REQUIRED,
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
		return refuse(problem, DIAG_BAD_PARAMETER,
			      "deviceToken must be an even number of hex digits.");
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
		return refuse(problem, DIAG_BAD_PARAMETER,
			      "platform %s must have %s and must not have %s.", s->platform,
			      apple ? "deviceToken" : "notificationUri",
			      apple ? "notificationUri" : "deviceToken");
	if (apple)
		return check_token(has, problem);
	why = ucwa_check_uri(has);
	return why ? refuse(problem, DIAG_BAD_PARAMETER, "notificationUri %s.", why) : 0;
}

int ucwa_subscription_decode(const void *p, size_t n, struct ucwa_subscription *ret,
			     struct ucwa_problem *ret_problem)
{
	CLEANUP(put) struct json_object *o = NULL;

	*ret = (struct ucwa_subscription){ 0 };
	if (parse(p, n, &o, ret_problem) == 0 &&
	    get_members(o, subscription_members, ARRAY_SIZE(subscription_members), ret,
			ret_problem) == 0 &&
	    check_subscription(ret, ret_problem) == 0)
		return 0;
	ucwa_subscription_deinit(ret);
	return -EINVAL;
}

/* ---- messagingInvitations ---- */

static const char *const importances[] = { "Normal", "Urgent", "Emergency", NULL };

static const struct member start_members[] = {
	{ "operationId", offsetof(struct ucwa_start, operation_id), UCWA_MAX_OPERATION },
	{ "to", offsetof(struct ucwa_start, to), UCWA_MAX_URI },
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

/* As documented, the first line is a link: {"_links":{"message":{"href":"data:…"}}}. */
static const char *first_line_of(struct json_object *o)
{
	static const char *const path[] = { "_links", "message", "href" };
	struct json_object *value = o;

	for (size_t i = 0; value && i < ARRAY_SIZE(path); i++)
		if (json_object_is_type(value, json_type_object))
			json_in_member(value, path[i], &value);
		else
			value = NULL;
	return json_object_is_type(value, json_type_string) ? json_object_get_string(value) : NULL;
}

static int get_first_line(struct json_object *o, struct ucwa_start *ret,
			  struct ucwa_problem *problem)
{
	const char *href = first_line_of(o), *why;
	struct data_uri uri;

	if (!href || !*href)
		return 0;
	if (data_uri_decode(href, &uri, &why) < 0)
		return refuse(problem, DIAG_BAD_PARAMETER, "_links.message: %s", why);
	ret->text = uri.text;
	ret->text_type = uri.type;
	if (strcmp(uri.type, "text/plain") != 0 && strcmp(uri.type, "text/html") != 0)
		return refuse(problem, DIAG_BAD_PARAMETER,
			      "_links.message must be text/plain or text/html.");
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
	CLEANUP(put) struct json_object *o = NULL;

	*ret = (struct ucwa_start){ 0 };
	if (parse(p, n, &o, ret_problem) == 0 &&
	    get_members(o, start_members, ARRAY_SIZE(start_members), ret, ret_problem) == 0 &&
	    get_first_line(o, ret, ret_problem) == 0) {
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
	static const struct member members[] = {
		{ "availability", offsetof(struct ucwa_status, availability), UCWA_MAX_STRING,
		  REQUIRED, availabilities },
		{ "message", offsetof(struct ucwa_status, message), UCWA_MAX_NOTE },
		{ "location", offsetof(struct ucwa_status, location), UCWA_MAX_STRING },
	};
	CLEANUP(put) struct json_object *o = NULL;
	int err;

	*ret = (struct ucwa_status){ 0 };
	err = parse(p, n, &o, ret_problem);
	for (size_t i = 0; !err && i < ARRAY_SIZE(members); i++)
		if (!strcmp(which, members[i].name))
			err = get_member(o, &members[i], ret, ret_problem);
	if (err)
		ucwa_status_deinit(ret);
	return err;
}

/* ---- operations ---- */

int ucwa_decline_decode(const void *p, size_t n, struct ucwa_problem *ret_problem)
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
	static const struct member member = { "reason", 0, UCWA_MAX_STRING, 0, reasons };
	CLEANUP(put) struct json_object *o = NULL;
	CLEANUP(mem_free_string) char *reason = NULL;

	if (!n)
		return 0;
	if (parse(p, n, &o, ret_problem) < 0)
		return -EINVAL;
	return get_member(o, &member, &reason, ret_problem);
}
