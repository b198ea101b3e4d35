/*
 * UCWA request bodies
 */
#include "proto/diag.h"
#include "proto/text/mem.h"
#include "proto/text/message_format.h"
#include "proto/text/modality.h"
#include "proto/text/text.h"
#include "proto/ucwa/available.h"
#include "proto/ucwa/body.h"
#include "proto/ucwa/http_uri.h"
#include "proto/ucwa/watch_body.h"

/* cmocka.h needs these four before it. */
#include <setjmp.h>
#include <stdarg.h>
#include <stddef.h>
#include <stdint.h>

#include <cmocka.h>

static void check_problem(int err, const struct ucwa_problem *p, enum diag_code code,
			  const char *message)
{
	assert_true(err < 0);
	assert_int_equal(p->code, code);
	assert_string_equal(p->message, message);
}

static void test_application(void **state)
{
	static const char body[] =
		"{\"UserAgent\":\"WPLync/4.1.7947.0 (x)\",\"EndpointId\":\"a-1\","
		"\"culture\":\"en-US\",\"sessionContext\":7}";
	struct ucwa_application a;
	struct ucwa_problem p;

	(void)state;
	assert_int_equal(ucwa_application_decode(body, strlen(body), &a, &p), 0);
	assert_string_equal(a.user_agent, "WPLync/4.1.7947.0 (x)");
	assert_string_equal(a.endpoint_id, "a-1");
	assert_string_equal(a.culture, "en-US");
	assert_null(a.instance_id);
	ucwa_application_deinit(&a);
}

static void bad_application(const char *body, enum diag_code code, const char *message)
{
	struct ucwa_application a;
	struct ucwa_problem p;

	check_problem(ucwa_application_decode(body, strlen(body), &a, &p), &p, code, message);
	assert_null(a.user_agent);
	assert_null(a.endpoint_id);
}

#define REST ",\"EndpointId\":\"a\",\"Culture\":\"en-US\"}"

static void test_bad_application(void **state)
{
	char long_one[300];

	(void)state;
	bad_application("", DIAG_BAD_JSON, "The request has no body.");
	bad_application("[]", DIAG_BAD_JSON, "The body is not a JSON object.");
	bad_application("{\"UserAgent\":\"x\",\"Culture\":\"en-US\"}", DIAG_BAD_PARAMETER,
			"endpointId is missing.");
	bad_application("{\"UserAgent\":\"\"" REST, DIAG_BAD_PARAMETER,
			"userAgent must not be empty.");
	bad_application("{\"UserAgent\":null" REST, DIAG_BAD_PARAMETER, "userAgent is missing.");
	bad_application("{\"UserAgent\":1" REST, DIAG_BAD_PARAMETER, "userAgent must be a string.");
	bad_application("{\"UserAgent\":\"a\",\"userAgent\":\"a\"" REST, DIAG_BAD_PARAMETER,
			"userAgent must not occur more than once.");
	bad_application("{\"UserAgent\":\"a\\r\\nX: y\"" REST, DIAG_BAD_PARAMETER,
			"userAgent must not have control characters.");
	snprintf(long_one, sizeof(long_one), "{\"UserAgent\":\"%0101d\"" REST, 0);
	bad_application(long_one, DIAG_BAD_PARAMETER, "userAgent is longer than 100 characters.");
}

static void check_parameter(const struct ucwa_problem *p, size_t i, const char *name,
			    const char *why)
{
	assert_true(i < p->n_parameters);
	assert_string_equal(p->parameters[i].name, name);
	assert_string_equal(p->parameters[i].why, why);
}

/* Not only the first one ("Errors and informational messages"). */
static void test_all_parameters(void **state)
{
	static const char none[] = "{}", watch[] = "{\"duration\":0,\"uris\":1,\"groupId\":1}";
	static const char start[] = "{\"to\":1,\"importance\":\"x\","
				    "\"_links\":{\"message\":{\"href\":\"data:image/png,x\"}}}";
	struct ucwa_application a;
	struct ucwa_watch_body w;
	struct ucwa_start s;
	struct ucwa_problem p;

	(void)state;
	assert_true(ucwa_application_decode(none, strlen(none), &a, &p) < 0);
	assert_string_equal(p.message, "userAgent is missing.");
	assert_int_equal(p.n_parameters, 3);
	check_parameter(&p, 0, "userAgent", "is missing.");
	check_parameter(&p, 1, "endpointId", "is missing.");
	check_parameter(&p, 2, "culture", "is missing.");
	assert_true(ucwa_watch_body_decode(watch, strlen(watch), &w, &p) < 0);
	assert_int_equal(p.n_parameters, 3);
	check_parameter(&p, 0, "duration", "must be a number of minutes.");
	check_parameter(&p, 1, "uris", "must be an array.");
	check_parameter(&p, 2, "groupId", "must be a string.");
	assert_true(ucwa_start_decode(start, strlen(start), &s, &p) < 0);
	assert_int_equal(p.n_parameters, 3);
	check_parameter(&p, 0, "to", "must be a string.");
	check_parameter(&p, 1, "importance", "must be one of Normal, Urgent, Emergency.");
	assert_string_equal(p.parameters[2].name, "_links.message");
}

static void test_available(void **state)
{
	static const char body[] =
		"{\"SupportedModalities\":[\"Messaging\"],\"signInAs\":\"Online\","
		"\"supportedMessageFormats\":[\"Plain\",\"Html\"]}";
	static const char video[] = "{\"SupportedModalities\":[\"Messaging\",\"Video\"]}";
	static const char smoke[] = "{\"SupportedModalities\":[\"Smoke\"]}";
	static const char scalar[] = "{\"SupportedModalities\":\"Messaging\"}";
	static const char number[] = "{\"SupportedModalities\":[1]}";
	static const char asleep[] = "{\"signInAs\":\"Asleep\"}";
	struct ucwa_available a;
	struct ucwa_problem p;

	(void)state;
	assert_int_equal(ucwa_available_decode(body, strlen(body), &a, &p), 0);
	assert_string_equal(a.sign_in_as, "Online");
	assert_int_equal(a.modalities, MODALITY_MESSAGING);
	assert_int_equal(a.formats, MESSAGE_PLAIN | MESSAGE_HTML);
	ucwa_available_deinit(&a);
	assert_int_equal(ucwa_available_decode(NULL, 0, &a, &p), 0);
	assert_int_equal(a.modalities, -1);
	assert_int_equal(a.formats, -1);
	check_problem(ucwa_available_decode(video, strlen(video), &a, &p), &p, DIAG_FORBIDDEN,
		      "This server does not support Video.");
	check_problem(ucwa_available_decode(smoke, strlen(smoke), &a, &p), &p, DIAG_BAD_PARAMETER,
		      "supportedModalities must only have Audio, Video, PhoneAudio, "
		      "ApplicationSharing, Messaging, DataCollaboration, PanoramicVideo.");
	check_problem(ucwa_available_decode(scalar, strlen(scalar), &a, &p), &p, DIAG_BAD_PARAMETER,
		      "supportedModalities must be an array.");
	check_problem(ucwa_available_decode(number, strlen(number), &a, &p), &p, DIAG_BAD_PARAMETER,
		      "supportedModalities must only have Audio, Video, PhoneAudio, "
		      "ApplicationSharing, Messaging, DataCollaboration, PanoramicVideo.");
	check_problem(
		ucwa_available_decode(asleep, strlen(asleep), &a, &p), &p, DIAG_BAD_PARAMETER,
		"signInAs must be one of Away, BeRightBack, Busy, DoNotDisturb, Offwork, Online.");
}

static void test_spans(void **state)
{
	static const struct {
		const char *span;
		int64_t ms; /* 0: it is refused */
	} rows[] = {
		{ "\"00:05:00\"", 300000 },
		{ "\"PT5M\"", 300000 },
		{ "\"PT90S\"", 90000 },
		{ "\"PT2H\"", 7200000 },
		{ "7", 420000 },
		{ "null", -1 },
		{ "\"5 minutes\"", 0 },
		{ "\"00:05:00x\"", 0 },
		{ "\"25:00:00\"", 0 },
		{ "0", 0 },
		{ "-1", 0 },
		{ "1441", 0 },
		{ "99999999999", 0 },
		{ "true", 0 },
		{ "\"PT\"", 0 },
	};
	struct ucwa_available a;
	struct ucwa_problem p;

	(void)state;
	for (size_t i = 0; i < sizeof(rows) / sizeof(*rows); i++) {
		char body[80];
		int n = snprintf(body, sizeof(body), "{\"inactiveTimeout\":%s}", rows[i].span);
		int err = ucwa_available_decode(body, (size_t)n, &a, &p);

		if (!rows[i].ms != !!err)
			fail_msg("%s", body);
		if (rows[i].ms > 0)
			assert_int_equal(a.inactive_timeout_ms, rows[i].ms);
		ucwa_available_deinit(&a);
	}
}

static void test_subscription(void **state)
{
	static const char phone[] =
		"{\"platform\":\"WindowsPhone\",\"notificationUri\":"
		"\"http://127.0.0.1:8080/throttledthirdparty/01.00/abc\","
		"\"deviceName\":\"HD7\",\"userAgent\":\"WPLync/4.1.7947.0 (y)\"}";
	static const char apple[] = "{\"platform\":\"apple\",\"deviceToken\":\"00fC\"}";
	struct ucwa_subscription s;
	struct ucwa_problem p;

	(void)state;
	assert_int_equal(ucwa_subscription_decode(phone, strlen(phone), &s, &p), 0);
	assert_string_equal(s.platform, "windowsPhone");
	assert_string_equal(s.notification_uri,
			    "http://127.0.0.1:8080/throttledthirdparty/01.00/abc");
	assert_null(s.device_token);
	assert_string_equal(s.phone_name, "HD7");
	assert_string_equal(s.user_agent, "WPLync/4.1.7947.0 (y)");
	ucwa_subscription_deinit(&s);
	assert_int_equal(ucwa_subscription_decode(apple, strlen(apple), &s, &p), 0);
	assert_string_equal(s.device_token, "00fC");
	ucwa_subscription_deinit(&s);
}

static void bad_subscription(const char *members, const char *message)
{
	CLEANUP(mem_free_string) char *body = text_format("{%s}", members);
	struct ucwa_subscription s;
	struct ucwa_problem p;

	check_problem(ucwa_subscription_decode(body, strlen(body), &s, &p), &p, DIAG_BAD_PARAMETER,
		      message);
	assert_null(s.platform);
}

static void test_bad_subscription(void **state)
{
	static const char token[] = "deviceToken must be an even number of hex digits.";

	(void)state;
	bad_subscription("", "platform is missing.");
	bad_subscription("\"platform\":\"palm\"",
			 "platform must be one of windowsPhone, apple, webhook.");
	bad_subscription(
		"\"platform\":\"webhook\"",
		"platform webhook must have notificationUri and must not have deviceToken.");
	bad_subscription(
		"\"platform\":\"windowsPhone\",\"notificationUri\":\"http://a\","
		"\"deviceToken\":\"00\"",
		"platform windowsPhone must have notificationUri and must not have deviceToken.");
	bad_subscription("\"platform\":\"apple\",\"notificationUri\":\"http://a\"",
			 "platform apple must have deviceToken and must not have notificationUri.");
	bad_subscription("\"platform\":\"apple\",\"deviceToken\":\"0\"", token);
	bad_subscription("\"platform\":\"apple\",\"deviceToken\":\"0g\"", token);
	bad_subscription("\"platform\":\"apple\",\"deviceToken\":\"\"", token);
	bad_subscription("\"platform\":\"webhook\",\"notificationUri\":\"file:///etc/passwd\"",
			 "notificationUri is not an http or https URI.");
}

static void test_uri(void **state)
{
	static const char *const good[] = { "http://a", "HTTPS://a.b:1/c?d#e",
					    "http://[::1]:8080/x", "http://127.0.0.1" };
	static const char *const bad[] = {
		"",
		"http:/a",
		"ftp://a",
		"http://",
		"http:///x",
		"http://u@a/",
		"http://u:p@a/",
		"http://a:/",
		"http://a:0/",
		"http://a:65536/",
		"http://a:1x/",
		"http://a b/",
		"http://a/\r\nX:",
		"http://a/<x>",
		"http://[::1/",
		"http://[::1]x",
		"http://[zz]/",
		"http://\xc3\xa4/",
		"http://a\x7f/",
	};

	(void)state;
	for (size_t i = 0; i < ARRAY_SIZE(good); i++)
		assert_null(ucwa_check_uri(good[i]));
	for (size_t i = 0; i < ARRAY_SIZE(bad); i++)
		assert_non_null(ucwa_check_uri(bad[i]));
}

static void test_status(void **state)
{
	static const char body[] = "{\"availability\":\"Busy\",\"message\":\"x\"}";
	struct ucwa_status s;
	struct ucwa_problem p;

	(void)state;
	assert_int_equal(ucwa_status_decode(body, strlen(body), "availability", &s, &p), 0);
	assert_string_equal(s.availability, "Busy");
	assert_null(s.message);
	ucwa_status_deinit(&s);
	assert_int_equal(ucwa_status_decode(body, strlen(body), "message", &s, &p), 0);
	assert_string_equal(s.message, "x");
	ucwa_status_deinit(&s);
	assert_int_equal(ucwa_status_decode("{}", 2, "availability", &s, &p), 0);
	assert_null(s.availability);
	assert_int_equal(ucwa_status_decode("", 0, "location", &s, &p), 0);
	assert_null(s.location);
	check_problem(ucwa_status_decode("{\"availability\":\"\"}", 19, "availability", &s, &p), &p,
		      DIAG_BAD_PARAMETER,
		      "availability must be one of Away, BeRightBack, Busy, DoNotDisturb, Offwork, "
		      "Online.");
}

static void check_start(const char *body, const char *text, const char *type)
{
	struct ucwa_problem p;
	struct ucwa_start s;

	assert_int_equal(ucwa_start_decode(body, strlen(body), &s, &p), 0);
	if (text)
		assert_string_equal(s.text, text);
	else
		assert_null(s.text);
	if (type)
		assert_string_equal(s.text_type, type);
	ucwa_start_deinit(&s);
}

static void check_bad_start(const char *body, const char *message)
{
	struct ucwa_problem p;
	struct ucwa_start s;

	check_problem(ucwa_start_decode(body, strlen(body), &s, &p), &p, DIAG_BAD_PARAMETER,
		      message);
	assert_null(s.to);
	assert_null(s.text);
}

static void test_start(void **state)
{
	static const char body[] =
		"{\"OperationID\":\"74cb\",\"to\":\"sip:john@lab.test\",\"importance\":\"Urgent\","
		"\"subject\":\"\",\"threadId\":\"292e\",\"telemetryId\":null,\"sessionContext\":"
		"\"x\","
		"\"_links\":{\"message\":{\"href\":\"data:text/plain;base64,SGkgw6Q=\"}}}";
	struct ucwa_problem p;
	struct ucwa_start s;

	(void)state;
	assert_int_equal(ucwa_start_decode(body, strlen(body), &s, &p), 0);
	assert_string_equal(s.operation_id, "74cb");
	assert_string_equal(s.to, "sip:john@lab.test");
	assert_string_equal(s.importance, "urgent");
	assert_null(s.subject);
	assert_string_equal(s.thread_id, "292e");
	assert_string_equal(s.text, "Hi \xc3\xa4");
	assert_string_equal(s.text_type, "text/plain");
	ucwa_start_deinit(&s);
	check_start("{}", NULL, NULL);
	check_start("{\"_links\":null}", NULL, NULL);
	check_start("{\"_links\":{\"message\":null}}", NULL, NULL);
	check_start("{\"_links\":{\"message\":{\"href\":null}},\"message\":\"\"}", NULL, NULL);
	check_start("{\"_links\":{\"message\":\"data:,x\"}}", "x", "text/plain");
	check_start("{\"Message\":\"50% & more\"}", "50% & more", "text/plain");
	check_start("{\"message\":\"Data:text/html,%3Cb%3E\"}", "<b>", "text/html");
	check_start("{\"message\":{\"href\":\"data:,top\"}}", "top", "text/plain");
	check_start("{\"message\":\"no\",\"_links\":{\"message\":{\"href\":\"data:,yes\"}}}", "yes",
		    "text/plain");
	check_start("{\"_links\":{\"Message\":{\"Href\":\"data:text/html,%3Cb%3Ea+b\"}}}", "<b>a b",
		    "text/html");
}

static void test_bad_start(void **state)
{
	static const char of_51[] =
		"{\"operationId\":\"012345678901234567890123456789012345678901234567890\"}";

	(void)state;
	check_bad_start(of_51, "operationId is longer than 50 characters.");
	check_bad_start("{\"to\":\"a@b\",\"importance\":\"High\"}",
			"importance must be one of Normal, Urgent, Emergency.");
	check_bad_start("{\"to\":7}", "to must be a string.");
	check_bad_start("{\"to\":\"a@b\",\"threadId\":\"a\\r\\nb\"}",
			"threadId must not have control characters.");
	check_bad_start("{\"to\":\"a@b\",\"_links\":{\"message\":{\"href\":\"http://x\"}}}",
			"_links.message is invalid: This is not a data URI.");
	check_bad_start("{\"_links\":{\"message\":\"plain\"}}",
			"_links.message is invalid: This is not a data URI.");
	check_bad_start("{\"_links\":{\"message\":{\"text\":\"x\"}}}",
			"_links.message must be an object with a string \"href\".");
	check_bad_start("{\"_links\":[]}", "_links must be an object.");
	check_bad_start("{\"message\":[\"x\"]}", "message must be a string.");
	check_bad_start("{\"message\":{}}", "message must be a string.");
	check_bad_start("{\"message\":{\"href\":\"plain\"}}",
			"message is invalid: This is not a data URI.");
	check_bad_start("{\"_links\":{\"message\":{\"href\":\"data:text/plain;base64,?\"}}}",
			"_links.message is invalid: The data of the data URI is not base64.");
	check_bad_start("{\"_links\":{\"message\":{\"href\":\"data:image/png,a\"}}}",
			"_links.message must be text/plain or text/html.");
}

static void test_watch(void **state)
{
	static const char body[] =
		"{\"Duration\":11,\"Uris\":[\"sip:a@lab.test\",\"sip:b@lab.test\"]}";
	static const char contacts[] = "{\"contactUris\":[\"sip:a@lab.test\"]}";
	static const struct {
		const char *body, *message;
	} bad[] = {
		{ "{\"uris\":\"sip:a@lab.test\"}", "uris must be an array." },
		{ "{\"uris\":[\"sip:a@lab.test\",7]}", "uris must have only strings." },
		{ "{\"uris\":[],\"contactUris\":[]}",
		  "uris and contactUris must not occur more than once." },
		{ "{\"duration\":\"11\"}", "duration must be a number of minutes." },
		{ "{\"duration\":0}", "duration must be a number of minutes." },
		{ "{\"duration\":1441}", "duration must be a number of minutes." },
		{ "{\"duration\":1.5}", "duration must be a number of minutes." },
	};
	struct ucwa_watch_body b;
	struct ucwa_problem p;

	(void)state;
	assert_int_equal(ucwa_watch_body_decode(body, strlen(body), &b, &p), 0);
	assert_int_equal(b.duration_min, 11);
	assert_int_equal(b.n_uris, 2);
	assert_string_equal(b.uris[1], "sip:b@lab.test");
	ucwa_watch_body_deinit(&b);
	assert_int_equal(ucwa_watch_body_decode(contacts, strlen(contacts), &b, &p), 0);
	assert_int_equal(b.n_uris, 1);
	ucwa_watch_body_deinit(&b);
	assert_int_equal(ucwa_watch_body_decode("", 0, &b, &p), 0);
	assert_int_equal(b.n_uris, 0);
	for (size_t i = 0; i < sizeof(bad) / sizeof(*bad); i++) {
		check_problem(ucwa_watch_body_decode(bad[i].body, strlen(bad[i].body), &b, &p), &p,
			      DIAG_BAD_PARAMETER, bad[i].message);
		assert_int_equal(b.n_uris, 0);
		assert_null(b.uris);
	}
}

static void test_operations(void **state)
{
	static const char *const bodies[] = { "", "{\"reason\":\"Unknown\"}",
					      "{\"reason\":\"Global\"}", "{\"Reason\":\"local\"}",
					      "{\"reason\":\"CodecMismatch\"}" };
	static const char tired[] = "{\"reason\":\"Tired\"}";
	struct ucwa_problem p;
	bool here;

	(void)state;
	for (size_t i = 0; i < ARRAY_SIZE(bodies); i++) {
		assert_int_equal(ucwa_decline_decode(bodies[i], strlen(bodies[i]), &here, &p), 0);
		assert_int_equal(here, i >= 3);
	}
	check_problem(
		ucwa_decline_decode(tired, strlen(tired), &here, &p), &p, DIAG_BAD_PARAMETER,
		"reason must be one of Unknown, Local, Global, MediaAllocationFailure, "
		"EncryptionMismatch, IPv6NotSupported, MediaConnectivityFailure, CodecMismatch, "
		"UnsupportedMedia, InvalidMediaOffer, InsufficientBandwidth, "
		"InsufficientBandwidthRerouteOverPstn.");
}

static void test_network(void **state)
{
	static const char full[] =
		"{\"clientNetworkType\":\"Internal\",\"mac\":\"00-00\",\"rssi\":null}";
	static const char none[] = "{}", number[] = "{\"clientNetworkType\":\"External\",\"ip\":7}";
	struct ucwa_problem p;

	(void)state;
	assert_int_equal(ucwa_network_decode(full, strlen(full), &p), 0);
	check_problem(ucwa_network_decode(none, strlen(none), &p), &p, DIAG_BAD_PARAMETER,
		      "clientNetworkType is missing.");
	check_problem(ucwa_network_decode(number, strlen(number), &p), &p, DIAG_BAD_PARAMETER,
		      "ip must be a string.");
	check_problem(ucwa_network_decode(NULL, 0, &p), &p, DIAG_BAD_JSON,
		      "The request has no body.");
}

int main(void)
{
	const struct CMUnitTest tests[] = {
		cmocka_unit_test(test_application),
		cmocka_unit_test(test_bad_application),
		cmocka_unit_test(test_all_parameters),
		cmocka_unit_test(test_available),
		cmocka_unit_test(test_spans),
		cmocka_unit_test(test_watch),
		cmocka_unit_test(test_subscription),
		cmocka_unit_test(test_bad_subscription),
		cmocka_unit_test(test_uri),
		cmocka_unit_test(test_start),
		cmocka_unit_test(test_network),
		cmocka_unit_test(test_bad_start),
		cmocka_unit_test(test_status),
		cmocka_unit_test(test_operations),
	};

	return cmocka_run_group_tests(tests, NULL, NULL);
}
