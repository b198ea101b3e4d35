/*
 * Registrar, and other requests outside a dialog
 */
#include "front_end_fixture.h"
#include "mcxd/base/list.h"
#include "mcxd/core/binding.h"
#include "mcxd/core/user.h"
#include "proto/text/mem.h"
#include "proto/text/text.h"
#include "tests/loop/raw.h"

static unsigned n_bindings(const struct front_end_fixture *f)
{
	unsigned n = 0;

	list_for_each (node, &f->bob->bindings)
		n++;
	return n;
}

static const struct binding *only_binding(const struct front_end_fixture *f)
{
	assert_int_equal(n_bindings(f), 1);
	return LIST_ENTRY(f->bob->bindings.next, struct binding, of_user);
}

static void test_register(void **state)
{
	struct front_end_fixture *f = *state;
	char *headers;
	struct raw r;

	raw_tcp(&r, f->loop, fixture_tcp(f));
	headers =
		text_format("Contact: <sip:bob@%s;transport=tcp;ms-opaque=d3>;methods=\"INVITE\"\n"
			    "Supported: gruu-10, adhoclist\nExpires: 300\n",
			    r.local);
	CLEANUP(mem_free_string) char *answer = fixture_register(&r, "reg-1", 1, headers);
	assert_memory_equal(answer, "SIP/2.0 200 OK\r\n", 16);
	assert_true(sip_has_line(answer, "Supported: adhoclist"));
	assert_true(sip_has_line(answer, "Supported: msrtc-event-categories"));
	assert_true(sip_has_line(answer, "Server: RTC/4.0"));
	assert_true(sip_has_line(
		answer, "ms-keep-alive: UAS; tcp=no; hop-hop=yes; end-end=no; timeout=300"));
	assert_true(sip_has_line(answer, "presence-state: register-action=\"added\""));
	assert_true(sip_has_line(answer, "Expires: 300"));
	assert_true(sip_has_line(answer, "Allow-Events: presence,vnd-microsoft-roaming-contacts"));
	assert_non_null(sip_tag(answer, "To"));
	/* the example of MS-SIPRE */
	const char *contact = sip_header(answer, "Contact", 0);
	assert_non_null(strstr(contact, ";transport=tcp;ms-opaque=d3>;expires=300;"));
	assert_non_null(strstr(
		contact, "+sip.instance=\"<urn:uuid:4b1682a8-f968-5701-83fc-7c6741dc6697>\""));
	assert_non_null(strstr(contact, ";gruu=\"sip:bob@lab.test;opaque=user:epid:"));
	assert_non_null(strstr(contact, "AA;gruu\""));

	const struct binding *b = only_binding(f);
	CLEANUP(mem_free_string) char *route = text_format("sip:%s;transport=tcp", r.local);
	assert_string_equal(b->route, route);
	assert_string_equal(b->epid, "01010101");
	assert_string_equal(b->user_agent, "UCCAPI/4.0");

	/* the same client gets the same GRUU again */
	CLEANUP(mem_free_string) char *gruu = mem_strdup(b->gruu);
	free(fixture_register(&r, "reg-1", 2, headers));
	assert_string_equal(only_binding(f)->gruu, gruu);
	free(headers);
	raw_close(&r);
}

static void test_query_and_removal(void **state)
{
	struct front_end_fixture *f = *state;
	struct raw r;

	raw_udp(&r, f->loop, fixture_udp(f));
	free(fixture_register(&r, "q", 1, "Contact: <sip:bob@127.0.0.1:7>;expires=90\n"));
	assert_non_null(strstr(only_binding(f)->route, ";transport=udp"));
	CLEANUP(mem_free_string) char *query = fixture_register(&r, "q", 2, "");
	assert_non_null(strstr(query, "Contact: <sip:bob@127.0.0.1:7>;expires=90"));
	assert_null(strstr(query, "gruu"));
	CLEANUP(mem_free_string)
	char *removal =
		fixture_register(&r, "q", 3, "Contact: <sip:bob@127.0.0.1:7>\nExpires: 0\n");
	assert_memory_equal(removal, "SIP/2.0 200", 11);
	assert_null(sip_header(removal, "Contact", 0));
	assert_null(sip_header(removal, "presence-state", 0));
	assert_int_equal(n_bindings(f), 0);

	free(fixture_register(&r, "q", 4, "Contact: <sip:bob@127.0.0.1:8>\n"));
	CLEANUP(mem_free_string)
	char *star = fixture_register(&r, "q", 5, "Contact: *\nExpires: 0\n");
	assert_memory_equal(star, "SIP/2.0 200", 11);
	assert_int_equal(n_bindings(f), 0);
	raw_close(&r);
}

static void test_expiry(void **state)
{
	struct front_end_fixture *f = *state;
	struct raw r;

	raw_tcp(&r, f->loop, fixture_tcp(f));
	free(fixture_register(&r, "x", 1, "Contact: <sip:bob@127.0.0.1:7>;expires=120\n"));
	fixture_advance(f, 119000);
	assert_int_equal(n_bindings(f), 1);
	fixture_advance(f, 2000);
	assert_int_equal(n_bindings(f), 0);
	raw_close(&r);
}

/* A malformed number counts as none (RFC 3261, 10.3, step 7). */
static void test_malformed_expiry(void **state)
{
	static const char *const rows[] = { "60abc", "abc", "-1", "6 0" };
	struct front_end_fixture *f = *state;
	struct raw r;

	raw_tcp(&r, f->loop, fixture_tcp(f));
	for (unsigned i = 0; i < ARRAY_SIZE(rows); i++) {
		CLEANUP(mem_free_string)
		char *contact =
			text_format("Contact: <sip:bob@127.0.0.1:7>;expires=\"%s\"\n", rows[i]);
		CLEANUP(mem_free_string) char *answer = fixture_register(&r, "m", i + 1, contact);
		assert_true(sip_has_line(answer, "Expires: 600"));
	}
	CLEANUP(mem_free_string)
	char *answer =
		fixture_register(&r, "m", 9, "Contact: <sip:bob@127.0.0.1:7>;expires=60abc\n");
	assert_true(sip_has_line(answer, "Expires: 600"));
	raw_close(&r);
}

static void check(struct raw *r, const char *call_id, unsigned cseq, const char *headers,
		  const char *status)
{
	CLEANUP(mem_free_string) char *answer = fixture_register(r, call_id, cseq, headers);

	assert_memory_equal(answer, status, strlen(status));
	assert_non_null(sip_header(answer, "ms-diagnostics", 0));
	assert_non_null(strstr(sip_header(answer, "ms-diagnostics", 0), "source=\"fe.lab.test\""));
}

#define CONTACT(n)                                                                                 \
	"<sip:bob@127.0.0.1:" n                                                                    \
	">;+sip.instance=\"<urn:uuid:00000000-0000-0000-0000-00000000000" n ">\""

static void test_refusals(void **state)
{
	struct front_end_fixture *f = *state;
	struct raw r;

	raw_tcp(&r, f->loop, fixture_tcp(f));
	CLEANUP(mem_free_string)
	char *brief = fixture_register(&r, "bad", 1, "Contact: <sip:bob@127.0.0.1:7>;expires=5\n");
	assert_memory_equal(brief, "SIP/2.0 423 ", 12);
	assert_true(sip_has_line(brief, "Min-Expires: 60"));
	check(&r, "bad", 2, "Contact: *\nExpires: 60\n", "SIP/2.0 400 ");
	check(&r, "bad", 4, "Contact: <mailto:bob@lab.test>\n", "SIP/2.0 400 ");
	free(fixture_register(&r, "stale", 5, "Contact: <sip:bob@127.0.0.1:7>\n"));
	check(&r, "stale", 4, "Contact: <sip:bob@127.0.0.1:7>\n", "SIP/2.0 500 ");
	check(&r, "full", 1, "Contact: " CONTACT("1") ", " CONTACT("2") ", " CONTACT("3") "\n",
	      "SIP/2.0 403 ");
	assert_int_equal(n_bindings(f), 1);
	raw_sendf(&r,
		  "REGISTER sip:lab.test SIP/2.0\nVia: SIP/2.0/TCP %s;branch=z9hG4bKu\n"
		  "From: <sip:mallory@lab.test>;tag=1\nTo: <sip:mallory@lab.test>\nCall-ID: u\n"
		  "CSeq: 1 REGISTER\nContact: <sip:m@127.0.0.1>\nContent-Length: 0\n\n",
		  r.local);
	free(raw_expect(&r, "SIP/2.0 404 "));
	raw_close(&r);
}

static void send_other(struct raw *r, const char *method, const char *to_tag, unsigned n)
{
	raw_sendf(r,
		  "%s sip:bob@lab.test SIP/2.0\nVia: SIP/2.0/TCP %s;branch=z9hG4bKo%u\n"
		  "From: <sip:alice@lab.test>;tag=1\nTo: <sip:bob@lab.test>%s\nCall-ID: o%u\n"
		  "CSeq: 1 %s\nEvent: presence\nContact: <sip:a@%s>\nContent-Length: 0\n\n",
		  method, r->local, n, to_tag, n, method, r->local);
}

static void test_other_methods(void **state)
{
	static const struct {
		const char *method, *to_tag, *status;
		bool allow;
	} rows[] = {
		{ "FROBNICATE", "", "SIP/2.0 405", true },
		{ "SERVICE", "", "SIP/2.0 404", false },
		{ "BYE", ";tag=none", "SIP/2.0 481", false },
		{ "MESSAGE", ";tag=none", "SIP/2.0 481", false },
		{ "INVITE", ";tag=none", "SIP/2.0 481", false },
		{ "NOTIFY", ";tag=none", "SIP/2.0 481", false },
	};
	struct front_end_fixture *f = *state;
	struct raw r;

	raw_tcp(&r, f->loop, fixture_tcp(f));
	for (size_t i = 0; i < ARRAY_SIZE(rows); i++) {
		send_other(&r, rows[i].method, rows[i].to_tag, (unsigned)i);
		CLEANUP(mem_free_string) char *answer = raw_expect(&r, rows[i].status);
		assert_true(!rows[i].allow == !sip_header(answer, "Allow", 0));
		assert_non_null(sip_header(answer, "ms-diagnostics", 0));
	}
	raw_close(&r);
}

#define TEST(fn) cmocka_unit_test_setup_teardown(fn, fixture_setup, fixture_teardown)

int main(void)
{
	const struct CMUnitTest tests[] = {
		TEST(test_register),         TEST(test_query_and_removal), TEST(test_expiry),
		TEST(test_malformed_expiry), TEST(test_refusals),          TEST(test_other_methods),
	};

	return cmocka_run_group_tests_name("sip_register", tests, NULL, NULL);
}
