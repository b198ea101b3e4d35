/*
 * Agent: bursts of datagrams
 */
#include "agent_fixture.h"
#include "mcxd/base/loop.h"
#include "mcxd/sip/agent.h"
#include "proto/text/mem.h"
#include "proto/text/text.h"
#include "tests/loop/raw.h"

#include <sys/socket.h>

enum {
	BURST = 300, /* what the kernel has room for, also where it gives no more than usual */
	N_BURSTS = 10,
	A_ROUND = 256 /* datagrams of one socket in a round */
};

static struct agent *agent_for_bursts(struct agent_fixture *f)
{
	struct agent_config config = agent_fixture_config;

	config.udp_buffer_bytes = 8 << 20;
	config.max_transactions = 100000;
	return agent_fixture_another(f, &config);
}

/* It reads no answer before it has sent all. */
static void open_sender(struct raw *r, struct agent_fixture *f, const struct agent *a)
{
	const int size = 4 << 20;

	raw_udp(r, f->loop, agent_udp(a));
	assert_int_equal(setsockopt(r->fd, SOL_SOCKET, SO_RCVBUF, &size, sizeof(size)), 0);
}

static void send_burst(struct raw *r, int first)
{
	for (int i = first; i < first + BURST; i++) {
		char call_id[32];

		snprintf(call_id, sizeof(call_id), "burst-%d", i);
		agent_fixture_send(r, "OPTIONS", call_id, "");
	}
}

/* What waits in the kernel is taken whole, in bounded batches: no datagram is lost, none is answered twice. */
static void test_no_datagram_is_lost(void **state)
{
	struct agent_fixture *f = *state;
	struct agent *a = agent_for_bursts(f);
	struct raw r;

	open_sender(&r, f, a);
	for (int n = 0; n < N_BURSTS; n++) {
		send_burst(&r, n * BURST);
		for (int i = 0; i < BURST; i++)
			free(raw_expect(&r, "SIP/2.0 200"));
		raw_expect_silence(&r, 1);
	}
	assert_int_equal(f->n_requests, N_BURSTS * BURST);
	assert_int_equal(agent_fixture_metric(f, "sip_other_messages_received_total"),
			 N_BURSTS * BURST);
	assert_int_equal(agent_fixture_metric(f, "sip_other_messages_sent_total"),
			 N_BURSTS * BURST);
	assert_int_equal(agent_fixture_metric(f, "sip_other_messages_repeated_total"), 0);
	raw_close(&r);
	agent_free(a);
}

/* A round of the loop takes so many and no more, so that others get their turn. */
static void test_a_round_is_bounded(void **state)
{
	struct agent_fixture *f = *state;
	struct agent *a = agent_for_bursts(f);
	struct raw r, other;

	open_sender(&r, f, a);
	raw_tcp(&other, f->loop, agent_tcp(a));
	agent_fixture_send(&other, "OPTIONS", "before", "");
	free(raw_expect(&other, "SIP/2.0 200"));
	send_burst(&r, 0);
	agent_fixture_send(&other, "OPTIONS", "meanwhile", "");
	loop_step(f->loop, 0);
	/* the connection's one is among them */
	assert_in_range(f->n_requests - 1, 2, A_ROUND + 1);
	assert_true(f->n_requests - 1 < BURST);
	CLEANUP(mem_free_string) char *answer = raw_expect(&other, "SIP/2.0 200");
	assert_true(sip_has_line(answer, "Call-ID: meanwhile"));
	for (int i = 0; i < BURST; i++)
		free(raw_expect(&r, "SIP/2.0 200"));
	raw_close(&r);
	raw_close(&other);
	agent_free(a);
}

/* Several sockets at once, while calls are held: the answers of each come to it. */
static void test_several_senders(void **state)
{
	struct agent_fixture *f = *state;
	enum { N_SENDERS = 8, EACH = 40 };
	struct agent *a = agent_for_bursts(f);
	struct raw r[N_SENDERS];

	for (int i = 0; i < N_SENDERS; i++)
		raw_udp(&r[i], f->loop, agent_udp(a));
	for (int n = 0; n < EACH; n++)
		for (int i = 0; i < N_SENDERS; i++) {
			char call_id[32];

			snprintf(call_id, sizeof(call_id), "%d-of-%d", n, i);
			agent_fixture_send(&r[i], "OPTIONS", call_id, "");
		}
	for (int i = 0; i < N_SENDERS; i++) {
		for (int n = 0; n < EACH; n++) {
			CLEANUP(mem_free_string)
			char *line = text_format("Call-ID: %d-of-%d", n, i);
			CLEANUP(mem_free_string) char *answer = raw_expect(&r[i], "SIP/2.0 200");

			assert_true(sip_has_line(answer, line));
		}
		raw_close(&r[i]);
	}
	agent_free(a);
}

#define TEST(fn) cmocka_unit_test_setup_teardown(fn, agent_fixture_setup, agent_fixture_teardown)

int main(void)
{
	const struct CMUnitTest tests[] = {
		TEST(test_no_datagram_is_lost),
		TEST(test_a_round_is_bounded),
		TEST(test_several_senders),
	};

	return cmocka_run_group_tests_name("agent_burst", tests, NULL, NULL);
}
