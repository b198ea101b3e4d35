/*
 * What an application takes
 */
#include "proto/ucwa/available.h"

#include "proto/diag.h"
#include "proto/text/json_in.h"
#include "proto/text/mem.h"
#include "proto/text/message_format.h"
#include "proto/text/modality.h"
#include "proto/text/text.h"
#include "proto/ucwa/body.h"
#include "proto/ucwa/body_member.h"
#include "proto/ucwa/hal.h"
#include "proto/ucwa/resource.h"

#include <errno.h>
#include <strings.h>

#define MINUTE_MS ((int64_t)60000)
#define MAX_MS    ((int64_t)24 * 60 * MINUTE_MS)

const char *const ucwa_availabilities[] = { "Away",    "BeRightBack", "Busy", "DoNotDisturb",
					    "Offwork", "Online",      NULL };

static const char *const preferences[] = { "PhoneAudio", "VoipAudio", NULL };

static const struct body_member members[] = {
	{ "signInAs", offsetof(struct ucwa_available, sign_in_as), UCWA_MAX_STRING, 0,
	  ucwa_availabilities },
	{ "phoneNumber", offsetof(struct ucwa_available, phone_number), UCWA_MAX_STRING },
	{ "audioPreference", offsetof(struct ucwa_available, audio_preference), UCWA_MAX_STRING, 0,
	  preferences },
};

/* ---- sets ---- */

struct word {
	const char *word;
	unsigned bit; /* 0: documented, but not supported here */
};

static const struct word modalities[] = {
	{ "Audio", 0 },
	{ "Video", 0 },
	{ "PhoneAudio", MODALITY_PHONE_AUDIO },
	{ "ApplicationSharing", 0 },
	{ "Messaging", MODALITY_MESSAGING },
	{ "DataCollaboration", 0 },
	{ "PanoramicVideo", 0 },
	{ NULL, 0 },
};

static const struct word formats[] = {
	{ "Plain", MESSAGE_PLAIN },
	{ "Html", MESSAGE_HTML },
	{ NULL, 0 },
};

static const char *const *modality_words(unsigned set)
{
	static const char *const words[][3] = { { NULL },
						{ "Messaging", NULL },
						{ "PhoneAudio", NULL },
						{ "PhoneAudio", "Messaging", NULL } };

	return words[set & (MODALITY_MESSAGING | MODALITY_PHONE_AUDIO)];
}

static int refuse_word(struct ucwa_problem *problem, const char *name, const struct word *words)
{
	CLEANUP(text_deinit) struct text list = TEXT_INIT;

	for (; words->word; words++)
		text_add_all(&list, list.n ? ", " : "", words->word);
	return body_refuse_member(problem, name, "must only have %s.", text_str(&list));
}

static int get_word(struct json_object *item, const char *name, const struct word *words, int *set,
		    struct ucwa_problem *problem)
{
	const char *s =
		json_object_is_type(item, json_type_string) ? json_object_get_string(item) : NULL;
	const struct word *w = words;

	while (w->word && !(s && !strcasecmp(w->word, s)))
		w++;
	if (!w->word)
		return refuse_word(problem, name, words);
	if (!w->bit)
		return body_refuse(problem, DIAG_FORBIDDEN, "This server does not support %s.",
				   w->word);
	*set |= (int)w->bit;
	return 0;
}

static int get_set(struct json_object *o, const char *name, const struct word *words, int *ret,
		   struct ucwa_problem *problem)
{
	struct json_object *list;

	*ret = -1;
	if (json_in_member(o, name, &list) > 1)
		return body_refuse_member(problem, name, "must not occur more than once.");
	if (!list)
		return 0;
	if (!json_object_is_type(list, json_type_array))
		return body_refuse_member(problem, name, "must be an array.");
	*ret = 0;
	for (size_t i = 0; i < json_object_array_length(list); i++)
		if (get_word(json_object_array_get_idx(list, i), name, words, ret, problem) < 0)
			return -EINVAL;
	return 0;
}

/* ---- spans of time ---- */

/* Read a number of up to n digits and what follows it, and move *s behind both; -1: it is not there. */
static int64_t take_number(const char **s, size_t n, char end)
{
	size_t n_digits = strspn(*s, "0123456789");
	int64_t number = 0;

	if (!n_digits || n_digits > n || (*s)[n_digits] != end)
		return -1;
	for (size_t i = 0; i < n_digits; i++)
		number = 10 * number + ((*s)[i] - '0');
	*s += n_digits + (end != '\0');
	return number;
}

/* "00:05:00", as .NET writes it; 0: it is not that. */
static int64_t clock_of(const char *s)
{
	int64_t h = take_number(&s, 2, ':'), m = h < 0 ? -1 : take_number(&s, 2, ':');
	int64_t sec = m < 0 ? -1 : take_number(&s, 2, '\0');

	return sec < 0 ? 0 : (h * 60 + m) * MINUTE_MS + sec * 1000;
}

/* "PT5M", as ISO 8601 has it, with one unit; 0: it is not that. */
static int64_t period_of(const char *s)
{
	static const struct {
		char unit;
		int64_t ms;
	} units[] = { { 'H', 60 * MINUTE_MS }, { 'M', MINUTE_MS }, { 'S', 1000 } };

	if (strncmp(s, "PT", 2) != 0)
		return 0;
	for (size_t i = 0; i < ARRAY_SIZE(units); i++) {
		const char *at = s + 2;
		int64_t n = take_number(&at, 5, units[i].unit);

		if (n >= 0 && !*at)
			return n * units[i].ms;
	}
	return 0;
}

/* A TimeSpan, or a number of minutes. 0: neither. */
static int64_t span_of(struct json_object *o)
{
	const char *s = json_object_get_string(o);

	if (json_object_is_type(o, json_type_int))
		return json_object_get_int64(o) <= MAX_MS / MINUTE_MS
			       ? json_object_get_int64(o) * MINUTE_MS
			       : 0;
	if (!json_object_is_type(o, json_type_string))
		return 0;
	return strchr(s, ':') ? clock_of(s) : period_of(s);
}

static int get_span(struct json_object *o, const char *name, int64_t *ret,
		    struct ucwa_problem *problem)
{
	struct json_object *value;

	*ret = 0;
	if (json_in_member(o, name, &value) > 1)
		return body_refuse_member(problem, name, "must not occur more than once.");
	if (!value)
		return 0;
	*ret = span_of(value);
	if (*ret > 0 && *ret <= MAX_MS)
		return 0;
	return body_refuse_member(
		problem, name,
		"must be a span of time up to 24 hours, such as \"PT5M\" or \"00:05:00\", or a "
		"number of minutes.");
}

/* ---- the whole ---- */

void ucwa_available_deinit(struct ucwa_available *a)
{
	free(a->sign_in_as);
	free(a->phone_number);
	free(a->audio_preference);
	*a = (struct ucwa_available){ .modalities = -1, .formats = -1 };
}

static int get(struct json_object *o, struct ucwa_available *ret, struct ucwa_problem *problem)
{
	int64_t fallback; /* there is no audio here that could fall back */
	int err = 0;

	err |= get_set(o, "supportedModalities", modalities, &ret->modalities, problem);
	err |= get_set(o, "supportedMessageFormats", formats, &ret->formats, problem);
	err |= get_span(o, "inactiveTimeout", &ret->inactive_timeout_ms, problem);
	err |= get_span(o, "voipFallbackToPhoneAudioTimeOut", &fallback, problem);
	err |= body_get_members(o, members, ARRAY_SIZE(members), ret, problem);
	return err;
}

int ucwa_available_decode(const void *p, size_t n, struct ucwa_available *ret,
			  struct ucwa_problem *ret_problem)
{
	CLEANUP(body_put) struct json_object *o = NULL;

	*ret = (struct ucwa_available){ .modalities = -1, .formats = -1 };
	if (!n)
		return 0;
	if (body_parse(p, n, &o, ret_problem) == 0 && get(o, ret, ret_problem) == 0)
		return 0;
	ucwa_available_deinit(ret);
	return -EINVAL;
}

int ucwa_check_passed(const void *p, size_t n, const char *pass, struct ucwa_problem *ret_problem)
{
	CLEANUP(body_put) struct json_object *o = NULL;
	struct json_object *value;

	if (body_parse(p, n, &o, ret_problem) < 0)
		return -EINVAL;
	if (json_in_member(o, pass, &value) > 0)
		return 0;
	return body_refuse_member(ret_problem, pass,
				  "is missing: a PUT must have all properties that GET gave.");
}

/* ---- the resource ---- */

struct hal *ucwa_communication(struct hal *o, const char *app, const struct ucwa_takes *t)
{
	hal_string(o, t->pass, "please pass this in a PUT request");
	hal_strings(o, "supportedModalities", modality_words(t->modalities));
	ucwa_formats(o, "supportedMessageFormats", t->formats);
	hal_string(o, "phoneNumber", t->phone_number);
	hal_string(o, "audioPreference", t->audio_preference);
	hal_string(o, "conversationHistory", "Disabled");
	hal_link(o, "self", app, "/communication");
	hal_link(o, "startMessaging", app, "/communication/messagingInvitations");
	hal_link(o, "conversations", app, "/communication/conversations");
	hal_link(o, "conversationLogs", app, "/communication/conversationLogs");
	hal_link(o, "missedItems", app, "/communication/missedItems");
	return hal_end_tagged(o, "communication");
}
