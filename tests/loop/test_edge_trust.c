/*
 * Whom the Edge believes, and what it says of others
 */
#include "edge_fixture.h"

#include "mcxd/base/journal.h"
#include "mcxd/edge/edge.h"
#include "mcxd/sip/agent.h"
#include "proto/record.h"
#include "proto/text/mem.h"
#include "proto/text/text.h"
#include "raw.h"

#include <unistd.h>

/* What a front end without an allowed certificate vouches for does not leave the house. */
static void test_untrusted_front_end(void **state)
{
	struct fixture *f = *state;
	struct raw stranger;

	raw_tcp_from(&stranger, f->loop, "127.0.0.2:0", agent_tcp(edge_internal(f->edge)));
	raw_send(&stranger, PUSH(URI, HOPS "P-Asserted-Identity: <sip:boss@lab.test>\r\n"),
		 strlen(PUSH(URI, HOPS "P-Asserted-Identity: <sip:boss@lab.test>\r\n")));
	CLEANUP(mem_free_string) char *push = take_push(f);
	assert_null(strstr(push, "sserted"));
	assert_non_null(strstr(push, "CONTENT-TYPE: "));
	assert_int_equal(count(f, "sip_edge_headers_untrusted_total"), 2);
	/* The journal has what was on the wire. */
	assert_non_null(strstr(journal_get(f->journal, 1)->raw, "P-Asserted-Identity"));
	raw_close(&stranger);
}

/* With a blank before it, and all behind it: for sofia a header, for others the end of the head. Neither goes on. */
static void test_blank_before_the_first_header(void **state)
{
	static const char *const peers[] = { "127.0.0.2:0", "127.0.0.1:0" };
	struct fixture *f = *state;
	const char *push = PUSH(URI, HOPS "P-Asserted-Identity: <sip:boss@lab.test>\r\n");
	size_t n_line = strcspn(push, "\n") + 1;

	for (size_t i = 0; i < ARRAY_SIZE(peers); i++) {
		CLEANUP(text_deinit) struct text folded = TEXT_INIT;
		struct raw peer;

		text_add_bytes(&folded, push, n_line);
		text_add_all(&folded, " P-Asserted-Identity: <sip:boss@lab.test>\r\n",
			     push + n_line);
		raw_tcp_from(&peer, f->loop, peers[i], agent_tcp(edge_internal(f->edge)));
		raw_send(&peer, folded.data, folded.n);
		CLEANUP(mem_free_string) char *answer = raw_expect(&peer, "SIP/2.0 400 ");
		assert_non_null(strstr(sip_header(answer, "ms-diagnostics", 0), "with a blank"));
		assert_true(raw_wait_closed(&peer));
		raw_close(&peer);
	}
	send_push(f, PUSH(URI, HOPS));
	CLEANUP(mem_free_string) char *next = take_push(f);
	assert_null(strstr(next, "P-Asserted-Identity"));
}

#define FORGED                                                                                     \
	"Via: SIP/2.0/TCP 10.9.9.9:1;received=192.0.2.1;rport=2;ms-received-port=1;"               \
	"ms-received-cid=AA;branch=z9hG4bK"

/* Also of a peer that is trusted with other headers. */
static void test_forged_source(void **state)
{
	static const char *const peers[] = { "127.0.0.2", "127.0.0.1" };
	struct fixture *f = *state;

	for (size_t i = 0; i < ARRAY_SIZE(peers); i++) {
		CLEANUP(mem_free_string) char *local = text_concat(peers[i], ":0");
		struct raw peer;

		raw_tcp_from(&peer, f->loop, local, agent_tcp(edge_internal(f->edge)));
		CLEANUP(mem_free_string)
		char *push = text_concat(HEAD_OF_PUSH(URI) FORGED, peers[i],
					 "\r\n" MCX_VIA HOPS REST_OF_PUSH);
		raw_send(&peer, push, strlen(push));
		CLEANUP(mem_free_string) char *got = take_push(f);
		unsigned port = (unsigned)strtoul(strrchr(peer.local, ':') + 1, NULL, 10);
		CLEANUP(mem_free_string)
		char *via =
			text_format("SIP/2.0/TCP 10.9.9.9:1;received=%s;rport=%u;branch=z9hG4bK%s;"
				    "ms-received-port=%u;ms-received-cid=%X",
				    peers[i], port, peers[i], port, port);
		assert_string_equal(sip_header(got, "Via", 1), via);
		assert_string_equal(sip_header(got, "Via", 2),
				    "SIP/2.0/TCP 127.0.0.1:50000;branch=z9hG4bKmcx;"
				    "ms-received-port=1;ms-received-cid=100");
		raw_close(&peer);
	}
}

static void expect_level(struct fixture *f, const char *push, const char *lines, const char *level)
{
	struct text answer = TEXT_INIT;

	text_add(&answer, "SIP/2.0 200 OK\r\n");
	for (int i = 0; i < 3; i++)
		text_addf(&answer, "Via: %s\r\n", sip_header(push, "Via", i));
	text_addf(&answer,
		  "From: <sip:x@lab.test>;tag=b6d38c5ec0\r\nTo: <sip:y@lab.test>;tag=0A\r\n"
		  "CSeq: 21319 MESSAGE\r\nCall-ID: edge-call\r\n%sContent-Length: 0\r\n\r\n",
		  lines);
	raw_send(&f->clearing_house, answer.data, answer.n);
	text_deinit(&answer);
	CLEANUP(mem_free_string) char *got = raw_expect(&f->front_end, "SIP/2.0 200 OK\r\n");
	CLEANUP(mem_free_string)
	char *trust = text_format("ms-source-type=DirectPartner;ms-ep-fqdn=edge.lab.test;"
				  "ms-source-verified-user=%s;ms-source-network=federation",
				  level);
	assert_string_equal(sip_header(got, "ms-edge-proxy-message-trust", 0), trust);
	assert_null(sip_header(got, "ms-edge-proxy-message-trust", 1));
	assert_null(sip_header(got, "ms-asserted-verification-level", 0));
}

#define LEVEL "ms-asserted-verification-level: ms-source-verified-user="

static void test_answer_without_level(void **state)
{
	struct fixture *f = *state;

	send_push(f, PUSH(URI, HOPS));
	CLEANUP(mem_free_string) char *push = take_push(f);
	expect_level(f, push, "ms-edge-proxy-message-trust: ms-source-verified-user=verified\r\n",
		     "unverified");
}

static void test_answer_with_bad_level(void **state)
{
	struct fixture *f = *state;

	send_push(f, PUSH(URI, HOPS));
	CLEANUP(mem_free_string) char *push = take_push(f);
	expect_level(f, push, LEVEL "unverified\r\n", "unverified");
}

/* The same level is worth nothing from a next hop that has shown no certificate and is on no list. */
static void test_untrusted_clearing_house(void **state)
{
	struct fixture *f = *state;
	char hop[32];
	int listener = raw_listen_at("127.0.0.2:0", hop);
	CLEANUP(mem_free_string) char *route = text_concat("sip:", hop);

	f->config.next_hop = route;
	send_push(f, PUSH(URI, HOPS));
	raw_accept(&f->clearing_house, f->loop, listener);
	CLEANUP(mem_free_string) char *push = take_push(f);
	expect_level(f, push, LEVEL "verified\r\nP-Asserted-Identity: <sip:boss@lab.test>\r\n",
		     "unverified");
	close(listener);
}

#define TEST(fn) cmocka_unit_test_setup_teardown(fn, edge_set_up, edge_tear_down)

int main(void)
{
	const struct CMUnitTest tests[] = {
		TEST(test_untrusted_front_end),   TEST(test_blank_before_the_first_header),
		TEST(test_forged_source),         TEST(test_answer_without_level),
		TEST(test_answer_with_bad_level), TEST(test_untrusted_clearing_house),
	};

	return cmocka_run_group_tests_name("edge_trust", tests, NULL, NULL);
}
