/*
 * Agent: how messages are split in a stream
 */
#include "agent_fixture.h"
#include "mcxd/base/journal.h"
#include "mcxd/base/loop.h"
#include "mcxd/sip/agent.h"
#include "proto/record.h"
#include "proto/text/mem.h"
#include "proto/text/text.h"
#include "tests/loop/raw.h"

#include <linux/tcp.h>
#include <netinet/in.h>
#include <sys/socket.h>

enum { N_LINES = 200, N_PADDING = 280, N_TOGETHER = 4 };

/* A request after some white space, and another one, in one send. */
static void send_after(struct raw *r, const char *blanks, const char *call_id, const char *rest)
{
	CLEANUP(mem_free_string)
	char *message =
		text_format("%sOPTIONS sip:bob@lab.test SIP/2.0\r\n"
			    "Via: SIP/2.0/%s %s;branch=z9hG4bK%s\r\n"
			    "From: <sip:alice@lab.test>;tag=1\r\nTo: <sip:bob@lab.test>\r\n"
			    "Call-ID: %s\r\nCSeq: 7 OPTIONS\r\nMax-Forwards: 70\r\n"
			    "Content-Length: 0\r\n\r\n%s",
			    blanks, r->stream ? "TCP" : "UDP", r->local, call_id, call_id, rest);

	raw_send(r, message, strlen(message));
}

static void expect_answer(struct raw *r, const char *call_id)
{
	CLEANUP(mem_free_string) char *answer = raw_expect(r, "SIP/2.0 200 OK\r\n");

	assert_string_equal(sip_header(answer, "Call-ID", 0), call_id);
}

static void check_blanks(struct agent_fixture *f, struct raw *r)
{
	static const char *const blanks[] = { "\r\n", "\r\n\r\n", "\n", " \t\r\n" };

	for (size_t i = 0; i < ARRAY_SIZE(blanks); i++) {
		char call_id[16];

		snprintf(call_id, sizeof(call_id), "blank-%zu", i);
		send_after(r, blanks[i], call_id, "");
		expect_answer(r, call_id);
	}
	assert_int_equal(f->n_requests, ARRAY_SIZE(blanks));
	/* and the journal has the message without them */
	assert_string_equal(record_value(journal_get(f->journal, 1), "start_line"),
			    "OPTIONS sip:bob@lab.test SIP/2.0");
	assert_int_equal(agent_fixture_metric(f, "sip_edge_messages_malformed_total"), 0);
}

static void test_white_space_over_tcp(void **state)
{
	struct agent_fixture *f = *state;
	struct raw r;

	raw_tcp(&r, f->loop, agent_tcp(f->agent));
	check_blanks(f, &r);
	raw_close(&r);
}

static void test_white_space_over_udp(void **state)
{
	struct agent_fixture *f = *state;
	struct raw r;

	raw_udp(&r, f->loop, agent_udp(f->agent));
	check_blanks(f, &r);
	raw_close(&r);
}

static void test_white_space_between_messages(void **state)
{
	struct agent_fixture *f = *state;
	struct raw r;

	raw_tcp(&r, f->loop, agent_tcp(f->agent));
	CLEANUP(mem_free_string)
	char *second = text_format("\r\n\r\nOPTIONS sip:bob@lab.test SIP/2.0\r\n"
				   "Via: SIP/2.0/TCP %s;branch=z9hG4bKsecond\r\n"
				   "From: <sip:alice@lab.test>;tag=1\r\nTo: <sip:bob@lab.test>\r\n"
				   "Call-ID: second\r\nCSeq: 7 OPTIONS\r\n"
				   "Content-Length: 0\r\n\r\n\r\n\r\n",
				   r.local);
	send_after(&r, "\r\n\r\n", "first", second);
	expect_answer(&r, "first");
	expect_answer(&r, "second");
	send_after(&r, "", "third", "\r\n");
	expect_answer(&r, "third");
	raw_close(&r);
}

/* The start line comes in pieces after them. */
static void test_white_space_before_half_a_line(void **state)
{
	struct agent_fixture *f = *state;
	struct raw r;

	raw_tcp(&r, f->loop, agent_tcp(f->agent));
	raw_send(&r, "\r\n\r\nOPTI", 8);
	run_rounds(f->loop, 5);
	raw_sendf(&r,
		  "ONS sip:bob@lab.test SIP/2.0\nVia: SIP/2.0/TCP %s;branch=z9hG4bKhalf\n"
		  "From: <sip:alice@lab.test>;tag=1\nTo: <sip:bob@lab.test>\nCall-ID: half\n"
		  "CSeq: 7 OPTIONS\nContent-Length: 0\n\n",
		  r.local);
	expect_answer(&r, "half");
	raw_close(&r);
}

/* An agent that accepts long messages. */
static struct agent *make_patient(struct agent_fixture *f)
{
	struct agent_config config = agent_fixture_config;
	struct agent_args args = { .stack = f->stack,
				   .journal = f->journal,
				   .hop = "edge",
				   .server = "Lab/1.0",
				   .config = &config,
				   .on_request = agent_fixture_on_request,
				   .magic = f };
	struct agent *a;

	config.max_message_bytes = 65536;
	assert_int_equal(agent_new(&args, &a), 0);
	return a;
}

/* sofia begins a new buffer when one is full: each is a piece of its own. */
static void test_any_number_of_pieces(void **state)
{
	struct agent_fixture *f = *state;
	CLEANUP(text_deinit) struct text sent = TEXT_INIT;
	struct agent *a = make_patient(f);
	const struct record *received;
	struct raw r;

	raw_tcp(&r, f->loop, agent_tcp(a));
	text_addf(&sent,
		  "OPTIONS sip:bob@lab.test SIP/2.0\r\nVia: SIP/2.0/TCP %s;branch=z9hG4bKpieces\r\n"
		  "From: <sip:alice@lab.test>;tag=1\r\nTo: <sip:bob@lab.test>\r\n"
		  "Call-ID: pieces\r\nCSeq: 7 OPTIONS\r\n",
		  r.local);
	raw_send(&r, sent.data, sent.n);
	for (int i = 0; i < N_LINES; i++) {
		size_t before = sent.n;

		loop_step(f->loop, 0);
		text_addf(&sent, "X-Padding-%d: %0*d\r\n", i, N_PADDING, i);
		raw_send(&r, sent.data + before, sent.n - before);
	}
	text_add(&sent, "Content-Length: 0\r\n\r\n");
	raw_send(&r, "Content-Length: 0\r\n\r\n", 21);
	f->hold = true;
	while (!f->held)
		loop_step(f->loop, 1);
	received = journal_get(f->journal, 1);
	assert_int_equal(received->n_raw, sent.n);
	assert_memory_equal(received->raw, sent.data, sent.n);
	agent_reply(a, f->held, 200, NULL, NULL);
	expect_answer(&r, "pieces");
	raw_close(&r);
	agent_free(a);
}

static unsigned n_data_segments(const struct raw *r)
{
	struct tcp_info info = { 0 };
	socklen_t n = sizeof(info);

	assert_int_equal(getsockopt(r->fd, IPPROTO_TCP, TCP_INFO, &info, &n), 0);
	return info.tcpi_data_segs_in;
}

/* Every write wakes the peer: answers of one round are sent together, and nothing waits for more. */
static void test_answers_go_out_together(void **state)
{
	struct agent_fixture *f = *state;
	CLEANUP(text_deinit) struct text sent = TEXT_INIT;
	char call_id[16];
	struct raw r;

	raw_tcp(&r, f->loop, agent_tcp(f->agent));
	for (int i = 0; i < N_TOGETHER; i++)
		text_addf(&sent,
			  "OPTIONS sip:bob@lab.test SIP/2.0\r\n"
			  "Via: SIP/2.0/TCP %s;branch=z9hG4bKt%d\r\n"
			  "From: <sip:alice@lab.test>;tag=1\r\nTo: <sip:bob@lab.test>\r\n"
			  "Call-ID: together-%d\r\nCSeq: 7 OPTIONS\r\nContent-Length: 0\r\n\r\n",
			  r.local, i, i);
	raw_send(&r, sent.data, sent.n);
	for (int i = 0; i < N_TOGETHER; i++) {
		snprintf(call_id, sizeof(call_id), "together-%d", i);
		expect_answer(&r, call_id);
	}
	assert_int_equal(n_data_segments(&r), 1);
	f->hold = true;
	send_after(&r, "", "later", "");
	while (!f->held)
		loop_step(f->loop, 1);
	agent_reply(f->agent, f->held, 200, NULL, NULL);
	expect_answer(&r, "later");
	assert_int_equal(n_data_segments(&r), 2);
	raw_close(&r);
}

#define TEST(fn) cmocka_unit_test_setup_teardown(fn, agent_fixture_setup, agent_fixture_teardown)

int main(void)
{
	const struct CMUnitTest tests[] = {
		TEST(test_white_space_over_tcp),         TEST(test_white_space_over_udp),
		TEST(test_white_space_between_messages), TEST(test_white_space_before_half_a_line),
		TEST(test_any_number_of_pieces),         TEST(test_answers_go_out_together),
	};

	return cmocka_run_group_tests_name("agent_stream", tests, NULL, NULL);
}
