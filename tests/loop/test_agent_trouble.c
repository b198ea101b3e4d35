/*
 * Agent: connections in trouble
 */
#include "agent_fixture.h"
#include "mcxd/base/loop.h"
#include "mcxd/sip/agent.h"
#include "proto/text/mem.h"
#include "proto/text/text.h"
#include "tests/loop/raw.h"

#include <sys/socket.h>

enum {
	UNREAD_TIMEOUT_MS = 300,
	PATIENT_MS = 30000,
	MAX_UNSENT = 2 * 1024 * 1024,
	N_REQUESTS = 1600, /* their answers are more than the kernel keeps for both ends */
	N_VALUE = 8000,
	SMALL_BUFFER = 64 * 1024,
};

/* Requests that were not answered yet. */
struct hoard {
	nta_incoming_t *irqs[N_REQUESTS];
	int n;
};

static void on_hoarded(void *magic, nta_incoming_t *irq, const sip_t *sip)
{
	struct hoard *h = magic;

	(void)sip;
	assert_in_range(h->n, 0, N_REQUESTS - 1);
	h->irqs[h->n++] = irq;
}

static struct agent *make_agent(struct agent_fixture *f, int64_t unread_timeout_ms, struct hoard *h)
{
	struct agent_config config = agent_fixture_config;
	struct agent_args args = { .stack = f->stack,
				   .journal = f->journal,
				   .metrics = f->metrics,
				   .hop = "front",
				   .server = "Lab/1.0",
				   .config = &config,
				   .on_request = h ? on_hoarded : agent_fixture_on_request,
				   .magic = h ? (void *)h : f };
	struct agent *a;

	config.max_unsent_bytes = MAX_UNSENT;
	config.unread_timeout_ms = unread_timeout_ms;
	config.message_timeout_ms =
		PATIENT_MS; /* of real time, in which the tests do not always step */
	config.max_transactions = N_REQUESTS;
	assert_int_equal(agent_new(&args, &a), 0);
	return a;
}

/* A peer with small buffers in the kernel. */
static void connect_narrow(struct raw *r, struct agent_fixture *f, struct agent *a)
{
	int size = SMALL_BUFFER;

	raw_tcp(r, f->loop, agent_tcp(a));
	assert_int_equal(setsockopt(r->fd, SOL_SOCKET, SO_RCVBUF, &size, sizeof(size)), 0);
	assert_int_equal(setsockopt(r->fd, SOL_SOCKET, SO_SNDBUF, &size, sizeof(size)), 0);
}

/* Requests whose answers are as long as they are, because the Via is repeated. */
static void add_long_requests(struct text *to, const struct raw *r)
{
	for (int i = 0; i < N_REQUESTS; i++)
		text_addf(to,
			  "OPTIONS sip:bob@lab.test SIP/2.0\r\n"
			  "Via: SIP/2.0/TCP %s;branch=z9hG4bKlong%d;x=%0*d\r\n"
			  "From: <sip:alice@lab.test>;tag=1\r\nTo: <sip:bob@lab.test>\r\n"
			  "Call-ID: long-%d\r\nCSeq: 7 OPTIONS\r\nContent-Length: 0\r\n\r\n",
			  r->local, i, N_VALUE, i, i);
}

/* Send as much as the peer accepts, until it accepts nothing for this many rounds. */
static size_t send_until_stuck(struct raw *r, const char *bytes, size_t n, int rounds)
{
	size_t sent = 0;

	for (int idle = 0; sent < n && idle < rounds; idle++) {
		ssize_t some = send(r->fd, bytes + sent, n - sent, MSG_NOSIGNAL);

		if (some > 0) {
			sent += (size_t)some;
			idle = 0;
		}
		loop_step(r->loop, 1);
	}
	return sent;
}

/* Send on until at least this much has been sent, which the peer accepts sooner or later. */
static size_t send_up_to(struct raw *r, const struct text *bytes, size_t sent, size_t least)
{
	do
		sent += send_until_stuck(r, bytes->data + sent, bytes->n - sent, 1);
	while (sent < least);
	return sent;
}

static bool wait_for_metric(struct agent_fixture *f, const char *name, int64_t value)
{
	int64_t until_ms = loop_real_ms(f->loop) + 5000;

	while (agent_fixture_metric(f, name) != value && loop_real_ms(f->loop) < until_ms)
		loop_step(f->loop, 1);
	return agent_fixture_metric(f, name) == value;
}

static void test_peer_that_never_reads_is_closed(void **state)
{
	struct agent_fixture *f = *state;
	CLEANUP(text_deinit) struct text sent = TEXT_INIT;
	struct agent *a = make_agent(f, UNREAD_TIMEOUT_MS, NULL);
	struct raw r;

	connect_narrow(&r, f, a);
	add_long_requests(&sent, &r);
	assert_in_range(send_until_stuck(&r, sent.data, sent.n, 50), 1, sent.n - 1);
	assert_true(wait_for_metric(f, "sip_front_connections_unread_total", 1));
	/* what it sent after that was not even read */
	assert_true(f->n_requests < N_REQUESTS);
	assert_true(wait_for_metric(f, "sip_front_connections", 0));
	assert_int_equal(agent_fixture_metric(f, "sip_front_connections_faulty_total"), 0);
	raw_close(&r);
	agent_free(a);
}

static void test_peer_that_reads_late_gets_everything(void **state)
{
	struct agent_fixture *f = *state;
	CLEANUP(text_deinit) struct text requests = TEXT_INIT;
	struct agent *a = make_agent(f, PATIENT_MS, NULL);
	const char *end;
	size_t sent;
	struct raw r;

	connect_narrow(&r, f, a);
	add_long_requests(&requests, &r);
	sent = send_until_stuck(&r, requests.data, requests.n, 50);
	assert_true(sent < requests.n);
	end = requests.data;
	for (int i = 0; i < N_REQUESTS; i++) {
		char call_id[16];

		end = strstr(end, "\r\n\r\n") + 4;
		sent = send_up_to(&r, &requests, sent, (size_t)(end - requests.data));
		snprintf(call_id, sizeof(call_id), "long-%d", i);
		CLEANUP(mem_free_string) char *answer = raw_expect(&r, "SIP/2.0 200");
		assert_string_equal(sip_header(answer, "Call-ID", 0), call_id);
	}
	assert_int_equal(f->n_requests, N_REQUESTS);
	assert_int_equal(agent_fixture_metric(f, "sip_front_connections_unread_total"), 0);
	raw_close(&r);
	agent_free(a);
}

/* They were all read before the first was answered. */
static void test_no_more_than_so_many_wait(void **state)
{
	struct agent_fixture *f = *state;
	CLEANUP(text_deinit) struct text sent = TEXT_INIT;
	struct hoard h = { .n = 0 };
	struct agent *a = make_agent(f, PATIENT_MS, &h);
	struct raw r;

	connect_narrow(&r, f, a);
	add_long_requests(&sent, &r);
	raw_send(&r, sent.data, sent.n);
	while (h.n < N_REQUESTS)
		loop_step(f->loop, 1);
	for (int i = 0; i < N_REQUESTS; i++)
		agent_reply(a, h.irqs[i], 200, NULL, NULL);
	assert_true(wait_for_metric(f, "sip_front_connections_unread_total", 1));
	assert_true(wait_for_metric(f, "sip_front_connections", 0));
	raw_close(&r);
	agent_free(a);
}

static void test_junk_and_then_the_end(void **state)
{
	struct agent_fixture *f = *state;
	static const char *const junk[] = {
		"AAAAAAAAAAAAAAAAAAAAAAAAAAAAAAAAAAAAAAAAAAAAAAAAAAAAAAAAAAAAAAAAAAAAAAAAAAAAAAAA",
		"INVITE sip:bob@lab.test SIP/2.0\r\nMax-Forwards: 70\r\n",
		"\r\n\r\n\r\n",
	};

	for (size_t i = 0; i < ARRAY_SIZE(junk); i++) {
		char call_id[16];
		struct raw r;

		snprintf(call_id, sizeof(call_id), "before-%zu", i);
		raw_tcp(&r, f->loop, agent_tcp(f->agent));
		agent_fixture_send(&r, "OPTIONS", call_id, "");
		raw_send(&r, junk[i], strlen(junk[i]));
		free(raw_expect(&r, "SIP/2.0 200"));
		raw_close(&r);
		assert_true(wait_for_metric(f, "sip_edge_connections", 0));
	}
}

/* Others who share the connection, such as users behind a proxy, do not lose it. */
static void test_malformed_request_does_not_cost_the_connection(void **state)
{
	struct agent_fixture *f = *state;
	static const char *const lines[] = {
		"From: <sip:a@b>;tag=1\nTo: <sip:b@b>\nCall-ID: m0\n",   /* no CSeq */
		"From: <sip:a@b>;tag=1\nCSeq: 1 OPTIONS\nCall-ID: m1\n", /* no To */
		"From: <sip:a@b>;tag=1\nTo: <sip:b@b>\nCSeq: one OPTIONS\nCall-ID: m2\n",
	};
	struct raw r;

	raw_tcp(&r, f->loop, agent_tcp(f->agent));
	for (size_t i = 0; i < ARRAY_SIZE(lines); i++) {
		char call_id[16];

		raw_sendf(&r,
			  "OPTIONS sip:bob@lab.test SIP/2.0\n"
			  "Via: SIP/2.0/TCP %s;branch=z9hG4bKm%zu\n%sContent-Length: 0\n\n",
			  r.local, i, lines[i]);
		free(raw_expect(&r, "SIP/2.0 400 "));
		snprintf(call_id, sizeof(call_id), "after-%zu", i);
		agent_fixture_send(&r, "OPTIONS", call_id, "");
		free(raw_expect(&r, "SIP/2.0 200"));
	}
	assert_int_equal(f->n_requests, ARRAY_SIZE(lines));
	assert_int_equal(agent_fixture_metric(f, "sip_edge_connections_faulty_total"), 0);
	raw_close(&r);
}

/* No time limit: this data can never become SIP. */
static void test_other_protocols_are_closed_at_once(void **state)
{
	struct agent_fixture *f = *state;
	static const char *const first[] = {
		"GET / HTTP/1.1\r\n",
		"\x16\x03\x01\x02",
		"SSH-2.0-OpenSSH_9.2\r\n",
	};

	for (size_t i = 0; i < ARRAY_SIZE(first); i++) {
		struct raw r;

		raw_tcp(&r, f->loop, agent_tcp(f->agent));
		raw_send(&r, first[i], strlen(first[i]));
		run_rounds(f->loop, AGENT_TIMEOUT_MS / 2);
		assert_true(wait_for_metric(f, "sip_edge_connections", 0));
		assert_true(raw_wait_closed(&r));
		raw_close(&r);
	}
	assert_int_equal(agent_fixture_metric(f, "sip_edge_connections_faulty_total"), 3);
}

#define TEST(fn) cmocka_unit_test_setup_teardown(fn, agent_fixture_setup, agent_fixture_teardown)

int main(void)
{
	const struct CMUnitTest tests[] = {
		TEST(test_peer_that_never_reads_is_closed),
		TEST(test_peer_that_reads_late_gets_everything),
		TEST(test_no_more_than_so_many_wait),
		TEST(test_junk_and_then_the_end),
		TEST(test_malformed_request_does_not_cost_the_connection),
		TEST(test_other_protocols_are_closed_at_once),
	};

	return cmocka_run_group_tests_name("agent_trouble", tests, NULL, NULL);
}
