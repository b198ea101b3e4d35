/*
 * HTTPS API: presence, note and location, of the user and of contacts
 */
#include "web/ucwa/presence.h"

#include "mcxd/core/phone.h"
#include "mcxd/core/presence.h"
#include "mcxd/core/user.h"
#include "proto/diag.h"
#include "proto/sip/uri.h"
#include "proto/ucwa/body.h"
#include "proto/ucwa/hal.h"
#include "proto/ucwa/people.h"
#include "web/http/http.h"
#include "web/ucwa/answer.h"
#include "web/ucwa/app.h"
#include "web/ucwa/communication.h"
#include "web/ucwa/private.h"
#include "web/ucwa/request.h"

struct ucwa_person ucwa_person_of(const struct user *u)
{
	static const char *const devices[] = { [DEVICE_UNKNOWN] = "Unknown",
					       [DEVICE_PHONE] = "Mobile",
					       [DEVICE_WEB] = "Web",
					       [DEVICE_PC] = "PC" };
	struct presence_view v;

	presence_view(u, &v);
	return (struct ucwa_person){
		.aor = u->aor,
		.name = u->display_name,
		.number = u->number,
		.availability = presence_word(v.availability),
		.activity = v.activity,
		.device = devices[v.device],
		.note = u->presence.note,
		.location = u->presence.location,
		.active_wall_us = v.active_wall_us,
		.messaging = v.messaging,
	};
}

static void answer_person(struct ucwa_request *q, const struct user *u, ucwa_person_h *add)
{
	const struct ucwa_person p = ucwa_person_of(u);

	ucwa_json(q, 200, add(hal_new(), q->app->path, &p));
}

/* ---- the user's own ---- */

static bool is_available(struct ucwa_request *q)
{
	if (q->phone->available)
		return true;
	ucwa_fail(q, DIAG_MAKE_ME_AVAILABLE, NULL);
	return false;
}

static void answer_own(struct ucwa_request *q, ucwa_person_h *add)
{
	if (is_available(q))
		answer_person(q, q->user, add);
}

void ucwa_get_presence(struct ucwa_request *q)
{
	answer_own(q, ucwa_presence);
}

void ucwa_get_note(struct ucwa_request *q)
{
	answer_own(q, ucwa_note);
}

void ucwa_get_location(struct ucwa_request *q)
{
	answer_own(q, ucwa_location);
}

/* False: the body does not say it, and that has been answered. */
static bool get_status(struct ucwa_request *q, const char *which, struct ucwa_status *ret)
{
	struct ucwa_problem problem;

	if (!is_available(q))
		return false;
	if (ucwa_status_decode(q->body, q->n_body, which, ret, &problem) == 0)
		return true;
	ucwa_fail_body(q, &problem);
	return false;
}

/* An empty body takes back what was set ("Reset my presence information"). */
void ucwa_post_presence(struct ucwa_request *q)
{
	struct ucwa_status s;

	if (!get_status(q, "availability", &s))
		return;
	presence_set(q->user, s.availability ? presence_of_word(s.availability) : -1);
	ucwa_status_deinit(&s);
	ucwa_no_content(q);
}

void ucwa_post_note(struct ucwa_request *q)
{
	struct ucwa_status s;

	if (!get_status(q, "message", &s))
		return;
	presence_set_note(q->user, s.message);
	ucwa_status_deinit(&s);
	ucwa_no_content(q);
}

void ucwa_post_location(struct ucwa_request *q)
{
	struct ucwa_status s;

	if (!get_status(q, "location", &s))
		return;
	presence_set_location(q->user, s.location);
	ucwa_status_deinit(&s);
	ucwa_no_content(q);
}

/* ---- contacts ---- */

/* Nothing is known of those who are no users but their addresses. In our own domains most of these do not exist. */
static bool is_stranger(const struct ucwa_request *q, const char *aor)
{
	return uri_is_aor(aor) &&
	       (!user_domain_is_ours(q->u->core, aor) || ucwa_is_acquainted(q, aor) ||
		user_is_open(q->u->core, aor, false));
}

static void answer_contact(struct ucwa_request *q, ucwa_person_h *add)
{
	const char *aor = http_param(q->r, "aor");
	const struct user *u = user_find(q->u->core, aor);
	const struct ucwa_person stranger = {
		.aor = aor, .availability = "Offline", .device = "Unknown", .stranger = true
	};

	if (u)
		answer_person(q, u, add);
	else if (is_stranger(q, aor))
		ucwa_json(q, 200, add(hal_new(), q->app->path, &stranger));
	else
		ucwa_fail(q, DIAG_NOT_FOUND, "There is no user with this address.");
}

void ucwa_get_contact(struct ucwa_request *q)
{
	answer_contact(q, ucwa_contact);
}

void ucwa_get_contact_presence(struct ucwa_request *q)
{
	answer_contact(q, ucwa_contact_presence);
}

void ucwa_get_contact_note(struct ucwa_request *q)
{
	answer_contact(q, ucwa_contact_note);
}

void ucwa_get_contact_location(struct ucwa_request *q)
{
	answer_contact(q, ucwa_contact_location);
}

void ucwa_get_contact_modalities(struct ucwa_request *q)
{
	answer_contact(q, ucwa_contact_modalities);
}

void ucwa_get_privacy(struct ucwa_request *q)
{
	answer_contact(q, ucwa_privacy);
}
