/*
 * What the Edge refuses, and how it says so
 */
#include "edge_fixture.h"

#include "mcxd/base/journal.h"
#include "proto/record.h"
#include "proto/text/mem.h"
#include "proto/text/text.h"
#include "raw.h"

static void test_refusals(void **state)
{
	struct fixture *f = *state;
	CLEANUP(mem_free_string)
	char *domain = refused(f, PUSH("sip:push@else.test", HOPS), "SIP/2.0 504 ");

	assert_non_null(strstr(sip_header(domain, "ms-diagnostics", 0),
			       "The domain of the message is not configured and does not appear to "
			       "belong to a federated partner\""));
	CLEANUP(mem_free_string)
	char *params = text_format(";domain=\"else.test\";fqdn1=\"%s\"", f->hop);
	assert_non_null(strstr(sip_header(domain, "ms-diagnostics", 0), params));
	free(refused(f, PUSH(URI, "Max-Forwards: 0\r\n"), "SIP/2.0 483 "));
	CLEANUP(mem_free_string)
	char *method = refused(f, OTHER("INVITE"), "SIP/2.0 405 ");
	assert_true(sip_has_line(method, "Allow: MESSAGE, OPTIONS"));
	/* A proxy looks at Proxy-Require, and leaves Require to the next server (RFC 3261 16.3, 5). */
	CLEANUP(mem_free_string)
	char *extension = refused(f, PUSH(URI, HOPS "Proxy-Require: foo\r\nProxy-Require: bar\r\n"),
				  "SIP/2.0 420 ");
	assert_string_equal(sip_header(extension, "Unsupported", 0), "foo, bar");
	assert_memory_equal(sip_header(extension, "ms-diagnostics", 0), "31010;", 6);
	send_push(f, PUSH(URI, HOPS "Require: foo\r\n"));
	free(take_push(f));
	assert_int_equal(count(f, "edge_refused_total"), 4);
	assert_int_equal(count(f, "edge_refused_domain_total"), 1);
	assert_int_equal(count(f, "edge_refused_hops_total"), 1);
}

/* Of the diagnostics, the last one. */
static const struct record *last_diagnostic(const struct fixture *f)
{
	uint64_t seq = journal_last(f->journal);

	while (seq > 0 && strcmp(journal_get(f->journal, seq)->kind, "diagnostic") != 0)
		seq--;
	assert_true(seq > 0);
	return journal_get(f->journal, seq);
}

static void test_diagnostic(void **state)
{
	struct fixture *f = *state;
	const struct record *r;

	free(refused(f, PUSH("sip:push@else.test", HOPS), "SIP/2.0 504 "));
	r = last_diagnostic(f);
	assert_string_equal(record_recorder(r), "edge");
	assert_string_equal(r->key, "sip:edge-call");
	assert_true(record_is_about(r, "bob@lab.test"));
	assert_string_equal(record_value(r, "severity"), "error");
	assert_string_equal(record_value(r, "text"),
			    "The domain of the message is not configured and does not "
			    "appear to belong to a federated partner");
	assert_string_equal(record_value(r, "result"), "0xc3e93c5e SIPPROXY_E_ROUTING");
	assert_string_equal(record_value(r, "start_line"), "MESSAGE sip:push@else.test SIP/2.0");
	assert_string_equal(record_value(r, "call_id"), "edge-call");
	assert_string_equal(record_value(r, "cseq"), "21319 MESSAGE");
	assert_string_equal(record_value(r, "peer"), f->hop);
	CLEANUP(mem_free_string)
	char *data = text_format("domain=\"else.test\";fqdn1=\"%s\";reason=\"%s\"", f->hop,
				 record_value(r, "text"));
	assert_string_equal(record_value(r, "data"), data);

	free(refused(f, OTHER("INVITE"), "SIP/2.0 405 "));
	assert_null(record_value(last_diagnostic(f), "result"));
	assert_string_equal(record_value(last_diagnostic(f), "peer"), f->front_end.local);
}

/* The message with another word in place of this one, where it first occurs. */
static char *with(const char *message, const char *from, const char *to)
{
	const char *at = strstr(message, from);
	struct text t = TEXT_INIT;

	assert_non_null(at);
	text_add_bytes(&t, message, (size_t)(at - message));
	text_add_all(&t, to, at + strlen(from));
	return text_take(&t);
}

/* What the Edge has sent comes back to it, by whatever way; also when it has long been answered. */
static void test_loop(void **state)
{
	struct fixture *f = *state;

	send_push(f, PUSH(URI, HOPS));
	CLEANUP(mem_free_string) char *push = take_push(f);
	send_push(f, push);
	CLEANUP(mem_free_string) char *during = raw_expect(&f->front_end, "SIP/2.0 482 ");
	assert_memory_equal(sip_header(during, "ms-diagnostics", 0), "31015;", 6);
	answer_push(f, push, "200 OK");
	free(raw_expect(&f->front_end, "SIP/2.0 200 OK\r\n"));
	CLEANUP(mem_free_string) char *later = with(push, "edge-call", "edge-back");
	send_push(f, later);
	free(raw_expect(&f->front_end, "SIP/2.0 482 "));
	assert_int_equal(count(f, "edge_refused_loop_total"), 2);
	/* A branch that only looks like one of the Edge's is not. */
	CLEANUP(mem_free_string) char *strange = with(push, "z9hG4bK", "z9hG4bK9");
	CLEANUP(mem_free_string) char *other = with(strange, "edge-call", "edge-more");
	send_push(f, other);
	free(raw_expect(&f->clearing_house, "MESSAGE "));
}

/* From outside, answers only: also by the connection that the Edge has opened. */
static void test_requests_from_outside(void **state)
{
	struct fixture *f = *state;

	send_push(f, PUSH(URI, HOPS));
	free(take_push(f));
	const char *const requests[] = { OTHER("MESSAGE"), OTHER("OPTIONS"), OTHER("INVITE"),
					 OTHER("SERVICE") };

	for (size_t i = 0; i < ARRAY_SIZE(requests); i++) {
		raw_send(&f->clearing_house, requests[i], strlen(requests[i]));
		CLEANUP(mem_free_string)
		char *got = raw_expect(&f->clearing_house, "SIP/2.0 403 Forbidden\r\n");
		assert_memory_equal(sip_header(got, "ms-diagnostics-public", 0),
				    "31036;reason=", 13);
		assert_null(sip_header(got, "ms-diagnostics", 0));
		assert_null(strstr(got, "edge.lab.test"));
	}
	raw_expect_silence(&f->front_end, 3);
	assert_int_equal(count(f, "edge_refused_inward_total"), 4);
	assert_string_equal(record_value(last_diagnostic(f), "start_line"),
			    "SERVICE " URI " SIP/2.0");
}

#define TEST(fn) cmocka_unit_test_setup_teardown(fn, edge_set_up, edge_tear_down)

int main(void)
{
	const struct CMUnitTest tests[] = {
		TEST(test_refusals),
		TEST(test_diagnostic),
		TEST(test_loop),
		TEST(test_requests_from_outside),
	};

	return cmocka_run_group_tests_name("edge_refused", tests, NULL, NULL);
}
