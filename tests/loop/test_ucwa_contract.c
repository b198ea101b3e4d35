/*
 * HTTPS API: what every resource answers to requests that are not meant for it, in the documented form, and its version
 */
#include "ucwa_fixture.h"

#include "proto/text/mem.h"
#include "proto/text/text.h"
#include "web/http/http.h"
#include "web/ucwa/operation.h"
#include "web/ucwa/routes.h"
#include "web/ucwa/token.h"

#include <string.h>

/* A path of the route, below Bob's application if it is one of those. free() it. */
static char *path_of(const struct lab *l, const struct http_route *route)
{
	static const struct {
		const char *name, *value;
	} values[] = { { "{aor}", "alice@lab.test" },
		       { "{group}", "default" },
		       { "{membership}", "default,alice@lab.test" },
		       { "{level}", "Colleagues" },
		       { "{part}", "immediateForwardSettings" } };
	const char *p = route->path;
	struct text path = TEXT_INIT;

	for (const char *open; (open = strchr(p, '{')); p = strchr(open, '}') + 1) {
		const char *value = "1";

		text_add_bytes(&path, p, (size_t)(open - p));
		if (!strncmp(open, "{app}", 5))
			value = strrchr(l->app, '/') + 1;
		for (size_t i = 0; i < ARRAY_SIZE(values); i++)
			if (!strncmp(open, values[i].name, strlen(values[i].name)))
				value = values[i].value;
		text_add(&path, value);
	}
	text_add(&path, p);
	return text_take(&path);
}

static const struct ucwa_operation *operation_of(const struct http_route *route)
{
	return route->extra;
}

static bool has_version(const struct reply *r)
{
	const char *version = reply_header(r, "X-MS-UcwaVersion");

	return !strcmp(version, "1") || !strcmp(version, "2");
}

/* Send, and check status, code and subcode of the error. */
static void check_error(struct lab *l, const struct call *c, int status, const char *code,
			const char *subcode)
{
	struct reply r;

	lab_call(l, c, &r);
	if (r.status != status || strcmp(reply_at(&r, "/code"), code) != 0 ||
	    strcmp(reply_at(&r, "/subcode"), subcode) != 0 || !*reply_at(&r, "/message") ||
	    !has_version(&r) || strcmp(reply_header(&r, "Cache-Control"), "no-store") != 0)
		fail_msg("%s %s: %d %s (version \"%s\")", c->method, c->path, r.status, r.body,
			 reply_header(&r, "X-MS-UcwaVersion"));
	reply_reset(&r);
}

static bool allows(const struct reply *r, const char *method)
{
	return strstr(reply_header(r, "Allow"), method);
}

/* Below the applications with what the methods take, as applications_ref has it. */
static void check_options(struct lab *l, const struct http_route *route, const char *path)
{
	bool tells = operation_of(route)->flags & UCWA_TOKEN;
	struct reply r;

	lab_call(l, &(struct call){ .method = "OPTIONS", .path = path, .token = "" }, &r);
	if (r.status != (tells ? 200 : 204) || tells != reply_has(&r, "/metadata/0/httpMethod") ||
	    tells != (*r.body != '\0') || !allows(&r, route->method) || !allows(&r, "OPTIONS") ||
	    !has_version(&r))
		fail_msg("OPTIONS %s: %d %s", path, r.status, reply_header(&r, "Allow"));
	reply_reset(&r);
}

static bool is_token(const struct http_route *route)
{
	return operation_of(route)->handler == ucwa_post_token;
}

/* The errors of the token resource are OAuth's. */
static void check_method(struct lab *l, const struct http_route *route, const char *path)
{
	const struct call c = { .method = "PATCH", .path = path, .body = "{}" };
	struct reply r;

	lab_call(l, &c, &r);
	if (r.status != 405 || !allows(&r, route->method) || !has_version(&r) || !r.json)
		fail_msg("PATCH %s: %d %s", path, r.status, r.body);
	reply_reset(&r);
	if (!is_token(route))
		check_error(l, &c, 405, "MethodNotAllowed", "");
}

static void check_missing(struct lab *l, const char *path)
{
	CLEANUP(mem_free_string) char *below = text_concat(path, "/no/such/resource");

	check_error(l, &(struct call){ .method = "GET", .path = below }, 404, "NotFound",
		    "ResourceNotFound");
}

/* The same status and headers as GET, without the body. Events change with every request. */
static void check_head(struct lab *l, const struct http_route *route, const char *path)
{
	struct reply get, head;

	if (strcmp(route->method, "GET") != 0 || strstr(path, "/events"))
		return;
	lab_call(l, &(struct call){ .method = "GET", .path = path }, &get);
	lab_call(l, &(struct call){ .method = "HEAD", .path = path }, &head);
	if (head.status != get.status || *head.body || !*get.body || !has_version(&head) ||
	    strcmp(head.type, get.type) != 0 || !head.etag != !get.etag ||
	    (get.etag && strcmp(head.etag, get.etag) != 0))
		fail_msg("HEAD %s: %d instead of %d", path, head.status, get.status);
	reply_reset(&get);
	reply_reset(&head);
}

static void check_formats(struct lab *l, const struct http_route *route, const char *path)
{
	const struct ucwa_operation *o = operation_of(route);

	if (!(o->flags & UCWA_SIGNING_IN))
		check_error(l,
			    &(struct call){ .method = route->method,
					    .path = path,
					    .accept = "application/xml" },
			    406, "NotAcceptable", "");
	if (ucwa_operation_body_types(o) && !(o->flags & UCWA_BODY_FORM))
		check_error(l,
			    &(struct call){ .method = route->method,
					    .path = path,
					    .type = "application/xml",
					    .body = "<input/>" },
			    415, "UnsupportedMediaType", "UnsupportedMediaType");
}

static void check_token(struct lab *l, const struct http_route *route, const char *path)
{
	struct reply r;

	if (!(operation_of(route)->flags & UCWA_TOKEN))
		return;
	check_error(l, &(struct call){ .method = route->method, .path = path, .token = "" }, 401,
		    "Unauthorized", "");
	lab_call(l, &(struct call){ .method = route->method, .path = path, .token = "" }, &r);
	assert_non_null(strstr(r.www[0], "Bearer trusted_issuers="));
	assert_non_null(strstr(r.www[1], "MsRtcOAuth href="));
	reply_reset(&r);
}

/* "Versioning" */
static void check_version(struct lab *l, const struct http_route *route, const char *path)
{
	const bool is_second = operation_of(route)->flags & UCWA_REVISION_2;

	if (is_token(route))
		return;
	check_error(l,
		    &(struct call){ .method = route->method,
				    .path = path,
				    .header = is_second ? "X-MS-RequiresMinResourceVersion: 2.1"
							: "X-MS-RequiresMinResourceVersion: 1.1" },
		    404, "NotFound", "APIVersionNotSupported");
}

static void test_every_route(void **state)
{
	struct lab *l = *state;
	size_t n;
	struct http_route *routes = ucwa_routes_new(&n);

	lab_bob(l);
	for (size_t i = 0; i < n; i++) {
		const struct http_route *route = &routes[i];
		CLEANUP(mem_free_string) char *path = path_of(l, route);

		check_options(l, route, path);
		check_method(l, route, path);
		check_missing(l, path);
		check_head(l, route, path);
		check_formats(l, route, path);
		check_token(l, route, path);
		check_version(l, route, path);
	}
	free(routes);
}

/* ---- versions ---- */

static void test_search_has_its_revision(void **state)
{
	struct lab *l = *state;
	CLEANUP(mem_free_string) char *search = NULL;
	struct reply r;

	lab_bob(l);
	search = text_concat(l->app, "/people/search?query=alice");
	lab_call(l, &(struct call){ .method = "GET", .path = search }, &r);
	assert_string_equal(reply_at(&r, "/_links/self/revision"), "2");
	reply_reset(&r);
}

/* The header of a part is about the part. */
static void test_version_in_a_batch(void **state)
{
	struct lab *l = *state;
	CLEANUP(mem_free_string) char *path = NULL, *body = NULL;
	const char *first, *second;
	struct reply r;

	lab_bob(l);
	path = text_concat(l->app, "/batch");
	body = text_format(
		"--b\r\nContent-Type: application/http; msgtype=request\r\n\r\n"
		"GET %s/me HTTP/1.1\r\nHost: x\r\nX-MS-RequiresMinResourceVersion: 7\r\n\r\n\r\n"
		"--b\r\nContent-Type: application/http; msgtype=request\r\n\r\n"
		"GET %s/me HTTP/1.1\r\nHost: x\r\n\r\n\r\n--b--\r\n",
		l->app, l->app);
	assert_int_equal(lab_call(l,
				  &(struct call){ .method = "POST",
						  .path = path,
						  .type = "multipart/batching; boundary=b",
						  .body = body,
						  .accept = "multipart/batching" },
				  &r),
			 200);
	first = strstr(r.body, "HTTP/1.1 404");
	assert_non_null(first);
	assert_non_null(strstr(first, "APIVersionNotSupported"));
	second = strstr(first, "HTTP/1.1 200");
	assert_non_null(second);
	assert_non_null(strstr(second, "X-MS-UcwaVersion: 1\r\n"));
	reply_reset(&r);
}

/* "Multi-Tab Support" is version 2 of the resource. */
static void test_instances(void **state)
{
	static const char *const instances[] = { "one", "two", "one" };
	char *paths[ARRAY_SIZE(instances)];
	struct lab *l = *state;

	lab_bob(l);
	for (size_t i = 0; i < ARRAY_SIZE(instances); i++) {
		CLEANUP(mem_free_string)
		char *body = text_format("{\"userAgent\":\"x\",\"endpointId\":\"tabs\","
					 "\"culture\":\"en-US\",\"instanceId\":\"%s\"}",
					 instances[i]);
		struct reply r;

		lab_call(l,
			 &(struct call){ .method = "POST",
					 .path = "/ucwa/oauth/v1/applications",
					 .body = body,
					 .header = "X-MS-RequiresMinResourceVersion: 2" },
			 &r);
		assert_int_equal(r.status, i < 2 ? 201 : 200);
		assert_string_equal(reply_header(&r, "X-MS-UcwaVersion"), "2");
		assert_string_equal(reply_at(&r, "/instanceId"), instances[i]);
		paths[i] = mem_strdup(reply_at(&r, "/_links/events/href"));
		reply_reset(&r);
	}
	assert_string_not_equal(paths[0], paths[1]);
	assert_string_equal(paths[0], paths[2]);
	for (size_t i = 0; i < ARRAY_SIZE(paths); i++)
		free(paths[i]);
}

/* ---- parameters ---- */

static void check_parameter(struct lab *l, const char *method, const char *below, const char *body,
			    const char *pointer)
{
	CLEANUP(mem_free_string) char *path = text_concat(l->app, below);
	struct reply r;

	lab_call(l, &(struct call){ .method = method, .path = path, .body = body }, &r);
	if (r.status != 400 ||
	    strcmp(reply_at(&r, "/subcode"), "ParameterValidationFailure") != 0 ||
	    !reply_has(&r, pointer))
		fail_msg("%s %s without %s: %d %s", method, below, pointer, r.status, r.body);
	reply_reset(&r);
}

static void test_parameters(void **state)
{
	static const struct {
		const char *method, *below, *body, *pointer;
	} rows[] = {
		{ "GET", "/events", NULL, "/parameters/ack" },
		{ "GET", "/events?ack=x", NULL, "/parameters/ack" },
		{ "GET", "/events?ack=1&low=1", NULL, "/parameters/low" },
		{ "GET", "/people/search", NULL, "/parameters/query" },
		{ "GET", "/people/search?query=a&limit=0", NULL, "/parameters/limit" },
		{ "GET", "/people/search?mail=", NULL, "/parameters/mail" },
		{ "POST", "/communication/messagingInvitations", "{}", "/parameters/to" },
		{ "POST", "/communication/messagingInvitations", "{\"to\":\"a b\"}",
		  "/parameters/to" },
		{ "POST", "/me/presence", "{\"availability\":\"Asleep\"}",
		  "/parameters/availability" },
		{ "POST", "/me/presence?availability=Asleep", NULL, "/parameters/availability" },
		{ "POST", "/me/note", "{\"message\":1}", "/parameters/message" },
		{ "POST", "/reportMyNetwork", "{}", "/parameters/clientNetworkType" },
		{ "POST", "/me/makeMeAvailable", "{\"signInAs\":1,\"supportedModalities\":1}",
		  "/parameters/signInAs" },
		{ "POST", "/me/makeMeAvailable", "{\"signInAs\":1,\"supportedModalities\":1}",
		  "/parameters/supportedModalities" },
		{ "POST", "/people/presenceSubscriptions", "{\"duration\":20}",
		  "/parameters/uris" },
		{ "POST", "/people/presenceSubscriptions",
		  "{\"uris\":[\"sip:eve@lab.test\"],\"duration\":20}", "/parameters/uris" },
		{ "POST", "/people/contactsAndGroupsSubscription/start", "{\"duration\":1}",
		  "/parameters/duration" },
		{ "PUT", "/pushSubscription", "{\"platform\":\"fax\"}", "/parameters/platform" },
		{ "PUT", "/pushSubscription", "{\"platform\":\"apple\",\"deviceToken\":\"x\"}",
		  "/parameters/deviceToken" },
	};
	struct lab *l = *state;
	struct reply r;

	lab_bob(l);
	for (size_t i = 0; i < ARRAY_SIZE(rows); i++)
		check_parameter(l, rows[i].method, rows[i].below, rows[i].body, rows[i].pointer);
	lab_call(l,
		 &(struct call){
			 .method = "POST", .path = "/ucwa/oauth/v1/applications", .body = "{}" },
		 &r);
	assert_string_equal(reply_at(&r, "/parameters/userAgent"), "is missing.");
	assert_string_equal(reply_at(&r, "/parameters/endpointId"), "is missing.");
	assert_string_equal(reply_at(&r, "/parameters/culture"), "is missing.");
	reply_reset(&r);
	lab_call(l, &(struct call){ .method = "GET", .path = "/?sipuri=x&originalDomain=y%20z" },
		 &r);
	assert_int_equal(r.status, 400);
	assert_true(reply_has(&r, "/parameters/sipuri"));
	assert_true(reply_has(&r, "/parameters/originalDomain"));
	reply_reset(&r);
}

int main(void)
{
#define CASE(name) cmocka_unit_test_setup_teardown(test_##name, lab_setup, lab_teardown)
	const struct CMUnitTest tests[] = {
		CASE(every_route),        CASE(search_has_its_revision),
		CASE(version_in_a_batch), CASE(instances),
		CASE(parameters),
	};

	return cmocka_run_group_tests(tests, NULL, NULL);
}
