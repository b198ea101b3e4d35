/*
 * The clearing house: notifications to Apple's push service
 */
#include "mcxd/base/backoff.h"
#include "mcxd/clearing_house/clearing_house.h"
#include "mcxd/clearing_house/private.h"
#include "mcxd/clearing_house/provider_token.h"
#include "proto/auth/jwt.h"
#include "proto/diag.h"
#include "proto/push/apns.h"
#include "proto/push/apns_payload.h"
#include "proto/push/body.h"
#include "proto/text/mem.h"
#include "proto/text/text.h"
#include "tests/loop/clearing_house_fixture.h"
#include "web/http/http.h"

#include <string.h>
#include <time.h>

#define TOKEN     "00fc13ad"
#define WITHDRAWN "7d4f8a52-0c1b-4e9e-8d3a-2a6f0e5b9c44"

static int set_up(void **state)
{
	int r = clearing_house_set_up(state);
	struct fixture *f = *state;

	f->apns_url = text_concat("http://", http_listen(f->http));
	f->config.apns.url = f->apns_url;
	return r;
}

static char *make(const char *withdraws, const char *token, const char *text)
{
	struct text t = TEXT_INIT;
	struct push_body b = {
		.id = mem_strdup(ID),
		.withdraws = mem_strdup(withdraws),
		.importance = mem_strdup("normal"),
		.modality = mem_strdup("text"),
		.from = mem_strdup("sip:alice@lab.test"),
		.from_name = mem_strdup("Alice"),
		.text = mem_strdup(text),
		.conversation = mem_strdup("5d1f0c9a77e24b1e"),
		.timestamp = mem_strdup("2012-01-18T05:00:43.101Z"),
		.platform = mem_strdup(PUSH_PLATFORM_APPLE),
		.device_token = mem_strdup(token),
		.missed = 3,
	};

	push_body_encode(&t, &b);
	push_body_deinit(&b);
	return text_take(&t);
}

static void check_token(const struct fixture *f, const struct received *p)
{
	const char *value = received_header(p, "authorization");
	struct jwt t;
	const char *why;

	assert_int_equal(strncmp(value, "bearer ", 7), 0);
	value += 7;
	assert_int_equal(jwt_decode(value, strlen(value), &t, &why), 0);
	assert_int_equal(jwt_check(value, &t,
				   &(struct jwt_rules){
					   .key = f->apns_key, .key_id = "KEY", .issuer = "TEAM" }),
			 JWT_GOOD);
	assert_in_range(t.issued_s, time(NULL) - 60, time(NULL));
	jwt_deinit(&t);
}

static void check_expiration(const struct received *p)
{
	int64_t s = strtoll(received_header(p, "apns-expiration"), NULL, 10);

	assert_in_range(s, time(NULL) + 3600 - 60, time(NULL) + 3600);
}

static void test_alert(void **state)
{
	struct fixture *f = *state;
	const struct received *p = &f->posts[0];
	struct apns_payload payload;
	const char *why;

	expect_body(f, make(NULL, TOKEN, "Hi Bob"), DIAG_SUCCESS);
	expect_body(f, make(NULL, TOKEN, "Hi again"), DIAG_SUCCESS);
	assert_int_equal(f->n_posts, 2);
	assert_string_equal(p->path, APNS_PATH TOKEN);
	assert_string_equal(p->type, "application/json");
	assert_string_equal(received_header(p, "apns-id"), ID);
	assert_string_equal(received_header(p, "apns-topic"), "test.app");
	assert_string_equal(received_header(p, "apns-push-type"), "alert");
	assert_string_equal(received_header(p, "apns-priority"), "10");
	assert_string_equal(received_header(p, "apns-collapse-id"), "5d1f0c9a77e24b1e");
	check_expiration(p);
	check_token(f, p);
	/* one token serves many notifications */
	assert_string_equal(received_header(p, "authorization"),
			    received_header(&f->posts[1], "authorization"));
	assert_int_equal(apns_payload_decode(p->body, strlen(p->body), &payload, &why), 0);
	assert_string_equal(payload.title, "Alice");
	assert_string_equal(payload.body, "Hi Bob");
	assert_string_equal(payload.param, "/conversation?push=" ID);
	assert_int_equal(payload.badge, 3);
	assert_false(payload.content_available);
	apns_payload_deinit(&payload);
}

static void test_withdrawal(void **state)
{
	struct fixture *f = *state;
	const struct received *p = &f->posts[0];
	struct apns_payload payload;
	const char *why;

	expect_body(f, make(WITHDRAWN, TOKEN, NULL), DIAG_SUCCESS);
	assert_int_equal(f->n_posts, 1);
	assert_string_equal(received_header(p, "apns-push-type"), "background");
	assert_string_equal(received_header(p, "apns-priority"), "5");
	assert_string_equal(received_header(p, "apns-collapse-id"), "5d1f0c9a77e24b1e");
	assert_int_equal(apns_payload_decode(p->body, strlen(p->body), &payload, &why), 0);
	assert_true(payload.content_available);
	assert_string_equal(payload.withdraws, WITHDRAWN);
	assert_int_equal(payload.badge, 3);
	assert_null(payload.title);
	assert_null(payload.body);
	apns_payload_deinit(&payload);
}

/* JSON escapes make a text long; the payload fits, and shows what there is room for. */
static void test_long_text(void **state)
{
	struct fixture *f = *state;
	struct apns_payload payload;
	char text[1500];
	const char *why;

	memset(text, '\\', sizeof(text) - 1);
	text[sizeof(text) - 1] = '\0';
	f->config.max_body_bytes = 16384;
	f->config.max_preview_bytes = 16384;
	for (size_t i = 0; i < sizeof(text) - 1; i += 2)
		text[i] = '"';
	expect_body(f, make(NULL, TOKEN, text), DIAG_SUCCESS);
	assert_true(strlen(f->posts[0].body) <= APNS_MAX_BYTES);
	assert_int_equal(
		apns_payload_decode(f->posts[0].body, strlen(f->posts[0].body), &payload, &why), 0);
	assert_true(strlen(payload.body) > 500);
	apns_payload_deinit(&payload);
}

static enum diag_code meaning_of(enum apns_reason reason)
{
	switch (apns_reason_status(reason)) {
	case 200: return DIAG_SUCCESS;
	case 403: return DIAG_PUSH_CREDENTIALS;
	case 410: return DIAG_PUSH_NO_CHANNEL;
	case 413: return DIAG_PUSH_TOO_LARGE;
	case 429: return DIAG_PUSH_THROTTLED;
	case 500:
	case 503: return DIAG_PUSH_UNAVAILABLE;
	default: break;
	}
	if (reason == APNS_TOPIC_DISALLOWED)
		return DIAG_PUSH_CREDENTIALS;
	return reason == APNS_IDLE_TIMEOUT ? DIAG_PUSH_UNAVAILABLE : DIAG_PUSH_REFUSED;
}

/* Every reason that is documented: the sender hears what it means, and its name. Those that say "later" are tried again. */
static void test_reasons(void **state)
{
	struct fixture *f = *state;
	CLEANUP(text_deinit) struct text body = TEXT_INIT;
	struct reply reply = { 0 };

	f->config.backoff = (struct backoff){ .max_attempts = 2 };
	for (int reason = APNS_ACCEPTED + 1; reason < APNS_UNKNOWN; reason++) {
		int status = apns_reason_status((enum apns_reason)reason), n_posts = f->n_posts;
		bool is_later = status == 429 || status == 503 || reason == APNS_IDLE_TIMEOUT;
		CLEANUP(mem_free_string) char *token = text_format("%04x", (unsigned)reason);

		text_reset(&body);
		apns_answer_encode(&body, (enum apns_reason)reason, -1);
		reply.status = status;
		reply.body = text_str(&body);
		f->always = &reply;
		expect_body(f, make(NULL, token, "x"), meaning_of((enum apns_reason)reason));
		assert_non_null(strstr(f->last.info, apns_reason_name((enum apns_reason)reason)));
		assert_int_equal(f->n_posts - n_posts, is_later ? 2 : 1);
	}
}

static void test_dead(void **state)
{
	static const struct reply replies[] = {
		{ .status = 410,
		  .body = "{\"reason\":\"Unregistered\",\"timestamp\":1326862843101}" },
		{ .status = 502, .body = "<html>proxy</html>" },
	};
	struct fixture *f = *state;

	f->script = replies;
	f->n_script = (int)ARRAY_SIZE(replies);
	expect_body(f, make(NULL, TOKEN, "x"), DIAG_PUSH_NO_CHANNEL);
	assert_non_null(strstr(f->last.info, "Unregistered since 2012-01-18T05:00:43.101Z"));
	expect_body(f, make(NULL, TOKEN, "x"), DIAG_PUSH_NO_CHANNEL);
	assert_int_equal(f->n_posts, 1);
	/* two spellings of a token are one device */
	expect_body(f, make(NULL, "00FC13AD", "x"), DIAG_PUSH_NO_CHANNEL);
	assert_int_equal(f->n_posts, 1);
	/* other phones have other tokens; and who else answers than Apple's is no reason for anything */
	expect_body(f, make(NULL, "0011", "x"), DIAG_PUSH_UNAVAILABLE);
	assert_int_equal(f->n_posts, 2);
}

/* What Apple's push service does not say: the sender hears the status, and no channel is dead. */
static void test_answers_of_others(void **state)
{
	static const char gone[] = "{\"reason\":\"Unregistered\"}";
	static const struct {
		struct reply reply;
		enum diag_code code;
		const char *info;
	} rows[] = {
		{ { .status = 200, .body = gone }, DIAG_SUCCESS, NULL },
		{ { .status = 403, .body = gone }, DIAG_PUSH_CREDENTIALS, "It answered 403" },
		{ { .status = 500, .body = gone }, DIAG_PUSH_UNAVAILABLE, "It answered 500" },
		{ { .status = 302, .body = "<html>proxy</html>", .location = "/x" },
		  DIAG_PUSH_REFUSED,
		  "It answered 302" },
		{ { .status = 404, .body = "<html>proxy</html>" },
		  DIAG_PUSH_REFUSED,
		  "It answered 404" },
	};
	struct fixture *f = *state;

	for (size_t i = 0; i < ARRAY_SIZE(rows); i++) {
		f->always = &rows[i].reply;
		expect_body(f, make(NULL, TOKEN, "x"), rows[i].code);
		if (rows[i].info)
			assert_non_null(strstr(f->last.info, rows[i].info));
	}
	assert_int_equal(f->n_posts, (int)ARRAY_SIZE(rows));
	assert_int_equal(metric_of(f, "clearing_house_dead_total"), 0);
}

/* All that were sent with a token that has expired are sent again, with one other token. */
static void test_expired_provider_token(void **state)
{
	static const struct reply park = { .park = true };
	static const struct reply expired = { .status = 403,
					      .body = "{\"reason\":\"ExpiredProviderToken\"}" };
	struct fixture *f = *state;
	struct call calls[3] = { 0 };

	f->config.backoff = (struct backoff){ .max_attempts = 2 };
	f->config.exchange_timeout_ms = 60000;
	expect_body(f, make(NULL, TOKEN, "x"), DIAG_SUCCESS);
	f->clearing_house->provider_token.issued_s -= APNS_TOKEN_RENEWAL_S;
	f->always = &park;
	for (int i = 0; i < (int)ARRAY_SIZE(calls); i++) {
		CLEANUP(mem_free_string) char *token = text_format("00f%d", i);
		CLEANUP(mem_free_string) char *body = make(NULL, token, "x");

		begin_call(f, &calls[i], &(struct request){ .body = body });
	}
	run_until(f, NULL, 4);
	f->always = NULL;
	for (int i = 1; i < 4; i++)
		answer_parked(f, i, &expired);
	for (int i = 0; i < (int)ARRAY_SIZE(calls); i++) {
		run_until_answered(f, &calls[i]);
		assert_int_equal(calls[i].diag.id, diag_row(DIAG_SUCCESS)->id);
		call_deinit(&calls[i]);
	}
	assert_int_equal(f->n_posts, 7);
	for (int i = 5; i < 7; i++)
		assert_string_equal(received_header(&f->posts[i], "authorization"),
				    received_header(&f->posts[4], "authorization"));
	assert_string_not_equal(received_header(&f->posts[4], "authorization"),
				received_header(&f->posts[3], "authorization"));
}

static void test_refused(void **state)
{
	struct fixture *f = *state;

	expect_body(f, make_body("apple", f->uri, "x"), DIAG_PUSH_MALFORMED);
	expect_body(f, make(NULL, "../../../lab", "x"), DIAG_PUSH_MALFORMED);
	expect_body(f, make(NULL, "00fg", "x"), DIAG_PUSH_MALFORMED);
	f->config.apns.url = "";
	expect_body(f, make(NULL, TOKEN, "x"), DIAG_PUSH_NOT_CONFIGURED);
	assert_int_equal(f->n_posts, 0);
}

#define TEST(name) cmocka_unit_test_setup_teardown(name, set_up, clearing_house_tear_down)

int main(void)
{
	const struct CMUnitTest tests[] = {
		TEST(test_alert),
		TEST(test_withdrawal),
		TEST(test_long_text),
		TEST(test_reasons),
		TEST(test_dead),
		TEST(test_refused),
		TEST(test_answers_of_others),
		TEST(test_expired_provider_token),
	};

	return cmocka_run_group_tests(tests, NULL, NULL);
}
