/*
 * HTTPS API: invitations
 */
#include "web/ucwa/invitation.h"

#include "mcxd/core/phone_callee.h"
#include "mcxd/core/phone_leg.h"
#include "proto/diag.h"
#include "proto/text/mem.h"
#include "proto/text/text.h"
#include "proto/ucwa/body.h"
#include "proto/ucwa/hal.h"
#include "proto/ucwa/resource.h"
#include "web/ucwa/answer.h"
#include "web/ucwa/app.h"
#include "web/ucwa/communication.h"
#include "web/ucwa/record.h"
#include "web/ucwa/request.h"

static const char *kept_invitation(const struct ucwa_request *q)
{
	const struct ucwa_conversation c = { .app = q->app->path, .id = q->number };
	CLEANUP(text_deinit) struct text path = TEXT_INIT;

	ucwa_add_path_invitation(&path, &c, "");
	return ucwa_kept(q->app, text_str(&path));
}

void ucwa_get_invitation(struct ucwa_request *q)
{
	const char *kept = kept_invitation(q);
	struct ucwa_conversation c;

	if (ucwa_view(q, q->number, &c))
		ucwa_json(q, 200,
			  ucwa_invitation(hal_new(), &c,
					  ucwa_is_connected(q) ? "Connected" : "Connecting"));
	else if (kept)
		ucwa_json_text(q, kept);
	else
		ucwa_fail(q, DIAG_NOT_FOUND, "There is no invitation with this number.");
}

/* False: the invitation cannot be accepted or declined, and that has been answered. */
static bool check_offered(struct ucwa_request *q)
{
	const struct phone_leg *leg = phone_leg_find(q->phone, q->number);

	if (leg && phone_leg_get_state(leg) == PHONE_LEG_OFFERED)
		return true;
	if (leg || kept_invitation(q))
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

	if (ucwa_decline_decode(q->body, q->n_body, &problem) < 0) {
		ucwa_fail_body(q, &problem);
		return;
	}
	if (!check_offered(q))
		return;
	ucwa_expect(q, 204);
	ucwa_finish(q, phone_callee_decline(q->phone, q->number));
}
