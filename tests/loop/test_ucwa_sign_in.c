/*
 * HTTPS API: finding the server, tokens, applications, bodies and errors
 */
#include "ucwa_fixture.h"

#include "mcxd/base/journal.h"
#include "mcxd/core/life.h"
#include "mcxd/core/user.h"
#include "mcxd/net/pki.h"
#include "proto/record.h"
#include "proto/text/mem.h"
#include "proto/text/text.h"
#include "web/http/http.h"
#include "web/ucwa/openapi_rows.h"
#include "web/ucwa/operation.h"
#include "web/ucwa/routes.h"
#include "web/ucwa/ucwa.h"

#include <unistd.h>

#define GET(path_, token_) (&(struct call){ .method = "GET", .path = (path_), .token = (token_) })
#define APPLICATIONS       "/ucwa/oauth/v1/applications"

static void test_discover(void **state)
{
	struct lab *l = *state;
	CLEANUP(mem_free_string) char *user = NULL;
	struct reply r;

	assert_int_equal(lab_call(l, GET("/?sipuri=sip:bob@lab.test", ""), &r), 200);
	user = mem_strdup(reply_at(&r, "/_links/user/href"));
	assert_string_equal(user + strlen(l->base), "/autodiscover/autodiscoverservice.svc/root/"
						    "oauth/user?originalDomain=lab.test");
	reply_reset(&r);
	assert_int_equal(lab_call(l, GET(user, ""), &r), 401);
	assert_string_equal(reply_at(&r, "/code"), "Unauthorized");
	assert_non_null(strstr(r.www[0], "Bearer trusted_issuers="));
	assert_non_null(strstr(r.www[1], "MsRtcOAuth href=\"http://127.0.0.1:"));
	assert_non_null(strstr(r.www[1], "/WebTicket/oauthtoken\",grant_type=\"password\""));
	reply_reset(&r);
	lab_bob(l);
	assert_int_equal(lab_call(l, GET(user, NULL), &r), 200);
	assert_string_equal(reply_at(&r, "/_links/applications/href") + strlen(l->base),
			    APPLICATIONS);
	reply_reset(&r);
	assert_int_equal(
		lab_call(l, GET("/autodiscover/autodiscoverservice.svc/root/user", NULL), &r), 200);
	assert_true(reply_has(&r, "/_links/applications"));
	reply_reset(&r);
	assert_int_equal(lab_call(l, GET("/?sipuri=bob", ""), &r), 400);
	assert_string_equal(reply_at(&r, "/subcode"), "ParameterValidationFailure");
	reply_reset(&r);
}

static void test_discover_xml(void **state)
{
	struct lab *l = *state;
	struct reply r;

	assert_int_equal(
		lab_call(l,
			 &(struct call){ .method = "GET",
					 .path = "/Autodiscover/AutodiscoverService.svc/root"
						 "?originalDomain=lab.test",
					 .token = "",
					 .accept = "application/"
						   "vnd.microsoft.rtc.autodiscover+xml;v=1" },
			 &r),
		200);
	assert_string_equal(r.type, "application/vnd.microsoft.rtc.autodiscover+xml;v=1");
	assert_non_null(strstr(r.body, "<Link token=\"User\""));
	reply_reset(&r);
}

static void test_application(void **state)
{
	struct lab *l = *state;
	CLEANUP(mem_free_string) char *again = NULL;
	struct reply r;

	lab_bob(l);
	assert_int_equal(lab_call(l, GET(l->app, NULL), &r), 200);
	assert_string_equal(reply_at(&r, "/rel"), "application");
	assert_string_equal(reply_at(&r, "/userAgent"), "WPLync/4.1.7947.0 (x)");
	assert_string_equal(reply_at(&r, "/_embedded/me/uri"), "sip:bob@lab.test");
	assert_string_equal(reply_at(&r, "/_embedded/communication/supportedModalities/0"),
			    "Messaging");
	assert_true(reply_has(&r, "/_embedded/people/_links/self"));
	assert_true(reply_has(&r, "/_embedded/onlineMeetings/_links/self"));
	assert_non_null(strstr(reply_at(&r, "/_links/events/href"), "/events?ack=1"));
	reply_reset(&r);
	again = lab_application(l, l->token, "bobs-phone");
	assert_string_equal(again, l->app);
	assert_int_equal(lab_do(l, "DELETE", "", NULL), 204);
	assert_int_equal(lab_call(l, GET(l->app, NULL), &r), 404);
	assert_string_equal(reply_at(&r, "/subcode"), "ApplicationNotFound");
	reply_reset(&r);
}

static int sign_in(struct lab *l, const char *token, const char *body, struct reply *r)
{
	return lab_call(
		l,
		&(struct call){
			.method = "POST", .path = APPLICATIONS, .token = token, .body = body },
		r);
}

static void test_application_status(void **state)
{
	static const char body[] =
		"{\"userAgent\":\"x\",\"endpointId\":\"e%d\",\"culture\":\"en\"}";
	struct lab *l = *state;
	CLEANUP(mem_free_string) char *token = lab_sign_in(l, "bob@lab.test", "pass+word%261");
	CLEANUP(mem_free_string) char *carol = lab_sign_in(l, "carol@lab.test", "pass+word%261");
	struct reply r;

	for (int i = 0; i < 4; i++) {
		CLEANUP(mem_free_string)
		char *mine = text_format("{\"userAgent\":\"x\",\"endpointId\":\"e%d\","
					 "\"culture\":\"en\"}",
					 i);

		assert_int_equal(sign_in(l, token, mine, &r), i < 3 ? 201 : 429);
		if (i < 3)
			assert_string_equal(r.location, reply_at(&r, "/_links/self/href"));
		else
			assert_string_equal(reply_at(&r, "/subcode"), "TooManyApplications");
		reply_reset(&r);
		if (i == 3)
			continue;
		assert_int_equal(sign_in(l, token, mine, &r), 200);
		reply_reset(&r);
	}
	assert_int_equal(lab_metric(l, "core_sign_ins_refused_total"), 1);
	assert_int_equal(sign_in(l, carol, body, &r), 403);
	assert_string_equal(reply_at(&r, "/message"), "Mobility is not enabled for this user");
	reply_reset(&r);
}

/* Alice's token gives no access to Bob's application. */
static void test_stranger(void **state)
{
	static const char *const below[] = { "", "/me", "/events?ack=1", "/pushSubscription" };
	struct lab *l = *state;
	CLEANUP(mem_free_string) char *alice = lab_sign_in(l, "alice@lab.test", "pass+word%261");
	struct reply r;

	lab_bob(l);
	for (size_t i = 0; i < ARRAY_SIZE(below); i++) {
		CLEANUP(mem_free_string) char *path = text_format("%s%s", l->app, below[i]);

		assert_int_equal(lab_call(l, GET(path, alice), &r), 404);
		assert_string_equal(reply_at(&r, "/subcode"), "ApplicationNotFound");
		reply_reset(&r);
	}
	assert_int_equal(
		lab_call(l, &(struct call){ .method = "DELETE", .path = l->app, .token = alice },
			 &r),
		404);
	reply_reset(&r);
	assert_int_equal(lab_do(l, "GET", "", NULL), 200);
}

static void test_me(void **state)
{
	struct lab *l = *state;
	CLEANUP(mem_free_string) char *me = NULL;
	struct reply r;

	l->token = lab_sign_in(l, "bob@lab.test", "pass+word%261");
	l->app = lab_application(l, l->token, "x");
	me = text_format("%s/me", l->app);
	assert_int_equal(lab_do(l, "POST", "/me/reportMyActivity", NULL), 409);
	assert_int_equal(lab_call(l, GET(me, NULL), &r), 200);
	assert_true(reply_has(&r, "/_links/makeMeAvailable"));
	assert_false(reply_has(&r, "/_links/presence"));
	reply_reset(&r);
	assert_int_equal(lab_do(l, "POST", "/me/makeMeAvailable",
				"{\"signInAs\":\"Busy\",\"SupportedModalities\":[\"Messaging\"]}"),
			 204);
	assert_int_equal(lab_do(l, "POST", "/me/makeMeAvailable", NULL), 409);
	assert_int_equal(lab_do(l, "POST", "/me/reportMyActivity", NULL), 204);
	assert_int_equal(lab_call(l, GET(me, NULL), &r), 200);
	assert_false(reply_has(&r, "/_links/makeMeAvailable"));
	assert_true(reply_has(&r, "/_links/reportMyActivity"));
	assert_int_equal(lab_do(l, "GET", reply_at(&r, "/_links/note/href") + strlen(l->app), NULL),
			 200);
	assert_int_equal(
		lab_do(l, "GET", reply_at(&r, "/_links/location/href") + strlen(l->app), NULL),
		200);
	reply_reset(&r);
	free(me);
	me = text_format("%s/me/presence", l->app);
	assert_int_equal(lab_call(l, GET(me, NULL), &r), 200);
	assert_string_equal(reply_at(&r, "/availability"), "Busy");
	reply_reset(&r);
	assert_int_equal(lab_do(l, "POST", "/me/presence", "{\"availability\":\"Online\"}"), 204);
	assert_int_equal(lab_do(l, "POST", "/me/note", "{\"message\":\"away\\u0001\"}"), 400);
}

static void test_subscription(void **state)
{
	static const char good[] = "{\"platform\":\"windowsPhone\",\"notificationUri\":"
				   "\"http://127.0.0.1:9/throttledthirdparty/01.00/t\"}";
	struct lab *l = *state;
	CLEANUP(mem_free_string) char *path = NULL;
	struct user_spec spec = { .password = "pass word&1",
				  .policy = { .enable_mobility = true } };
	struct reply r;

	lab_bob(l);
	path = text_format("%s/pushSubscription", l->app);
	assert_int_equal(lab_do(l, "GET", "/pushSubscription", NULL), 404);
	assert_int_equal(lab_do(l, "DELETE", "/pushSubscription", NULL), 404);
	assert_int_equal(lab_do(l, "PUT", "/pushSubscription", good), 201);
	assert_int_equal(lab_do(l, "PUT", "/pushSubscription", good), 200);
	assert_int_equal(lab_call(l, GET(path, NULL), &r), 200);
	assert_string_equal(reply_at(&r, "/platform"), "windowsPhone");
	assert_string_equal(reply_at(&r, "/_links/self/href"), path);
	reply_reset(&r);
	assert_int_equal(lab_do(l, "PUT", "/pushSubscription", "{\"platform\":\"palm\"}"), 400);
	assert_int_equal(lab_do(l, "DELETE", "/pushSubscription", NULL), 204);
	user_update(user_find(l->core, "bob@lab.test"), &spec);
	assert_int_equal(lab_do(l, "PUT", "/pushSubscription", good), 403);
}

struct bad {
	struct call call;
	int status;
	const char *code;
};

static void test_errors(void **state)
{
	static const struct bad rows[] = {
		{ { "GET", "/nowhere", "" }, 404, "NotFound" },
		{ { "PUT", "/health", "" }, 405, "MethodNotAllowed" },
		{ { "GET", APPLICATIONS "/000000000000", "" }, 401, "Unauthorized" },
		{ { "GET", APPLICATIONS "/000000000000", "cwt=guess" }, 401, "Unauthorized" },
		{ { "POST", APPLICATIONS, NULL, "text/plain", "{}" }, 415, "UnsupportedMediaType" },
		{ { "POST", APPLICATIONS, NULL, "", "{}" }, 400, "BadRequest" },
		{ { "POST", APPLICATIONS, NULL, "application/json;charset=utf-16", "{}" },
		  415,
		  "UnsupportedMediaType" },
		{ { "POST", APPLICATIONS, NULL, NULL, "{" }, 400, "BadRequest" },
		{ { "POST", APPLICATIONS, NULL, NULL, "{\"a\":1,\"a\":2}" }, 400, "BadRequest" },
		{ { "POST", APPLICATIONS, NULL, "application/json; charset=\"UTF-8\"", "{}" },
		  400,
		  "BadRequest" },
		{ { "POST", APPLICATIONS }, 400, "BadRequest" },
	};
	struct lab *l = *state;
	CLEANUP(mem_free_string) char *huge = mem_zalloc(3001);
	struct reply r;

	lab_bob(l);
	for (size_t i = 0; i < ARRAY_SIZE(rows); i++) {
		assert_int_equal(lab_call(l, &rows[i].call, &r), rows[i].status);
		assert_string_equal(reply_at(&r, "/code"), rows[i].code);
		assert_true(*reply_at(&r, "/message"));
		reply_reset(&r);
	}
	memset(huge, 'x', 3000);
	assert_int_equal(
		lab_call(l, &(struct call){ .method = "POST", .path = APPLICATIONS, .body = huge },
			 &r),
		413);
	assert_string_equal(reply_at(&r, "/code"), "EntityTooLarge");
	reply_reset(&r);
	assert_true(lab_metric(l, "ucwa_bad_requests_total") >= 9);
}

static void test_documents(void **state)
{
	struct lab *l = *state;
	struct reply r;

	assert_int_equal(lab_call(l, GET("/openapi.json", ""), &r), 200);
	assert_string_equal(reply_at(&r, "/openapi"), "3.1.0");
	assert_string_equal(
		reply_at(&r, "/paths/~1ucwa~1oauth~1v1~1applications~1{app}~1pushSubscription/put/"
			     "x-mcxd-extension"),
		"true");
	assert_string_equal(
		reply_at(&r, "/paths/~1ucwa~1oauth~1v1~1applications~1{app}/get/parameters/0/name"),
		"app");
	assert_string_equal(reply_at(&r, "/paths/~1ucwa~1oauth~1v1~1applications~1{app}~1events/"
					 "get/parameters/1/name"),
			    "ack");
	assert_string_equal(
		reply_at(&r, "/components/schemas/PushSubscription/properties/platform/enum/2"),
		"webhook");
	assert_string_equal(reply_at(&r, "/servers/0/url"), l->base);
	assert_string_equal(reply_at(&r, "/paths/~1health/get/summary"),
			    "Check that the service is up.");
	reply_reset(&r);
	assert_int_equal(lab_call(l, GET("/health", ""), &r), 200);
	assert_string_equal(reply_at(&r, "/status"), "ok");
	reply_reset(&r);
	assert_int_equal(lab_call(l, GET("/Mcx/McxService.svc", ""), &r), 200);
	assert_string_equal(r.type, "text/html; charset=utf-8");
	reply_reset(&r);
}

/* Every row says something about an operation that there is. */
static void test_documented_exchanges(void **state)
{
	size_t n_routes;
	struct http_route *routes = ucwa_routes_new(&n_routes);

	(void)state;
	for (size_t i = 0; i < ucwa_n_exchanges; i++) {
		const struct ucwa_exchange *x = &ucwa_exchanges[i];
		bool used = false;

		for (size_t n = 0; n < n_routes; n++) {
			const struct ucwa_operation *o = routes[n].extra;

			used = used || ucwa_exchange_find(routes[n].method, o->path) == x;
		}
		if (!used)
			fail_msg("%s %s is about no operation", x->method, x->path);
	}
	free(routes);
}

/* Neither passwords nor tokens get into the journal. */
static void test_journal(void **state)
{
	struct lab *l = *state;
	CLEANUP(text_deinit) struct text http = TEXT_INIT;

	lab_bob(l);
	lab_story(l, "http", &http);
	assert_string_equal(
		text_str(&http),
		"POST oauthtoken → 200; POST applications → 201; POST makeMeAvailable → 204; ");
	for (uint64_t seq = 1; seq <= journal_last(l->journal); seq++) {
		const struct record *r = journal_get(l->journal, seq);

		for (size_t i = 0; i < r->n_fields; i++) {
			const char *value = r->fields[i].value;

			assert_true(!value || (!strstr(value, "cwt=") && !strstr(value, "word")));
		}
	}
}

/* ---- two listeners ---- */

static void listen_tls(struct lab *l, struct http **ret)
{
	static const char *const dns[] = { "lab.test" };
	const struct pki_names names = { .dns = dns, .n_dns = 1 };
	char dir[] = "/tmp/mcxd-test-XXXXXX";
	struct pki_pair ca, server;

	assert_non_null(mkdtemp(dir));
	assert_int_equal(pki_ensure_authority(dir, &ca), 0);
	assert_int_equal(pki_ensure_certificate(dir, "server", &names, &ca, &server), 0);
	assert_int_equal(ucwa_listen(l->ucwa, "https",
				     &(struct http_config){ .listen = "127.0.0.1:0",
							    .cert_file = server.cert,
							    .key_file = server.key },
				     ret),
			 0);
	unlink(ca.key);
	unlink(ca.cert);
	unlink(server.key);
	unlink(server.cert);
	assert_int_equal(rmdir(dir), 0);
	pki_pair_deinit(&ca);
	pki_pair_deinit(&server);
}

/* Autodiscover over plain HTTP only leads to TLS; an application is the same on both listeners. */
static void test_listeners(void **state)
{
	struct lab *l = *state;
	CLEANUP(mem_free_string) char *root = NULL;
	CLEANUP(mem_free_string) char *app = NULL;
	struct http *https;
	struct reply r;

	lab_bob(l);
	listen_tls(l, &https);
	assert_int_equal(lab_call(l, GET("/?sipuri=bob@lab.test", ""), &r), 200);
	app = text_format("https://%s", http_listen(https));
	assert_int_equal(strncmp(reply_at(&r, "/_links/user/href"), app, strlen(app)), 0);
	root = mem_strdup(reply_at(&r, "/_links/redirect/href"));
	reply_reset(&r);
	assert_int_equal(strncmp(root, app, strlen(app)), 0);
	assert_int_equal(lab_call(l, GET(root, ""), &r), 200);
	assert_int_equal(strncmp(reply_at(&r, "/_links/user/href"), app, strlen(app)), 0);
	reply_reset(&r);
	free(app);
	app = text_format("https://%s%s", http_listen(https), l->app);
	assert_int_equal(lab_call(l, GET(app, NULL), &r), 200);
	assert_string_equal(reply_at(&r, "/_links/self/href"), l->app);
	reply_reset(&r);
}

/* Where there is HTTPS, plain HTTP serves nothing but the way to it. */
static void test_plain(void **state)
{
	static const struct {
		const char *method, *path;
		int status;
	} rows[] = {
		{ "GET", "/Autodiscover//AutodiscoverService.svc/Root", 200 },
		{ "HEAD", "/", 200 },
		{ "OPTIONS", "/", 204 },
		{ "POST", "/", 405 },
		{ "GET", "/autodiscover/autodiscoverservice.svc/root/oauth/user", 403 },
		{ "GET", "/autodiscover/autodiscoverservice.svc/root/domain", 403 },
		{ "GET", "/autodiscover/autodiscoverservice.svc/root/user", 403 },
		{ "GET", "/xframe", 403 },
		{ "GET", "/Mcx/McxService.svc", 403 },
		{ "GET", "/openapi.json", 403 },
		{ "GET", "/none", 403 },
		{ "POST", "/WebTicket/oauthtoken", 403 },
		{ "POST", "/ucwa/oauth/v1/applications", 403 },
	};
	struct lab *l = *state;
	struct http *https;
	struct reply r;

	assert_int_equal(lab_call(l, GET("/Mcx/McxService.svc", ""), &r), 200);
	reply_reset(&r);
	listen_tls(l, &https);
	for (size_t i = 0; i < ARRAY_SIZE(rows); i++) {
		const struct call c = { .method = rows[i].method,
					.path = rows[i].path,
					.token = "" };

		assert_int_equal(lab_call(l, &c, &r), rows[i].status);
		if (rows[i].status == 403 && strcmp(rows[i].path, "/WebTicket/oauthtoken") != 0)
			assert_string_equal(reply_at(&r, "/code"), "Forbidden");
		reply_reset(&r);
	}
}

/* Every path in any case, with whatever Accept. */
static void test_paths(void **state)
{
	static const char *const paths[] = {
		"/AutoDiscover/AutodiscoverService.svc/root/",
		"/Autodiscover//AutodiscoverService.svc/root//",
		"/AUTODISCOVER/autodiscoverservice.SVC/Root/Domain",
		"/Autodiscover/AutodiscoverService.svc/root/domain/?originalDomain=lab.test",
		"/autodiscover/autodiscoverservice.svc/ROOT/XFrame",
		"/XFRAME",
		"/autodiscover/xframe/xframe.html",
		"/mcx/mcxservice.svc",
		"/mcx/mcxservice.svc/",
	};
	struct lab *l = *state;
	struct reply r;

	for (size_t i = 0; i < ARRAY_SIZE(paths); i++) {
		assert_int_equal(lab_call(l, GET(paths[i], ""), &r), 200);
		reply_reset(&r);
	}
}

#define TEST(name) cmocka_unit_test_setup_teardown(name, lab_setup, lab_teardown)

int main(void)
{
	const struct CMUnitTest tests[] = {
		TEST(test_discover),     TEST(test_discover_xml),
		TEST(test_application),  TEST(test_application_status),
		TEST(test_stranger),     TEST(test_me),
		TEST(test_subscription), TEST(test_errors),
		TEST(test_documents),    TEST(test_documented_exchanges),
		TEST(test_journal),      TEST(test_listeners),
		TEST(test_plain),        TEST(test_paths),
	};

	return cmocka_run_group_tests(tests, NULL, NULL);
}
