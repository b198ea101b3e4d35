/*
 * Clearing house: webhooks
 *
 * A notice or a withdrawal as one JSON object, signed as Standard Webhooks 1.0 wants it, and its handling of statuses.
 */
#include "mcxd/clearing_house/form.h"
#include "mcxd/clearing_house/platform.h"
#include "mcxd/clearing_house/post.h"
#include "mcxd/clearing_house/private.h"
#include "mcxd/clearing_house/uri_channel.h"
#include "proto/auth/webhook.h"
#include "proto/diag.h"
#include "proto/push/body.h"
#include "proto/sip/text.h"
#include "proto/text/json_out.h"
#include "proto/text/mem.h"
#include "proto/text/text.h"
#include "web/http/client.h"

#include <stdbool.h>
#include <time.h>

/* Each attempt has a time of its own, and with it a signature. Receivers refuse a request that is minutes old by their clock,
 * and a lab's clock may be days ahead of it: the time is real time. */
static void add_signature(const struct clearing_house *house, const struct push_body *b,
			  struct post *p)
{
	const struct webhook w = {
		.id = b->id,
		.sent_s = time(NULL),
		.body = p->body.data,
		.n_body = p->body.n,
	};
	CLEANUP(text_deinit) struct text signature = TEXT_INIT;
	char sent[TEXT_NUMBER_SIZE];

	webhook_sign(&signature, &w, &house->webhook_secret);
	post_add_header(p, WEBHOOK_HEADER_ID, w.id);
	post_add_header(p, WEBHOOK_HEADER_TIMESTAMP, text_number(sent, (uint64_t)w.sent_s));
	post_add_header(p, WEBHOOK_HEADER_SIGNATURE, text_str(&signature));
}

static bool make(struct clearing_house *house, const struct push_body *b, int step,
		 struct post *ret)
{
	if (step > 0)
		return false;
	ret->what = "webhook";
	ret->client = house->http;
	ret->url = mem_strdup(b->notification_uri);
	form_webhook(&ret->body, b);
	post_add_header(ret, "Content-Type", JSON_CONTENT_TYPE);
	post_add_header(ret, "User-Agent", SIP_SERVER_CLEARING_HOUSE);
	add_signature(house, b, ret);
	return true;
}

static enum diag_code code_of(int status)
{
	if (status >= 200 && status < 300)
		return DIAG_SUCCESS;
	switch (status) {
	case 410: return DIAG_PUSH_NO_CHANNEL;
	case 429: return DIAG_PUSH_THROTTLED;
	default: return status >= 500 ? DIAG_PUSH_UNAVAILABLE : DIAG_PUSH_REFUSED;
	}
}

/* Those that the specification names as signs of load. */
static bool says_later(int status)
{
	return status == 429 || status == 502 || status == 503 || status == 504;
}

static void judge(struct clearing_house *house, const struct platform_answer *a,
		  struct outcome *ret)
{
	int status = a->result->status;

	(void)house;
	ret->code = code_of(status);
	ret->is_later = says_later(status);
}

const struct platform platform_webhook = {
	.name = PUSH_PLATFORM_WEBHOOK,
	.key = "webhook:",
	.address = uri_channel_address,
	.make = make,
	.judge = judge,
};
