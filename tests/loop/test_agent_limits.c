/*
 * Agent: limits and the watchdog
 */
#include "agent_fixture.h"
#include "mcxd/base/journal.h"
#include "mcxd/base/loop.h"
#include "mcxd/sip/agent.h"
#include "proto/record.h"
#include "proto/text/mem.h"
#include "proto/text/text.h"
#include "tests/loop/raw.h"

#include <sys/socket.h>

static const struct record *last_record(const struct agent_fixture *f, const char *kind)
{
	for (uint64_t i = journal_last(f->journal); i > 0; i--) {
		const struct record *r = journal_get(f->journal, i);

		if (r && !strcmp(r->kind, kind))
			return r;
	}
	return NULL;
}

static void test_transactions_are_limited(void **state)
{
	struct agent_fixture *f = *state;
	nta_incoming_t *held[4];
	struct raw r;

	raw_tcp(&r, f->loop, agent_tcp(f->agent));
	f->hold = true;
	for (size_t i = 0; i < ARRAY_SIZE(held); i++) {
		char call_id[8];

		snprintf(call_id, sizeof(call_id), "h%zu", i);
		agent_fixture_send(&r, "OPTIONS", call_id, "");
		f->held = NULL;
		while (!f->held)
			loop_step(f->loop, 1);
		held[i] = f->held;
	}
	agent_fixture_send(&r, "OPTIONS", "over", "");
	CLEANUP(mem_free_string) char *answer = raw_expect(&r, "SIP/2.0 503 ");
	assert_string_equal(sip_header(answer, "Retry-After", 0), "5");
	assert_int_equal(f->n_requests, 4);
	assert_int_equal(agent_fixture_metric(f, "sip_edge_requests_overloaded_total"), 1);
	for (size_t i = 0; i < ARRAY_SIZE(held); i++) {
		agent_reply(f->agent, held[i], 200, NULL, NULL);
		free(raw_expect(&r, "SIP/2.0 200"));
	}
	f->hold = false;
	agent_fixture_send(&r, "OPTIONS", "after", "");
	free(raw_expect(&r, "SIP/2.0 200"));
	raw_close(&r);
}

static void test_cancel_and_ack_without_transaction(void **state)
{
	struct agent_fixture *f = *state;
	struct raw r;

	raw_tcp(&r, f->loop, agent_tcp(f->agent));
	agent_fixture_send(&r, "ACK", "stray", "");
	agent_fixture_send(&r, "CANCEL", "stray2", "");
	free(raw_expect(&r, "SIP/2.0 481 "));
	assert_int_equal(f->n_requests, 0);
	raw_close(&r);
}

static void test_silent_connection_is_closed(void **state)
{
	struct agent_fixture *f = *state;
	struct raw r;

	raw_tcp(&r, f->loop, agent_tcp(f->agent));
	assert_true(raw_wait_closed(&r));
	assert_int_equal(agent_fixture_metric(f, "sip_edge_connections_faulty_total"), 1);
	assert_string_equal(record_value(last_record(f, "fault"), "peer"), r.local);
	run_rounds(f->loop, 5);
	assert_int_equal(agent_fixture_metric(f, "sip_edge_connections"), 0);
	raw_close(&r);
}

static void check_junk(struct agent_fixture *f, const char *before, const char *junk)
{
	struct raw r;

	raw_tcp(&r, f->loop, agent_tcp(f->agent));
	if (before) {
		agent_fixture_send(&r, "OPTIONS", before, "");
		free(raw_expect(&r, "SIP/2.0 200"));
		run_rounds(f->loop, 2 * AGENT_TIMEOUT_MS);
		assert_false(r.closed);
	}
	raw_send(&r, junk, strlen(junk));
	assert_true(raw_wait_closed(&r));
	run_rounds(f->loop, 5);
	assert_int_equal(agent_fixture_metric(f, "sip_edge_connections"), 0);
	raw_close(&r);
}

static void test_junk_is_closed(void **state)
{
	static const char junk[] = "GET / HTTP/1.1\r\nHost: lab\r\n\r\n";
	static const char half[] = "INVITE sip:bob@lab.test SIP/2.0\r\nVia: SIP/2.0/TCP "
				   "127.0.0.1:1;branch=z9hG4bK1\r\n"
				   "Max-Forwards: 70\r\n";
	struct agent_fixture *f = *state;

	check_junk(f, NULL, junk);
	check_junk(f, NULL, half);
	check_junk(f, "before-1",
		   "this is not the protocol that one speaks at this port, is it?\r\n\r\n\r\n");
	check_junk(f, "before-2", half);
	assert_int_equal(agent_fixture_metric(f, "sip_edge_connections_faulty_total"), 4);
	assert_non_null(last_record(f, "fault"));
	/* and the next connection works */
	struct raw r;
	raw_tcp(&r, f->loop, agent_tcp(f->agent));
	agent_fixture_send(&r, "OPTIONS", "good", "");
	free(raw_expect(&r, "SIP/2.0 200"));
	raw_close(&r);
}

static void test_keep_alives_are_not_junk(void **state)
{
	struct agent_fixture *f = *state;
	struct raw r;

	raw_tcp(&r, f->loop, agent_tcp(f->agent));
	agent_fixture_send(&r, "OPTIONS", "k1", "");
	free(raw_expect(&r, "SIP/2.0 200"));
	for (int i = 0; i < 10; i++) {
		raw_send(&r, "\r\n\r\n", 4);
		run_rounds(f->loop, AGENT_TIMEOUT_MS / 4);
	}
	agent_fixture_send(&r, "OPTIONS", "k2", "");
	free(raw_expect(&r, "SIP/2.0 200"));
	assert_int_equal(agent_fixture_metric(f, "sip_edge_connections_faulty_total"), 0);
	raw_close(&r);
}

static void test_connections_are_limited(void **state)
{
	struct agent_fixture *f = *state;
	struct raw r[4];

	for (size_t i = 0; i < ARRAY_SIZE(r); i++) {
		raw_tcp(&r[i], f->loop, agent_tcp(f->agent));
		run_rounds(f->loop, 3);
	}
	assert_int_equal(agent_fixture_metric(f, "sip_edge_connections"), 3);
	assert_true(raw_wait_closed(&r[3]));
	assert_int_equal(agent_fixture_metric(f, "sip_edge_connections_refused_total"), 1);
	raw_close(&r[0]);
	run_rounds(f->loop, 10);
	raw_close(&r[3]);
	raw_tcp(&r[3], f->loop, agent_tcp(f->agent));
	agent_fixture_send(&r[3], "OPTIONS", "again", "");
	free(raw_expect(&r[3], "SIP/2.0 200"));
	for (size_t i = 1; i < ARRAY_SIZE(r); i++)
		raw_close(&r[i]);
}

static void expect_served(struct agent_fixture *f, struct raw *r, const char *from, const char *to)
{
	raw_tcp_from(r, f->loop, from, to);
	run_rounds(f->loop, 3);
	assert_false(r->closed);
	assert_int_equal(recv(r->fd, &(char){ 0 }, 1, MSG_PEEK | MSG_DONTWAIT), -1);
}

/* One address at its limit; another still gets in, and a place comes back when a connection ends. */
static void test_connections_of_a_peer_are_limited(void **state)
{
	struct agent_fixture *f = *state;
	struct agent_config config = agent_fixture_config;
	struct raw two[2], third, other, again;
	struct agent *a;

	config.max_connections = 10;
	config.max_connections_per_peer = 2;
	config.message_timeout_ms = 30000;
	a = agent_fixture_another(f, &config);
	expect_served(f, &two[0], "127.0.0.1:0", agent_tcp(a));
	expect_served(f, &two[1], "127.0.0.1:0", agent_tcp(a));
	raw_tcp_from(&third, f->loop, "127.0.0.1:0", agent_tcp(a));
	assert_true(raw_wait_closed(&third));
	assert_int_equal(agent_fixture_metric(f, "sip_other_connections_crowded_total"), 1);
	assert_int_equal(agent_fixture_metric(f, "sip_other_connections_refused_total"), 0);
	assert_string_equal(record_value(last_record(f, "fault"), "peer"), third.local);
	assert_non_null(strstr(last_record(f, "fault")->summary, "max_connections_per_peer"));

	expect_served(f, &other, "127.0.0.2:0", agent_tcp(a));
	raw_close(&two[0]);
	run_rounds(f->loop, 5);
	expect_served(f, &again, "127.0.0.1:0", agent_tcp(a));
	assert_int_equal(agent_fixture_metric(f, "sip_other_connections"), 3);
	assert_int_equal(agent_fixture_metric(f, "sip_other_connections_crowded_total"), 1);
	raw_close(&two[1]);
	raw_close(&third);
	raw_close(&other);
	raw_close(&again);
	agent_free(a);
}

/* The lab's clock does not move connections. */
static void test_watchdog_is_not_advanced(void **state)
{
	struct agent_fixture *f = *state;
	struct raw r;

	raw_tcp(&r, f->loop, agent_tcp(f->agent));
	run_rounds(f->loop, 3);
	loop_jump(f->loop, INT64_C(3600000));
	run_rounds(f->loop, 3);
	agent_fixture_send(&r, "OPTIONS", "moved", "");
	free(raw_expect(&r, "SIP/2.0 200"));
	/* and sofia does not close a connection that was idle for an hour of lab time */
	loop_jump(f->loop, INT64_C(3600000));
	run_rounds(f->loop, 3);
	agent_fixture_send(&r, "OPTIONS", "moved-2", "");
	free(raw_expect(&r, "SIP/2.0 200"));
	raw_close(&r);
}

/* A refusal by sofia itself has diagnostics, too. */
static void test_refusals_have_diagnostics(void **state)
{
	static const struct {
		const char *method, *version, *branch, *call_id, *cseq, *answer, *diagnostics;
	} rows[] = {
		{ "OPTIONS", "2.0", "z9hG4bKa", "a", "one OPTIONS", "SIP/2.0 400 ",
		  "31001;reason=\"The request is malformed\";"
		  "info=\"The CSeq header is malformed, or is there twice\"" },
		{ "OPTIONS", "7.0", "z9hG4bKb", "b", "1 OPTIONS", "SIP/2.0 505 ", "31030;" },
		{ "CANCEL", "2.0", "z9hG4bKc", "c", "1 CANCEL", "SIP/2.0 481 ", "31013;" },
	};
	struct agent_fixture *f = *state;
	struct raw r;

	raw_udp(&r, f->loop, agent_udp(f->agent));
	for (size_t i = 0; i < ARRAY_SIZE(rows); i++) {
		const char *value;

		raw_sendf(&r,
			  "%s sip:bob@lab.test SIP/%s\nVia: SIP/2.0/UDP %s;branch=%s\n"
			  "From: <sip:a@b>;tag=1\nTo: <sip:b@b>\nCSeq: %s\nCall-ID: %s\n"
			  "Content-Length: 0\n\n",
			  rows[i].method, rows[i].version, r.local, rows[i].branch, rows[i].cseq,
			  rows[i].call_id);
		CLEANUP(mem_free_string) char *answer = raw_expect(&r, rows[i].answer);
		value = sip_header(answer, "ms-diagnostics", 0);
		assert_non_null(value && strstr(value, rows[i].diagnostics) ? value : NULL);
	}
	raw_close(&r);
}

static void test_missing_headers_are_named(void **state)
{
	static const char *const names[] = { "From", "To", "Call-ID", "CSeq" };
	static const char *const lines[] = { "From: <sip:a@b>;tag=1\n", "To: <sip:b@b>\n",
					     "Call-ID: missing\n", "CSeq: 1 OPTIONS\n" };
	struct agent_fixture *f = *state;
	struct raw r;

	raw_udp(&r, f->loop, agent_udp(f->agent));
	for (size_t i = 0; i < ARRAY_SIZE(names); i++) {
		raw_sendf(
			&r,
			"OPTIONS sip:bob@lab.test SIP/2.0\nVia: SIP/2.0/UDP %s;branch=z9hG4bKm%zu\n"
			"%s%s%s%sContent-Length: 0\n\n",
			r.local, i, i == 0 ? "" : lines[0], i == 1 ? "" : lines[1],
			i == 2 ? "" : lines[2], i == 3 ? "" : lines[3]);
		CLEANUP(mem_free_string) char *answer = raw_expect(&r, "SIP/2.0 400 ");
		CLEANUP(mem_free_string)
		char *expected = text_format("31001;reason=\"The request is malformed\";"
					     "info=\"The request has no %s\"",
					     names[i]);

		assert_string_equal(sip_header(answer, "ms-diagnostics", 0), expected);
	}
	raw_close(&r);
}

static void test_malformed_is_counted_and_answered(void **state)
{
	struct agent_fixture *f = *state;
	struct raw r;

	raw_udp(&r, f->loop, agent_udp(f->agent));
	raw_sendf(&r,
		  "OPTIONS sip:bob@lab.test SIP/2.0\nVia: SIP/2.0/UDP %s;branch=z9hG4bKm\n"
		  "From: <sip:a@b>;tag=1\nTo: <sip:b@b>\nCSeq: one OPTIONS\nCall-ID: m\n\n",
		  r.local);
	free(raw_expect(&r, "SIP/2.0 400 "));
	raw_send(&r, "\0\1\2 junk", 8);
	run_rounds(f->loop, AGENT_TIMEOUT_MS);
	assert_int_equal(agent_fixture_metric(f, "sip_edge_messages_malformed_total"), 2);
	agent_fixture_send(&r, "OPTIONS", "after", "");
	free(raw_expect(&r, "SIP/2.0 200"));
	raw_close(&r);
}

static void test_too_large(void **state)
{
	struct agent_fixture *f = *state;
	char body[20000];
	struct raw r;

	memset(body, 'x', sizeof(body));
	body[sizeof(body) - 1] = '\0';
	raw_tcp(&r, f->loop, agent_tcp(f->agent));
	agent_fixture_send(&r, "MESSAGE", "large", body);
	free(raw_expect(&r, "SIP/2.0 413 "));
	assert_int_equal(f->n_requests, 0);
	raw_close(&r);
}

/* More messages at once than sofia's limit: all are answered. */
static void test_many_in_one_stream(void **state)
{
	struct agent_fixture *f = *state;
	enum { N = 300 };
	struct raw r;

	raw_tcp(&r, f->loop, agent_tcp(f->agent));
	for (int i = 0; i < N; i++) {
		char call_id[16];

		snprintf(call_id, sizeof(call_id), "many-%d", i);
		agent_fixture_send(&r, "OPTIONS", call_id, "0123456789");
	}
	for (int i = 0; i < N; i++)
		free(raw_expect(&r, "SIP/2.0 200"));
	assert_int_equal(f->n_requests, N);
	raw_close(&r);
}

#define TEST(fn) cmocka_unit_test_setup_teardown(fn, agent_fixture_setup, agent_fixture_teardown)

int main(void)
{
	const struct CMUnitTest tests[] = {
		TEST(test_transactions_are_limited),
		TEST(test_cancel_and_ack_without_transaction),
		TEST(test_silent_connection_is_closed),
		TEST(test_junk_is_closed),
		TEST(test_keep_alives_are_not_junk),
		TEST(test_connections_are_limited),
		TEST(test_connections_of_a_peer_are_limited),
		TEST(test_watchdog_is_not_advanced),
		TEST(test_refusals_have_diagnostics),
		TEST(test_missing_headers_are_named),
		TEST(test_malformed_is_counted_and_answered),
		TEST(test_too_large),
		TEST(test_many_in_one_stream),
	};

	return cmocka_run_group_tests_name("agent_limits", tests, NULL, NULL);
}
