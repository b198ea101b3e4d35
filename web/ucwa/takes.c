/*
 * HTTPS API: communication itself: which invitations and formats the application takes
 */
#include "web/ucwa/takes.h"

#include "mcxd/core/phone.h"
#include "mcxd/core/session.h"
#include "proto/diag.h"
#include "proto/text/message_format.h"
#include "proto/ucwa/available.h"
#include "proto/ucwa/body.h"
#include "proto/ucwa/hal.h"
#include "web/ucwa/answer.h"
#include "web/ucwa/app.h"
#include "web/ucwa/request.h"

struct ucwa_takes ucwa_takes_of(const struct ucwa_request *q)
{
	const struct phone_media *media = &q->phone->media;

	return (struct ucwa_takes){
		.modalities = media->modalities,
		.formats = media->formats,
		.phone_number = media->phone_number,
		.audio_preference = media->audio_preference,
		.pass = q->app->pass,
	};
}

bool ucwa_check_format(struct ucwa_request *q, const char *type)
{
	if (message_format_of(type) & (q->phone->media.formats | MESSAGE_PLAIN))
		return true;
	ucwa_fail(q, DIAG_BAD_TYPE,
		  "Html is not one of the supportedMessageFormats of this application; send "
		  "text/plain.");
	return false;
}

struct hal *ucwa_add_communication(struct hal *o, const struct ucwa_request *q)
{
	const struct ucwa_takes takes = ucwa_takes_of(q);

	return ucwa_communication(o, q->app->path, &takes);
}

void ucwa_get_communication(struct ucwa_request *q)
{
	ucwa_json(q, 200, ucwa_add_communication(hal_new(), q));
}

/* The body replaces what can be set. The lists are always there, so one that is missing has been forgotten rather than
 * emptied, and stays. */
static void replace(struct ucwa_request *q, const struct ucwa_available *a)
{
	struct phone_media media = q->phone->media;

	if (a->modalities >= 0)
		media.modalities = (unsigned)a->modalities;
	if (a->formats >= 0)
		media.formats = (unsigned)a->formats;
	media.phone_number = a->phone_number;
	media.audio_preference = a->audio_preference;
	session_set_media(q->phone, &media);
}

void ucwa_put_communication(struct ucwa_request *q)
{
	struct ucwa_available a;
	struct ucwa_problem problem;

	if (!ucwa_check_match(q, ucwa_add_communication(hal_new(), q)))
		return;
	if (ucwa_check_passed(q->body, q->n_body, q->app->pass, &problem) < 0 ||
	    ucwa_available_decode(q->body, q->n_body, &a, &problem) < 0) {
		ucwa_fail_body(q, &problem);
		return;
	}
	replace(q, &a);
	ucwa_available_deinit(&a);
	ucwa_get_communication(q);
}
