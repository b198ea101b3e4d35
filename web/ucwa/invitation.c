/*
 * HTTPS API: invitations
 */
#include "web/ucwa/invitation.h"

#include "mcxd/base/random.h"
#include "mcxd/core/core.h"
#include "mcxd/core/event.h"
#include "mcxd/core/phone.h"
#include "mcxd/core/phone_callee.h"
#include "mcxd/core/phone_leg.h"
#include "mcxd/core/route.h"
#include "proto/diag.h"
#include "proto/sip/uri.h"
#include "proto/text/mem.h"
#include "proto/text/text.h"
#include "proto/ucwa/body.h"
#include "proto/ucwa/hal.h"
#include "proto/ucwa/resource.h"
#include "web/ucwa/answer.h"
#include "web/ucwa/app.h"
#include "web/ucwa/communication.h"
#include "web/ucwa/events.h"
#include "web/ucwa/operation.h"
#include "web/ucwa/private.h"
#include "web/ucwa/record.h"
#include "web/ucwa/request.h"
#include "web/ucwa/takes.h"

#include <string.h>

static char *invitation_path(const struct ucwa_request *q, uint64_t number)
{
	const struct ucwa_conversation c = { .app = q->app->path, .id = number };
	struct text path = TEXT_INIT;

	ucwa_add_path_invitation(&path, &c, "");
	return text_take(&path);
}

/* By the path, which is a row's of the table of routes. */
static enum ucwa_what what_of(const struct ucwa_request *q)
{
	if (strstr(q->operation->path, "/phoneAudioInvitations/"))
		return UCWA_PHONE_AUDIO;
	return strstr(q->operation->path, "/onlineMeetingInvitations/") ? UCWA_MEETING
									: UCWA_MESSAGING;
}

/* The end of an invitation of this kind, as far as it is not forgotten. */
static bool has_ended(const struct ucwa_request *q)
{
	const struct event *e =
		event_recall(&q->phone->events, EVENT_INVITATION_COMPLETED, q->number, 0);

	return e && ucwa_what_of(e->what) == what_of(q);
}

void ucwa_get_invitation(struct ucwa_request *q)
{
	struct ucwa_conversation c;

	if (ucwa_view(q, q->number, &c) && c.what == what_of(q))
		ucwa_json(q, 200,
			  ucwa_invitation(hal_new(), &c,
					  ucwa_is_connected(q) ? "Connected" : "Connecting"));
	else if (has_ended(q))
		ucwa_json(q, 200, ucwa_recall(q, EVENT_INVITATION_COMPLETED, 0));
	else
		ucwa_fail(q, DIAG_NOT_FOUND, "There is no invitation with this number.");
}

/* False: the invitation cannot be accepted or declined, and that has been answered. */
static bool check_offered(struct ucwa_request *q)
{
	const struct phone_leg *leg = phone_leg_find(q->phone, q->number);

	if (leg && ucwa_what_of(leg->what) != what_of(q))
		leg = NULL;
	if (leg && phone_leg_get_state(leg) == PHONE_LEG_OFFERED)
		return true;
	if (leg || has_ended(q))
		ucwa_fail(q, DIAG_INVALID_STATE,
			  "The invitation has already been answered or has ended.");
	else
		ucwa_fail(q, DIAG_NOT_FOUND, "There is no invitation with this number.");
	return false;
}

void ucwa_accept(struct ucwa_request *q)
{
	if (!check_offered(q))
		return;
	ucwa_expect(q, 204);
	ucwa_finish(q, phone_callee_accept(q->phone, q->number));
}

void ucwa_decline(struct ucwa_request *q)
{
	struct ucwa_problem problem;
	bool here;

	if (ucwa_decline_decode(q->body, q->n_body, &here, &problem) < 0) {
		ucwa_fail_body(q, &problem);
		return;
	}
	if (!check_offered(q))
		return;
	ucwa_expect(q, 204);
	ucwa_finish(q, here ? phone_callee_decline_here(q->phone, q->number)
			    : phone_callee_decline(q->phone, q->number));
}

/* ---- outgoing ---- */

static bool get_callee(struct ucwa_request *q, const struct ucwa_start *s,
		       char ret[URI_MAX_AOR + 1])
{
	const char *why;

	if (!s->to)
		ucwa_fail_parameter(q, "to", "is missing.");
	else if (uri_aor(s->to, ret, &why) < 0)
		ucwa_fail_parameter(q, "to", "is not a SIP URI: %s.", why);
	else
		return true;
	return false;
}

static bool check_first_line(struct ucwa_request *q, const char *text, const char *type)
{
	int64_t max = q->u->core->config->max_message_bytes;

	if (!text)
		return true;
	if (!ucwa_check_format(q, type))
		return false;
	if (strlen(text) <= (size_t)max)
		return true;
	ucwa_failf(q, DIAG_TOO_LARGE, "The message is longer than the limit of %lld bytes.",
		   (long long)max);
	return false;
}

/* Records of the request and of the conversation that it begins are linked by this key. */
static void call(struct ucwa_request *q, const struct route_call *c)
{
	CLEANUP(mem_free_string) char *path = NULL;
	enum phone_result result = route_check_call(q->phone, c);
	uint64_t id;

	if (result == PHONE_OK) {
		ucwa_expect(q, 201);
		result = route_call(q->phone, c, &id);
	}
	if (result != PHONE_OK) {
		ucwa_finish(q, result);
		return;
	}
	path = invitation_path(q, id);
	ucwa_created(q, path);
}

void ucwa_post_invitation(struct ucwa_request *q)
{
	CLEANUP(ucwa_start_deinit) struct ucwa_start s = { 0 };
	struct ucwa_problem problem;
	char to[URI_MAX_AOR + 1], hex[17];

	if (ucwa_start_decode(q->body, q->n_body, &s, &problem) < 0) {
		ucwa_fail_body(q, &problem);
		return;
	}
	if (!get_callee(q, &s, to) || !check_first_line(q, s.text, s.text_type))
		return;
	random_hex(8, hex);
	q->key = text_concat("call:", hex);
	q->callee = mem_strdup(to);
	call(q, &(struct route_call){ .to = to,
				      .subject = s.subject,
				      .importance = s.importance,
				      .thread_id = s.thread_id,
				      .first_line = s.text,
				      .first_line_type = s.text_type,
				      .operation_id = s.operation_id,
				      .key = q->key });
}
