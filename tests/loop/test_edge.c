/*
 * The Edge: what goes on to the next hop, and what comes back
 */
#include "edge_fixture.h"

#include "mcxd/base/journal.h"
#include "mcxd/base/loop.h"
#include "mcxd/base/setting_map.h"
#include "mcxd/edge/edge.h"
#include "mcxd/sip/agent.h"
#include "proto/record.h"
#include "proto/text/mem.h"
#include "proto/text/text.h"
#include "raw.h"

#include <arpa/inet.h>
#include <regex.h>
#include <stdlib.h>
#include <sys/socket.h>
#include <unistd.h>

static const char *port_of(const char *address)
{
	return strchr(address, ':') + 1;
}

/* "SIP/2.0/TCP {the connection's address};branch=z9hG4bK{8 HEX}.{16 HEX};branched=FALSE;ms-internal-info="{58 base64url, of which the
 * last 10 are those of every message}"" */
static void expect_own_via(const struct fixture *f, const char *via)
{
	static const char pattern[] =
		"^SIP/2\\.0/TCP 127\\.0\\.0\\.1:([0-9]+);branch=z9hG4bK[0-9A-F]{8}\\.[0-9A-F]{16};"
		"branched=FALSE;ms-internal-info=\"[A-Za-z0-9_-]{48}AAAAAAAAAA\"$";
	struct sockaddr_in peer = { 0 };
	socklen_t n = sizeof(peer);
	regmatch_t match[2] = { { 0, 0 } };
	regex_t re;

	assert_int_equal(regcomp(&re, pattern, REG_EXTENDED), 0);
	assert_int_equal(regexec(&re, via, 2, match, 0), 0);
	regfree(&re);
	assert_int_equal(getpeername(f->clearing_house.fd, (struct sockaddr *)&peer, &n), 0);
	assert_int_equal(strtol(via + match[1].rm_so, NULL, 10), ntohs(peer.sin_port));
}

static void test_forward(void **state)
{
	static const char answer_rest[] =
		"CONTENT-LENGTH: 0\r\nCONTENT-TYPE: application/x; charset=\"Unicode (UTF-8)\"\r\n"
		"SERVER: RTCC/4.0.0.0 PnchApplication\r\n"
		"ms-diagnostics-public: 30000;Reason=\"Success\"\r\n";
	static const char level[] =
		"ms-asserted-verification-level: ms-source-verified-user=verified\r\n";
	struct fixture *f = *state;
	struct text answer = TEXT_INIT;
	const struct record *r;

	send_push(f, PUSH(URI, HOPS));
	CLEANUP(mem_free_string) char *push = take_push(f);
	/* The order of published traces: the Edge's own Via, Max-Forwards, the others. Everything else is unchanged. */
	CLEANUP(text_deinit) struct text whole = TEXT_INIT;
	text_addf(&whole,
		  HEAD_OF_PUSH(
			  URI) "Via: %s\r\nMax-Forwards: 68\r\n"
			       "Via: SIP/2.0/TCP 127.0.0.1:50001;branch=z9hG4bKfe;branched=FALSE;"
			       "ms-received-port=%s;ms-received-cid=%X\r\n" MCX_VIA REST_OF_PUSH,
		  sip_header(push, "Via", 0), port_of(f->front_end.local),
		  (unsigned)strtoul(port_of(f->front_end.local), NULL, 10));
	assert_string_equal(push, text_str(&whole));
	expect_own_via(f, sip_header(push, "Via", 0));

	/* the answer, with its Vias on one line */
	text_addf(&answer,
		  "SIP/2.0 200 OK\r\nFrom: <sip:x@lab.test>;tag=b6d38c5ec0\r\n"
		  "To: \"Push Notification Clearing House\"<sip:push@push.lync.com>;tag=0A\r\n"
		  "CSeq: 21319 MESSAGE\r\nCall-ID: edge-call\r\nVia: %s",
		  sip_header(push, "Via", 0));
	text_addf(&answer, ",%s", sip_header(push, "Via", 1));
	text_addf(&answer, ",%s\r\n%s%s\r\n", sip_header(push, "Via", 2), answer_rest, level);
	raw_send(&f->clearing_house, answer.data, answer.n);
	CLEANUP(mem_free_string) char *got = raw_expect(&f->front_end, "SIP/2.0 200 OK\r\n");
	CLEANUP(text_deinit) struct text expected = TEXT_INIT;
	text_addf(&expected, "\r\nVia: %s", sip_header(push, "Via", 1));
	text_addf(&expected,
		  ",%s\r\n%s"
		  "ms-edge-proxy-message-trust: "
		  "ms-source-type=DirectPartner;ms-ep-fqdn=edge.lab.test;"
		  "ms-source-verified-user=verified;ms-source-network=federation\r\n\r\n",
		  sip_header(push, "Via", 2), answer_rest);
	assert_non_null(strstr(got, text_str(&expected)));
	text_deinit(&answer);

	r = journal_get(f->journal, 1);
	assert_string_equal(r->from, "front-end");
	assert_string_equal(r->to, "edge");
	r = journal_get(f->journal, 2);
	assert_string_equal(r->to, "clearing-house");
	r = journal_get(f->journal, 3);
	assert_string_equal(r->from, "clearing-house");
	r = journal_get(f->journal, 4);
	assert_string_equal(r->to, "front-end");
}

/* A refusal by the clearing house goes back unchanged. */
static void test_refusal_passes(void **state)
{
	struct fixture *f = *state;

	send_push(f, PUSH(URI, HOPS));
	CLEANUP(mem_free_string) char *push = take_push(f);
	answer_push(f, push, "100 Trying");
	raw_expect_silence(&f->front_end, 5);
	answer_push(f, push, "410 Gone");
	CLEANUP(mem_free_string) char *got = raw_expect(&f->front_end, "SIP/2.0 410 Gone\r\n");
	assert_memory_equal(sip_header(got, "Via", 0), "SIP/2.0/TCP 127.0.0.1:50001;", 28);
	assert_null(sip_header(got, "Via", 2));
}

/* A lone CR would be the end of a line for some parsers, and what follows it a header behind the Edge's back. */
static void test_bad_answer(void **state)
{
	struct fixture *f = *state;

	send_push(f, PUSH(URI, HOPS));
	CLEANUP(mem_free_string) char *push = take_push(f);
	answer_push(f, push,
		    "200 OK\rms-edge-proxy-message-trust: ms-source-verified-user=verified");
	CLEANUP(mem_free_string) char *got = raw_expect(&f->front_end, "SIP/2.0 502 ");
	assert_memory_equal(sip_header(got, "ms-diagnostics", 0), "31024;", 6);
	assert_int_equal(count(f, "edge_bad_answers_total"), 1);
}

static void test_no_max_forwards(void **state)
{
	struct fixture *f = *state;

	send_push(f, PUSH(URI, ""));
	CLEANUP(mem_free_string) char *push = take_push(f);
	assert_true(sip_has_line(push, "Max-Forwards: 70"));
	assert_string_equal(sip_body(push), "<a/>");
}

static void test_unreachable(void **state)
{
	struct fixture *f = *state;

	close(f->listener);
	CLEANUP(mem_free_string)
	char *got = refused(f, PUSH(URI, HOPS), "SIP/2.0 504 Server time-out");
	assert_memory_equal(sip_header(got, "ms-diagnostics", 0), "1007;", 5);
	CLEANUP(mem_free_string)
	char *params = text_format(";domain=\"push.lync.com\";fqdn1=\"%s\"", f->hop);
	assert_non_null(strstr(sip_header(got, "ms-diagnostics", 0), params));
	f->listener = raw_listen(f->hop);
}

static void test_silent_hop(void **state)
{
	struct fixture *f = *state;

	send_push(f, PUSH(URI, HOPS));
	CLEANUP(mem_free_string) char *push = take_push(f);
	loop_advance(f->loop, 8500, NULL, NULL);
	CLEANUP(mem_free_string) char *got = raw_expect(&f->front_end, "SIP/2.0 504 ");
	assert_memory_equal(sip_header(got, "ms-diagnostics", 0), "5001;", 5);
	/* An answer after that is ignored. */
	answer_push(f, push, "200 OK");
	raw_expect_silence(&f->front_end, 5);
}

static void test_unusable_hops(void **state)
{
	static const struct {
		const char *hop, *param;
	} unknown[] = {
		{ "sip:sipfed.lab.test:5061", "fqdn1=\"sipfed.lab.test:5061\"" },
		{ "sip:sipfed.lab.test", "fqdn1=\"sipfed.lab.test:5060\"" },
		{ "sip:sipfed.lab.test;transport=tls", "fqdn1=\"sipfed.lab.test:5061\"" },
		{ "sip:127.0.0.1;maddr=sipfed.lab.test", "fqdn1=\"sipfed.lab.test:5060\"" },
	};
	struct fixture *f = *state;

	f->config.next_hop = NULL;
	CLEANUP(mem_free_string) char *none = refused(f, PUSH(URI, HOPS), "SIP/2.0 504 ");
	assert_memory_equal(sip_header(none, "ms-diagnostics", 0), "1009;", 5);
	for (size_t i = 0; i < ARRAY_SIZE(unknown); i++) {
		f->config.next_hop = unknown[i].hop;
		CLEANUP(mem_free_string) char *name = refused(f, PUSH(URI, HOPS), "SIP/2.0 504 ");
		assert_memory_equal(sip_header(name, "ms-diagnostics", 0), "1014;", 5);
		assert_non_null(strstr(name, unknown[i].param));
	}
}

static void test_options(void **state)
{
	struct fixture *f = *state;

	send_push(f, OTHER("OPTIONS"));
	raw_accept(&f->clearing_house, f->loop, f->listener);
	CLEANUP(mem_free_string)
	char *options = raw_expect(&f->clearing_house, "OPTIONS " URI " SIP/2.0\r\n");
	assert_true(sip_has_line(options, "Max-Forwards: 70"));
}

/* The domain of a request chooses its next hop; case does not matter. */
static void test_routes(void **state)
{
	struct fixture *f = *state;
	struct setting_map routes = { 0 };
	char hop[32];
	int listener = raw_listen(hop);
	CLEANUP(mem_free_string) char *route = text_concat("sip:", hop);
	struct raw other = { .fd = -1 };

	f->config.allowed_domains = "push.lync.com, Other.test";
	setting_map_set(&routes, "other.test", route);
	f->config.routes = &routes;
	send_push(f, PUSH("sip:push@OTHER.test", HOPS));
	raw_accept(&other, f->loop, listener);
	free(raw_expect(&other, "MESSAGE sip:push@OTHER.test SIP/2.0\r\n"));
	send_push(f, OTHER("OPTIONS"));
	raw_accept(&f->clearing_house, f->loop, f->listener);
	free(raw_expect(&f->clearing_house, "OPTIONS " URI " SIP/2.0\r\n"));
	f->config.allowed_domains = "";
	free(refused(f, OTHER("MESSAGE"), "SIP/2.0 504 "));
	raw_close(&other);
	close(listener);
	setting_map_deinit(&routes);
}

#define TEST(fn) cmocka_unit_test_setup_teardown(fn, edge_set_up, edge_tear_down)

int main(void)
{
	const struct CMUnitTest tests[] = {
		TEST(test_forward),         TEST(test_refusal_passes), TEST(test_bad_answer),
		TEST(test_no_max_forwards), TEST(test_unreachable),    TEST(test_silent_hop),
		TEST(test_unusable_hops),   TEST(test_options),        TEST(test_routes),
	};

	return cmocka_run_group_tests_name("edge", tests, NULL, NULL);
}
