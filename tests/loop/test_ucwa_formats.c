/*
 * HTTPS API: formats of messages
 */
#include "ucwa_fixture.h"

#include "mcxd/core/conversation.h"
#include "mcxd/core/leg.h"
#include "mcxd/core/party.h"
#include "mcxd/core/relay.h"
#include "proto/text/data_uri.h"
#include "proto/text/mem.h"
#include "proto/text/message_format.h"
#include "proto/text/text.h"

/* Bob's application shows these: a JSON array; NULL: it does not say. */
static struct caller *talk(struct lab *l, const char *formats, unsigned caller_reads)
{
	CLEANUP(mem_free_string)
	char *body = formats ? text_format("{\"SupportedModalities\":[\"Messaging\"],"
					   "\"supportedMessageFormats\":%s}",
					   formats)
			     : mem_strdup("{}");
	CLEANUP(text_deinit) struct text events = TEXT_INIT;
	struct caller *c;
	struct reply r;

	l->token = lab_sign_in(l, "bob@lab.test", "pass+word%261");
	l->app = lab_application(l, l->token, "bobs-phone");
	assert_int_equal(lab_do(l, "POST", "/me/makeMeAvailable", body), 204);
	c = caller_invite(l, "Hi");
	c->leg.reads = caller_reads;
	lab_poll(l, &r);
	lab_packet(l, &r, &events);
	reply_reset(&r);
	assert_int_equal(invitation_do(l, c, "POST", "/accept"), 204);
	lab_poll(l, &r);
	lab_packet(l, &r, &events);
	reply_reset(&r);
	return c;
}

static void hang_up(struct lab *l, struct caller *c)
{
	leg_on_ended(&c->leg);
	lab_settle(l);
	caller_free(c);
}

static void say(struct caller *c, const char *type, const char *text)
{
	leg_on_said(&c->leg,
		    &(struct im){
			    .id = 7, .content_type = type, .body = text, .n_body = strlen(text) });
}

/* The next event is a message with this text, linked by this rel. */
static void check_message(struct lab *l, const char *rel, const char *expected)
{
	CLEANUP(mem_free_string)
	char *pointer = text_format("/_embedded/message/_links/%s/href", rel);
	CLEANUP(text_deinit) struct text events = TEXT_INIT;
	struct json_object *href;
	struct data_uri data;
	struct reply r;
	const char *why;

	lab_poll(l, &r);
	lab_packet(l, &r, &events);
	href = json_at(lab_event(&r, 0), pointer);
	assert_non_null(href);
	assert_int_equal(data_uri_decode(json_object_get_string(href), &data, &why), 0);
	assert_string_equal(data.type, strcmp(rel, "htmlMessage") ? "text/plain" : "text/html");
	assert_string_equal(data.text, expected);
	data_uri_deinit(&data);
	reply_reset(&r);
}

struct row {
	const char *type, *text, *rel, *expected;
};

static void check_rows(struct lab *l, const char *formats, const struct row *rows, size_t n)
{
	struct caller *c = talk(l, formats, 0);

	for (size_t i = 0; i < n; i++) {
		say(c, rows[i].type, rows[i].text);
		check_message(l, rows[i].rel, rows[i].expected);
	}
	hang_up(l, c);
}

static const struct row plain[] = {
	{ "text/plain", "a < b", "plainMessage", "a < b" },
	{ "text/html", "<p>a &lt; b<br>c</p>", "plainMessage", "a < b\nc" },
	{ "text/rtf", "{\\rtf1 a\\par b}", "plainMessage", "a\nb" },
};

static void test_plain(void **state)
{
	check_rows(*state, "[\"Plain\"]", plain, ARRAY_SIZE(plain));
}

static void test_default(void **state)
{
	check_rows(*state, NULL, plain, ARRAY_SIZE(plain));
}

static void test_both(void **state)
{
	static const struct row rows[] = {
		{ "text/plain", "a < b", "plainMessage", "a < b" },
		{ "text/html", "<p>a &lt; b</p>", "htmlMessage", "<p>a &lt; b</p>" },
		{ "text/rtf", "{\\rtf1 a\\par b}", "plainMessage", "a\nb" },
	};

	check_rows(*state, "[\"Plain\",\"html\"]", rows, ARRAY_SIZE(rows));
}

static void test_html_only(void **state)
{
	static const struct row rows[] = {
		{ "text/plain", "a < b\nc", "htmlMessage", "a &lt; b<br>c" },
		{ "text/html", "<p>a</p>", "htmlMessage", "<p>a</p>" },
		{ "text/rtf", "{\\rtf1 a\\par b}", "htmlMessage", "a<br>b" },
	};

	check_rows(*state, "[\"Html\"]", rows, ARRAY_SIZE(rows));
}

/* ---- what is said of it ---- */

static void check_list(struct lab *l, const char *path, const char *name, const char *expected)
{
	CLEANUP(mem_free_string) char *whole = text_concat(l->app, path);
	struct json_object *list;
	struct reply r;

	assert_int_equal(lab_call(l, &(struct call){ .method = "GET", .path = whole }, &r), 200);
	list = json_at(r.json, name);
	assert_non_null(list);
	assert_string_equal(json_object_to_json_string_ext(list, JSON_C_TO_STRING_PLAIN), expected);
	reply_reset(&r);
}

static void check_negotiated(struct lab *l, const char *formats, unsigned caller_reads,
			     const char *supported, const char *negotiated)
{
	struct caller *c = talk(l, formats, caller_reads);
	CLEANUP(mem_free_string)
	char *messaging = text_format("/communication/conversations/%llu/messaging",
				      (unsigned long long)c->conversation);

	check_list(l, "/communication", "/supportedMessageFormats", supported);
	check_list(l, messaging, "/negotiatedMessageFormats", negotiated);
	hang_up(l, c);
}

static void test_negotiated_default(void **state)
{
	check_negotiated(*state, NULL, MESSAGE_PLAIN | MESSAGE_HTML, "[\"Plain\"]", "[\"Plain\"]");
}

static void test_negotiated_html(void **state)
{
	check_negotiated(*state, "[\"Html\",\"Plain\"]", MESSAGE_PLAIN | MESSAGE_HTML | MESSAGE_RTF,
			 "[\"Plain\",\"Html\"]", "[\"Plain\",\"Html\"]");
}

static void test_negotiated_without_peer(void **state)
{
	check_negotiated(*state, "[\"Html\",\"Plain\"]", MESSAGE_PLAIN, "[\"Plain\",\"Html\"]",
			 "[\"Plain\"]");
}

static void test_unknown_format(void **state)
{
	struct lab *l = *state;

	l->token = lab_sign_in(l, "bob@lab.test", "pass+word%261");
	l->app = lab_application(l, l->token, "bobs-phone");
	assert_int_equal(
		lab_do(l, "POST", "/me/makeMeAvailable", "{\"supportedMessageFormats\":[\"Rtf\"]}"),
		400);
}

/* ---- what Bob sends ---- */

static int post(struct lab *l, const struct caller *c, const char *type, struct reply *r)
{
	CLEANUP(mem_free_string)
	char *path = text_format("%s/communication/conversations/%llu/messaging/messages", l->app,
				 (unsigned long long)c->conversation);

	return lab_call(
		l,
		&(struct call){ .method = "POST", .path = path, .type = type, .body = "<b>x</b>" },
		r);
}

static void test_send_html(void **state)
{
	struct lab *l = *state;
	struct caller *c = talk(l, "[\"Plain\",\"Html\"]", MESSAGE_PLAIN);
	struct reply r;

	assert_int_equal(post(l, c, "text/html; charset=utf-8", &r), 201);
	reply_reset(&r);
	assert_non_null(strstr(text_str(&c->told), "say(<b>x</b>) "));
	assert_int_equal(post(l, c, "text/rtf", &r), 415);
	reply_reset(&r);
	text_reset(&c->told);
	assert_int_equal(
		caller_hears_status(l, c,
				    "?operationId=%C3%BC%C3%BC%C3%BC%C3%BC%C3%BC%C3%BC%C3%BC"
				    "%C3%BC%C3%BC%C3%BC%C3%BC%C3%BC%C3%BC%C3%BC%C3%BC%C3%BC"
				    "%C3%BC%C3%BC%C3%BC%C3%BC%C3%BC%C3%BC%C3%BC%C3%BC%C3%BC"
				    "%C3%BC%C3%BC%C3%BC%C3%BC%C3%BC",
				    "x"),
		201);
	text_reset(&c->told);
	assert_int_equal(post(l, c, "", &r), 201); /* none */
	reply_reset(&r);
	assert_non_null(strstr(text_str(&c->told), "say(<b>x</b>) "));
	hang_up(l, c);
}

static void test_send_html_without(void **state)
{
	struct lab *l = *state;
	struct caller *c = talk(l, "[\"Plain\"]", MESSAGE_PLAIN | MESSAGE_HTML);
	struct reply r;

	assert_int_equal(post(l, c, "text/html", &r), 415);
	assert_string_equal(reply_at(&r, "/code"), "UnsupportedMediaType");
	assert_non_null(strstr(reply_at(&r, "/message"), "supportedMessageFormats"));
	reply_reset(&r);
	assert_null(strstr(text_str(&c->told), "say("));
	hang_up(l, c);
}

int main(void)
{
#define TEST(name) cmocka_unit_test_setup_teardown(name, lab_setup, lab_teardown)
	const struct CMUnitTest tests[] = {
		TEST(test_plain),
		TEST(test_default),
		TEST(test_both),
		TEST(test_html_only),
		TEST(test_negotiated_default),
		TEST(test_negotiated_html),
		TEST(test_negotiated_without_peer),
		TEST(test_unknown_format),
		TEST(test_send_html),
		TEST(test_send_html_without),
	};

	return cmocka_run_group_tests(tests, NULL, NULL);
}
