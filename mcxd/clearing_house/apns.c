/*
 * Clearing house: APNs
 *
 * A notice is an alert with the number of missed conversations as badge; a later one for the same conversation replaces it. A
 * withdrawal is a background notification, which names the push to take off and sets the badge.
 */
#include "mcxd/clearing_house/clearing_house.h"
#include "mcxd/clearing_house/form.h"
#include "mcxd/clearing_house/platform.h"
#include "mcxd/clearing_house/post.h"
#include "mcxd/clearing_house/private.h"
#include "mcxd/clearing_house/provider_token.h"
#include "proto/diag.h"
#include "proto/push/apns.h"
#include "proto/push/body.h"
#include "proto/sip/text.h"
#include "proto/text/chars.h"
#include "proto/text/json_out.h"
#include "proto/text/mem.h"
#include "proto/text/text.h"
#include "proto/text/timestamp.h"
#include "web/http/client.h"

#include <stdbool.h>
#include <stdio.h>
#include <time.h>

/* Two spellings of a token are one device. */
static void address(const struct push_body *b, struct text *host, struct text *channel)
{
	text_add(host, PUSH_PLATFORM_APPLE);
	text_add(channel, PUSH_PLATFORM_APPLE "/");
	for (const char *p = b->device_token; *p; p++) {
		char lower = chars_lower(*p);

		text_add_bytes(channel, &lower, 1);
	}
}

static void add_headers(const struct clearing_house *house, const struct push_body *b,
			struct post *p)
{
	const struct apns_headers headers = {
		.topic = house->config->apns.topic,
		.id = b->id,
		.collapse_id = b->conversation,
		.push_type = b->withdraws ? APNS_BACKGROUND : APNS_ALERT,
		.priority = b->withdraws ? 5 : 10,
		.expiration_s = time(NULL) + house->config->apns.expiry_ms / 1000,
	};

	for (size_t i = 0; apns_header_names[i]; i++) {
		char buffer[APNS_VALUE_SIZE];
		const char *value = apns_headers_value(&headers, apns_header_names[i], buffer);

		if (value)
			post_add_header(p, apns_header_names[i], value);
	}
}

static bool make(struct clearing_house *house, const struct push_body *b, int step,
		 struct post *ret)
{
	if (step > 0)
		return false;
	ret->what = b->withdraws ? "background" : "alert";
	ret->client = house->apns;
	ret->url = text_concat(house->config->apns.url, APNS_PATH, b->device_token);
	post_add_header(ret, "Content-Type", JSON_CONTENT_TYPE);
	post_add_header(ret, "User-Agent", SIP_SERVER_CLEARING_HOUSE);
	add_headers(house, b, ret);
	if (house->provider_token.key) {
		post_add_header(ret, "authorization",
				provider_token_get(&house->provider_token, time(NULL)));
		ret->token_issued_s = house->provider_token.issued_s;
	}
	form_apns(&ret->body, b, house->config->max_preview_bytes);
	return true;
}

/* What is not here is PUSH_REFUSED: the clearing house has done something wrong, or is set up wrong. */
static const struct {
	enum apns_reason reason;
	enum diag_code code;
	bool is_later;
} meanings[] = {
	{ APNS_ACCEPTED, DIAG_SUCCESS, false },
	{ APNS_UNREGISTERED, DIAG_PUSH_NO_CHANNEL, false },
	{ APNS_EXPIRED_TOKEN, DIAG_PUSH_NO_CHANNEL, false },
	{ APNS_IDLE_TIMEOUT, DIAG_PUSH_UNAVAILABLE, true },
	{ APNS_INTERNAL_SERVER_ERROR, DIAG_PUSH_UNAVAILABLE, false },
	{ APNS_SERVICE_UNAVAILABLE, DIAG_PUSH_UNAVAILABLE, true },
	{ APNS_SHUTDOWN, DIAG_PUSH_UNAVAILABLE, true },
	{ APNS_TOO_MANY_REQUESTS, DIAG_PUSH_THROTTLED, true },
	{ APNS_TOO_MANY_TOKEN_UPDATES, DIAG_PUSH_THROTTLED, true },
	{ APNS_PAYLOAD_TOO_LARGE, DIAG_PUSH_TOO_LARGE, false },
	{ APNS_BAD_CERTIFICATE, DIAG_PUSH_CREDENTIALS, false },
	{ APNS_BAD_CERTIFICATE_ENVIRONMENT, DIAG_PUSH_CREDENTIALS, false },
	{ APNS_BAD_ENVIRONMENT_KEY, DIAG_PUSH_CREDENTIALS, false },
	{ APNS_EXPIRED_PROVIDER_TOKEN, DIAG_PUSH_CREDENTIALS, false },
	{ APNS_FORBIDDEN, DIAG_PUSH_CREDENTIALS, false },
	{ APNS_INVALID_PROVIDER_TOKEN, DIAG_PUSH_CREDENTIALS, false },
	{ APNS_MISSING_PROVIDER_TOKEN, DIAG_PUSH_CREDENTIALS, false },
	{ APNS_UNRELATED_KEY, DIAG_PUSH_CREDENTIALS, false },
	{ APNS_TOPIC_DISALLOWED, DIAG_PUSH_CREDENTIALS, false },
};

static void explain(const struct apns_answer *a, int status, struct outcome *ret)
{
	CLEANUP(text_deinit) struct text since = TEXT_INIT;

	if (!a->is_named) {
		snprintf(ret->info, sizeof(ret->info), "It answered %d", status);
		return;
	}
	if (a->timestamp_ms >= 0)
		timestamp_add(&since, a->timestamp_ms * 1000, TIMESTAMP_MS);
	snprintf(ret->info, sizeof(ret->info), "%s%s%s", apns_reason_name(a->reason),
		 since.n ? " since " : "", text_str(&since));
}

static void judge(struct clearing_house *house, const struct platform_answer *a,
		  struct outcome *ret)
{
	const struct http_result *r = a->result;
	const struct apns_answer said = apns_answer_decode(r->status, r->body, r->n_body);

	ret->code = DIAG_PUSH_REFUSED;
	for (size_t i = 0; i < ARRAY_SIZE(meanings); i++) {
		if (meanings[i].reason != said.reason)
			continue;
		ret->code = meanings[i].code;
		ret->is_later = meanings[i].is_later;
	}
	if (said.reason == APNS_EXPIRED_PROVIDER_TOKEN && house->provider_token.key)
		ret->is_later = provider_token_expire(&house->provider_token, a->token_issued_s,
						      time(NULL));
	if (said.reason != APNS_ACCEPTED)
		explain(&said, r->status, ret);
}

const struct platform platform_apns = {
	.name = PUSH_PLATFORM_APPLE,
	.key = "apns:",
	.address = address,
	.make = make,
	.judge = judge,
};
