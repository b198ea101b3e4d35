/*
 * Agent: real sockets, peers that we did not write
 */
#include "mcxd/sip/agent.h"

#include "mcxd/base/log.h"
#include "raw.h"

#include <setjmp.h>
#include <stdarg.h>
#include <stddef.h>
#include <stdint.h>

#include <cmocka.h>

#include <errno.h>
#include <unistd.h>

enum { TIMEOUT_MS = 120 };

struct fixture {
	struct loop *loop;
	struct journal *journal;
	struct metrics *metrics;
	struct agent *agent;
	nta_incoming_t *held; /* with hold: the last request */
	bool hold;
	int n_requests;
	int status; /* of the last answer to what the agent sent */
	bool answered;
};

static void on_request(void *magic, nta_incoming_t *irq, const sip_t *sip)
{
	struct fixture *f = magic;

	(void)sip;
	f->n_requests++;
	if (f->hold)
		f->held = irq;
	else
		agent_reply(f->agent, irq, 200, NULL, "X-Test: yes\r\n");
}

static const struct agent_config config = {
	.udp = "127.0.0.1:0",
	.tcp = "127.0.0.1:0",
	.max_connections = 3,
	.max_message_bytes = 16384,
	.first_message_timeout_ms = TIMEOUT_MS,
	.max_transactions = 4,
};

static int set_up(void **state)
{
	struct fixture *f = MEM_NEW(struct fixture);
	struct agent_args args = { .hop = "edge", .server = "Lab/1.0", .config = &config };

	assert_int_equal(loop_new(&f->loop), 0);
	f->journal = journal_new(f->loop, &(struct journal_config){ 1000, 1 << 20 });
	f->metrics = metrics_new();
	args.loop = f->loop;
	args.journal = f->journal;
	args.metrics = f->metrics;
	args.on_request = on_request;
	args.magic = f;
	assert_int_equal(agent_new(&args, &f->agent), 0);
	*state = f;
	return 0;
}

static int tear_down(void **state)
{
	struct fixture *f = *state;

	agent_free(f->agent);
	metrics_free(f->metrics);
	journal_free(f->journal);
	loop_free(f->loop);
	free(f);
	return 0;
}

static int64_t metric_of(const struct fixture *f, const char *name)
{
	const struct metric *m = metrics_find(f->metrics, name);

	assert_non_null(m);
	return m->value;
}

static void send_request(struct raw *r, const char *method, const char *call_id, const char *body)
{
	raw_sendf(r,
		  "%s sip:bob@lab.test SIP/2.0\n"
		  "VIA: SIP/2.0/%s %s;branch=z9hG4bK%s\n"
		  "FROM: \"Alice\" <sip:Alice@lab.test>;tag=1\n"
		  "TO: <sip:bob@lab.test>\n"
		  "CALL-ID: %s\n"
		  "CSEQ: 7 %s\n"
		  "Max-Forwards: 70\n"
		  "content-length:   %zu\n\n%s",
		  method, r->stream ? "TCP" : "UDP", r->local, call_id, call_id, method,
		  strlen(body), body);
}

static const struct journal_record *last_record(const struct fixture *f, const char *kind)
{
	for (uint64_t i = journal_last(f->journal); i > 0; i--) {
		const struct journal_record *r = journal_get(f->journal, i);

		if (r && !strcmp(r->e.kind, kind))
			return r;
	}
	return NULL;
}

/* ---- listeners ---- */

static void test_ports_are_told(void **state)
{
	const struct fixture *f = *state;

	assert_memory_equal(agent_udp(f->agent), "127.0.0.1:", 10);
	assert_memory_equal(agent_tcp(f->agent), "127.0.0.1:", 10);
	assert_string_not_equal(agent_tcp(f->agent), "127.0.0.1:0");
}

static void test_taken_port_is_an_error(void **state)
{
	struct fixture *f = *state;
	struct agent_config taken = config;
	struct agent *second = NULL;
	struct agent_args args = { .loop = f->loop,
				   .hop = "edge",
				   .config = &taken,
				   .on_request = on_request,
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
	struct fixture *f = *state;
	struct raw r;

	raw_udp(&r, f->loop, agent_udp(f->agent));
	send_request(&r, "OPTIONS", "reply", "");
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
	struct fixture *f = *state;
	struct raw r;

	log_set_fd(-1);
	raw_tcp(&r, f->loop, agent_tcp(f->agent));
	f->hold = true;
	for (size_t i = 0; i < ARRAY_SIZE(evil); i++) {
		char call_id[8];

		snprintf(call_id, sizeof(call_id), "e%zu", i);
		send_request(&r, "OPTIONS", call_id, "");
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

static void answer_text(struct fixture *f, const char *text, int expected)
{
	struct text message = TEXT_INIT;

	text_add(&message, text);
	assert_int_equal(agent_reply_text(f->agent, f->held, &message), expected);
	text_deinit(&message);
}

static void test_reply_text_keeps_order_and_spelling(void **state)
{
	static const char mine[] = "SERVER: RTCC/4.0.0.0 x\r\n"
				   "FROM: \"Alice\"<sip:Alice@lab.test>;tag=1\r\n"
				   "To:   <sip:bob@lab.test>;epid=aa;tag=mine\r\n"
				   "CSEQ: 7 INVITE\r\n"
				   "ms-thing: 1; charset=\"Unicode (UTF-8)\"\r\n"
				   "CALL-ID: text\r\n"
				   "CONTENT-LENGTH:  0\r\n\r\n";
	struct fixture *f = *state;
	struct raw r;

	raw_udp(&r, f->loop, agent_udp(f->agent));
	f->hold = true;
	send_request(&r, "INVITE", "text", "");
	while (!f->held)
		loop_step(f->loop, 1);
	CLEANUP(mem_free_string) char *ringing = text_format("SIP/2.0 180 Ringing\r\n%s", mine);
	answer_text(f, ringing, 0);
	CLEANUP(mem_free_string) char *answer = raw_skip_to(&r, "SIP/2.0 180 Ringing\r\n");
	assert_non_null(sip_header(answer, "Via", 0));
	assert_non_null(strstr(answer, mine));

	/* What is no answer to this request is not sent: it would end the process. */
	log_set_fd(-1);
	answer_text(f,
		    "SIP/2.0 200 OK\r\nFrom: <sip:a@b>;tag=1\r\nTo: <sip:a@b>\r\nCSeq: 7 BYE\r\n"
		    "Call-ID: text\r\n\r\n",
		    -EINVAL);
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
	struct fixture *f = (struct fixture *)magic;

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
	struct fixture *f = *state;
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

	/* our own Via, as it is */
	text_reset(&message);
	text_add(&message, "MESSAGE sip:b@lab.test SIP/2.0\r\nVIA: ");
	agent_add_via(f->agent, &message);
	text_add(&message, ";branched=FALSE;ms-internal-info=\"abc\"\r\n" MESSAGE_REST);
	assert_non_null(agent_forward_text(f->agent, route, &message, on_response, f));
	CLEANUP(mem_free_string) char *second = raw_expect(&r, "MESSAGE ");
	assert_string_equal(second, text_str(&message));

	/* what is no request is not sent */
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

static void test_unreachable_hop(void **state)
{
	struct fixture *f = *state;
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
	struct fixture *f = *state;
	const struct journal_record *in, *out;
	char body[9000];
	struct raw r;

	/* longer than any line of sofia's own log, and with a NUL in it */
	memset(body, 'x', sizeof(body));
	body[sizeof(body) - 1] = '\0';
	raw_tcp(&r, f->loop, agent_tcp(f->agent));
	send_request(&r, "MESSAGE", "tap", body);
	CLEANUP(mem_free_string) char *answer = raw_expect(&r, "SIP/2.0 200");

	assert_int_equal(journal_last(f->journal), 2);
	in = journal_get(f->journal, 1);
	assert_true(in->e.incoming);
	assert_string_equal(in->e.from, "alice@lab.test");
	assert_string_equal(in->e.to, "edge");
	assert_string_equal(in->e.key, "sip:tap");
	assert_string_equal(in->e.user, "alice@lab.test");
	assert_string_equal(journal_value(in, "method"), "MESSAGE");
	assert_null(journal_value(in, "status"));
	assert_string_equal(journal_value(in, "start_line"), "MESSAGE sip:bob@lab.test SIP/2.0");
	assert_string_equal(journal_value(in, "call_id"), "tap");
	assert_string_equal(journal_value(in, "cseq"), "7");
	assert_string_equal(journal_value(in, "transport"), "tcp");
	assert_string_equal(journal_value(in, "peer"), r.local);
	assert_non_null(memmem(in->e.raw, in->e.n_raw, "FROM: \"Alice\" <sip:Alice@lab.test>", 34));
	assert_non_null(memmem(in->e.raw, in->e.n_raw, "content-length:   8999\r\n\r\nxxx", 29));
	assert_memory_equal((const char *)in->e.raw + in->e.n_raw - 8999, body, 8999);

	out = journal_get(f->journal, 2);
	assert_false(out->e.incoming);
	assert_string_equal(out->e.from, "edge");
	assert_string_equal(out->e.to, "alice@lab.test");
	assert_string_equal(journal_value(out, "status"), "200");
	assert_string_equal(journal_value(out, "method"), "MESSAGE");
	assert_int_equal(out->e.n_raw, strlen(answer));
	assert_memory_equal(out->e.raw, answer, out->e.n_raw);
	raw_close(&r);
}

/* A reader who does not read: the message is sent in pieces, and recorded once. */
static void test_tap_records_partial_sends_once(void **state)
{
	struct fixture *f = *state;
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
		const struct journal_record *record = journal_get(f->journal, i);

		assert_false(record->e.incoming);
		assert_true(record->e.n_raw > N_BODY);
		n_sent++;
	}
	assert_int_equal(metric_of(f, "sip_edge_messages_sent_total"), N);
	assert_true(n_sent <= N);
	text_deinit(&message);
	text_deinit(&body);
	free(route);
	raw_close(&r);
	close(listener);
}

static void name_peer(void *magic, const sip_t *sip, bool sent, char *ret, size_t n)
{
	(void)magic;
	(void)sip;
	snprintf(ret, n, "%s", sent ? "clearing-house" : "front-end");
}

/* Two agents in one process: each records its own, under its own name. */
static void test_tap_of_two_agents(void **state)
{
	struct fixture *f = *state;
	struct agent_config tcp_only = config;
	struct agent *second;
	struct agent_args args = { .loop = f->loop,
				   .journal = f->journal,
				   .hop = "clearing-house",
				   .config = &tcp_only,
				   .on_request = on_request,
				   .name_peer = name_peer,
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
	assert_string_equal(journal_get(f->journal, 1)->e.from, "edge");
	assert_string_equal(journal_get(f->journal, 1)->e.to, "b@lab.test");
	assert_string_equal(journal_get(f->journal, 2)->e.from, "front-end");
	assert_string_equal(journal_get(f->journal, 2)->e.to, "clearing-house");
	assert_string_equal(journal_get(f->journal, 3)->e.to, "clearing-house");
	assert_string_equal(journal_get(f->journal, 4)->e.to, "edge");
	assert_int_equal(metric_of(f, "sip_clearing_house_messages_received_total"), 1);
	agent_free(second);
	text_deinit(&message);
	free(route);
	/* the set still has rows of the one that is gone */
	metrics_free(f->metrics);
	f->metrics = metrics_new();
}

/* ---- limits and the watchdog ---- */

static void test_transactions_are_limited(void **state)
{
	struct fixture *f = *state;
	nta_incoming_t *held[4];
	struct raw r;

	raw_tcp(&r, f->loop, agent_tcp(f->agent));
	f->hold = true;
	for (size_t i = 0; i < ARRAY_SIZE(held); i++) {
		char call_id[8];

		snprintf(call_id, sizeof(call_id), "h%zu", i);
		send_request(&r, "OPTIONS", call_id, "");
		f->held = NULL;
		while (!f->held)
			loop_step(f->loop, 1);
		held[i] = f->held;
	}
	send_request(&r, "OPTIONS", "over", "");
	CLEANUP(mem_free_string) char *answer = raw_expect(&r, "SIP/2.0 503 ");
	assert_string_equal(sip_header(answer, "Retry-After", 0), "5");
	assert_int_equal(f->n_requests, 4);
	assert_int_equal(metric_of(f, "sip_edge_requests_overloaded_total"), 1);
	for (size_t i = 0; i < ARRAY_SIZE(held); i++) {
		agent_reply(f->agent, held[i], 200, NULL, NULL);
		free(raw_expect(&r, "SIP/2.0 200"));
	}
	f->hold = false;
	send_request(&r, "OPTIONS", "after", "");
	free(raw_expect(&r, "SIP/2.0 200"));
	raw_close(&r);
}

static void test_cancel_and_ack_without_transaction(void **state)
{
	struct fixture *f = *state;
	struct raw r;

	raw_tcp(&r, f->loop, agent_tcp(f->agent));
	send_request(&r, "ACK", "stray", "");
	send_request(&r, "CANCEL", "stray2", "");
	free(raw_expect(&r, "SIP/2.0 481 "));
	assert_int_equal(f->n_requests, 0);
	raw_close(&r);
}

static void test_silent_connection_is_closed(void **state)
{
	struct fixture *f = *state;
	struct raw r;

	raw_tcp(&r, f->loop, agent_tcp(f->agent));
	assert_true(raw_wait_closed(&r));
	assert_int_equal(metric_of(f, "sip_edge_connections_faulty_total"), 1);
	assert_string_equal(journal_value(last_record(f, "fault"), "peer"), r.local);
	run_rounds(f->loop, 5);
	assert_int_equal(metric_of(f, "sip_edge_connections"), 0);
	raw_close(&r);
}

static void check_junk(struct fixture *f, const char *before, const char *junk)
{
	struct raw r;

	raw_tcp(&r, f->loop, agent_tcp(f->agent));
	if (before) {
		send_request(&r, "OPTIONS", before, "");
		free(raw_expect(&r, "SIP/2.0 200"));
		run_rounds(f->loop, 2 * TIMEOUT_MS);
		assert_false(r.closed);
	}
	raw_send(&r, junk, strlen(junk));
	assert_true(raw_wait_closed(&r));
	run_rounds(f->loop, 5);
	assert_int_equal(metric_of(f, "sip_edge_connections"), 0);
	raw_close(&r);
}

static void test_junk_is_closed(void **state)
{
	static const char junk[] = "GET / HTTP/1.1\r\nHost: lab\r\n\r\n";
	static const char half[] = "INVITE sip:bob@lab.test SIP/2.0\r\nVia: SIP/2.0/TCP "
				   "127.0.0.1:1;branch=z9hG4bK1\r\n"
				   "Max-Forwards: 70\r\n";
	struct fixture *f = *state;

	check_junk(f, NULL, junk);
	check_junk(f, NULL, half);
	check_junk(f, "before-1",
		   "this is not the protocol that one speaks at this port, is it?\r\n\r\n\r\n");
	check_junk(f, "before-2", half);
	assert_int_equal(metric_of(f, "sip_edge_connections_faulty_total"), 4);
	assert_non_null(last_record(f, "fault"));
	/* and the next connection works */
	struct raw r;
	raw_tcp(&r, f->loop, agent_tcp(f->agent));
	send_request(&r, "OPTIONS", "good", "");
	free(raw_expect(&r, "SIP/2.0 200"));
	raw_close(&r);
}

static void test_keep_alives_are_no_junk(void **state)
{
	struct fixture *f = *state;
	struct raw r;

	raw_tcp(&r, f->loop, agent_tcp(f->agent));
	send_request(&r, "OPTIONS", "k1", "");
	free(raw_expect(&r, "SIP/2.0 200"));
	for (int i = 0; i < 10; i++) {
		raw_send(&r, "\r\n\r\n", 4);
		run_rounds(f->loop, TIMEOUT_MS / 4);
	}
	send_request(&r, "OPTIONS", "k2", "");
	free(raw_expect(&r, "SIP/2.0 200"));
	assert_int_equal(metric_of(f, "sip_edge_connections_faulty_total"), 0);
	raw_close(&r);
}

static void test_connections_are_limited(void **state)
{
	struct fixture *f = *state;
	struct raw r[4];

	for (size_t i = 0; i < ARRAY_SIZE(r); i++) {
		raw_tcp(&r[i], f->loop, agent_tcp(f->agent));
		run_rounds(f->loop, 3);
	}
	assert_int_equal(metric_of(f, "sip_edge_connections"), 3);
	assert_true(raw_wait_closed(&r[3]));
	assert_int_equal(metric_of(f, "sip_edge_connections_refused_total"), 1);
	raw_close(&r[0]);
	run_rounds(f->loop, 10);
	raw_close(&r[3]);
	raw_tcp(&r[3], f->loop, agent_tcp(f->agent));
	send_request(&r[3], "OPTIONS", "again", "");
	free(raw_expect(&r[3], "SIP/2.0 200"));
	for (size_t i = 1; i < ARRAY_SIZE(r); i++)
		raw_close(&r[i]);
}

/* The lab's clock is not the outside world's. */
static void test_watchdog_is_not_advanced(void **state)
{
	struct fixture *f = *state;
	struct raw r;

	raw_tcp(&r, f->loop, agent_tcp(f->agent));
	run_rounds(f->loop, 3);
	loop_jump(f->loop, 3600 * 1000);
	run_rounds(f->loop, 3);
	send_request(&r, "OPTIONS", "moved", "");
	free(raw_expect(&r, "SIP/2.0 200"));
	/* nor does sofia close what has been idle for an hour of the lab's */
	loop_jump(f->loop, 3600 * 1000);
	run_rounds(f->loop, 3);
	send_request(&r, "OPTIONS", "moved-2", "");
	free(raw_expect(&r, "SIP/2.0 200"));
	raw_close(&r);
}

static void test_malformed_is_counted_and_answered(void **state)
{
	struct fixture *f = *state;
	struct raw r;

	raw_udp(&r, f->loop, agent_udp(f->agent));
	raw_sendf(&r,
		  "OPTIONS sip:bob@lab.test SIP/2.0\nVia: SIP/2.0/UDP %s;branch=z9hG4bKm\n"
		  "From: <sip:a@b>;tag=1\nTo: <sip:b@b>\nCSeq: one OPTIONS\nCall-ID: m\n\n",
		  r.local);
	free(raw_expect(&r, "SIP/2.0 400 "));
	raw_send(&r, "\0\1\2 junk", 8);
	run_rounds(f->loop, TIMEOUT_MS);
	assert_true(metric_of(f, "sip_edge_messages_malformed_total") >= 1);
	send_request(&r, "OPTIONS", "after", "");
	free(raw_expect(&r, "SIP/2.0 200"));
	raw_close(&r);
}

static void test_too_large(void **state)
{
	struct fixture *f = *state;
	char body[20000];
	struct raw r;

	memset(body, 'x', sizeof(body));
	body[sizeof(body) - 1] = '\0';
	raw_tcp(&r, f->loop, agent_tcp(f->agent));
	send_request(&r, "MESSAGE", "large", body);
	free(raw_expect(&r, "SIP/2.0 413 "));
	assert_int_equal(f->n_requests, 0);
	raw_close(&r);
}

/* More in one go than sofia likes: every message of them is answered. */
static void test_many_in_one_stream(void **state)
{
	struct fixture *f = *state;
	enum { N = 300 };
	struct raw r;

	raw_tcp(&r, f->loop, agent_tcp(f->agent));
	for (int i = 0; i < N; i++) {
		char call_id[16];

		snprintf(call_id, sizeof(call_id), "many-%d", i);
		send_request(&r, "OPTIONS", call_id, "0123456789");
	}
	for (int i = 0; i < N; i++)
		free(raw_expect(&r, "SIP/2.0 200"));
	assert_int_equal(f->n_requests, N);
	raw_close(&r);
}

#define TEST(fn) cmocka_unit_test_setup_teardown(fn, set_up, tear_down)

int main(void)
{
	const struct CMUnitTest tests[] = {
		TEST(test_ports_are_told),
		TEST(test_taken_port_is_an_error),
		TEST(test_reply),
		TEST(test_reply_drops_injected_headers),
		TEST(test_reply_text_keeps_order_and_spelling),
		TEST(test_send_text),
		TEST(test_unreachable_hop),
		TEST(test_tap_records_both_ways),
		TEST(test_tap_records_partial_sends_once),
		TEST(test_tap_of_two_agents),
		TEST(test_transactions_are_limited),
		TEST(test_cancel_and_ack_without_transaction),
		TEST(test_silent_connection_is_closed),
		TEST(test_junk_is_closed),
		TEST(test_keep_alives_are_no_junk),
		TEST(test_connections_are_limited),
		TEST(test_watchdog_is_not_advanced),
		TEST(test_malformed_is_counted_and_answered),
		TEST(test_too_large),
		TEST(test_many_in_one_stream),
	};

	return cmocka_run_group_tests_name("agent", tests, NULL, NULL);
}
