/*
 * The clearing house: documents and URIs that mean harm
 */
#include "mcxd/clearing_house/clearing_house.h"
#include "mcxd/net/hosts.h"
#include "proto/diag.h"
#include "proto/push/body.h"
#include "proto/text/mem.h"
#include "proto/text/text.h"
#include "tests/loop/clearing_house_fixture.h"
#include "web/http/http.h"

#include <string.h>

#define ROOT "pushNotification xmlns=\"" PUSH_BODY_NAMESPACE "\""

/* Each of them is refused with the reason, counted, and the next push goes through. */
static void check_refused(struct fixture *f, const char *body, size_t n, enum diag_code code)
{
	int64_t bad = metric_of(f, "clearing_house_bad_total");
	int n_posts = f->n_posts;

	expect(f, &(struct request){ .body = body, .n_body = n }, code);
	assert_int_equal(metric_of(f, "clearing_house_bad_total"), bad + 1);
	assert_int_equal(f->n_posts, n_posts);
	expect(f, &(struct request){ 0 }, DIAG_SUCCESS);
	run_until(f, NULL, n_posts + 2);
}

static void test_documents(void **state)
{
	static const char *const bad[] = {
		/* entities: a bomb, a file, a parameter entity, one that nobody has declared */
		"<!DOCTYPE a [<!ENTITY a \"xxxxxxxxxx\"><!ENTITY b \"&a;&a;&a;&a;&a;&a;&a;&a;\">"
		"<!ENTITY c \"&b;&b;&b;&b;&b;&b;&b;&b;\">]><" ROOT
		"><id>&c;</id></pushNotification>",
		"<!DOCTYPE a [<!ENTITY a SYSTEM \"file:///etc/passwd\">]><" ROOT
		"><id>&a;</id></pushNotification>",
		"<!DOCTYPE a SYSTEM \"http://127.0.0.1:1/a.dtd\"><" ROOT "></pushNotification>",
		"<!DOCTYPE a [<!ENTITY % a \"x\"> %a;]><" ROOT "></pushNotification>",
		"<" ROOT "><id>&unknown;</id></pushNotification>",
		/* encodings: unknown, unlike its declaration, not UTF-8, a character that XML lacks */
		"<?xml version=\"1.0\" encoding=\"UTF-7\"?><" ROOT "></pushNotification>",
		"<?xml version=\"1.0\" encoding=\"ebcdic-cp-us\"?><" ROOT "></pushNotification>",
		"<?xml version=\"1.0\" encoding=\"UTF-16\"?><" ROOT "></pushNotification>",
		"<" ROOT "><message>\xC0\x80</message></pushNotification>",
		"<" ROOT "><message>\xED\xA0\x80</message></pushNotification>",
		"<" ROOT "><message>&#0;</message></pushNotification>",
		"<" ROOT "><message>\x01</message></pushNotification>",
		/* structure */
		"<" ROOT "><id>",
		"<" ROOT "></pushNotification><a/>",
		"{\"id\":1}",
		"\x1f\x8b\x08",
		"<p:pushNotification xmlns:p=\"urn:other\"/>",
		"<" ROOT " a=\"1\" a=\"2\"></pushNotification>",
	};
	struct fixture *f = *state;

	for (size_t i = 0; i < ARRAY_SIZE(bad); i++)
		check_refused(f, bad[i], strlen(bad[i]), DIAG_PUSH_MALFORMED);
}

static void repeat(struct text *t, const char *s, size_t n)
{
	while (n-- > 0)
		text_add(t, s);
}

static void test_large_structures(void **state)
{
	struct fixture *f = *state;
	CLEANUP(text_deinit) struct text deep = TEXT_INIT;
	CLEANUP(text_deinit) struct text wide = TEXT_INIT;
	CLEANUP(text_deinit) struct text attributes = TEXT_INIT;

	f->config.max_body_bytes = 16384;
	text_add(&deep, "<" ROOT ">");
	repeat(&deep, "<a>", 5000);
	check_refused(f, deep.data, deep.n, DIAG_PUSH_MALFORMED);
	text_add(&wide, "<" ROOT ">");
	repeat(&wide, "<a/>", 4000);
	text_add(&wide, "</pushNotification>");
	check_refused(f, wide.data, wide.n, DIAG_PUSH_MALFORMED);
	text_add(&attributes, "<" ROOT);
	for (int i = 0; i < 1000; i++)
		text_addf(&attributes, " a%d=\"\"", i);
	text_add(&attributes, "></pushNotification>");
	check_refused(f, attributes.data, attributes.n, DIAG_PUSH_MALFORMED);
	repeat(&wide, " ", 16384);
	check_refused(f, wide.data, wide.n, DIAG_PUSH_TOO_LARGE);
}

/* A document is in the encoding that it declares, and its strings are UTF-8 afterwards. */
static void test_encodings(void **state)
{
	struct fixture *f = *state;
	CLEANUP(mem_free_string) char *utf8 = make_body("windowsPhone", f->uri, "\xC3\xA9");
	const char *root = strstr(utf8, "<pushNotification"), *e = strstr(root, "\xC3\xA9");
	CLEANUP(text_deinit) struct text latin = TEXT_INIT;
	CLEANUP(text_deinit) struct text utf16 = TEXT_INIT;

	text_add(&latin, "<?xml version=\"1.0\" encoding=\"ISO-8859-1\"?>");
	text_add_bytes(&latin, root, (size_t)(e - root));
	text_add_all(&latin, "\xE9", e + 2);
	text_add_bytes(&utf16, "\xFE\xFF", 2);
	for (const char *s = root; *s; s++) {
		if (s == e) {
			text_add_bytes(&utf16, "\0\xE9", 2);
			s++;
			continue;
		}
		text_add_bytes(&utf16, "\0", 1);
		text_add_bytes(&utf16, s, 1);
	}
	expect(f, &(struct request){ .body = latin.data, .n_body = latin.n }, DIAG_SUCCESS);
	run_until(f, NULL, 2);
	expect(f, &(struct request){ .body = utf16.data, .n_body = utf16.n }, DIAG_SUCCESS);
	run_until(f, NULL, 4);
	assert_non_null(strstr(f->posts[0].body, "<wp:Text2>\xC3\xA9</wp:Text2>"));
	assert_non_null(strstr(f->posts[2].body, "<wp:Text2>\xC3\xA9</wp:Text2>"));
}

static void test_content_encoding(void **state)
{
	struct fixture *f = *state;

	expect(f,
	       &(struct request){
		       .headers = "ms-asserted-verification-level: "
				  "ms-source-verified-user=verified\r\nContent-Encoding: gzip\r\n",
		       .body = "\x1f\x8b\x08" },
	       DIAG_PUSH_BAD_TYPE);
	assert_int_equal(f->n_posts, 0);
}

/* What is mcxd's own is refused in every spelling that a client might understand, whatever the list says. */
static void test_own_listeners(void **state)
{
	static const char *const hosts[] = {
		"127.0.0.1",       "127.1",    "2130706433", "0x7f000001",
		"0177.0.0.1",      "0.0.0.0",  "0",          "localhost",
		"LOCALHOST",       "lab.test", "[::1]",      "[::ffff:127.0.0.1]",
		"[::ffff:7f00:1]",
	};
	struct fixture *f = *state;

	f->config.allow_hosts = "*";
	f->own_port = strrchr(http_listen(f->http), ':') + 1;
	assert_int_equal(hosts_add(f->hosts, "lab.test", "127.0.0.1"), 0);
	for (size_t i = 0; i < ARRAY_SIZE(hosts); i++) {
		CLEANUP(mem_free_string)
		char *uri = text_format("http://%s:%s/lab/v1/reset", hosts[i], f->own_port);

		expect_body(f, make_body("webhook", uri, "x"), DIAG_PUSH_REJECTED);
		assert_non_null(strstr(f->last.info, "leads to a listener of mcxd's"));
	}
	assert_int_equal(f->n_posts, 0);
	assert_int_equal(metric_of(f, "clearing_house_refused_total"), (int64_t)ARRAY_SIZE(hosts));
}

/* An allowed host that sends the clearing house elsewhere is not followed. */
static void test_redirects(void **state)
{
	static const int statuses[] = { 301, 302, 303, 307, 308 };
	struct fixture *f = *state;
	CLEANUP(mem_free_string)
	char *to = text_format("http://%s/elsewhere", http_listen(f->http));
	struct reply replies[ARRAY_SIZE(statuses)];

	f->script = replies;
	f->n_script = (int)ARRAY_SIZE(statuses);
	for (size_t i = 0; i < ARRAY_SIZE(statuses); i++) {
		replies[i] = (struct reply){ .status = statuses[i], .location = to };
		expect_body(f, make_body(i % 2 ? "webhook" : "windowsPhone", f->uri, "x"),
			    DIAG_PUSH_REFUSED);
		assert_int_equal(f->n_posts, i + 1);
		assert_string_not_equal(f->posts[i].path, "/elsewhere");
	}
}

static void test_peers(void **state)
{
	struct fixture *f = *state;

	f->config.allow_senders = "other.test lab.test";
	expect(f, &(struct request){ 0 }, DIAG_SUCCESS);
	run_until(f, NULL, 2);
	f->config.allow_senders = "other.test";
	expect(f, &(struct request){ 0 }, DIAG_PUSH_SENDER);
	assert_non_null(strstr(f->last.info, "allow_senders"));
	assert_int_equal(metric_of(f, "clearing_house_stranger_total"), 1);
}

static int set_up_strangers(void **state)
{
	return clearing_house_set_up_with(state, "192.0.2.0/24, ::1");
}

static void test_strange_peer(void **state)
{
	struct fixture *f = *state;

	expect(f, &(struct request){ 0 }, DIAG_PUSH_SENDER);
	assert_non_null(strstr(f->last.info, "allow_peers"));
	assert_int_equal(metric_of(f, "clearing_house_stranger_total"), 1);
	assert_int_equal(f->n_posts, 0);
}

#define TEST(name)                                                                                 \
	cmocka_unit_test_setup_teardown(name, clearing_house_set_up, clearing_house_tear_down)

int main(void)
{
	const struct CMUnitTest tests[] = {
		TEST(test_documents),
		TEST(test_large_structures),
		TEST(test_encodings),
		TEST(test_content_encoding),
		TEST(test_own_listeners),
		TEST(test_redirects),
		TEST(test_peers),
		cmocka_unit_test_setup_teardown(test_strange_peer, set_up_strangers,
						clearing_house_tear_down),
	};

	return cmocka_run_group_tests(tests, NULL, NULL);
}
