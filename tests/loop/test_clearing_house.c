/*
 * The clearing house: requests that it accepts, and what it sends to the push service
 */
#include "mcxd/base/journal.h"
#include "mcxd/clearing_house/clearing_house.h"
#include "mcxd/push_service/push_service.h"
#include "proto/auth/webhook.h"
#include "proto/diag.h"
#include "proto/push/body.h"
#include "proto/push/mpns.h"
#include "proto/push/withdrawal.h"
#include "proto/record.h"
#include "proto/text/mem.h"
#include "proto/text/text.h"
#include "tests/loop/clearing_house_fixture.h"
#include "tests/loop/push_service_config.h"
#include "web/http/client.h"

#include <json-c/json.h>
#include <time.h>

static void test_toast_and_tile(void **state)
{
	struct fixture *f = *state;
	struct mpns_notification n;
	const char *why;

	expect(f, &(struct request){ 0 }, DIAG_SUCCESS);
	assert_string_equal(f->last.diag.reason, "Success");
	assert_string_equal(f->answer,
			    "\"Push Notification Clearing House\"|RTCC/4.0.0.0 PnchApplication||");
	run_until(f, NULL, 2);
	assert_string_equal(f->posts[0].target, "toast");
	assert_string_equal(f->posts[0].class, "2");
	assert_string_equal(f->posts[0].message_id, ID);
	assert_string_equal(f->posts[0].type, "text/xml");
	assert_int_equal(mpns_decode(f->posts[0].body, strlen(f->posts[0].body), &n, &why), 0);
	assert_string_equal(n.text1, "Alice");
	assert_string_equal(n.text2, "Hi Bob");
	mpns_deinit(&n);
	assert_string_equal(f->posts[1].target, "token");
	assert_string_equal(f->posts[1].class, "1");
	assert_int_equal(mpns_decode(f->posts[1].body, strlen(f->posts[1].body), &n, &why), 0);
	assert_int_equal(n.count, 3);
	mpns_deinit(&n);
	assert_int_equal(metric_of(f, "clearing_house_accepted_total"), 1);
}

#define WITHDRAWN "7d4f8a52-0c1b-4e9e-8d3a-2a6f0e5b9c44"

static char *make_withdrawal(const char *platform, const char *uri)
{
	struct text t = TEXT_INIT;
	struct push_body b = {
		.id = mem_strdup(ID),
		.withdraws = mem_strdup(WITHDRAWN),
		.timestamp = mem_strdup("2012-01-18T05:00:43.101Z"),
		.platform = mem_strdup(platform),
		.notification_uri = mem_strdup(uri),
		.missed = 2,
	};

	push_body_encode(&t, &b);
	push_body_deinit(&b);
	return text_take(&t);
}

/* MPNS has no word for it: the app hears of it by a raw notification, and the tile has the count that is right now. */
static void test_withdrawal(void **state)
{
	struct fixture *f = *state;
	struct mpns_notification n;
	char push[WITHDRAWAL_ID_SIZE];
	const char *why;

	expect_body(f, make_withdrawal("windowsPhone", f->uri), DIAG_SUCCESS);
	run_until(f, NULL, 2);
	assert_null(f->posts[0].target);
	assert_string_equal(f->posts[0].class, "3");
	assert_int_equal(withdrawal_decode(f->posts[0].body, strlen(f->posts[0].body), push, &why),
			 0);
	assert_string_equal(push, WITHDRAWN);
	assert_string_equal(f->posts[1].target, "token");
	assert_int_equal(mpns_decode(f->posts[1].body, strlen(f->posts[1].body), &n, &why), 0);
	assert_int_equal(n.count, 2);
	mpns_deinit(&n);
	expect_body(f, make_withdrawal("webhook", f->uri), DIAG_SUCCESS);
	assert_non_null(strstr(f->posts[2].body, "\"withdraws\":\"" WITHDRAWN "\""));
	assert_null(strstr(f->posts[2].body, "conference"));
}

static void on_story(void *magic, const struct record *r)
{
	struct text *t = magic;

	text_addf(t, "%s%s ", r->kind, r->incoming ? "<" : "");
}

/* The SIP request, the HTTP exchange and the SIP answer are one story. */
static void test_journal(void **state)
{
	struct fixture *f = *state;
	CLEANUP(text_deinit) struct text t = TEXT_INIT;

	f->http_status = 404;
	f->notification = "Dropped";
	f->subscription = "Expired";
	expect(f, &(struct request){ 0 }, DIAG_PUSH_NO_CHANNEL);
	journal_story(f->journal, "mpns:" ID, on_story, &t);
	assert_string_equal(text_str(&t), "sip< push http http< push sip ");
}

static void test_synthetic(void **state)
{
	struct fixture *f = *state;
	struct push_body b = {
		.id = mem_strdup(ID),
		.importance = mem_strdup("normal"),
		.synthetic = true,
		.modality = mem_strdup("text"),
		.timestamp = mem_strdup("2012-01-18T05:00:43.101Z"),
	};
	CLEANUP(text_deinit) struct text t = TEXT_INIT;

	push_body_encode(&t, &b);
	push_body_deinit(&b);
	expect(f,
	       &(struct request){
		       .body = text_str(&t), .from = "<sip:bob@lab.test>", .headers = "" },
	       DIAG_SYNTHETIC_SUCCESS);
	assert_string_equal(f->last.diag.reason,
			    "Push Notification synthetic transaction succeeded");
	assert_int_equal(f->n_posts, 0);
}

static void check_signature(const struct received *p)
{
	const char *id = received_header(p, "webhook-id");
	int64_t sent_s = strtoll(received_header(p, "webhook-timestamp"), NULL, 10);
	CLEANUP(text_deinit) struct text signature = TEXT_INIT;
	struct webhook_secret secret;
	const char *why;

	assert_string_equal(id, ID);
	assert_in_range(sent_s, time(NULL) - 60, time(NULL));
	assert_int_equal(webhook_secret_decode(WEBHOOK_SECRET, &secret, &why), 0);
	webhook_sign(
		&signature,
		&(struct webhook){
			.id = id, .sent_s = sent_s, .body = p->body, .n_body = strlen(p->body) },
		&secret);
	assert_string_equal(received_header(p, "webhook-signature"), text_str(&signature));
}

static void test_webhook(void **state)
{
	struct fixture *f = *state;
	struct json_object *o, *value;

	expect_body(f, make_body("webhook", f->uri, "Hi \"Bob\""), DIAG_SUCCESS);
	assert_int_equal(f->n_posts, 1);
	assert_string_equal(f->posts[0].type, "application/json");
	o = json_tokener_parse(f->posts[0].body);
	assert_true(json_object_object_get_ex(o, "message", &value));
	assert_string_equal(json_object_get_string(value), "Hi \"Bob\"");
	assert_true(json_object_object_get_ex(o, "missed", &value));
	assert_int_equal(json_object_get_int(value), 3);
	json_object_put(o);
	check_signature(&f->posts[0]);
	f->http_status = 204;
	expect_body(f, make_body("webhook", f->uri, "x"), DIAG_SUCCESS);
	f->http_status = 500;
	expect_body(f, make_body("webhook", f->uri, "x"), DIAG_PUSH_UNAVAILABLE);
	f->http_status = 410;
	expect_body(f, make_body("webhook", f->uri, "x"), DIAG_PUSH_NO_CHANNEL);
}

/* A long text is cut to whole characters, and the toast fits into what MPNS accepts. */
static void test_preview(void **state)
{
	struct fixture *f = *state;
	struct mpns_notification n;
	char text[1200];
	const char *why;

	for (size_t i = 0; i + 3 < sizeof(text); i += 3)
		memcpy(text + i, "\xC3\xA9&", 4);
	f->config.max_preview_bytes = 1000;
	expect_body(f, make_body("windowsPhone", f->uri, text), DIAG_SUCCESS);
	assert_int_equal(mpns_decode(f->posts[0].body, strlen(f->posts[0].body), &n, &why), 0);
	assert_true(strlen(n.text2) > 100);
	assert_string_equal(n.text2 + strlen(n.text2) - 3, "\xE2\x80\xA6");
	mpns_deinit(&n);
	expect_body(f, make_body("windowsPhone", f->uri, "first\r\nsecond"), DIAG_SUCCESS);
	run_until(f, NULL, 3);
	assert_int_equal(mpns_decode(f->posts[2].body, strlen(f->posts[2].body), &n, &why), 0);
	assert_string_equal(n.text2, "first");
	mpns_deinit(&n);
}

/* ---- the real push service ---- */

struct taken {
	bool done;
	char *body;
};

static void on_taken(void *magic, const struct http_result *r)
{
	struct taken *t = magic;

	t->done = true;
	t->body = mem_strdup(r->status ? r->body : "");
}

static char *exchange(struct fixture *f, struct http_client *http, const char *method,
		      const char *url)
{
	struct taken t = { 0 };

	http_client_send(http, &(struct http_exchange){ .method = method, .url = url }, NULL,
			 on_taken, &t);
	run_until(f, &t.done, 0);
	return t.body;
}

static void test_real_push_service(void **state)
{
	struct fixture *f = *state;
	struct http_client *http = http_client_new(f->loop, &(struct http_client_config){ 0 });
	struct push_service *push_service;
	struct json_object *channel, *uri, *carrier;
	char *url, *answer;

	assert_int_equal(
		push_service_new(&(struct push_service_args){ .loop = f->loop,
							      .journal = f->journal,
							      .config = &push_service_config },
				 &push_service),
		0);
	url = text_format("%s/channels", push_service_url(push_service));
	answer = exchange(f, http, "POST", url);
	channel = json_tokener_parse(answer);
	assert_true(json_object_object_get_ex(channel, "notificationUri", &uri));
	assert_true(json_object_object_get_ex(channel, "carrier", &carrier));
	free(url);
	free(answer);
	expect_body(f, make_body("windowsPhone", json_object_get_string(uri), "Hi Bob"),
		    DIAG_SUCCESS);
	url = text_format("%s%s?timeout=10", push_service_url(push_service),
			  json_object_get_string(carrier));
	answer = exchange(f, http, "GET", url);
	assert_non_null(strstr(answer, "\"Hi Bob\""));
	free(url);
	free(answer);
	json_object_put(channel);
	http_client_free(http);
	push_service_free(push_service);
}

int main(void)
{
	const struct CMUnitTest tests[] = {
		cmocka_unit_test_setup_teardown(test_toast_and_tile, clearing_house_set_up,
						clearing_house_tear_down),
		cmocka_unit_test_setup_teardown(test_withdrawal, clearing_house_set_up,
						clearing_house_tear_down),
		cmocka_unit_test_setup_teardown(test_journal, clearing_house_set_up,
						clearing_house_tear_down),
		cmocka_unit_test_setup_teardown(test_synthetic, clearing_house_set_up,
						clearing_house_tear_down),
		cmocka_unit_test_setup_teardown(test_webhook, clearing_house_set_up,
						clearing_house_tear_down),
		cmocka_unit_test_setup_teardown(test_preview, clearing_house_set_up,
						clearing_house_tear_down),
		cmocka_unit_test_setup_teardown(test_real_push_service, clearing_house_set_up,
						clearing_house_tear_down),
	};

	return cmocka_run_group_tests(tests, NULL, NULL);
}
