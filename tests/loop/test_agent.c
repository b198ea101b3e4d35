/*
 * Agent: real sockets, peers that we did not write
 */
#include "agent_fixture.h"
#include "mcxd/base/journal.h"
#include "mcxd/base/log.h"
#include "mcxd/base/loop.h"
#include "mcxd/base/metric.h"
#include "mcxd/sip/agent.h"
#include "proto/record.h"
#include "proto/text/mem.h"
#include "proto/text/text.h"
#include "tests/loop/raw.h"

#include <errno.h>
#include <unistd.h>

/* ---- listeners ---- */

static void test_ports_are_reported(void **state)
{
	const struct agent_fixture *f = *state;

	assert_memory_equal(agent_udp(f->agent), "127.0.0.1:", 10);
	assert_memory_equal(agent_tcp(f->agent), "127.0.0.1:", 10);
	assert_string_not_equal(agent_tcp(f->agent), "127.0.0.1:0");
}

static void test_taken_port_is_an_error(void **state)
{
	struct agent_fixture *f = *state;
	struct agent_config taken = agent_fixture_config;
	struct agent *second = NULL;
	struct agent_args args = { .stack = f->stack,
				   .hop = "edge",
				   .config = &taken,
				   .on_request = agent_fixture_on_request,
				   .magic = f };

	taken.udp = NULL;
	taken.tcp = agent_tcp(f->agent);
	log_set_fd(-1);
	assert_int_equal(agent_new(&args, &second), -EADDRINUSE);
	log_set_fd(2);
	assert_null(second);
}

/* ---- answers ---- */

static void test_reply(void **state)
{
	struct agent_fixture *f = *state;
	struct raw r;

	raw_udp(&r, f->loop, agent_udp(f->agent));
	agent_fixture_send(&r, "OPTIONS", "reply", "");
	CLEANUP(mem_free_string) char *answer = raw_expect(&r, "SIP/2.0 200 OK\r\n");
	assert_true(sip_has_line(answer, "Server: Lab/1.0"));
	assert_true(sip_has_line(answer, "X-Test: yes"));
	assert_non_null(sip_tag(answer, "To"));
	raw_close(&r);
}

static void test_reply_drops_injected_headers(void **state)
{
	static const char *const evil[] = {
		"X: a\r\n\r\nINVITE", "X: a\nY: b\r\n", "X a\r\n", ": a\r\n", "X: a", "X: a\r",
	};
	struct agent_fixture *f = *state;
	struct raw r;

	log_set_fd(-1);
	raw_tcp(&r, f->loop, agent_tcp(f->agent));
	f->hold = true;
	for (size_t i = 0; i < ARRAY_SIZE(evil); i++) {
		char call_id[8];

		snprintf(call_id, sizeof(call_id), "e%zu", i);
		agent_fixture_send(&r, "OPTIONS", call_id, "");
		while (!f->held)
			loop_step(f->loop, 1);
		agent_reply(f->agent, f->held, 403, "No\r\nX: b", evil[i]);
		f->held = NULL;
		CLEANUP(mem_free_string) char *answer = raw_expect(&r, "SIP/2.0 403 Forbidden\r\n");
		assert_null(sip_header(answer, "X", 0));
	}
	log_set_fd(2);
	raw_close(&r);
}

static void answer_text(struct agent_fixture *f, const char *text, int expected)
{
	struct text message = TEXT_INIT;

	text_add(&message, text);
	assert_int_equal(agent_reply_text(f->agent, f->held, &message), expected);
	text_deinit(&message);
}

#define WITHOUT_CSEQ                                                                               \
	"SIP/2.0 200 OK\r\nFrom: <sip:a@b>;tag=1\r\nTo: <sip:a@b>;tag=mine\r\nCall-ID: text\r\n"

static void test_reply_text_keeps_order_and_spelling(void **state)
{
	static const char mine[] = "SERVER: RTCC/4.0.0.0 x\r\n"
				   "FROM: \"Alice\"<sip:Alice@lab.test>;tag=1\r\n"
				   "To:   <sip:bob@lab.test>;epid=aa;tag=mine\r\n"
				   "CSEQ: 7 INVITE\r\n"
				   "ms-thing: 1; charset=\"Unicode (UTF-8)\"\r\n"
				   "CALL-ID: text\r\n"
				   "CONTENT-LENGTH:  0\r\n\r\n";
	struct agent_fixture *f = *state;
	struct raw r;

	raw_udp(&r, f->loop, agent_udp(f->agent));
	f->hold = true;
	agent_fixture_send(&r, "INVITE", "text", "");
	while (!f->held)
		loop_step(f->loop, 1);
	CLEANUP(mem_free_string) char *ringing = text_format("SIP/2.0 180 Ringing\r\n%s", mine);
	answer_text(f, ringing, 0);
	CLEANUP(mem_free_string) char *answer = raw_skip_to(&r, "SIP/2.0 180 Ringing\r\n");
	assert_non_null(sip_header(answer, "Via", 0));
	assert_non_null(strstr(answer, mine));

	/* A text that is not an answer to this request is not sent: sofia would abort. */
	log_set_fd(-1);
	answer_text(f, WITHOUT_CSEQ "CSeq: 7 BYE\r\n\r\n", -EINVAL);
	answer_text(f, WITHOUT_CSEQ "CSeq: 8 INVITE\r\n\r\n", -EINVAL);
	answer_text(f, WITHOUT_CSEQ "\r\nCSeq: 7 INVITE\r\n\r\n", -EINVAL);
	answer_text(f, "SIP/2.0 200 OK\r\nTo: <sip:a@b>\r\nCSeq: 7 INVITE\r\n\r\n", -EINVAL);
	answer_text(f, "nonsense", -EINVAL);
	answer_text(f, "", -EINVAL);
	log_set_fd(2);
	agent_reply(f->agent, f->held, 480, NULL, NULL);
	CLEANUP(mem_free_string) char *final = raw_skip_to(&r, "SIP/2.0 480");
	assert_string_equal(sip_tag(final, "To"), "mine");
	raw_close(&r);
}

static int on_response(nta_outgoing_magic_t *magic, nta_outgoing_t *orq, const sip_t *sip)
{
	struct agent_fixture *f = (struct agent_fixture *)magic;

	f->status = sip->sip_status->st_status;
	f->answered = true;
	if (f->status >= 200)
		nta_outgoing_destroy(orq);
	return 0;
}

#define MESSAGE_REST                                                                               \
	"FROM: <sip:a@lab.test>;epid=01;tag=t\r\nTO: <sip:b@lab.test>\r\nCALL-ID: out-1\r\n"       \
	"CSEQ: 9 MESSAGE\r\nMax-Forwards: 69\r\nCONTENT-TYPE: text/plain; charset=\"Unicode "      \
	"(UTF-8)\""                                                                                \
	"\r\nms-x: y\r\nCONTENT-LENGTH: 2\r\n\r\nhi"

static void test_send_text(void **state)
{
	struct agent_fixture *f = *state;
	struct text message = TEXT_INIT;
	char hop[32], *route;
	int listener = raw_listen(hop);
	struct raw r;

	text_add(&message, "MESSAGE sip:b@lab.test SIP/2.0\r\n" MESSAGE_REST);
	route = text_format("sip:%s;transport=tcp", hop);
	assert_non_null(agent_send_text(f->agent, route, &message, on_response, f));
	raw_accept(&r, f->loop, listener);
	CLEANUP(mem_free_string)
	char *got = raw_expect(&r, "MESSAGE sip:b@lab.test SIP/2.0\r\nVia: ");
	assert_non_null(strstr(got, MESSAGE_REST));
	raw_sendf(&r,
		  "SIP/2.0 202 Accepted\nVia: %s\nFrom: <sip:a@lab.test>;epid=01;tag=t\n"
		  "To: <sip:b@lab.test>;tag=x\nCall-ID: out-1\nCSeq: 9 MESSAGE\n"
		  "Content-Length: 0\n\n",
		  sip_header(got, "Via", 0));
	assert_true(run_until(f->loop, &f->answered));
	assert_int_equal(f->status, 202);

	/* our own Via, unchanged */
	text_reset(&message);
	text_add(&message, "MESSAGE sip:b@lab.test SIP/2.0\r\nVIA: ");
	agent_add_via(f->agent, route, &message);
	text_add(&message, ";branched=FALSE;ms-internal-info=\"abc\"\r\n" MESSAGE_REST);
	assert_non_null(agent_send_own(f->agent, route, &message, on_response, f));
	CLEANUP(mem_free_string) char *second = raw_expect(&r, "MESSAGE ");
	assert_string_equal(second, text_str(&message));

	/* a text that is not a request is not sent */
	log_set_fd(-1);
	text_reset(&message);
	text_add(&message, "MESSAGE sip:b@lab.test SIP/2.0\r\nFrom: <sip:a@b>\r\n\r\n");
	assert_null(agent_send_text(f->agent, route, &message, on_response, f));
	text_reset(&message);
	assert_null(agent_send_text(f->agent, route, &message, on_response, f));
	log_set_fd(2);

	text_deinit(&message);
	free(route);
	raw_close(&r);
	close(listener);
}

/* Peers write compact forms, folded lines, or no length, which a stream needs. Nothing may go out between two of them. */
static void test_forward_text_of_others(void **state)
{
	static const char *const heads[] = {
		"From: <sip:a@lab.test>;tag=t\r\nTo: <sip:b@lab.test>\r\nCall-ID: o-1\r\n"
		"CSeq: 9 MESSAGE\r\nContent-Length: 2\r\n\r\nhi",
		"f: <sip:a@lab.test>;tag=t\r\nt: <sip:b@lab.test>\r\ni: o-2\r\nCSeq: 9 MESSAGE\r\n"
		"l: 0\r\n\r\n",
		"From: <sip:a@lab.test>\r\n ;tag=t\r\nTo: <sip:b@lab.test>\r\nCall-ID: o-3\r\n"
		"CSeq: 9 MESSAGE\r\nContent-Length: 0\r\n\r\n",
		"From: <sip:a@lab.test>;tag=t\r\nTo: <sip:b@lab.test>\r\nCall-ID: o-4\r\n"
		"CSeq: 9 MESSAGE\r\n\r\n",
	};
	struct agent_fixture *f = *state;
	struct text message = TEXT_INIT;
	char hop[32], *route;
	int listener = raw_listen(hop);
	struct raw r;

	route = text_format("sip:%s;transport=tcp", hop);
	for (size_t i = 0; i < ARRAY_SIZE(heads); i++) {
		text_reset(&message);
		text_add(&message, "MESSAGE sip:b@lab.test SIP/2.0\r\nVia: ");
		agent_add_via(f->agent, route, &message);
		text_add_all(&message, "\r\n", heads[i]);
		assert_non_null(agent_send_own(f->agent, route, &message, on_response, f));
		if (i == 0)
			raw_accept(&r, f->loop, listener);
		CLEANUP(mem_free_string) char *got = raw_expect(&r, "MESSAGE ");
		assert_memory_equal(got, message.data, message.n - strlen("\r\n"));
		assert_true(strcasestr(got, i ? "\r\nContent-Length: 0\r\n"
					      : "\r\nContent-Length: 2\r\n") ||
			    strstr(got, "\r\nl: 0\r\n"));
		f->answered = false;
		raw_sendf(&r,
			  "SIP/2.0 200 OK\nVia: %s\nFrom: <sip:a@lab.test>;tag=t\n"
			  "To: <sip:b@lab.test>;tag=x\nCall-ID: o-%zu\nCSeq: 9 MESSAGE\n"
			  "Content-Length: 0\n\n",
			  sip_header(got, "Via", 0), i + 1);
		assert_true(run_until(f->loop, &f->answered));
		assert_int_equal(f->status, 200);
	}
	text_deinit(&message);
	free(route);
	raw_close(&r);
	close(listener);
}

static void test_unreachable_hop(void **state)
{
	struct agent_fixture *f = *state;
	struct text message = TEXT_INIT;
	char hop[32], *route;

	close(raw_listen(hop));
	route = text_format("sip:%s;transport=tcp", hop);
	text_add(&message, "MESSAGE sip:b@lab.test SIP/2.0\r\n" MESSAGE_REST);
	assert_non_null(agent_send_text(f->agent, route, &message, on_response, f));
	assert_false(f->answered); /* never from within */
	assert_true(run_until(f->loop, &f->answered));
	assert_int_equal(f->status, 503);
	text_deinit(&message);
	free(route);
}

/* ---- the tap ---- */

static void test_tap_records_both_ways(void **state)
{
	struct agent_fixture *f = *state;
	const struct record *in, *out;
	char body[9000];
	struct raw r;

	/* longer than any line of sofia's own log, and with a NUL in it */
	memset(body, 'x', sizeof(body));
	body[sizeof(body) - 1] = '\0';
	raw_tcp(&r, f->loop, agent_tcp(f->agent));
	agent_fixture_send(&r, "MESSAGE", "tap", body);
	CLEANUP(mem_free_string) char *answer = raw_expect(&r, "SIP/2.0 200");

	assert_int_equal(journal_last(f->journal), 2);
	in = journal_get(f->journal, 1);
	assert_true(in->incoming);
	assert_string_equal(in->from, "alice@lab.test");
	assert_string_equal(in->to, "edge");
	assert_string_equal(in->key, "sip:tap");
	assert_string_equal(in->users[0], "alice@lab.test");
	assert_string_equal(in->users[1], "bob@lab.test");
	assert_string_equal(record_value(in, "method"), "MESSAGE");
	assert_null(record_value(in, "status"));
	assert_string_equal(record_value(in, "start_line"), "MESSAGE sip:bob@lab.test SIP/2.0");
	assert_string_equal(record_value(in, "call_id"), "tap");
	assert_string_equal(record_value(in, "cseq"), "7");
	assert_string_equal(record_value(in, "transport"), "tcp");
	assert_string_equal(record_value(in, "peer"), r.local);
	assert_non_null(memmem(in->raw, in->n_raw, "FROM: \"Alice\" <sip:Alice@lab.test>", 34));
	assert_non_null(memmem(in->raw, in->n_raw, "content-length:   8999\r\n\r\nxxx", 29));
	assert_memory_equal((const char *)in->raw + in->n_raw - 8999, body, 8999);

	out = journal_get(f->journal, 2);
	assert_false(out->incoming);
	assert_string_equal(out->from, "edge");
	assert_string_equal(out->to, "alice@lab.test");
	assert_string_equal(record_value(out, "status"), "200");
	assert_string_equal(record_value(out, "method"), "MESSAGE");
	assert_int_equal(out->n_raw, strlen(answer));
	assert_memory_equal(out->raw, answer, out->n_raw);
	raw_close(&r);
}

/* A peer that does not read: the message is sent in pieces and recorded once. */
static void test_tap_records_partial_sends_once(void **state)
{
	struct agent_fixture *f = *state;
	struct text message = TEXT_INIT, body = TEXT_INIT;
	char hop[32], *route;
	int listener = raw_listen(hop), n_sent = 0;
	enum { N = 60, N_BODY = 60000 };
	struct raw r;

	route = text_format("sip:%s;transport=tcp", hop);
	for (int i = 0; i < N_BODY; i++)
		text_add(&body, "y");
	for (int i = 0; i < N; i++) {
		text_reset(&message);
		text_addf(&message,
			  "MESSAGE sip:b@lab.test SIP/2.0\r\nFrom: <sip:a@lab.test>;tag=t\r\n"
			  "To: <sip:b@lab.test>\r\nCall-ID: big-%d\r\nCSeq: 9 MESSAGE\r\n"
			  "Max-Forwards: 69\r\nContent-Type: text/plain\r\nContent-Length: "
			  "%zu\r\n\r\n%s",
			  i, body.n, text_str(&body));
		assert_non_null(agent_send_text(f->agent, route, &message, on_response, f));
	}
	raw_accept(&r, f->loop, listener);
	run_rounds(f->loop, 20);
	for (int i = 0; i < N; i++) {
		CLEANUP(mem_free_string) char *got = raw_expect(&r, "MESSAGE ");
		char call_id[16];

		snprintf(call_id, sizeof(call_id), "big-%d", i);
		assert_string_equal(sip_header(got, "Call-ID", 0), call_id);
	}
	for (uint64_t i = journal_first(f->journal); i <= journal_last(f->journal); i++) {
		const struct record *record = journal_get(f->journal, i);

		assert_false(record->incoming);
		assert_true(record->n_raw > N_BODY);
		n_sent++;
	}
	assert_int_equal(agent_fixture_metric(f, "sip_edge_messages_sent_total"), N);
	assert_true(n_sent <= N);
	text_deinit(&message);
	text_deinit(&body);
	free(route);
	raw_close(&r);
	close(listener);
}

static void about(void *magic, const sip_t *sip, bool sent, struct agent_about *ret)
{
	(void)magic;
	(void)sip;
	snprintf(ret->peer, sizeof(ret->peer), "%s", sent ? "clearing-house" : "front-end");
}

/* Two agents in one process: each records its own messages under its own name. */
static void test_tap_of_two_agents(void **state)
{
	struct agent_fixture *f = *state;
	struct agent_config tcp_only = agent_fixture_config;
	struct agent *second;
	struct agent_args args = { .stack = f->stack,
				   .journal = f->journal,
				   .hop = "clearing-house",
				   .config = &tcp_only,
				   .on_request = agent_fixture_on_request,
				   .about = about,
				   .magic = f,
				   .metrics = f->metrics };
	struct text message = TEXT_INIT;
	char *route;

	tcp_only.udp = "";
	assert_int_equal(agent_new(&args, &second), 0);
	assert_string_equal(agent_udp(second), "");
	route = text_format("sip:%s;transport=tcp", agent_tcp(second));
	text_add(&message, "MESSAGE sip:b@lab.test SIP/2.0\r\n" MESSAGE_REST);
	assert_non_null(agent_send_text(f->agent, route, &message, on_response, f));
	assert_true(run_until(f->loop, &f->answered));
	assert_int_equal(f->status, 200);
	assert_int_equal(journal_last(f->journal), 4);
	assert_string_equal(journal_get(f->journal, 1)->from, "edge");
	assert_string_equal(journal_get(f->journal, 1)->to, "b@lab.test");
	assert_string_equal(journal_get(f->journal, 2)->from, "front-end");
	assert_string_equal(journal_get(f->journal, 2)->to, "clearing-house");
	assert_string_equal(journal_get(f->journal, 3)->to, "clearing-house");
	assert_string_equal(journal_get(f->journal, 4)->to, "edge");
	assert_int_equal(agent_fixture_metric(f, "sip_clearing_house_messages_received_total"), 1);
	agent_free(second);
	text_deinit(&message);
	free(route);
	/* the set still has the rows of the agent that is gone */
	metrics_free(f->metrics);
	f->metrics = metrics_new();
}

#define TEST(fn) cmocka_unit_test_setup_teardown(fn, agent_fixture_setup, agent_fixture_teardown)

int main(void)
{
	const struct CMUnitTest tests[] = {
		TEST(test_ports_are_reported),
		TEST(test_taken_port_is_an_error),
		TEST(test_reply),
		TEST(test_reply_drops_injected_headers),
		TEST(test_reply_text_keeps_order_and_spelling),
		TEST(test_send_text),
		TEST(test_unreachable_hop),
		TEST(test_forward_text_of_others),
		TEST(test_tap_records_both_ways),
		TEST(test_tap_records_partial_sends_once),
		TEST(test_tap_of_two_agents),
	};

	return cmocka_run_group_tests_name("agent", tests, NULL, NULL);
}
