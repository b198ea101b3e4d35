/*
 * Clearing house: MPNS
 *
 * A notice is a toast, whose outcome the sender hears, and a tile with the number of missed conversations. A withdrawal is a raw
 * notification, which takes the toast off, and a tile.
 */
#include "mcxd/clearing_house/clearing_house.h"
#include "mcxd/clearing_house/form.h"
#include "mcxd/clearing_house/platform.h"
#include "mcxd/clearing_house/post.h"
#include "mcxd/clearing_house/private.h"
#include "mcxd/clearing_house/uri_channel.h"
#include "proto/diag.h"
#include "proto/push/body.h"
#include "proto/push/mpns.h"
#include "proto/push/withdrawal.h"
#include "proto/sip/text.h"
#include "proto/text/mem.h"
#include "proto/text/text.h"
#include "web/http/client.h"

#include <stdbool.h>
#include <stdio.h>

enum { TOO_MANY_REQUESTS = 429, SERVICE_UNAVAILABLE = 503 };

static enum mpns_kind kind_of(const struct push_body *b, int step)
{
	if (step == 1)
		return MPNS_TILE;
	return b->withdraws ? MPNS_RAW : MPNS_TOAST;
}

static void add_headers(struct post *p, const struct push_body *b, enum mpns_kind kind)
{
	char class[TEXT_NUMBER_SIZE];

	post_add_header(p, "Content-Type", MPNS_CONTENT_TYPE);
	post_add_header(p, "User-Agent", SIP_SERVER_CLEARING_HOUSE);
	post_add_header(p, MPNS_HEADER_MESSAGE_ID, b->id);
	if (mpns_target(kind))
		post_add_header(p, MPNS_HEADER_TARGET, mpns_target(kind));
	post_add_header(p, MPNS_HEADER_CLASS, text_number(class, (uint64_t)mpns_class(kind)));
}

static bool make(struct clearing_house *house, const struct push_body *b, int step,
		 struct post *ret)
{
	enum mpns_kind kind = kind_of(b, step);

	if (step > 1)
		return false;
	ret->what = mpns_kind_name(kind);
	ret->client = house->http;
	ret->url = mem_strdup(b->notification_uri);
	add_headers(ret, b, kind);
	if (kind == MPNS_TOAST)
		form_toast(&ret->body, b, house->config->max_preview_bytes);
	else if (kind == MPNS_TILE)
		form_tile(&ret->body, b);
	else
		withdrawal_encode(&ret->body, b->withdraws);
	return true;
}

/* What the sender is told, and whether the push service may take it later. 406 and 412 say "later", too, but mean an hour; and
 * UNAVAILABLE is 503, but also all other trouble that a server can have. */
static const struct {
	enum diag_code code;
	bool is_later;
} meanings[N_MPNS_STATUSES] = {
	[MPNS_RECEIVED] = { DIAG_SUCCESS, false },
	[MPNS_QUEUE_FULL] = { DIAG_PUSH_QUEUE_FULL, true },
	[MPNS_SUPPRESSED] = { DIAG_PUSH_SUPPRESSED, false },
	[MPNS_BAD_REQUEST] = { DIAG_PUSH_REFUSED, false },
	[MPNS_UNAUTHORIZED] = { DIAG_PUSH_CREDENTIALS, false },
	[MPNS_EXPIRED] = { DIAG_PUSH_NO_CHANNEL, false },
	[MPNS_BAD_METHOD] = { DIAG_PUSH_REFUSED, false },
	[MPNS_THROTTLED] = { DIAG_PUSH_THROTTLED, false },
	[MPNS_INACTIVE] = { DIAG_PUSH_INACTIVE, false },
	[MPNS_UNAVAILABLE] = { DIAG_PUSH_UNAVAILABLE, false },
};

static void judge(struct clearing_house *house, const struct platform_answer *a,
		  struct outcome *ret)
{
	const struct http_result *r = a->result;
	enum mpns_status status =
		mpns_status_of(r->status, r->header(r, MPNS_HEADER_NOTIFICATION_STATUS),
			       r->header(r, MPNS_HEADER_SUBSCRIPTION_STATUS));

	(void)house;
	ret->code = meanings[status].code;
	ret->is_later = meanings[status].is_later;
	/* None of its own answers, but what a proxy in front of it says. */
	if (r->status == TOO_MANY_REQUESTS)
		ret->code = DIAG_PUSH_THROTTLED;
	if (ret->code == DIAG_PUSH_REFUSED && r->status < 300)
		snprintf(ret->info, sizeof(ret->info), "It answered %d, and dropped it", r->status);
	if (r->status == TOO_MANY_REQUESTS || r->status == SERVICE_UNAVAILABLE)
		ret->is_later = true;
}

const struct platform platform_mpns = {
	.name = PUSH_PLATFORM_WINDOWS_PHONE,
	.key = "mpns:",
	.address = uri_channel_address,
	.make = make,
	.judge = judge,
};
