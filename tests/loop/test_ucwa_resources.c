/*
 * HTTPS API: what is linked, what is not, and where both lead
 */
#include "ucwa_fixture.h"
#include "ucwa_shape.h"

#include "mcxd/base/list.h"
#include "mcxd/core/conversation.h"
#include "mcxd/core/core.h"
#include "mcxd/core/party.h"
#include "mcxd/core/phone.h"
#include "mcxd/core/relay.h"
#include "mcxd/core/user.h"
#include "proto/text/chars.h"
#include "proto/text/mem.h"
#include "proto/text/modality.h"
#include "proto/text/text.h"
#include "proto/ucwa/shape.h"

#include <json-c/json_visit.h>

/* ---- a walk of all links ---- */

struct walk {
	struct lab *lab;
	struct json_object *met; /* its members are hrefs, each to be asked once */
	struct text todo;        /* lines */
	size_t n_resources;
};

/* NOLINTNEXTLINE(readability-non-const-parameter): json-c defines the type */
static int meet_one(json_object *o, int flags, json_object *parent, const char *key, size_t *index,
		    void *magic)
{
	struct walk *w = magic;
	const char *href = json_object_get_string(o);

	(void)parent;
	(void)index;
	if (flags & JSON_C_VISIT_SECOND || !key || strcmp(key, "href") != 0 || *href != '/')
		return JSON_C_VISIT_RETURN_CONTINUE;
	if (json_object_object_get_ex(w->met, href, NULL))
		return JSON_C_VISIT_RETURN_CONTINUE;
	json_object_object_add(w->met, href, NULL);
	text_add_all(&w->todo, href, "\n");
	return JSON_C_VISIT_RETURN_CONTINUE;
}

/* Either the resource, or an error in UCWA's form: 405 for what can only be done, 404 for what is not there (a photo),
 * 400 for what needs a parameter (search). */
static void check_answer(struct walk *w, const char *href, const struct reply *r)
{
	bool documented = r->status == 400 || r->status == 404 || r->status == 405;
	size_t n = strcspn(href, "?");

	if (r->status == 200) {
		assert_true(reply_has(r, "/rel"));
		if (strncmp(reply_at(r, "/_links/self/href"), href, n) != 0)
			fail_msg("%s is not %s", reply_at(r, "/_links/self/href"), href);
		w->n_resources++;
	} else if (!documented || !*reply_at(r, "/code") || !*reply_at(r, "/message")) {
		fail_msg("GET %s: %d %s", href, r->status, r->body);
	}
}

/* A slash at the end of the path changes nothing. */
static void ask_with_slash(struct walk *w, const char *href, const struct reply *expected)
{
	size_t n = strcspn(href, "?");
	CLEANUP(mem_free_string) char *path = text_format("%.*s/%s", (int)n, href, href + n);
	struct reply r;

	lab_call(w->lab, &(struct call){ .method = "GET", .path = path }, &r);
	if (r.status != expected->status)
		fail_msg("GET %s: %d %s", path, r.status, r.body);
	assert_string_equal(r.body, expected->body);
	reply_reset(&r);
}

static void ask(struct walk *w, const char *href)
{
	struct reply r;

	/* An event request is held until there is something to report. */
	if (strstr(href, "/events?"))
		return;
	lab_call(w->lab, &(struct call){ .method = "GET", .path = href }, &r);
	check_answer(w, href, &r);
	ask_with_slash(w, href, &r);
	if (r.json)
		json_c_visit(r.json, 0, meet_one, w);
	reply_reset(&r);
}

static void walk(struct lab *l, struct json_object *from, struct walk *w)
{
	*w = (struct walk){ .lab = l, .met = json_object_new_object() };
	json_c_visit(from, 0, meet_one, w);
	while (w->todo.n) {
		char *rest = text_take(&w->todo), *at = rest;

		for (char *href; (href = strsep(&at, "\n")) && *href;)
			ask(w, href);
		free(rest);
	}
}

static void end_walk(struct walk *w)
{
	text_deinit(&w->todo);
	json_object_put(w->met);
}

/* Bob's application invites Alice, whose phone rings. */
static void call_alice(struct lab *l)
{
	CLEANUP(mem_free_string) char *token = lab_sign_in(l, "alice@lab.test", "pass+word%261");
	CLEANUP(mem_free_string) char *app = lab_application(l, token, "alices-phone");
	CLEANUP(mem_free_string) char *available = text_concat(app, "/me/makeMeAvailable");
	struct reply r;

	assert_int_equal(lab_call(l,
				  &(struct call){ .method = "POST",
						  .path = available,
						  .token = token,
						  .body = "{}" },
				  &r),
			 204);
	reply_reset(&r);
	assert_int_equal(lab_do(l, "POST", "/communication/messagingInvitations",
				"{\"to\":\"sip:alice@lab.test\",\"operationId\":\"1\"}"),
			 201);
}

static void take_calls(const struct lab *l)
{
	const struct user *bob = user_find(l->core, "bob@lab.test");

	LIST_ENTRY(bob->phones.next, struct phone, of_user)->media.modalities |=
		MODALITY_PHONE_AUDIO;
}

/* A conversation, invitations both ways that ring, a missed one and a subscription: everything that can be linked. */
static void test_walk(void **state)
{
	struct lab *l = *state;
	CLEANUP(text_deinit) struct text events = TEXT_INIT;
	struct caller *talking, *missed, *ringing, *called, *summoned;
	struct walk w;
	struct reply r;

	l->core_config.max_events = 50;
	talking = caller_connected(l);
	caller_say(talking, "How are you?");
	leg_on_typing(&talking->leg, true);
	lab_poll(l, &r);
	lab_packet(l, &r, &events);
	reply_reset(&r);
	missed = caller_invite(l, "Are you there?");
	leg_on_cancelled(&missed->leg);
	ringing = caller_invite(l, "Again");
	take_calls(l);
	called = caller_call(l, MEDIA_AUDIO, false);
	summoned = caller_call(l, MEDIA_TEXT, true);
	call_alice(l);
	assert_int_equal(lab_do(l, "PUT", "/pushSubscription",
				"{\"platform\":\"webhook\",\"notificationUri\":\"http://a\"}"),
			 201);
	assert_int_equal(lab_do(l, "POST", "/people/presenceSubscriptions",
				"{\"duration\":10,\"uris\":[\"sip:alice@lab.test\"]}"),
			 201);
	assert_int_equal(lab_do(l, "GET", "/people/search?query=ali", NULL), 200);
	assert_int_equal(lab_do(l, "GET", "/people/contacts?expand=false", NULL), 200);
	assert_int_equal(lab_do(l, "GET", "/people/groups?expand=false", NULL), 200);
	assert_int_equal(
		lab_call(l,
			 &(struct call){ .method = "GET", .path = "/ucwa/oauth/v1/applications" },
			 &r),
		200);
	reply_reset(&r);
	lab_poll(l, &r);
	lab_packet(l, &r, &events);
	walk(l, r.json, &w);
	end_walk(&w);
	reply_reset(&r);
	assert_int_equal(lab_call(l, &(struct call){ .method = "GET", .path = l->app }, &r), 200);
	walk(l, r.json, &w);
	assert_true(w.n_resources > 15);
	end_walk(&w);
	reply_reset(&r);
	for (const struct ucwa_shape *shape = ucwa_shapes; shape->rel; shape++)
		if (!shape_was_seen(shape->rel))
			fail_msg("nothing led to %s", shape->rel);
	leg_on_cancelled(&called->leg);
	leg_on_cancelled(&summoned->leg);
	leg_on_cancelled(&ringing->leg);
	leg_on_ended(&talking->leg);
	lab_settle(l);
	caller_free(called);
	caller_free(summoned);
	caller_free(ringing);
	caller_free(missed);
	caller_free(talking);
}

/* ---- what is not there ---- */

/* Some of the paths have the form of a contact's, which can be read but not written. */
static void check_absent(struct lab *l, const char *method, const struct ucwa_absent *absent)
{
	bool reads = !strcmp(method, "GET");
	CLEANUP(mem_free_string) char *path = text_concat(l->app, absent->below);
	struct reply r;

	lab_call(l, &(struct call){ .method = method, .path = path, .body = reads ? NULL : "{}" },
		 &r);
	if (!reads && r.status == 405)
		assert_string_equal(reply_at(&r, "/code"), "MethodNotAllowed");
	else if (r.status != 404 || strcmp(reply_at(&r, "/code"), "NotFound") != 0 ||
		 strcmp(reply_at(&r, "/subcode"), "ResourceNotFound") != 0)
		fail_msg("%s %s: %d %s", method, path, r.status, r.body);
	reply_reset(&r);
}

static void test_absent(void **state)
{
	struct lab *l = *state;

	lab_bob(l);
	for (const struct ucwa_absent *absent = ucwa_absents; absent->rel; absent++) {
		const struct ucwa_shape *shape = ucwa_shape_find(absent->of);

		assert_non_null(shape);
		if (ucwa_shape_member(shape, absent->rel, UCWA_LINK))
			fail_msg("%s has a link %s", absent->of, absent->rel);
		check_absent(l, "GET", absent);
		check_absent(l, "POST", absent);
	}
}

/* ---- the application ---- */

static void test_application(void **state)
{
	struct lab *l = *state;
	const char *end;
	struct reply r;

	lab_bob(l);
	assert_int_equal(lab_call(l, &(struct call){ .method = "GET", .path = l->app }, &r), 200);
	end = strrchr(l->app, '/') + 1;
	assert_string_equal(reply_at(&r, "/id"), end);
	reply_reset(&r);
}

static void test_both_places(void **state)
{
	struct lab *l = *state;
	static const char *const places[] = { "/reportMyActivity", "/me/reportMyActivity",
					      "/REPORTMYACTIVITY" };

	l->token = lab_sign_in(l, "bob@lab.test", "pass+word%261");
	l->app = lab_application(l, l->token, "bobs-phone");
	for (size_t i = 0; i < ARRAY_SIZE(places); i++)
		assert_int_equal(lab_do(l, "POST", places[i], NULL), 409);
	assert_int_equal(lab_do(l, "POST", "/communication/makeMeAvailable", "{}"), 204);
	assert_int_equal(lab_do(l, "POST", "/me/makeMeAvailable", "{}"), 409);
	for (size_t i = 0; i < ARRAY_SIZE(places); i++)
		assert_int_equal(lab_do(l, "POST", places[i], NULL), 204);
}

/* ---- conditional requests and media types ---- */

static int get(struct lab *l, const char *below, const char *accept, const char *header,
	       struct reply *r)
{
	CLEANUP(mem_free_string) char *path = text_concat(l->app, below);

	return lab_call(
		l,
		&(struct call){ .method = "GET", .path = path, .accept = accept, .header = header },
		r);
}

static void test_not_modified(void **state)
{
	struct lab *l = *state;
	static const char *const forms[] = { "%s", "W/%s", "\"1\", %s", "*" };
	struct reply r, again;

	lab_bob(l);
	assert_int_equal(get(l, "/me/note", NULL, NULL, &r), 200);
	assert_int_equal(*r.etag, '"');
	for (size_t i = 0; i < ARRAY_SIZE(forms); i++) {
		CLEANUP(text_deinit) struct text header = TEXT_INIT;
		CLEANUP(mem_free_string) char *list = mem_strdup(forms[i]);
		char *tag = strstr(list, "%s");

		text_add(&header, "If-None-Match: ");
		text_add_bytes(&header, list, tag ? (size_t)(tag - list) : strlen(list));
		text_add(&header, tag ? r.etag : "");
		assert_int_equal(get(l, "/me/note", NULL, text_str(&header), &again), 304);
		assert_string_equal(again.body, "");
		assert_string_equal(again.etag, r.etag);
		reply_reset(&again);
	}
	assert_int_equal(lab_do(l, "POST", "/me/note", "{\"message\":\"Lunch\"}"), 204);
	assert_int_equal(get(l, "/me/note", NULL, "If-None-Match: \"1\"", &again), 200);
	assert_string_not_equal(again.etag, r.etag);
	reply_reset(&again);
	reply_reset(&r);
}

/* "Payload format": embedded resources do not count. */
static void test_etag_without_embedded(void **state)
{
	struct lab *l = *state;
	struct reply before, after;

	lab_bob(l);
	assert_int_equal(get(l, "", NULL, NULL, &before), 200);
	assert_int_equal(lab_do(l, "PUT", "/pushSubscription",
				"{\"platform\":\"webhook\",\"notificationUri\":\"http://a\"}"),
			 201);
	assert_int_equal(get(l, "", NULL, NULL, &after), 200);
	assert_string_equal(before.etag, after.etag);
	reply_reset(&before);
	reply_reset(&after);
}

static void test_accept(void **state)
{
	struct lab *l = *state;
	static const struct {
		const char *accept, *type;
		int status;
	} rows[] = {
		{ "application/json", "application/json; charset=utf-8", 200 },
		{ "application/vnd.microsoft.com.ucwa+json",
		  "application/vnd.microsoft.com.ucwa+json; charset=utf-8", 200 },
		{ "*/*", "application/json; charset=utf-8", 200 },
		{ "image/png", "application/json; charset=utf-8", 200 },
		{ "text/html,application/xml;q=0.9,*/*;q=0.8", "application/json; charset=utf-8",
		  200 },
		{ "application/xml", "application/json; charset=utf-8", 406 },
		{ "application/vnd.microsoft.com.ucwa+xml", "application/json; charset=utf-8",
		  406 },
		{ "text/xml, application/json;q=0", "application/json; charset=utf-8", 406 },
	};
	struct reply r;

	lab_bob(l);
	for (size_t i = 0; i < ARRAY_SIZE(rows); i++) {
		if (get(l, "/me", rows[i].accept, NULL, &r) != rows[i].status)
			fail_msg("%s: %d", rows[i].accept, r.status);
		assert_string_equal(r.type, rows[i].type);
		if (r.status == 406)
			assert_non_null(strstr(reply_at(&r, "/message"), "XML is not spoken here"));
		reply_reset(&r);
	}
}

/* The id of the application as well; and what has been made has the tag that a GET of it has. */
static void test_made_application(void **state)
{
	struct lab *l = *state;
	CLEANUP(mem_free_string) char *path = NULL;
	struct reply made, r;

	lab_bob(l);
	assert_int_equal(
		lab_call(l,
			 &(struct call){ .method = "POST",
					 .path = "/ucwa/oauth/v1/applications",
					 .body = "{\"userAgent\":\"a\",\"endpointId\":\"b\","
						 "\"culture\":\"en-US\"}" },
			 &made),
		201);
	path = mem_strdup(made.location);
	for (char *c = path; c && *c; c++)
		*c = chars_upper(*c);
	assert_int_equal(lab_call(l, &(struct call){ .method = "GET", .path = path }, &r), 200);
	assert_string_equal(r.etag, made.etag);
	reply_reset(&made);
	reply_reset(&r);
}

static void test_body_types(void **state)
{
	struct lab *l = *state;
	static const struct {
		const char *type;
		int status;
	} rows[] = {
		{ "application/json", 204 },
		{ "application/vnd.microsoft.com.ucwa+json", 204 },
		{ "Application/JSON; charset=UTF-8", 204 },
		{ "application/json; charset=us-ascii", 204 },
		{ "text/json", 204 },
		{ "", 204 }, /* none */
		{ "application/json; charset=utf-16", 415 },
		{ "application/json; charset=utf-8x", 415 },
		{ "application/xml", 415 },
		{ "application/vnd.microsoft.com.ucwa+xml; charset=utf-8", 415 },
		{ "text/plain", 415 },
	};
	CLEANUP(mem_free_string) char *path = NULL;

	lab_bob(l);
	path = text_concat(l->app, "/me/note");
	for (size_t i = 0; i < ARRAY_SIZE(rows); i++) {
		bool xml = strstr(rows[i].type, "xml");
		struct reply r;

		if (lab_call(l,
			     &(struct call){ .method = "POST",
					     .path = path,
					     .type = rows[i].type,
					     .body = "{\"message\":\"x\"}" },
			     &r) != rows[i].status)
			fail_msg("%s: %d", rows[i].type, r.status);
		assert_int_equal(xml, strstr(r.body, "XML is not spoken here") != NULL);
		reply_reset(&r);
	}
}

int main(void)
{
	const struct CMUnitTest tests[] = {
		cmocka_unit_test_setup_teardown(test_walk, lab_setup, lab_teardown),
		cmocka_unit_test_setup_teardown(test_absent, lab_setup, lab_teardown),
		cmocka_unit_test_setup_teardown(test_application, lab_setup, lab_teardown),
		cmocka_unit_test_setup_teardown(test_both_places, lab_setup, lab_teardown),
		cmocka_unit_test_setup_teardown(test_not_modified, lab_setup, lab_teardown),
		cmocka_unit_test_setup_teardown(test_etag_without_embedded, lab_setup,
						lab_teardown),
		cmocka_unit_test_setup_teardown(test_accept, lab_setup, lab_teardown),
		cmocka_unit_test_setup_teardown(test_made_application, lab_setup, lab_teardown),
		cmocka_unit_test_setup_teardown(test_body_types, lab_setup, lab_teardown),
	};

	return cmocka_run_group_tests(tests, NULL, NULL);
}
