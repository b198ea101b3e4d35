/*
 * HTTPS API: me, policies, onlineMeetings
 */
#include "web/ucwa/me.h"

#include "mcxd/core/phone.h"
#include "mcxd/core/presence.h"
#include "mcxd/core/session.h"
#include "mcxd/core/user.h"
#include "proto/diag.h"
#include "proto/sip/uri.h"
#include "proto/text/mem.h"
#include "proto/text/modality.h"
#include "proto/text/text.h"
#include "proto/ucwa/available.h"
#include "proto/ucwa/body.h"
#include "proto/ucwa/hal.h"
#include "proto/ucwa/resource.h"
#include "web/http/http.h"
#include "web/ucwa/answer.h"
#include "web/ucwa/app.h"
#include "web/ucwa/request.h"

/* ---- me ---- */

static void add_uri(struct hal *o, const char *name, const char *aor, const char *params)
{
	CLEANUP(text_deinit) struct text uri = TEXT_INIT;

	uri_add_aor(&uri, aor);
	text_add(&uri, params);
	hal_string(o, name, text_str(&uri));
}

struct hal *ucwa_me(struct hal *o, const struct ucwa_request *q)
{
	const struct phone *p = q->phone;
	const char *path = q->app->path;
	const char *const addresses[] = { p->user->aor, NULL };
	CLEANUP(mem_free_string)
	char *gruu = text_concat(";opaque=user:epid:", p->gruu_token, ";gruu");

	hal_string(o, "name", p->user->display_name);
	add_uri(o, "uri", p->user->aor, "");
	hal_strings(o, "emailAddresses", addresses);
	add_uri(o, "endpointUri", p->user->aor, gruu);
	hal_string(o, "workPhoneNumber", p->user->number);
	hal_link(o, "self", path, "/me");
	hal_link(o, "callForwardingSettings", path, "/me/callForwardingSettings");
	hal_link(o, "phones", path, "/me/phones");
	ucwa_add_path_photo(hal_begin_link(o, "photo"), path, p->user->aor);
	hal_end_link(o, NULL);
	if (p->available) {
		hal_link(o, "presence", path, "/me/presence");
		hal_link(o, "note", path, "/me/note");
		hal_link(o, "location", path, "/me/location");
		hal_link(o, "reportMyActivity", path, "/me/reportMyActivity");
	} else {
		hal_link(o, "makeMeAvailable", path, "/me/makeMeAvailable");
	}
	return hal_end(o, "me");
}

void ucwa_get_me(struct ucwa_request *q)
{
	ucwa_json(q, 200, ucwa_me(hal_new(), q));
}

/* What the application does not say stays as it is. */
static void make_available(struct ucwa_request *q, const struct ucwa_available *a)
{
	struct phone_media media = q->phone->media;

	media.modalities = a->modalities >= 0 ? (unsigned)a->modalities : MODALITY_MESSAGING;
	if (a->formats >= 0)
		media.formats = (unsigned)a->formats;
	media.inactive_timeout_ms = a->inactive_timeout_ms;
	media.phone_number = a->phone_number;
	media.audio_preference = a->audio_preference;
	session_make_available(q->phone, &media);
	if (a->sign_in_as)
		presence_set(q->user, presence_of_word(a->sign_in_as));
}

void ucwa_make_me_available(struct ucwa_request *q)
{
	struct ucwa_available a;
	struct ucwa_problem problem;

	if (ucwa_available_decode(q->body, q->n_body, &a, &problem) < 0) {
		ucwa_fail_body(q, &problem);
		return;
	}
	if (q->phone->available) {
		ucwa_fail(q, DIAG_ALREADY_EXISTS, "The application is already available.");
	} else {
		make_available(q, &a);
		ucwa_no_content(q);
	}
	ucwa_available_deinit(&a);
}

void ucwa_report_my_activity(struct ucwa_request *q)
{
	if (!q->phone->available) {
		ucwa_fail(q, DIAG_MAKE_ME_AVAILABLE, NULL);
		return;
	}
	presence_touch(q->user);
	ucwa_no_content(q);
}

/* ---- policies ---- */

/* What this server has, and what a client may keep, is enabled; what it does not have, and what would make a client
 * collect or send more, is disabled. Telephone numbers and pages of an administrator there are none. */
static const struct {
	const char *name, *value;
} policies[] = {
	{ "allowDeviceContactsSync", "Enabled" },
	{ "audioOnlyOnWifi", "Disabled" },
	{ "callLogArchiving", "Disabled" },
	{ "clientExchangeConnectivity", "Disabled" },
	{ "customerExperienceImprovementProgram", "Disabled" },
	{ "emoticons", "Enabled" },
	{ "encryptAppData", "Disabled" },
	{ "exchangeUnifiedMessaging", "Disabled" },
	{ "htmlMessaging", "Enabled" },
	{ "locationRequired", "No" },
	{ "logging", "Disabled" },
	{ "loggingLevel", "Off" },
	{ "messageArchiving", "Disabled" },
	{ "messagingUrls", "Enabled" },
	{ "multiViewJoin", "Disabled" },
	{ "photos", "Disabled" },
	{ "saveCallLogs", "Enabled" },
	{ "saveCredentials", "Enabled" },
	{ "saveMessagingHistory", "Enabled" },
	{ "sharingOnlyOnWifi", "Disabled" },
	{ "softwareQualityMetrics", "Disabled" },
	{ "telephonyMode", "None" },
	{ "useLocationForE911Only", "Disabled" },
	{ "videoOnlyOnWifi", "Disabled" },
};

void ucwa_get_policies(struct ucwa_request *q)
{
	struct hal *o = hal_new();

	for (size_t i = 0; i < ARRAY_SIZE(policies); i++)
		hal_string(o, policies[i].name, policies[i].value);
	hal_link(o, "self", q->app->path, "/policies");
	ucwa_json(q, 200, hal_end(o, "policies"));
}

/* There is no location service that the report would be for. */
void ucwa_report_my_network(struct ucwa_request *q)
{
	struct ucwa_problem problem;

	if (ucwa_network_decode(q->body, q->n_body, &problem) < 0)
		ucwa_fail_body(q, &problem);
	else
		http_answer(q->r, 201, NULL, NULL, 0);
}

/* ---- meetings ---- */

struct hal *ucwa_online_meetings(struct hal *o, const struct ucwa_request *q)
{
	hal_link(o, "self", q->app->path, "/onlineMeetings");
	return hal_end(o, "onlineMeetings");
}

void ucwa_get_online_meetings(struct ucwa_request *q)
{
	ucwa_json(q, 200, ucwa_online_meetings(hal_new(), q));
}
