/*
 * HTTPS API: me, people, onlineMeetings
 */
#include "web/ucwa/me.h"

#include "mcxd/core/phone.h"
#include "mcxd/core/user.h"
#include "proto/diag.h"
#include "proto/sip/uri.h"
#include "proto/text/mem.h"
#include "proto/text/text.h"
#include "proto/ucwa/body.h"
#include "proto/ucwa/hal.h"
#include "proto/ucwa/resource.h"
#include "web/http/http.h"
#include "web/ucwa/answer.h"
#include "web/ucwa/app.h"
#include "web/ucwa/private.h"
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

	hal_string(o, "name", p->user->display_name ? p->user->display_name : p->user->aor);
	add_uri(o, "uri", p->user->aor, "");
	hal_strings(o, "emailAddresses", addresses);
	add_uri(o, "endpointUri", p->user->aor, gruu);
	hal_link(o, "self", path, "/me");
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
		if (a.sign_in_as)
			mem_set_string(&q->app->availability, a.sign_in_as);
		if (a.formats)
			q->phone->formats = a.formats;
		phone_make_available(q->phone);
		ucwa_no_content(q);
	}
	ucwa_available_deinit(&a);
}

static bool is_available(struct ucwa_request *q)
{
	if (q->phone->available)
		return true;
	ucwa_fail(q, DIAG_MAKE_ME_AVAILABLE, NULL);
	return false;
}

void ucwa_report_my_activity(struct ucwa_request *q)
{
	if (is_available(q))
		ucwa_no_content(q);
}

/* ---- the status that the user sets ---- */

static void answer_status(struct ucwa_request *q, struct hal *o, const char *rel)
{
	hal_link(o, "self", q->app->path, "/me/", rel);
	ucwa_json(q, 200, hal_end(o, rel));
}

static void set_status(struct ucwa_request *q, const char *which)
{
	struct ucwa_status s;
	struct ucwa_problem problem;

	if (!is_available(q))
		return;
	if (ucwa_status_decode(q->body, q->n_body, which, &s, &problem) < 0) {
		ucwa_fail_body(q, &problem);
		return;
	}
	if (s.availability)
		mem_set_string(&q->app->availability, s.availability);
	if (s.message)
		mem_set_string(&q->app->note, s.message);
	if (s.location)
		mem_set_string(&q->app->location, s.location);
	ucwa_status_deinit(&s);
	ucwa_no_content(q);
}

void ucwa_get_presence(struct ucwa_request *q)
{
	struct hal *o;

	if (!is_available(q))
		return;
	o = hal_new();
	hal_string(o, "availability", q->app->availability ? q->app->availability : "Online");
	answer_status(q, o, "presence");
}

void ucwa_post_presence(struct ucwa_request *q)
{
	set_status(q, "availability");
}

void ucwa_get_note(struct ucwa_request *q)
{
	struct hal *o;

	if (!is_available(q))
		return;
	o = hal_new();
	hal_string(o, "message", q->app->note ? q->app->note : "");
	hal_string(o, "type", "Personal");
	answer_status(q, o, "note");
}

void ucwa_post_note(struct ucwa_request *q)
{
	set_status(q, "message");
}

void ucwa_get_location(struct ucwa_request *q)
{
	struct hal *o;

	if (!is_available(q))
		return;
	o = hal_new();
	hal_string(o, "location", q->app->location ? q->app->location : "");
	answer_status(q, o, "location");
}

void ucwa_post_location(struct ucwa_request *q)
{
	set_status(q, "location");
}

/* ---- others ---- */

struct hal *ucwa_people(struct hal *o, const struct ucwa_request *q)
{
	hal_link(o, "self", q->app->path, "/people");
	return hal_end(o, "people");
}

void ucwa_get_people(struct ucwa_request *q)
{
	ucwa_json(q, 200, ucwa_people(hal_new(), q));
}

void ucwa_get_contact(struct ucwa_request *q)
{
	const struct user *user = user_find(q->u->core, http_param(q->r, "aor"));
	struct hal *o;

	if (!user) {
		ucwa_fail(q, DIAG_NOT_FOUND, "There is no user with this address.");
		return;
	}
	o = hal_new();
	hal_string(o, "name", user->display_name ? user->display_name : user->aor);
	add_uri(o, "uri", user->aor, "");
	hal_strings(o, "emailAddresses", (const char *const[]){ user->aor, NULL });
	hal_string(o, "sourceNetwork", "SameEnterprise");
	hal_string(o, "type", "User");
	ucwa_add_path_contact(hal_begin_link(o, "self"), q->app->path, user->aor);
	hal_end_link(o, NULL);
	ucwa_json(q, 200, hal_end(o, "contact"));
}

struct hal *ucwa_online_meetings(struct hal *o, const struct ucwa_request *q)
{
	hal_link(o, "self", q->app->path, "/onlineMeetings");
	return hal_end(o, "onlineMeetings");
}

void ucwa_get_online_meetings(struct ucwa_request *q)
{
	ucwa_json(q, 200, ucwa_online_meetings(hal_new(), q));
}
