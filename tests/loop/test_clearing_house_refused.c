/*
 * The clearing house: requests that it refuses, and refusals by push services
 */
#include "tests/loop/clearing_house_fixture.h"

#include "mcxd/clearing_house/clearing_house.h"
#include "mcxd/net/hosts.h"
#include "proto/diag.h"
#include "proto/push/mpns.h"
#include "proto/text/mem.h"
#include "proto/text/text.h"
#include "web/http/http.h"

static void test_refused_requests(void **state)
{
	static const struct {
		struct request request;
		enum diag_code code;
	} rows[] = {
		{ { .method = "OPTIONS" }, DIAG_BAD_METHOD },
		{ { .method = "INFO" }, DIAG_BAD_METHOD },
		{ { .target = "sip:pull@push.lync.com" }, DIAG_PUSH_BAD_TARGET },
		{ { .target = "sip:push@lab.test" }, DIAG_PUSH_BAD_TARGET },
		{ { .target = "sip:push.lync.com" }, DIAG_PUSH_BAD_TARGET },
		{ { .headers = "Require: 100rel, x\r\n" }, DIAG_BAD_EXTENSION },
		{ { .type = "" }, DIAG_PUSH_NO_HEADER },
		{ { .type = "text/plain" }, DIAG_PUSH_BAD_TYPE },
		{ { .body = "" }, DIAG_PUSH_MALFORMED },
		{ { .body = "<a/>" }, DIAG_PUSH_MALFORMED },
		{ { .body = "<pushNotification xmlns=\"urn:mcxd:push-notification:1\"/>" },
		  DIAG_PUSH_MALFORMED },
		{ { .from = "<sip:bob@lab.test>" }, DIAG_PUSH_NO_HEADER },
		{ { .from = "<sip:McxUser0123bob@lab.test>" }, DIAG_PUSH_NO_HEADER },
		{ { .headers = "" }, DIAG_PUSH_NO_HEADER },
		{ { .headers = "ms-asserted-verification-level: "
			       "ms-source-verified-user=unverified\r\n" },
		  DIAG_PUSH_UNVERIFIED },
	};
	struct fixture *f = *state;

	for (size_t i = 0; i < ARRAY_SIZE(rows); i++)
		expect(f, &rows[i].request, rows[i].code);
	assert_int_equal(f->n_posts, 0);
	submit(f, &rows[0].request);
	assert_non_null(strstr(f->answer, "|allow"));
	submit(f, &rows[5].request);
	assert_non_null(strstr(f->answer, "|100rel"));
	submit(f, &rows[7].request);
	assert_non_null(strstr(f->answer, "|accept"));
	submit(f, &rows[10].request);
	assert_non_null(strstr(f->last.info, "version"));
}

static void test_refused_phones(void **state)
{
	static const char *const uris[] = {
		"ftp://127.0.0.1/x",
		"http://example.com/x",
		"http://127.0.0.1@example.com/x",
		"http://example.com#127.0.0.1",
		"http://127.0.0.1:0/x",
		"http://127.0.0.1:65536/x",
		"http://127.0.0.1:80x/x",
		"http://127.0.0.1\\@example.com/x",
		"http://127.0.0.1.example.com/x",
		"http:///x",
		"http://[::1/x",
		"http://127.0.0.1/\"x",
	};
	struct fixture *f = *state;

	for (size_t i = 0; i < ARRAY_SIZE(uris); i++)
		expect_body(f, make_body("windowsPhone", uris[i], "x"), DIAG_PUSH_REJECTED);
	expect_body(f, make_body("apple", NULL, "x"), DIAG_PUSH_NOT_CONFIGURED);
	expect_body(f, make_body("android", f->uri, "x"), DIAG_PUSH_BAD_PLATFORM);
	expect_body(f, make_body("windowsPhone", NULL, "x"), DIAG_PUSH_MALFORMED);
	assert_int_equal(f->n_posts, 0);
}

static void test_allow_hosts(void **state)
{
	struct fixture *f = *state;
	CLEANUP(mem_free_string) char *pair = mem_strdup(http_listen(f->http));

	f->config.allow_hosts = "lab.test,127.0.0.1:1";
	expect(f, &(struct request){ 0 }, DIAG_PUSH_REJECTED);
	assert_non_null(strstr(f->last.info, "allow_hosts"));
	f->config.allow_hosts = pair;
	expect(f, &(struct request){ 0 }, DIAG_SUCCESS);
	run_until(f, NULL, 2);
	f->config.allow_hosts = "";
	expect(f, &(struct request){ 0 }, DIAG_PUSH_REJECTED);
	f->config.allow_hosts = "*";
	expect(f, &(struct request){ 0 }, DIAG_SUCCESS);
}

/* The list of allowed hosts is about names, the table of hosts about what they mean. */
static void test_names(void **state)
{
	struct fixture *f = *state;
	CLEANUP(mem_free_string)
	char *uri = text_format("http://push.lab.test%s" MPNS_PATH "x",
				strrchr(http_listen(f->http), ':'));

	expect_body(f, make_body("windowsPhone", uri, "x"), DIAG_PUSH_REJECTED);
	assert_non_null(strstr(f->last.info, "not in clearing_house.allow_hosts"));
	f->config.allow_hosts = "Push.lab.test:*";
	expect_body(f, make_body("windowsPhone", uri, "x"), DIAG_PUSH_REJECTED);
	assert_non_null(strstr(f->last.info, "is a name that is not in [hosts]"));
	f->config.allow_hosts = "*";
	expect_body(f, make_body("webhook", uri, "x"), DIAG_PUSH_REJECTED);
	assert_int_equal(f->n_posts, 0);
	assert_int_equal(metric_of(f, "clearing_house_pending"), 0);
	assert_int_equal(metric_of(f, "clearing_house_refused_total"), 3);

	assert_int_equal(hosts_add(f->hosts, "push.lab.test", "127.0.0.1"), 0);
	expect_body(f, make_body("windowsPhone", uri, "x"), DIAG_SUCCESS);
	run_until(f, NULL, 2);
	f->config.allow_hosts = "127.0.0.1";
	expect_body(f, make_body("windowsPhone", uri, "x"), DIAG_PUSH_REJECTED);
	assert_non_null(strstr(f->last.info, "not in clearing_house.allow_hosts"));
}

static void test_too_large(void **state)
{
	struct fixture *f = *state;
	CLEANUP(mem_free_string) char *big = mem_zalloc(5001);

	memset(big, ' ', 5000);
	expect(f, &(struct request){ .body = big }, DIAG_PUSH_TOO_LARGE);
}

/* ---- answers of the push service ---- */

static void test_answers(void **state)
{
	static const struct {
		const char *notification, *subscription;
		int status;
		enum diag_code code;
	} rows[] = {
		{ "QueueFull", "Active", 200, DIAG_PUSH_QUEUE_FULL },
		{ "Suppressed", "Active", 200, DIAG_PUSH_SUPPRESSED },
		{ "Dropped", "Active", 200, DIAG_PUSH_REFUSED },
		{ "Dropped", "Active", 406, DIAG_PUSH_THROTTLED },
		{ "Dropped", "Expired", 404, DIAG_PUSH_NO_CHANNEL },
	};
	struct fixture *f = *state;

	for (size_t i = 0; i < ARRAY_SIZE(rows); i++) {
		f->http_status = rows[i].status;
		f->notification = rows[i].notification;
		f->subscription = rows[i].subscription;
		expect(f, &(struct request){ 0 }, rows[i].code);
	}
	/* No tile follows a toast that was not accepted, unless it is toasts that the phone does not want. */
	assert_int_equal(f->n_posts, 6);
	assert_string_equal(f->posts[2].target, "token");
	assert_int_equal(metric_of(f, "clearing_house_failed_total"), 5);
}

static void test_other_answers(void **state)
{
	static const struct {
		int status;
		enum diag_code code;
	} rows[] = {
		{ 412, DIAG_PUSH_INACTIVE },
		{ 400, DIAG_PUSH_REFUSED },
		{ 302, DIAG_PUSH_REFUSED },
		{ 503, DIAG_PUSH_UNAVAILABLE },
	};
	struct fixture *f = *state;

	f->notification = f->subscription = NULL;
	for (size_t i = 0; i < ARRAY_SIZE(rows); i++) {
		f->http_status = rows[i].status;
		expect(f, &(struct request){ 0 }, rows[i].code);
	}
}

static void test_unreachable(void **state)
{
	struct fixture *f = *state;
	CLEANUP(mem_free_string) char *uri = mem_strdup(f->uri);

	http_free(f->http);
	f->http = NULL;
	expect_body(f, make_body("windowsPhone", uri, "x"), DIAG_PUSH_UNREACHABLE);
	/* libcurl's own sentence names the address */
	assert_non_null(strstr(f->last.info, "No connection could be made"));
	assert_null(strstr(f->last.info, "127.0.0.1"));
}

/* A push service that does not answer: the limit of notifications under way, and the timeout. */
static void test_silent_push_service(void **state)
{
	struct fixture *f = *state;
	CLEANUP(mem_free_string) char *uri = text_concat(f->uri, "2");
	CLEANUP(mem_free_string) char *other = make_body("windowsPhone", uri, "x");
	struct call first = { 0 }, second = { 0 };

	f->config.max_pending = 2;
	clearing_house_apply_config(f->clearing_house);
	f->park = true;
	begin_call(f, &first, &(struct request){ 0 });
	run_until(f, &f->park, 1);
	f->config.exchange_timeout_ms = 60000;
	begin_call(f, &second, &(struct request){ .body = other });
	run_until(f, &f->park, 2);
	assert_int_equal(metric_of(f, "clearing_house_pending"), 2);
	expect(f, &(struct request){ 0 }, DIAG_LIMIT);
	assert_int_equal(metric_of(f, "clearing_house_limited_total"), 1);
	run_until_answered(f, &first);
	assert_int_equal(first.status, diag_row(DIAG_PUSH_UNREACHABLE)->sip_status);
	assert_non_null(strstr(first.info, "It did not answer in time"));
	assert_int_equal(metric_of(f, "clearing_house_pending"), 1);
	call_deinit(&first);
	call_deinit(&second);
}

/* The clearing house ends while a notification is under way. */
static void test_end(void **state)
{
	struct fixture *f = *state;

	f->park = true;
	begin_request(f, &(struct request){ 0 });
	run_until(f, &f->park, 1);
	assert_int_equal(metric_of(f, "clearing_house_pending"), 1);
}

int main(void)
{
	const struct CMUnitTest tests[] = {
		cmocka_unit_test_setup_teardown(test_refused_requests, clearing_house_set_up,
						clearing_house_tear_down),
		cmocka_unit_test_setup_teardown(test_refused_phones, clearing_house_set_up,
						clearing_house_tear_down),
		cmocka_unit_test_setup_teardown(test_allow_hosts, clearing_house_set_up,
						clearing_house_tear_down),
		cmocka_unit_test_setup_teardown(test_names, clearing_house_set_up,
						clearing_house_tear_down),
		cmocka_unit_test_setup_teardown(test_too_large, clearing_house_set_up,
						clearing_house_tear_down),
		cmocka_unit_test_setup_teardown(test_answers, clearing_house_set_up,
						clearing_house_tear_down),
		cmocka_unit_test_setup_teardown(test_other_answers, clearing_house_set_up,
						clearing_house_tear_down),
		cmocka_unit_test_setup_teardown(test_unreachable, clearing_house_set_up,
						clearing_house_tear_down),
		cmocka_unit_test_setup_teardown(test_silent_push_service, clearing_house_set_up,
						clearing_house_tear_down),
		cmocka_unit_test_setup_teardown(test_end, clearing_house_set_up,
						clearing_house_tear_down),
	};

	return cmocka_run_group_tests(tests, NULL, NULL);
}
